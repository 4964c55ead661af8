import type { Millis } from '../../model/time.ts';
import { isAway, type ConnectionState } from '../connection-state.ts';
import type { Connection } from '../nsdb.ts';
import { NsdbError } from '../nsdb-error.ts';
import { behindOf } from './behind.ts';
import type { ClientOptions, SessionKey } from './client/client-options.ts';
import { endSession } from './client/end-session.ts';
import { ZookeeperClient } from './client/zookeeper-client.ts';
import { ExpiryClock } from './expiry-clock.ts';
import { SessionSetup, type LinkOptions, type SetupHome } from './session-setup.ts';

/** For how long, in milliseconds of the world, a handle that is let through again counts as on its way. */
const RETURN_PATIENCE = 10_000;
/** How often servers that refuse us are asked, at most, whether that is for being behind; in milliseconds of the world. */
const ASK_EVERY = 5000;

/** What sessions need of the handle that they are of. */
export interface SessionHome extends SetupHome {
  readonly name: string;
  readonly connection: ConnectionState;
  /** Paths of all table entries that live in the session. */
  readonly entries: Set<string>;
}

/**
 * The sessions of one handle, one after another: each is taken up again while it stands; when it is over another takes its place, and is
 * made what the last one was.
 *
 * A handle whose connection has broken is still `connected` until all servers were tried in vain.
 */
export class Sessions {
  readonly #home: SessionHome;
  readonly #options: LinkOptions;
  readonly #setup: SessionSetup;
  readonly #expiry: ExpiryClock;
  #client: ZookeeperClient;
  /** Whether the connection stands. */
  #isLive = false;
  /** Whether we cut ourselves off. */
  #isCut = false;
  /** When servers that refuse us were last asked why. */
  #askedAt = -Infinity;
  /** Whether they said that they are behind what we had seen. */
  #isBehind = false;
  readonly #waiting: (() => void)[] = [];

  constructor(home: SessionHome, options: LinkOptions) {
    this.#home = home;
    this.#options = options;
    this.#expiry = new ExpiryClock(home.shared.timers, options.sessionTimeout, () => this.#timeOut());
    this.#setup = new SessionSetup(home, options, {
      client: () => this.#client,
      isLive: () => this.#isLive,
      isClosed: () => this.#kind === 'closed',
      resume: () => this.#resume(),
      refuse: () => {
        this.#expiry.stop();
        this.#suspend();
      },
      close: () => void this.close(),
    });
    this.#client = this.#newClient({});
  }

  get client(): ZookeeperClient {
    return this.#client;
  }

  /** Whether operations go through at once. */
  get isUp(): boolean {
    return this.#isLive && this.#setup.isWhole && this.#kind === 'connected';
  }

  /** Whether {@link isUp} may come to be so without anybody's doing, before the handle says that it is not connected. */
  get isComing(): boolean {
    return !this.isUp && !this.#isCut && this.#kind === 'connected';
  }

  /** Why this handle must not use the database: no patience mends it. If that was so from the first, the handle is closed. */
  get refusal(): NsdbError | undefined {
    return this.#setup.refusal;
  }

  connect(): void {
    this.#client.connect();
  }

  /** Resolves when it may be up, or is given up: look again. */
  changed(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Cuts us off by our own hand, as a broken network would: the session ends when that lasts for its timeout. */
  cut(): void {
    if (this.#isCut || this.#kind === 'closed') return;
    this.#isCut = true;
    this.#client.abandon();
    this.#lost();
    this.#suspend();
  }

  /** Lets us through again: to the session, or, if that has ended, to a new one. */
  restore(): void {
    if (!this.#isCut || this.#kind === 'closed') return;
    this.#isCut = false;
    if (this.#kind === 'suspended') {
      this.#home.contents.renew(); // another client: no watch is set
      this.#home.journal.mark();
      const { session, seen } = this.#client;
      this.#client = this.#newClient({ session, seen });
      this.#client.connect();
    } else {
      this.#renew();
    }
    void this.#home.shared.activity.during(() => this.#home.connection.upWithin(RETURN_PATIENCE));
  }

  /** Ends the session, at once where the link is up, and all that was observed. */
  async close(): Promise<void> {
    if (this.#kind === 'closed') return;
    if (!this.#isCut) this.#expiry.stop();
    this.#end();
    const closed = this.#client.close();
    this.#home.journal.mark(); // who waits there finds that it is over
    await closed;
  }

  /** Stops answering the server, as a process that dies does: for the session, the time runs. */
  abandon(): void {
    this.#expiry.stop();
    this.#end();
    this.#client.abandon();
  }

  get #kind(): Connection['kind'] {
    return this.#home.connection.now.kind;
  }

  #end(): void {
    this.#become({ kind: 'closed' });
    this.#home.contents.close();
    this.#wake();
  }

  /** @param before what another client leaves to this one: what it has seen is not forgotten, though its session is */
  #newClient(before: Pick<ClientOptions, 'session' | 'seen'>): ZookeeperClient {
    const ifNow = (hear: () => void) => {
      if (this.#client === client && this.#kind !== 'closed') hear();
    };
    const client = new ZookeeperClient(
      { ...this.#options, ...before },
      {
        connected: () => ifNow(() => this.#connected()),
        lost: () => ifNow(() => this.#lost()),
        unreachable: () => ifNow(() => this.#suspend()),
        refused: () => ifNow(() => void this.#askWhy()),
        expired: () =>
          ifNow(() => {
            this.#expire(undefined);
            this.#renew();
          }),
        changed: (path, kind) => {
          this.#home.shared.touch();
          ifNow(() => this.#home.watches.fired(path, kind));
        },
        report: (cause) => this.#home.report(cause),
      },
    );
    return client;
  }

  #connected(): void {
    this.#isLive = true;
    this.#home.shared.touch();
    // So that we do not begin far behind. We never go back: no server lets us in that has not got as far as we had seen.
    this.#client.sync().catch((cause: unknown) => this.#home.stumble(cause));
    this.#setup.connected();
  }

  #resume(): void {
    this.#isBehind = false;
    this.#expiry.stop();
    if (this.#kind !== 'connected') this.#become({ kind: 'connected', session: this.#client.sessionName });
    this.#wake();
    this.#home.journal.mark();
    this.#home.contents.wake();
  }

  #lost(): void {
    this.#isLive = false;
    this.#home.shared.touch();
    this.#expiry.start();
  }

  /** We have been away for too long. A link that we cut ourselves is not sought again: its session is ended at once. */
  #timeOut(): void {
    const { session } = this.#client;
    if (this.#isCut) {
      const end = () => endSession(this.#options, session).catch((cause: unknown) => this.#home.stumble(cause));
      void this.#home.shared.activity.during(end);
    }
    if (this.#kind === 'closed') return;
    this.#expire(session);
    if (!this.#isCut) this.#renew();
  }

  /** Servers refuse us while we are away. Where that is because they are behind, it is said: waiting does not mend it. */
  async #askWhy(): Promise<void> {
    if (!isAway(this.#home.connection.now) || performance.now() - this.#askedAt < ASK_EVERY) return;
    this.#askedAt = performance.now();
    const client = this.#client;
    const behind = await behindOf(this.#options.servers, client.seen);
    const { now } = this.#home.connection;
    if (client !== this.#client || !isAway(now)) return;
    const isBehind = behind !== undefined;
    if (isBehind === this.#isBehind) return;
    this.#isBehind = isBehind;
    if (isBehind) this.#home.report(new NsdbError('disconnected', `${this.#home.name}: ${behind}`));
    this.#beAway(now.kind, now.since);
  }

  #suspend(): void {
    if (this.#kind === 'connected') this.#beAway('suspended', this.#home.shared.timers.now());
    this.#wake();
  }

  /** @param leftover the session, where it may still stand at the server */
  #expire(leftover: SessionKey | undefined): void {
    this.#expiry.stop();
    this.#client.abandon();
    this.#isLive = false;
    this.#home.entries.clear();
    this.#setup.expired(leftover);
    if (this.#kind !== 'expired') this.#beAway('expired', this.#home.shared.timers.now());
    this.#home.contents.lost();
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
    this.#home.shared.touch();
    this.#home.connection.become(connection);
  }

  #wake(): void {
    for (const go of this.#waiting.splice(0)) go();
  }
}
