import { OBJECT_SCHEMAS, type ObjectClass } from '../model/objects/object-classes.ts';

const PORT = [
  'name',
  'adminStateUp',
  'networkId',
  'routerId',
  'peerId',
  'hostId',
  'interfaceName',
  'portGroupIds',
  'mtu',
] as const;
const BRIDGE_PORT = [...PORT, 'vlanId'];
const ROUTER_PORT = [...PORT, 'portMac', 'portAddress', 'portSubnet'];

const FIELDS: Readonly<Record<Exclude<ObjectClass, 'Port'>, readonly string[]>> = {
  Host: ['name'],
  TunnelZone: ['name', 'type', 'hosts', 'hostIds'],
  PortGroup: ['name', 'stateful'],
  Network: ['name', 'adminStateUp'],
  Router: ['name', 'adminStateUp'],
  Route: ['name', 'routerId', 'srcSubnet', 'dstSubnet', 'nextHop', 'nextHopPortId', 'nextHopGateway', 'weight'],
};

/** Whether topology files describe objects of a class. */
export function isDescribed(cls: string): cls is ObjectClass {
  return Object.hasOwn(OBJECT_SCHEMAS, cls);
}

/**
 * The fields of an object that a topology file speaks of: what the file does not say of them is absent. All others (tunnel keys, filters)
 * are not the file's business.
 */
export function describedFields(cls: ObjectClass, fields: { readonly networkId?: unknown }): readonly string[] {
  if (cls === 'Port') return fields.networkId === undefined ? ROUTER_PORT : BRIDGE_PORT;
  return FIELDS[cls];
}
