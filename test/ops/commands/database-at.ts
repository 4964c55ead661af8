import type { ZookeeperAddress } from '../../../topology/nsdb/zookeeper/address.ts';
import { MachineTimers } from '../../../topology/nsdb/zookeeper/machine-timers.ts';
import { ZookeeperDatabase } from '../../../topology/nsdb/zookeeper/zookeeper-database.ts';
import type { ZookeeperNsdb } from '../../../topology/nsdb/zookeeper/zookeeper-nsdb.ts';
import { create, uuid } from '../../topology/nsdb/harness.ts';

/** What `--nsdb` is told of a database. */
export function urlOf({ servers, root, credentials: { user, password } }: ZookeeperAddress): string {
  return `zookeeper://${user}:${password}@${servers}${root}`;
}

export function open(address: ZookeeperAddress, name: string): Promise<ZookeeperNsdb> {
  return new ZookeeperDatabase(address, { timers: new MachineTimers() }).open(name);
}

/** Puts a network, `web`, with so many ports there, each with a text of so many octets. */
export async function fill(address: ZookeeperAddress, ports: number, octets = 10): Promise<void> {
  const nsdb = await open(address, 'filler');
  await create(nsdb, ['Network', uuid(1), { name: 'web' }]);
  const fields = { networkId: uuid(1), text: 'x'.repeat(octets) };
  for (let from = 0; from < ports; from += 100) {
    const ids = Array.from({ length: Math.min(100, ports - from) }, (_, n) => uuid(10 + from + n));
    // oxlint-disable-next-line eslint/no-await-in-loop -- each fits into a transaction
    await create(nsdb, ...ids.map((id) => ['Port', id, fields] as const));
  }
  await nsdb.close();
}
