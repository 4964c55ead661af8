import { isDescribed } from '../../topology/file/described-fields.ts';
import type { Records } from '../../topology/file/export/name-topology.ts';
import { recordOf } from '../../topology/file/export/record-of.ts';
import type { IpMacEntry, MacEntry } from '../../topology/file/topology.ts';
import { parseUuid } from '../../topology/model/ids.ts';
import type { ClassifiedObject } from '../../topology/model/objects/object-classes.ts';
import type { NsdbObject } from '../../topology/nsdb/nsdb.ts';
import type { StoredNetwork } from './stored-network.ts';

/** An object whose fields are not what they should be. */
export interface Unsound {
  readonly object: NsdbObject;
  readonly why: string;
}

/** What a network has that a topology file can describe; and what it has of the kind that is not sound. */
export function recordsOf(network: StoredNetwork): { readonly records: Records; readonly unsound: readonly Unsound[] } {
  const objects: ClassifiedObject[] = [];
  const unsound: Unsound[] = [];
  for (const object of network.objects) {
    const { class: cls, id, fields } = object;
    if (!isDescribed(cls)) continue;
    const reading = recordOf(cls, id, fields);
    if (reading.ok) objects.push(reading.record);
    else unsound.push({ object, why: reading.why });
  }
  const macEntries: MacEntry[] = [];
  const ipMacEntries: IpMacEntry[] = [];
  for (const { table, owner, arg, key, value } of network.entries) {
    const portId = parseUuid(value);
    if (table === 'ip4_mac_table') ipMacEntries.push({ networkId: owner, ip: key, mac: value });
    else if (portId !== undefined) macEntries.push({ networkId: owner, vlan: arg ?? 0, mac: key, portId });
  }
  return { records: { objects, macEntries, ipMacEntries }, unsound };
}
