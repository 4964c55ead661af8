import type { ClassName } from '../bindings.ts';
import { isJsonArray, type Json, type JsonObject } from '../json.ts';

/** What stands for a field that is absent (spec 10 §1). */
const DEFAULTS: { readonly [Class in ClassName]?: JsonObject } = {
  Network: { adminStateUp: true },
  Port: { adminStateUp: true },
  PortGroup: { stateful: false },
  Router: { adminStateUp: false },
  Route: { srcSubnet: '0.0.0.0/0', weight: 0 },
  TunnelZone: { hosts: [], hostIds: [] },
};

/**
 * The stored fields of an object, with those that mean the same made the same: what is absent has its default, and what is as good as
 * absent (`null`, no port group, VLAN 0) is.
 */
export function settledFields(cls: ClassName, fields: JsonObject): JsonObject {
  const settled: Record<string, Json> = { ...DEFAULTS[cls] };
  for (const [field, value] of Object.entries(fields)) if (value !== null) settled[field] = value;
  if (cls !== 'Port') return settled;
  const { portGroupIds, vlanId } = settled;
  if (isJsonArray(portGroupIds) && portGroupIds.length === 0) delete settled['portGroupIds'];
  if (vlanId === 0) delete settled['vlanId'];
  return settled;
}
