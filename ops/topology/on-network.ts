import type { ZookeeperNsdb } from '../../topology/nsdb/zookeeper/zookeeper-nsdb.ts';
import { withNsdb, type WithNsdbOptions } from '../nsdb/with-nsdb.ts';
import { printable } from '../render/text-width.ts';
import type { Shell } from '../shell.ts';
import { Reports } from './stored-network.ts';

/** Does some work on the network that the settings' database has. @throws Trouble as {@link withNsdb} does */
export function onNetwork<T>(
  shell: Shell,
  work: (nsdb: ZookeeperNsdb, reports: Reports) => Promise<T>,
  options: WithNsdbOptions<T> = {},
): Promise<T> {
  const reports = new Reports((message) => shell.err(`troupe: ${printable(message)}\n`));
  return withNsdb(shell, (nsdb) => work(nsdb, reports), { ...options, report: reports.report });
}
