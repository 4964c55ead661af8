import { later } from '../../model/time.ts';
import type { Cancel, Timers } from '../../model/timers.ts';

/** Runs while we are away from a session, until that must be taken for over. */
export class ExpiryClock {
  readonly #timers: Timers;
  readonly #timeout: number;
  readonly #over: () => void;
  #cancel: Cancel | undefined;

  /** @param timeout of a session, in milliseconds of these timers */
  constructor(timers: Timers, timeout: number, over: () => void) {
    this.#timers = timers;
    this.#timeout = timeout;
    this.#over = over;
  }

  /** We are away; perhaps we have been for a while. */
  start(): void {
    this.#cancel ??= this.#timers.at(later(this.#timers.now(), this.#timeout), this.#over);
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
