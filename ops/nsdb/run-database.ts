import type { OpenRunDatabase } from '../../topology/nsdb/run-database.ts';
import type { NsdbAddress } from '../settings/nsdb-address.ts';

/** What a run is played on: a database in this process, or one that it has for itself in ZooKeeper, whose code is loaded only then. */
export async function openerOf(nsdb: NsdbAddress): Promise<{ readonly database?: OpenRunDatabase }> {
  if (nsdb.kind === 'embedded') return {};
  const { ZookeeperRunDatabase } = await import('../../topology/nsdb/zookeeper/zookeeper-run-database.ts');
  return { database: (timers) => new ZookeeperRunDatabase(nsdb.address, timers) };
}
