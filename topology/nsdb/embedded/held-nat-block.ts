import { portsOf, type NatBlock, type NatBlockListener } from '../nat-block.ts';
import type { Link } from './link.ts';
import type { NatStore } from './nat-store.ts';
import type { Session } from './session.ts';

/** What a block needs of the handle that leased it. */
export interface NatBlockHome {
  readonly link: Link;
  session(): Session;
  /** Resolves when the link is up, to true, or the handle closed, to false. */
  untilUp(): Promise<boolean>;
  isOpen(): boolean;
  /** The block is ours no longer. */
  gone(block: HeldNatBlock): void;
}

/** A block of ports that a handle has leased. */
export class HeldNatBlock implements NatBlock {
  readonly number: number;
  readonly firstPort: number;
  readonly lastPort: number;
  readonly #home: NatBlockHome;
  readonly #store: NatStore;
  readonly #path: string;
  readonly #listener: NatBlockListener;
  #isHeld = true;

  constructor(home: NatBlockHome, store: NatStore, path: string, number: number, listener: NatBlockListener) {
    this.#home = home;
    this.#store = store;
    this.#path = path;
    this.#listener = listener;
    this.number = number;
    ({ firstPort: this.firstPort, lastPort: this.lastPort } = portsOf(number));
  }

  get held(): boolean {
    return this.#isHeld;
  }

  async release(): Promise<void> {
    if (!this.#isHeld) return;
    const home = this.#home;
    this.#isHeld = false;
    home.gone(this);
    if (!(await home.untilUp())) return;
    await home.link.deliveries.during(() => this.#store.release(this.#path, this.number, home.session()));
  }

  /** A new session stands: takes the block again, unless somebody else has it now. */
  putBack(session: Session): void {
    if (this.#store.take(this.#path, this.number, session)) return;
    const home = this.#home;
    this.#isHeld = false;
    home.gone(this);
    home.link.deliveries.push(() => {
      if (home.isOpen()) home.link.tell(() => this.#listener.lost());
    });
  }
}
