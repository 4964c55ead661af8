import type { JsonObject } from '../topology/model/json.ts';
import type { ClassifiedObject } from '../topology/model/objects/object-classes.ts';
import type { Topology } from '../topology/file/topology.ts';
import type { NewObject } from '../topology/nsdb/creation-order.ts';
import { load } from '../topology/nsdb/load.ts';
import type { Nsdb } from '../topology/nsdb/nsdb.ts';
import type { EntryText } from '../topology/nsdb/plan/plan-entries.ts';
import { writeEntries } from '../topology/nsdb/plan/write-entries.ts';

/**
 * Writes a topology into an empty database: its objects in the order of their references, then the persistent entries of its
 * tables. One transaction when it fits, else several.
 *
 * @throws NsdbError when the database refuses
 */
export async function applyTopology(nsdb: Nsdb, topology: Topology): Promise<void> {
  await load(nsdb, topology.objects.map(storedObject));
  await writeEntries(
    nsdb,
    entriesOf(topology).map(({ value, ...place }) => ({ ...place, before: undefined, after: value })),
  );
}

/** A record as the database has it: without its id, which is its name there. */
export function storedObject({ class: cls, object }: ClassifiedObject): NewObject {
  return { class: cls, id: object.id, fields: fieldsOf(object) };
}

/** The persistent entries of all bridges of a topology. */
export function entriesOf({ macEntries, ipMacEntries }: Topology): readonly EntryText[] {
  return [
    ...macEntries.map(({ networkId, vlan, mac, portId }): EntryText => ({
      table: 'mac_table',
      owner: networkId,
      arg: vlan,
      key: mac,
      value: portId,
    })),
    ...ipMacEntries.map(({ networkId, ip, mac }): EntryText => ({
      table: 'ip4_mac_table',
      owner: networkId,
      arg: undefined,
      key: ip,
      value: mac,
    })),
  ];
}

function fieldsOf({ id: _id, ...fields }: ClassifiedObject['object']): JsonObject {
  return fields;
}
