import type { ZookeeperAddress } from '../../topology/nsdb/zookeeper/address.ts';
import { UpkeepSession } from '../../topology/nsdb/zookeeper/upkeep/upkeep-session.ts';
import type { Shell } from '../shell.ts';
import { nsdbTrouble } from './nsdb-trouble.ts';
import { sharedNsdb } from './with-nsdb.ts';

/**
 * Looks after the database that the settings name, node by node, with a session of its own that is closed afterwards.
 *
 * @throws Trouble when the settings name none, it cannot be reached, or it refuses; what else the work throws, as it is
 */
export async function withUpkeep<T>(
  shell: Shell,
  work: (session: UpkeepSession, address: ZookeeperAddress) => Promise<T>,
): Promise<T> {
  const address = sharedNsdb(shell.settings);
  try {
    const session = await UpkeepSession.open(address, {
      report: (error) => shell.err(`troupe: ${error.message}\n`),
    });
    try {
      return await work(session, address);
    } finally {
      await session.close();
    }
  } catch (cause) {
    throw nsdbTrouble({ kind: 'zookeeper', address }, cause);
  }
}
