import type { JsonObject } from '../topology/model/json.ts';
import { parseIpv4 } from '../topology/model/ipv4.ts';
import { parseMac } from '../topology/model/mac.ts';
import type { ClassifiedObject } from '../topology/model/objects/object-classes.ts';
import { creations, type Topology } from '../topology/file/topology.ts';
import { TRANSACTION_BYTES, type Nsdb } from '../topology/nsdb/nsdb.ts';
import { IP4_MAC_TABLE, MAC_TABLE } from '../topology/nsdb/state-tables.ts';

/** How full a transaction is made: what follows goes into another one. */
const FULL = TRANSACTION_BYTES / 2;

/**
 * Writes a topology into an empty database: its objects in the order of their references, then the persistent entries of its
 * tables. One transaction when it fits, else several.
 *
 * @throws NsdbError when the database refuses
 */
export async function applyTopology(nsdb: Nsdb, topology: Topology): Promise<void> {
  const rest = creations(topology);
  for (let next = rest.next(); next.done !== true;) {
    const batch: ClassifiedObject[] = [];
    let bytes = 0;
    for (; next.done !== true && bytes < FULL; next = rest.next()) {
      batch.push(next.value);
      bytes += JSON.stringify(next.value).length;
    }
    // oxlint-disable-next-line eslint/no-await-in-loop -- later ones refer to earlier ones
    await nsdb.transact((transaction) => {
      for (const { class: cls, object } of batch) transaction.create(cls, object.id, fieldsOf(object));
    });
  }
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
