import { formatConnection } from './format-connection.ts';
import type { Connection } from './nsdb.ts';
import { NsdbError } from './nsdb-error.ts';
import type { Observation } from './observation.ts';

/** What is under way through a database: calls still to be made, in one order, and operations. */
export interface UnderWay {
  push(delivery: () => void): void;
  during<T>(operation: () => T | Promise<T>): Promise<T>;
}

/** One who hears of a connection, until closed. */
export interface Hearer extends Observation {
  /** Tells it at once. */
  tell(connection: Connection): void;
}

/** How a handle stands with its database: who hears of that, and who waits for it. */
export class ConnectionState {
  readonly #name: string;
  readonly #underWay: UnderWay;
  readonly #call: (listener: () => void) => void;
  readonly #hearers = new Set<Hearer>();
  #now: Connection;
  /** What waits for the link; false when the handle was closed instead. */
  #waiting: ((isUp: boolean) => void)[] = [];

  /**
   * @param name of the handle
   * @param call calls a listener, and outlives what it throws
   */
  constructor(name: string, first: Connection, underWay: UnderWay, call: (listener: () => void) => void) {
    this.#name = name;
    this.#now = first;
    this.#underWay = underWay;
    this.#call = call;
  }

  get now(): Connection {
    return this.#now;
  }

  become(connection: Connection): void {
    this.#now = connection;
    for (const hearer of this.#hearers) this.#underWay.push(() => hearer.tell(connection));
    if (connection.kind !== 'connected' && connection.kind !== 'closed') return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const go of waiting) void this.#underWay.during(() => go(connection.kind === 'connected'));
  }

  /** Tells of each change from now on. */
  observe(listener: (connection: Connection) => void): Hearer {
    const hearer: Hearer = {
      tell: (connection) => {
        if (this.#hearers.has(hearer)) this.#call(() => listener(connection));
      },
      close: () => void this.#hearers.delete(hearer),
    };
    this.#hearers.add(hearer);
    return hearer;
  }

  /** Calls once the link is up, with true, or the handle closed, with false: at once where it is so. */
  whenUp(go: (isUp: boolean) => void): void {
    const { kind } = this.#now;
    if (kind === 'connected' || kind === 'closed') go(kind === 'connected');
    else this.#waiting.push(go);
  }

  /** Resolves when the link is up, to true, or the handle closed, to false. */
  async untilUp(): Promise<boolean> {
    while (isAway(this.#now)) {
      // oxlint-disable-next-line eslint/no-await-in-loop -- the link may be cut again before our turn comes
      await new Promise((resolve) => this.#waiting.push(resolve));
    }
    return this.#now.kind === 'connected';
  }

  /** Resolves when the link is up, or the handle closed, or the time over, in milliseconds of the world. */
  async upWithin(milliseconds: number): Promise<void> {
    let deadline: NodeJS.Timeout | undefined;
    const over = new Promise<void>((resolve) => (deadline = setTimeout(resolve, milliseconds)));
    await Promise.race([this.untilUp(), over]);
    clearTimeout(deadline);
  }

  mustBeUp(): void {
    if (this.#now.kind !== 'connected') throw this.offline();
  }

  mustBeOpen(): void {
    if (this.#now.kind === 'closed') throw this.offline();
  }

  /** Why nothing can be done now. */
  offline(): NsdbError {
    if (this.#now.kind === 'closed') return new NsdbError('closed', `${this.#name}: the database was closed`);
    return new NsdbError('disconnected', `${this.#name}: ${formatConnection(this.#now)}; nothing was changed`);
  }
}

/** Whether a handle is cut off, and may come back. */
export function isAway(connection: Connection): connection is Connection & { readonly kind: 'suspended' | 'expired' } {
  return connection.kind === 'suspended' || connection.kind === 'expired';
}
