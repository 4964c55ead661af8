import type { Operation } from './client/operation.ts';
import type { Link } from './link.ts';
import { ZookeeperError } from './zookeeper-error.ts';

/**
 * Writes what outlives sessions, all of it or nothing: waits where a large change is under way (see `journal.ts`).
 *
 * @throws ZookeeperError whose `index` counts `operations`
 */
export async function writeFenced(link: Link, operations: readonly Operation[]): Promise<void> {
  for (;;) {
    /* oxlint-disable eslint/no-await-in-loop -- another attempt only when the journal was busy */
    await link.read(() => link.journal.clean());
    try {
      await link.write((client) => client.multi([link.journal.fence, ...operations]));
      return;
    } catch (cause) {
      if (!(cause instanceof ZookeeperError) || cause.index === undefined) throw cause;
      if (cause.index > 0) throw new ZookeeperError(cause.fault, cause.message, cause.index - 1, cause.what);
      link.journal.mark(); // a large change began since
    }
    /* oxlint-enable eslint/no-await-in-loop */
  }
}
