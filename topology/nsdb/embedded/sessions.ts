import { later } from '../../model/time.ts';
import type { Cancel } from '../../model/timers.ts';
import { ConnectionState } from '../connection-state.ts';
import type { Link } from './link.ts';
import type { Session } from './session.ts';
import type { Stores } from './stores.ts';

/** The sessions of one handle, one after another: the next takes the place of one that has ended, as soon as the link is up. */
export class Sessions {
  readonly connection: ConnectionState;
  readonly #stores: Stores;
  readonly #link: Link;
  readonly #timeout: number;
  readonly #putBack: (session: Session) => void;
  #now: Session;
  #isCut = false;
  #cancelExpiry: Cancel | undefined;

  /**
   * @param name of the handle
   * @param timeout how long a session outlives its link, in milliseconds
   * @param putBack puts back, under a new session, what the last one had
   */
  constructor(name: string, stores: Stores, link: Link, timeout: number, putBack: (session: Session) => void) {
    this.#stores = stores;
    this.#link = link;
    this.#timeout = timeout;
    this.#putBack = putBack;
    this.#now = stores.newSession();
    this.connection = new ConnectionState(
      name,
      { kind: 'connected', session: this.#now.id },
      stores.deliveries,
      (listener) => link.tell(listener),
    );
  }

  get now(): Session {
    return this.#now;
  }

  /** Cuts the link: the session ends when that lasts for its timeout. */
  cut(): void {
    if (this.#isCut || this.#kind === 'closed') return;
    const { timers } = this.#stores;
    this.#isCut = true;
    this.#link.cut();
    if (this.#kind === 'connected') this.connection.become({ kind: 'suspended', since: timers.now() });
    this.#cancelExpiry = timers.at(later(timers.now(), this.#timeout), () => {
      this.#now.end();
      this.#becomeExpired();
    });
  }

  /** Lets us through again: to the session, or, if that has ended, to a new one. */
  restore(): void {
    if (!this.#isCut || this.#kind === 'closed') return;
    this.#isCut = false;
    this.#cancelExpiry?.();
    if (this.#now.isAlive) {
      this.#resume();
    } else {
      this.#becomeExpired();
      this.#renew();
    }
  }

  /** Ends the session by the database's hand. The handle hears of it when its link is up, and has a new one soon after. */
  expire(): void {
    if (this.#kind === 'closed') return;
    this.#link.cut();
    this.#now.end();
    if (this.#isCut) return;
    this.#becomeExpired();
    this.#stores.deliveries.push(() => {
      if (!this.#isCut && this.#kind === 'expired') this.#renew();
    });
  }

  /** Ends the session, at once unless the link is cut, and all that was observed. */
  close(): void {
    if (this.#kind === 'closed') return;
    if (!this.#isCut) this.#now.end();
    this.connection.become({ kind: 'closed' });
    this.#link.close();
  }

  get #kind(): 'connected' | 'suspended' | 'expired' | 'closed' {
    return this.connection.now.kind;
  }

  #becomeExpired(): void {
    if (this.#kind === 'expired' || this.#kind === 'closed') return;
    this.connection.become({ kind: 'expired', since: this.#stores.timers.now() });
  }

  /** Puts everything back under a new session, and looks at everything anew. */
  #renew(): void {
    this.#now = this.#stores.newSession();
    this.#putBack(this.#now);
    this.#resume();
  }

  #resume(): void {
    this.connection.become({ kind: 'connected', session: this.#now.id });
    this.#link.restore();
  }
}
