import { later, type Millis } from '../../model/time.ts';
import type { Cancel } from '../../model/timers.ts';
import type { Connection } from '../nsdb.ts';
import { formatConnection } from '../format-connection.ts';
import { NsdbError } from '../nsdb-error.ts';
import type { Observation } from '../observation.ts';
import { answerError } from './answer-error.ts';
import { behindOf } from './behind.ts';
import type { ClientOptions, SessionKey } from './client/client-options.ts';
import { endSession } from './client/end-session.ts';
import { ZookeeperClient } from './client/zookeeper-client.ts';
import { Journal } from './journal.ts';
import type { Looking } from './looking.ts';
import type { Owned } from './owned.ts';
import type { Shared } from './shared.ts';
import { plantTree, SCHEMA } from './tree.ts';
import { isLoss, isOffline } from './loss.ts';
import { Watches } from './watches.ts';

/** For how long, in milliseconds of the world, a handle that is let through again counts as on its way. */
const RETURN_PATIENCE = 10_000;
/** How often servers that refuse us are asked, at most, whether that is for being behind; in milliseconds of the world. */
const ASK_EVERY = 5000;

export interface LinkOptions extends ClientOptions {
  /** Whether a missing database is an error: else it is made. */
  readonly mustExist?: boolean;
}

/**
 * The way to ZooKeeper, over all sessions of one handle: which one stands, what hangs on it, and what has to be looked at again.
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
  readonly #options: LinkOptions;
  readonly #report: (cause: unknown) => void;
  readonly #hearers = new Set<(connection: Connection) => void>();
  readonly #watchers = new Set<Looking>();
  readonly #owned = new Set<Owned>();
  /** Paths of malformed nodes that were reported. */
  readonly #named = new Set<string>();
  #client: ZookeeperClient;
  #connection: Connection;
  /** Whether the session has all that it must have. */
  #isWhole = false;
  /** Whether the connection stands. */
  #isLive = false;
  #isRenewing = false;
  #wasWhole = false;
  #refusal: NsdbError | undefined;
  /** Whether we cut ourselves off. */
  #isCut = false;
  /** When servers that refuse us were last asked why. */
  #askedAt = -Infinity;
  /** Whether they said that they are behind what we had seen. */
  #isBehind = false;
  #cancelExpiry: Cancel | undefined;
  #leftover: SessionKey | undefined;
  readonly #waiting: (() => void)[] = [];
  /** What waits for the link; false when the handle was closed instead. */
  #whenConnected: ((isUp: boolean) => void)[] = [];

  constructor(name: string, shared: Shared, options: LinkOptions, report: (cause: unknown) => void) {
    this.name = name;
    this.shared = shared;
    this.#options = options;
    this.#report = report;
    this.#connection = { kind: 'suspended', since: shared.timers.now() };
    this.journal = new Journal(this);
    this.watches.add(SCHEMA, { mark: () => this.#lookAtVersion() });
    this.#client = this.#newClient({});
  }

  get connection(): Connection {
    return this.#connection;
  }

  /** Whether operations go through at once. */
  get isUp(): boolean {
    return this.#isLive && this.#isWhole && this.#connection.kind === 'connected';
  }

  /** Whether the session still stands, as far as we know. */
  get isAlive(): boolean {
    return this.#connection.kind === 'connected' || this.#connection.kind === 'suspended';
  }

  /** Why this handle must not use the database: no patience mends it. If that was so from the first, the handle is closed. */
  get refusal(): NsdbError | undefined {
    return this.#refusal;
  }

  get client(): ZookeeperClient {
    return this.#client;
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
    this.#client.connect();
  }

  observe(listener: (connection: Connection) => void): Observation {
    let isFirst = true;
    const hearer = (connection: Connection) => {
      if (!isFirst && this.#hearers.has(hearer)) this.tell(() => listener(connection));
    };
    this.#hearers.add(hearer);
    void this.shared.activity.during(async () => {
      await Promise.allSettled(this.shared.looking); // what was observed before is told before
      isFirst = false;
      hearer(this.#connection);
    });
    return { close: () => void this.#hearers.delete(hearer) };
  }

  /** Resolves when the link is up, or the handle closed, or the time over. */
  async #upWithin(milliseconds: number): Promise<void> {
    let deadline: NodeJS.Timeout | undefined;
    const over = new Promise<void>((resolve) => (deadline = setTimeout(resolve, milliseconds)));
    await Promise.race([this.untilUp(), over]);
    clearTimeout(deadline);
  }

  /** Runs a read; again, when its answer was lost, as long as the link is not given up. Answers what the database was outside any large change. */
  async read<T>(operation: (client: ZookeeperClient) => Promise<T>): Promise<T> {
    for (;;) {
      /* oxlint-disable eslint/no-await-in-loop -- an attempt follows on the failure of the one before */
      await this.#ready();
      try {
        const result = await operation(this.#client);
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
      return await operation(this.#client);
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
    if (this.#connection.kind === 'suspended' && this.#refusal !== undefined) throw this.#refusal;
    if (this.#connection.kind !== 'connected') throw this.offline();
  }

  offline(): NsdbError {
    if (this.#connection.kind === 'closed') return new NsdbError('closed', `${this.name}: the database was closed`);
    return new NsdbError('disconnected', `${this.name}: ${formatConnection(this.#connection)}; nothing was changed`);
  }

  /** Runs it, counted, as soon as the link is up, and again where the link breaks under it; `otherwise`, when the handle is closed first. */
  whenUp(run: () => Promise<void>, otherwise: () => void = () => {}): void {
    const go = (isUp: boolean) => {
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
    };
    if (this.#connection.kind === 'connected' || this.#connection.kind === 'closed') {
      go(this.#connection.kind === 'connected');
    } else {
      this.#whenConnected.push(go);
    }
  }

  /** Resolves when the link is up, or the handle closed. */
  async untilUp(): Promise<void> {
    while (this.#connection.kind === 'suspended' || this.#connection.kind === 'expired') {
      // oxlint-disable-next-line eslint/no-await-in-loop -- the link may be cut again before our turn comes
      await new Promise((resolve) => this.#whenConnected.push(resolve));
    }
  }

  own(owned: Owned): void {
    this.#owned.add(owned);
  }

  disown(owned: Owned): void {
    this.#owned.delete(owned);
  }

  attach(watcher: Looking): void {
    this.#watchers.add(watcher);
  }

  detach(watcher: Looking): void {
    this.#watchers.delete(watcher);
  }

  /**
   * Resolves when this handle has been told of all that was written, by anyone, before; at once where the link is down. A connection that
   * broke just now is given its moment to come back.
   */
  async barrier(): Promise<void> {
    while (!this.isUp && !this.#isCut && this.#connection.kind === 'connected') {
      // oxlint-disable-next-line eslint/no-await-in-loop -- until it is up, or given up
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    if (!this.isUp) return;
    await this.#client.sync().catch((cause: unknown) => {
      if (!isLoss(cause)) throw cause;
    });
  }

  /** Cuts us off by our own hand, as a broken network would: the session ends when that lasts for its timeout. */
  cut(): void {
    if (this.#isCut || this.#connection.kind === 'closed') return;
    this.#isCut = true;
    this.#client.abandon();
    this.#lost();
    this.#suspend();
  }

  /** Lets us through again: to the session, or, if that has ended, to a new one. */
  restore(): void {
    if (!this.#isCut || this.#connection.kind === 'closed') return;
    this.#isCut = false;
    if (this.#connection.kind === 'suspended') {
      for (const watcher of this.#watchers) watcher.renew(); // another client: no watch is set
      this.journal.mark();
      const { session, seen } = this.#client;
      this.#client = this.#newClient({ session, seen });
      this.#client.connect();
    } else {
      this.#renew();
    }
    void this.shared.activity.during(() => this.#upWithin(RETURN_PATIENCE));
  }

  /** Ends the session, at once where the link is up, and all that was observed. */
  async close(): Promise<void> {
    if (this.#connection.kind === 'closed') return;
    if (!this.#isCut) this.#cancelExpiry?.();
    this.#become({ kind: 'closed' });
    for (const watcher of this.#watchers) watcher.close();
    this.#owned.clear();
    this.#wake();
    const closed = this.#client.close();
    this.journal.mark(); // who waits there finds that it is over
    await closed;
  }

  /** Stops answering the server, as a process that dies does: for the session, the time runs. */
  abandon(): void {
    this.#cancelExpiry?.();
    this.#become({ kind: 'closed' });
    for (const watcher of this.#watchers) watcher.close();
    this.#owned.clear();
    this.#wake();
    this.#client.abandon();
  }

  /** @param before what another client leaves to this one: what it has seen is not forgotten, though its session is */
  #newClient(before: Pick<ClientOptions, 'session' | 'seen'>): ZookeeperClient {
    const isNow = () => this.#client === client && this.#connection.kind !== 'closed';
    const client = new ZookeeperClient(
      { ...this.#options, ...before },
      {
        connected: () => {
          if (isNow()) this.#connected();
        },
        lost: () => {
          if (isNow()) this.#lost();
        },
        unreachable: () => {
          if (isNow()) this.#suspend();
        },
        refused: () => {
          if (isNow()) void this.#askWhy();
        },
        expired: () => {
          if (!isNow()) return;
          this.#expire(undefined);
          this.#renew();
        },
        changed: (path, kind) => {
          this.shared.touch();
          if (isNow()) this.watches.fired(path, kind);
        },
        report: (cause) => this.#report(cause),
      },
    );
    return client;
  }

  #connected(): void {
    this.#isLive = true;
    this.shared.touch();
    // So that we do not begin far behind. We never go back: no server lets us in that has not got as far as we had seen.
    this.#client.sync().catch((cause: unknown) => this.#stumble(cause));
    if (this.#wasWhole) this.#lookAtVersion();
    else void this.shared.activity.during(() => this.#makeWhole());
  }

  /** The tree's version may have changed. What is asked for from here on is answered when it has been read. */
  #lookAtVersion(): void {
    void this.shared.activity.during(async () => {
      const client = this.#client;
      try {
        const problem = await plantTree(client, this.#options.mustExist);
        if (client === this.#client && this.#connection.kind !== 'closed') await this.#judge(problem);
      } catch (cause) {
        const error = answerError(cause);
        if (isLoss(cause) || !(error instanceof NsdbError))
          this.#stumble(cause); // it is read when the connection stands again
        else await this.#judge(error);
      }
    });
  }

  async #judge(problem: NsdbError | undefined): Promise<void> {
    if (problem !== undefined) {
      if (this.#refusal === undefined) this.report(problem);
      this.#refusal = problem;
      this.#cancelExpiry?.(); // the session stands
      this.#cancelExpiry = undefined;
      this.#suspend();
      return;
    }
    this.#refusal = undefined;
    if (this.#isWhole && this.#isLive) this.#resume();
    else if (this.#isLive) await this.#makeWhole();
  }

  /** Makes a new session what the last one was. Where this is cut short, it begins anew when the connection stands again. */
  async #makeWhole(): Promise<void> {
    if (this.#isRenewing) return;
    this.#isRenewing = true;
    const client = this.#client;
    try {
      if (this.#leftover !== undefined) await endSession(this.#options, this.#leftover);
      this.#leftover = undefined;
      const problem = this.#wasWhole ? undefined : await plantTree(client, this.#options.mustExist);
      if (problem !== undefined) throw problem;
      await this.journal.begin();
      // oxlint-disable-next-line eslint/no-await-in-loop -- in the order in which they came to be owned
      for (const owned of this.#owned) await owned.putBack();
      if (client !== this.#client) return;
      this.#isWhole = true;
      this.#wasWhole = true;
      for (const watcher of this.#watchers) watcher.renew();
    } catch (cause) {
      const error = answerError(cause);
      if (this.#wasWhole || !(error instanceof NsdbError) || isLoss(cause) || isOffline(error)) this.#stumble(cause);
      else {
        this.#refusal = error;
        void this.close();
      }
    } finally {
      this.#isRenewing = false;
    }
    if (this.#connection.kind === 'closed') return;
    if (this.#isWhole && this.#isLive) this.#resume();
    else if (this.#isLive) setTimeout(() => this.#again(), 100);
  }

  #again(): void {
    if (this.#connection.kind !== 'closed' && !this.#isWhole && this.#isLive) void this.#makeWhole();
  }

  #resume(): void {
    this.#isBehind = false;
    this.#cancelExpiry?.();
    this.#cancelExpiry = undefined;
    if (this.#connection.kind !== 'connected') {
      this.#become({ kind: 'connected', session: this.#client.sessionName });
    }
    this.#wake();
    this.journal.mark();
    for (const watcher of this.#watchers) watcher.wake();
  }

  #lost(): void {
    this.#isLive = false;
    this.shared.touch();
    const { timers } = this.shared;
    this.#cancelExpiry ??= timers.at(later(timers.now(), this.#options.sessionTimeout), () => this.#timeOut());
  }

  /** We have been away for too long. A link that we cut ourselves is not sought again: its session is ended at once. */
  #timeOut(): void {
    const { session } = this.#client;
    if (this.#isCut) {
      const end = () => endSession(this.#options, session).catch((cause: unknown) => this.#stumble(cause));
      void this.shared.activity.during(end);
    }
    if (this.#connection.kind === 'closed') return;
    this.#expire(session);
    if (!this.#isCut) this.#renew();
  }

  /** Servers refuse us while we are away. Where that is because they are behind, it is said: waiting does not mend it. */
  async #askWhy(): Promise<void> {
    const { kind } = this.#connection;
    if ((kind !== 'suspended' && kind !== 'expired') || performance.now() - this.#askedAt < ASK_EVERY) return;
    this.#askedAt = performance.now();
    const client = this.#client;
    const behind = await behindOf(this.#options.servers, client.seen);
    const connection = this.#connection;
    if (client !== this.#client || (connection.kind !== 'suspended' && connection.kind !== 'expired')) return;
    const isBehind = behind !== undefined;
    if (isBehind === this.#isBehind) return;
    this.#isBehind = isBehind;
    if (isBehind) this.#report(new NsdbError('disconnected', `${this.name}: ${behind}`));
    this.#beAway(connection.kind, connection.since);
  }

  #suspend(): void {
    if (this.#connection.kind === 'connected') {
      this.#beAway('suspended', this.shared.timers.now());
    }
    this.#wake();
  }

  /** @param leftover the session, where it may still stand at the server */
  #expire(leftover: SessionKey | undefined): void {
    this.#cancelExpiry?.();
    this.#cancelExpiry = undefined;
    this.#client.abandon();
    this.#isLive = false;
    this.#isWhole = false;
    this.entries.clear();
    this.#leftover ??= leftover;
    if (this.#connection.kind !== 'expired') this.#beAway('expired', this.shared.timers.now());
    for (const owned of this.#owned) owned.lost?.();
    this.#wake();
  }

  #renew(): void {
    this.#client = this.#newClient({ seen: this.#client.seen });
    this.#client.connect();
  }

  #beAway(kind: 'suspended' | 'expired', since: Millis): void {
    this.#become({ kind, since, ...(this.#isBehind && { isBehind: true }) });
  }

  #become(connection: Connection): void {
    this.#connection = connection;
    this.shared.touch();
    for (const hearer of this.#hearers) this.shared.activity.push(() => hearer(connection));
    if (connection.kind !== 'connected' && connection.kind !== 'closed') return;
    const waiting = this.#whenConnected;
    this.#whenConnected = [];
    for (const go of waiting) void this.shared.activity.during(() => go(connection.kind === 'connected'));
  }

  /** Resolves when the link is up; rejects when it is given up. */
  async #ready(): Promise<void> {
    for (;;) {
      this.mustBeOnline();
      if (this.isUp) return;
      // oxlint-disable-next-line eslint/no-await-in-loop -- the link may be lost again before our turn comes
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  #wake(): void {
    for (const go of this.#waiting.splice(0)) go();
  }

  /** What nobody else hears of: a lost link mends itself, all else is reported. */
  #stumble(cause: unknown): void {
    const isExpected = isLoss(cause) || isOffline(cause);
    if (!isExpected) this.report(cause);
  }
}
