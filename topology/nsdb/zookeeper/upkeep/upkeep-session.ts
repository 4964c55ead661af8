import { NsdbError } from '../../nsdb-error.ts';
import type { ZookeeperAddress } from '../address.ts';
import { answerError } from '../answer-error.ts';
import { SILENT } from '../client/client-listener.ts';
import { ZookeeperClient } from '../client/zookeeper-client.ts';
import { Journal } from '../journal.ts';
import type { JournalKeeper } from '../journal-node.ts';
import { isLoss } from '../loss.ts';
import { noDatabase, RESTORING, SCHEMA, schemaProblem } from '../tree.ts';
import { Watches } from '../watches.ts';

/** How a database is reached that somebody looks after. */
export interface UpkeepOptions {
  /** How long a connection may be away, at first and later, in milliseconds. */
  readonly patience?: number;
  readonly sessionTimeout?: number;
  /** Hears of nodes that were written by hand, where they stood in the way of a large change. */
  readonly report?: (error: NsdbError) => void;
  /** Closes the session when it is raised, at first as well as later. */
  readonly signal?: AbortSignal;
}

/**
 * A way to the nodes of a database for those who look after it: it makes no tree, and opens what a handle refuses. Reads outlast a
 * connection that breaks and comes back. It has one session, and ends with it.
 */
export class UpkeepSession implements JournalKeeper {
  readonly client: ZookeeperClient;
  readonly watches = new Watches();
  readonly journal: Journal;
  readonly #patience: number;
  readonly #report: (error: NsdbError) => void;
  readonly #servers: string;
  readonly #signal: AbortSignal | undefined;
  readonly #raised = (): void => void this.close();
  #isUp = false;
  #isOver = false;
  #closing: Promise<void> | undefined;
  #waiting: (() => void)[] = [];

  private constructor(address: ZookeeperAddress, options: UpkeepOptions) {
    const { patience = 10_000, sessionTimeout = 10_000, report = () => {}, signal } = options;
    this.#patience = patience;
    this.#report = report;
    this.#servers = address.servers;
    this.#signal = signal;
    this.client = new ZookeeperClient(
      { ...address, sessionTimeout },
      {
        ...SILENT,
        connected: () => {
          this.#isUp = true;
          this.#wake();
        },
        lost: () => (this.#isUp = false),
        expired: () => {
          this.#isOver = true;
          this.#wake();
        },
        changed: (path, kind) => this.watches.fired(path, kind),
        report: (cause) => report(new NsdbError('invalid', String(cause))),
      },
    );
    this.journal = new Journal(this);
  }

  /**
   * Connects.
   *
   * @throws NsdbError `disconnected`, when no server lets us in within the patience; the signal's reason, when it is raised already
   */
  static async open(address: ZookeeperAddress, options: UpkeepOptions = {}): Promise<UpkeepSession> {
    options.signal?.throwIfAborted();
    const session = new UpkeepSession(address, options);
    options.signal?.addEventListener('abort', session.#raised, { once: true });
    session.client.connect();
    try {
      await session.#up();
    } catch (cause) {
      await session.close();
      throw cause;
    }
    return session;
  }

  malformed(path: string, why: string): void {
    this.#report(new NsdbError('invalid', `${path}: ${why}`));
  }

  /** Runs a read; again, when its answer was lost and the connection comes back. @throws NsdbError */
  async read<T>(operation: (client: ZookeeperClient) => Promise<T>): Promise<T> {
    for (;;) {
      try {
        // oxlint-disable-next-line eslint/no-await-in-loop -- an attempt follows on the failure of the one before
        return await operation(this.client);
      } catch (cause) {
        if (!isLoss(cause)) throw answerError(cause);
        // oxlint-disable-next-line eslint/no-await-in-loop -- as above
        await this.#up();
      }
    }
  }

  /** Resolves when no large change is being carried out: this one completes what a dead writer left. */
  async quiet(): Promise<void> {
    try {
      await this.read(() => this.journal.quiet());
    } catch (cause) {
      if (!(cause instanceof NsdbError) || cause.fault !== 'invalid') throw cause; // without a journal, there is none
    }
  }

  /** Looks whether a database is there that this program knows. @throws NsdbError `not-found`; `invalid`, with the reason */
  async mustBeKnown(): Promise<void> {
    const { value } = await this.read((client) => client.data(SCHEMA));
    if (value === undefined) throw noDatabase();
    const problem = schemaProblem(value.data.toString());
    if (problem !== undefined) throw problem;
  }

  /**
   * Looks whether a database is there that can be looked at, be it damaged: a schema version that is none may be mended. A newer one, or
   * a restore that was cut short, is a refusal.
   *
   * @throws NsdbError as {@link mustBeKnown}
   */
  async mustBeReadable(): Promise<void> {
    const { value: root } = await this.read((client) => client.children('/'));
    if (root === undefined || !root.names.some((name) => name === 'schema' || name === 'zoom')) throw noDatabase();
    const { value: schema } = await this.read((client) => client.data(SCHEMA));
    const text = schema?.data.toString() ?? '';
    if (/^\d+\.\d+$/.test(text) || text.startsWith(RESTORING)) await this.mustBeKnown();
  }

  /** Ends the session, and all that waits. Resolves when it is over. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#signal?.removeEventListener('abort', this.#raised);
    this.#isOver = true;
    this.#wake();
    const closed = this.client.close();
    this.journal.mark(); // who waits there finds that it is over
    await closed;
  }

  /** Resolves when the connection stands. */
  async #up(): Promise<void> {
    const deadline = performance.now() + this.#patience;
    while (!this.#isUp && !this.#isOver) {
      const left = deadline - performance.now();
      if (left <= 0) {
        const sentence = `no ZooKeeper server of ${this.#servers} let us in within ${this.#patience} ms`;
        throw new NsdbError('disconnected', sentence);
      }
      // oxlint-disable-next-line eslint/no-await-in-loop -- until it stands, or patience ends
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#waiting.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
    if (this.#closing !== undefined) throw new NsdbError('closed', 'the session was closed');
    if (this.#isOver) throw new NsdbError('session-lost', 'the connection was away for too long. Begin anew');
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const go of waiting) go();
  }
}
