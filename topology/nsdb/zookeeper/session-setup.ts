import { NsdbError } from '../nsdb-error.ts';
import { answerError } from './answer-error.ts';
import type { ClientOptions, SessionKey } from './client/client-options.ts';
import { endSession } from './client/end-session.ts';
import type { ZookeeperClient } from './client/zookeeper-client.ts';
import type { Journal } from './journal.ts';
import { isLoss, isOffline } from './loss.ts';
import type { SessionContents } from './session-contents.ts';
import type { Shared } from './shared.ts';
import { plantTree, SCHEMA } from './tree.ts';
import type { Watches } from './watches.ts';

/** After how long, in milliseconds of the world, a session that could not be made whole is tried once more. */
const RETRY_AFTER = 100;

export interface LinkOptions extends ClientOptions {
  /** Whether a missing database is an error: else it is made. */
  readonly mustExist?: boolean;
}

/** What a setup needs of the handle whose sessions it sets up. */
export interface SetupHome {
  readonly shared: Shared;
  readonly contents: SessionContents;
  readonly journal: Journal;
  readonly watches: Watches;
  readonly report: (cause: unknown) => void;
  /** What nobody else hears of: a lost link mends itself, all else is reported. */
  readonly stumble: (cause: unknown) => void;
}

/** The session that is to be set up, as it is now, and what comes of that. */
export interface SetupSession {
  client(): ZookeeperClient;
  /** Whether its connection stands. */
  isLive(): boolean;
  isClosed(): boolean;
  /** It is whole, and its connection stands: may be used. */
  resume(): void;
  /** It stands, but the database may not be used. */
  refuse(): void;
  /** The database may not be used, from the first. */
  close(): void;
}

/** What a session needs before it may be used: a tree of a version that we know, and all that the session before it had. */
export class SessionSetup {
  readonly #home: SetupHome;
  readonly #options: LinkOptions;
  readonly #session: SetupSession;
  /** Whether the session has all that it must have. */
  #isWhole = false;
  /** Whether a session had it before. */
  #wasWhole = false;
  #isUnderWay = false;
  #refusal: NsdbError | undefined;
  /** A former session that may still stand at the server. */
  #leftover: SessionKey | undefined;

  constructor(home: SetupHome, options: LinkOptions, session: SetupSession) {
    this.#home = home;
    this.#options = options;
    this.#session = session;
    home.watches.add(SCHEMA, { mark: () => this.#lookAtVersion() });
  }

  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** Why the database must not be used. */
  get refusal(): NsdbError | undefined {
    return this.#refusal;
  }

  /** The connection stands. */
  connected(): void {
    if (this.#wasWhole) this.#lookAtVersion();
    else void this.#home.shared.activity.during(() => this.#makeWhole());
  }

  /** The session is over. @param leftover its key, where it may still stand at the server */
  expired(leftover: SessionKey | undefined): void {
    this.#isWhole = false;
    this.#leftover ??= leftover;
  }

  /** The tree's version may have changed. What is asked for from here on is answered when it has been read. */
  #lookAtVersion(): void {
    void this.#home.shared.activity.during(async () => {
      const client = this.#session.client();
      try {
        const problem = await plantTree(client, this.#options.mustExist);
        if (client === this.#session.client() && !this.#session.isClosed()) await this.#judge(problem);
      } catch (cause) {
        const error = answerError(cause);
        if (isLoss(cause) || !(error instanceof NsdbError))
          this.#home.stumble(cause); // it is read when the connection stands again
        else await this.#judge(error);
      }
    });
  }

  async #judge(problem: NsdbError | undefined): Promise<void> {
    if (problem !== undefined) {
      if (this.#refusal === undefined) this.#home.report(problem);
      this.#refusal = problem;
      this.#session.refuse();
      return;
    }
    this.#refusal = undefined;
    if (this.#isWhole && this.#session.isLive()) this.#session.resume();
    else if (this.#session.isLive()) await this.#makeWhole();
  }

  /** Makes a new session what the last one was. Where this is cut short, it begins anew when the connection stands again. */
  async #makeWhole(): Promise<void> {
    if (this.#isUnderWay) return;
    this.#isUnderWay = true;
    const client = this.#session.client();
    try {
      if (this.#leftover !== undefined) await endSession(this.#options, this.#leftover);
      this.#leftover = undefined;
      const problem = this.#wasWhole ? undefined : await plantTree(client, this.#options.mustExist);
      if (problem !== undefined) throw problem;
      await this.#home.journal.begin();
      await this.#home.contents.putBack();
      if (client !== this.#session.client()) return;
      this.#isWhole = true;
      this.#wasWhole = true;
      this.#home.contents.renew();
    } catch (cause) {
      const error = answerError(cause);
      if (this.#wasWhole || !(error instanceof NsdbError) || isLoss(cause) || isOffline(error))
        this.#home.stumble(cause);
      else {
        this.#refusal = error;
        this.#session.close();
      }
    } finally {
      this.#isUnderWay = false;
    }
    if (this.#session.isClosed()) return;
    if (this.#isWhole && this.#session.isLive()) this.#session.resume();
    else if (this.#session.isLive()) setTimeout(() => this.#again(), RETRY_AFTER);
  }

  #again(): void {
    if (!this.#session.isClosed() && !this.#isWhole && this.#session.isLive()) void this.#makeWhole();
  }
}
