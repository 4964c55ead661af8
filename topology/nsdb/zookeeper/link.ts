import { ConnectionState } from '../connection-state.ts';
import type { Connection } from '../nsdb.ts';
import { NsdbError } from '../nsdb-error.ts';
import type { Observation } from '../observation.ts';
import { answerError } from './answer-error.ts';
import type { ZookeeperClient } from './client/zookeeper-client.ts';
import { Journal } from './journal.ts';
import type { Looking } from './looking.ts';
import { isLoss, isOffline } from './loss.ts';
import type { Owned } from './owned.ts';
import { SessionContents } from './session-contents.ts';
import type { LinkOptions } from './session-setup.ts';
import { Sessions } from './sessions.ts';
import type { Shared } from './shared.ts';
import { Watches } from './watches.ts';

/**
 * The way to ZooKeeper, over all {@link Sessions} of one handle: what is asked of the database goes through it, and what is heard of it.
 *
 * Between the breaking of a connection and the first vain try of all servers operations wait; from then on they are refused.
 */
export class Link {
  readonly name: string;
  readonly shared: Shared;
  readonly journal: Journal;
  readonly watches = new Watches();
  /** Paths of all table entries that live in the session. */
  readonly entries = new Set<string>();
  readonly #report: (cause: unknown) => void;
  /** Paths of malformed nodes that were reported. */
  readonly #named = new Set<string>();
  readonly #contents = new SessionContents();
  readonly #state: ConnectionState;
  readonly #sessions: Sessions;

  constructor(name: string, shared: Shared, options: LinkOptions, report: (cause: unknown) => void) {
    this.name = name;
    this.shared = shared;
    this.#report = report;
    const first: Connection = { kind: 'suspended', since: shared.timers.now() };
    this.#state = new ConnectionState(name, first, shared.activity, (listener) => this.tell(listener));
    this.journal = new Journal(this);
    this.#sessions = new Sessions(
      {
        name,
        shared,
        connection: this.#state,
        contents: this.#contents,
        journal: this.journal,
        watches: this.watches,
        entries: this.entries,
        report,
        stumble: (cause) => {
          if (!isLoss(cause) && !isOffline(cause)) this.report(cause);
        },
      },
      options,
    );
  }

  get connection(): Connection {
    return this.#state.now;
  }

  /** Whether operations go through at once. */
  get isUp(): boolean {
    return this.#sessions.isUp;
  }

  /** Whether the session still stands, as far as we know. */
  get isAlive(): boolean {
    return this.connection.kind === 'connected' || this.connection.kind === 'suspended';
  }

  /** Why this handle must not use the database: no patience mends it. If that was so from the first, the handle is closed. */
  get refusal(): NsdbError | undefined {
    return this.#sessions.refusal;
  }

  get client(): ZookeeperClient {
    return this.#sessions.client;
  }

  report(cause: unknown): void {
    this.#report(answerError(cause));
  }

  /** Names a node that somebody wrote by hand, and that hurts only itself: once. */
  malformed(path: string, why: string): void {
    if (this.#named.has(path)) return;
    this.#named.add(path);
    this.#report(new NsdbError('invalid', `${path}: ${why}`));
  }

  /** Calls a listener; what it throws is reported, and ends nothing else. */
  tell(listener: () => void): void {
    this.shared.touch();
    try {
      listener();
    } catch (cause) {
      this.#report(cause);
    }
  }

  connect(): void {
    this.#sessions.connect();
  }

  observe(listener: (connection: Connection) => void): Observation {
    let isFirst = true;
    const hearer = this.#state.observe((connection) => {
      if (!isFirst) listener(connection);
    });
    void this.shared.activity.during(async () => {
      await Promise.allSettled(this.shared.looking); // what was observed before is told before
      isFirst = false;
      hearer.tell(this.connection);
    });
    return hearer;
  }

  /** Runs a read; again, when its answer was lost, as long as the link is not given up. Answers what the database was outside any large change. */
  async read<T>(operation: (client: ZookeeperClient) => Promise<T>): Promise<T> {
    for (;;) {
      /* oxlint-disable eslint/no-await-in-loop -- an attempt follows on the failure of the one before */
      await this.#ready();
      try {
        const result = await operation(this.client);
        if (this.journal.isQuiet) return result;
        await this.journal.quiet();
      } catch (cause) {
        if (!isLoss(cause)) throw cause;
      }
      /* oxlint-enable eslint/no-await-in-loop */
    }
  }

  /** Runs an operation that writes, once. Rejects with `outcome-unknown` when its answer was lost. */
  async write<T>(operation: (client: ZookeeperClient) => Promise<T>): Promise<T> {
    this.shared.touch();
    await this.#ready();
    try {
      return await operation(this.client);
    } catch (cause) {
      if (!isLoss(cause)) throw cause;
      const sentence = `${this.name}: the link broke before the answer came; look whether it was done`;
      throw new NsdbError('outcome-unknown', sentence, {}, cause);
    }
  }

  /** Runs an operation under count, refused by name where the link is down. */
  online<T>(operation: () => Promise<T>): Promise<T> {
    this.shared.touch();
    return this.shared.activity.during(async () => {
      this.mustBeOnline();
      try {
        return await operation();
      } catch (cause) {
        throw answerError(cause);
      }
    });
  }

  mustBeOnline(): void {
    if (this.connection.kind === 'suspended' && this.refusal !== undefined) throw this.refusal;
    this.#state.mustBeUp();
  }

  mustBeOpen(): void {
    this.#state.mustBeOpen();
  }

  /** Runs it, counted, as soon as the link is up, and again where the link breaks under it; `otherwise`, when the handle is closed first. */
  whenUp(run: () => Promise<void>, otherwise: () => void = () => {}): void {
    this.#state.whenUp((isUp) => {
      if (!isUp) {
        otherwise();
        return;
      }
      void this.shared.activity.during(async () => {
        try {
          await run();
        } catch (cause) {
          if (isLoss(cause) || isOffline(cause)) this.whenUp(run, otherwise);
          else this.report(cause);
        }
      });
    });
  }

  /** Resolves when the link is up, to true, or the handle closed, to false. */
  untilUp(): Promise<boolean> {
    return this.#state.untilUp();
  }

  own(owned: Owned): void {
    this.#contents.own(owned);
  }

  disown(owned: Owned): void {
    this.#contents.disown(owned);
  }

  attach(watcher: Looking): void {
    this.#contents.attach(watcher);
  }

  detach(watcher: Looking): void {
    this.#contents.detach(watcher);
  }

  /**
   * Resolves when this handle has been told of all that was written, by anyone, before; at once where the link is down. A connection that
   * broke just now is given its moment to come back.
   */
  async barrier(): Promise<void> {
    // oxlint-disable-next-line eslint/no-await-in-loop -- until it is up, or given up
    while (this.#sessions.isComing) await this.#sessions.changed();
    if (!this.isUp) return;
    await this.client.sync().catch((cause: unknown) => {
      if (!isLoss(cause)) throw cause;
    });
  }

  /** Cuts us off by our own hand, as a broken network would: the session ends when that lasts for its timeout. */
  cut(): void {
    this.#sessions.cut();
  }

  /** Lets us through again: to the session, or, if that has ended, to a new one. */
  restore(): void {
    this.#sessions.restore();
  }

  /** Ends the session, at once where the link is up, and all that was observed. */
  close(): Promise<void> {
    return this.#sessions.close();
  }

  /** Stops answering the server, as a process that dies does: for the session, the time runs. */
  abandon(): void {
    this.#sessions.abandon();
  }

  /** Resolves when the link is up; rejects when it is given up. */
  async #ready(): Promise<void> {
    for (;;) {
      this.mustBeOnline();
      if (this.isUp) return;
      // oxlint-disable-next-line eslint/no-await-in-loop -- the link may be lost again before our turn comes
      await this.#sessions.changed();
    }
  }
}
