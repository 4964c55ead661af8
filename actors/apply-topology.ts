import type { JsonObject } from '../topology/model/json.ts';
import { parseIpv4 } from '../topology/model/ipv4.ts';
import { parseMac } from '../topology/model/mac.ts';
import type { ClassifiedObject } from '../topology/model/objects/object-classes.ts';
import { creations, type Topology } from '../topology/file/topology.ts';
import { load } from '../topology/nsdb/load.ts';
import type { Nsdb } from '../topology/nsdb/nsdb.ts';
import { IP4_MAC_TABLE, MAC_TABLE } from '../topology/nsdb/state-tables.ts';

/**
 * Writes a topology into an empty database: its objects in the order of their references, then the persistent entries of its
 * tables. One transaction when it fits, else several.
 *
 * @throws NsdbError when the database refuses
 */
export async function applyTopology(nsdb: Nsdb, topology: Topology): Promise<void> {
  const objects = Array.from(creations(topology), ({ class: cls, object }) => ({
    class: cls,
    id: object.id,
    fields: fieldsOf(object),
  }));
  await load(nsdb, objects);
  await fillTables(nsdb, topology);
}

async function fillTables(nsdb: Nsdb, { macEntries, ipMacEntries }: Topology): Promise<void> {
  const tables = new Map<string, { close(): void }>();
  const opened = <T extends { close(): void }>(key: string, open: () => T): T => {
    const known = tables.get(key);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the key says which kind of table it is
    const table = (known ?? open()) as T;
    tables.set(key, table);
    return table;
  };
  const writes: Promise<void>[] = [];
  for (const { networkId, vlan, mac, portId } of macEntries) {
    const station = parseMac(mac);
    if (station === undefined) continue;
    const table = opened(`mac ${networkId} ${vlan}`, () => nsdb.table(MAC_TABLE, { owner: networkId, arg: vlan }));
    writes.push(table.persist(station, portId));
  }
  for (const { networkId, ip, mac } of ipMacEntries) {
    const [address, station] = [parseIpv4(ip), parseMac(mac)];
    if (address === undefined || station === undefined) continue;
    const table = opened(`ip ${networkId}`, () => nsdb.table(IP4_MAC_TABLE, { owner: networkId }));
    writes.push(table.persist(address, station));
  }
  await Promise.all(writes);
  for (const table of tables.values()) table.close();
}

/** The stored fields of a record: all but its id, which is its name there. */
function fieldsOf({ id: _id, ...fields }: ClassifiedObject['object']): JsonObject {
  return fields;
}
