import { randomBytes } from 'node:crypto';
import type { Timers } from '../../model/timers.ts';
import { SESSION_TIMEOUT, type NsdbOptions } from '../nsdb.ts';
import { NsdbError } from '../nsdb-error.ts';
import type { RunDatabase } from '../run-database.ts';
import type { ZookeeperAddress } from './address.ts';
import type { ZookeeperClient } from './client/zookeeper-client.ts';
import { withClient } from './one-client.ts';
import { removeTree } from './remove-tree.ts';
import { RUNS } from './tree.ts';
import { ZookeeperDatabase } from './zookeeper-database.ts';
import type { ZookeeperNsdb } from './zookeeper-nsdb.ts';

/** Lives as long as the process of a run. */
const ALIVE = '/alive';
/** How old, by the clocks of the machines, a run must be to be taken for dead, in milliseconds: it says that it is alive a little after it began. */
const INFANCY = 600_000;

/**
 * A database that one run has for itself in ZooKeeper: under a root of its own, `ROOT/runs/TIME-RANDOM`, which is removed when it is
 * closed. What a run that was killed has left is removed by a later one.
 */
export class ZookeeperRunDatabase implements RunDatabase {
  readonly #runs: ZookeeperAddress;
  readonly #own: ZookeeperAddress;
  readonly #database: ZookeeperDatabase;
  #isPlanted = false;

  /** @param timers the clock of the run: by it, sessions that are cut off end */
  constructor(address: ZookeeperAddress, timers: Timers) {
    this.#runs = { ...address, root: `${address.root}/${RUNS}` };
    this.#own = { ...address, root: `${this.#runs.root}/${Date.now()}-${randomBytes(6).toString('hex')}` };
    this.#database = new ZookeeperDatabase(this.#own, { timers });
  }

  async open(name: string, options?: NsdbOptions): Promise<ZookeeperNsdb> {
    const nsdb = await this.#database.open(name, options);
    if (!this.#isPlanted) {
      this.#isPlanted = true;
      await nsdb.link.client.multi([{ kind: 'create', path: ALIVE, data: Buffer.alloc(0), mode: 'ephemeral' }]);
    }
    return nsdb;
  }

  async close(): Promise<void> {
    await this.#database.close();
    if (!this.#isPlanted) return;
    this.#isPlanted = false;
    try {
      await this.#at(this.#own, removeTree);
      await this.#removeLeftovers();
    } catch (cause) {
      if (!(cause instanceof NsdbError)) throw cause; // out of reach: a later run removes it
    }
  }

  async #removeLeftovers(): Promise<void> {
    const names = await this.#at(this.#runs, async (client) => {
      const { value } = await client.children('/');
      const old = (value?.names ?? []).filter((name) => Date.now() - Number.parseInt(name, 10) > INFANCY);
      const stats = await Promise.all(old.map((name) => client.stat(`/${name}${ALIVE}`)));
      return old.filter((_, at) => stats[at]?.value === undefined);
    });
    for (const name of names) {
      // oxlint-disable-next-line eslint/no-await-in-loop -- rarely any
      await this.#at({ ...this.#runs, root: `${this.#runs.root}/${name}` }, removeTree);
    }
  }

  #at<T>(address: ZookeeperAddress, work: (client: ZookeeperClient) => Promise<T>): Promise<T> {
    return withClient({ ...address, sessionTimeout: SESSION_TIMEOUT }, work);
  }
}
