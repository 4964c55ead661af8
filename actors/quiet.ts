import type { Nsdb } from '../topology/nsdb/nsdb.ts';
import type { ChangeLog } from './change-log.ts';
import type { Stage } from './comedy.ts';
import type { TopologyFeed } from './feed/topology-feed.ts';

/** The parts of an agent that go on working when nobody calls them. */
interface Working {
  readonly stage: Stage;
  readonly feed: TopologyFeed;
  readonly changes: ChangeLog | undefined;
  readonly nsdb: Nsdb;
}

/** Whether an agent's parts all rest: mailboxes empty, devices started, changes told, the database quiet. */
export class Quiet {
  readonly #working: Working;

  constructor(working: Working) {
    this.#working = working;
  }

  get isReached(): boolean {
    const { stage, feed, changes, nsdb } = this.#working;
    return stage.idle && feed.idle && changes?.idle !== false && nsdb.idle;
  }

  /** Resolves when it is reached. */
  async reached(): Promise<void> {
    const { stage, feed, changes, nsdb } = this.#working;
    /* oxlint-disable eslint/no-await-in-loop -- each may start what another has to end */
    while (!this.isReached) {
      await stage.whenIdle();
      await nsdb.settled();
      if (!feed.idle || changes?.idle === false) await new Promise((resolve) => setImmediate(resolve));
    }
    /* oxlint-enable eslint/no-await-in-loop */
  }
}
