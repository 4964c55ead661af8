import type { Timers } from '../../model/timers.ts';
import { SESSION_TIMEOUT, type NsdbOptions } from '../nsdb.ts';
import { NsdbError } from '../nsdb-error.ts';
import { Activity } from './activity.ts';
import type { ZookeeperAddress } from './address.ts';
import { Link } from './link.ts';
import type { Shared } from './shared.ts';
import { ZookeeperNsdb } from './zookeeper-nsdb.ts';

/** How a database is reached, beside its address. */
export interface ZookeeperOptions {
  /** By which sessions are given up, locks lost patience for, and `since` is told: the machine's, or a run's virtual one. */
  readonly timers: Timers;
  /** How long {@link ZookeeperDatabase.open} tries, in milliseconds of the world. 10 s where nothing is said. */
  readonly patience?: number;
  /** Whether a handle is refused where there is no database: else it is made. */
  readonly mustExist?: boolean;
}

/**
 * A network state database in ZooKeeper, as one process sees it. Its handles have a connection and a session each.
 *
 * Heartbeats and deadlines of requests go by the machine's clock. A session that we lost sight of is given up by the given clock, and
 * ended by our own hand before a new one takes its place: so a run in virtual time does not depend on the server's.
 */
export class ZookeeperDatabase {
  readonly #address: ZookeeperAddress;
  readonly #patience: number;
  readonly #mustExist: boolean;
  readonly #shared: Shared;
  readonly #activity = new Activity();
  readonly #links = new Set<Link>();
  #touches = 0;
  /** How often something had happened when all was last found settled. */
  #settledTouches = 0;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(address: ZookeeperAddress, { timers, patience = 10_000, mustExist = false }: ZookeeperOptions) {
    this.#address = address;
    this.#patience = patience;
    this.#mustExist = mustExist;
    this.#shared = {
      activity: this.#activity,
      looking: new Set(),
      timers,
      touch: () => void this.#touches++,
      inTurn: (operation) => {
        const result = this.#turn.then(operation);
        this.#turn = Promise.allSettled([result]);
        return result;
      },
    };
  }

  /** Whether nothing is under way, and nothing has happened since all was {@link settled}: the server may then have more to tell. */
  get idle(): boolean {
    return this.#activity.idle && this.#touches === this.#settledTouches;
  }

  /**
   * Resolves when all that was asked for through this database has been done and told, and what the listeners asked for then as well.
   * Every handle that is connected passes a barrier (`sync`) behind which it has heard of all that anybody had
   * written before; that is repeated until nothing came of it. What other processes write meanwhile is not waited for.
   */
  async settled(): Promise<void> {
    for (;;) {
      /* oxlint-disable eslint/no-await-in-loop -- until a round brings nothing new */
      await this.#activity.settled();
      const before = this.#touches;
      await Promise.all([...this.#links].map((link) => link.barrier()));
      await this.#activity.settled();
      if (this.#touches !== before) continue;
      this.#settledTouches = before;
      return;
      /* oxlint-enable eslint/no-await-in-loop */
    }
  }

  /**
   * A new handle, connected; the tree of nodes is made where it is missing, unless it must exist.
   *
   * @param servers where they are not those of the address
   * @throws NsdbError `disconnected`, when no server answers in time; `no-permission`, where it is not ours; `invalid`, where it is of a newer
   *   schema; `not-found`, where it must exist and does not
   */
  async open(name: string, options: NsdbOptions = {}, servers?: string): Promise<ZookeeperNsdb> {
    const { sessionTimeout = SESSION_TIMEOUT, report = () => {} } = options;
    const link = new Link(
      name,
      this.#shared,
      { ...this.#address, ...(servers !== undefined && { servers }), sessionTimeout, mustExist: this.#mustExist },
      report,
    );
    const nsdb = new ZookeeperNsdb(link, this);
    this.#links.add(link);
    link.observe(({ kind }) => {
      if (kind === 'closed') this.#links.delete(link);
    });
    const deadline = setTimeout(() => void link.close(), this.#patience);
    link.connect();
    await link.untilUp();
    clearTimeout(deadline);
    if (link.connection.kind !== 'connected') {
      const sentence = `no ZooKeeper server of ${servers ?? this.#address.servers} let ${name} in within ${this.#patience} ms`;
      throw link.refusal ?? new NsdbError('disconnected', sentence);
    }
    await this.settled();
    return nsdb;
  }

  /** Closes every handle. */
  async close(): Promise<void> {
    await Promise.all([...this.#links].map((link) => link.close()));
  }
}
