import type { ZookeeperAddress } from '../../topology/nsdb/zookeeper/address.ts';
import { UpkeepSession } from '../../topology/nsdb/zookeeper/upkeep/upkeep-session.ts';
import { printable } from '../render/text-width.ts';
import type { Shell } from '../shell.ts';
import { nsdbTrouble } from './nsdb-trouble.ts';
import { sharedNsdb } from './with-nsdb.ts';

/**
 * Looks after the database that the settings name, node by node, with a session of its own that is closed afterwards. Who interrupts
 * closes it at once, and by that ends the work: a request that was sent is carried out as a whole, and none follows.
 *
 * @param cutShort what to say of work that was interrupted; where it only reads, nothing
 * @throws Trouble when the settings name none, it cannot be reached, or it refuses; what else the work throws, as it is
 */
export async function withUpkeep<T>(
  shell: Shell,
  work: (session: UpkeepSession, address: ZookeeperAddress) => Promise<T>,
  cutShort?: () => string,
): Promise<T> {
  const { err, settings, signal } = shell;
  const address = sharedNsdb(settings);
  try {
    const session = await UpkeepSession.open(address, {
      signal,
      report: (error) => err(`troupe: ${printable(error.message)}\n`),
    });
    try {
      return await work(session, address);
    } catch (cause) {
      if (signal.aborted && cutShort !== undefined) err(`troupe: interrupted: ${cutShort()}\n`);
      throw cause;
    } finally {
      await session.close();
    }
  } catch (cause) {
    throw nsdbTrouble({ kind: 'zookeeper', address }, cause);
  }
}
