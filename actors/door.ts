import type { Journey } from './journey.ts';
import type { Quiet } from './quiet.ts';

/**
 * Has packets begin one after the other, each when all before is settled, so that it makes no difference which devices happen to be
 * up already: what the one before has taught the tables is there when the next one begins.
 */
export class Door {
  readonly #quiet: Quiet;
  readonly #begin: (journey: Journey) => void;
  /** Packets that devices made, and those that waited and may go on. */
  readonly #waiting: Journey[] = [];
  #opening: Promise<void> | undefined;

  constructor(quiet: Quiet, begin: (journey: Journey) => void) {
    this.#quiet = quiet;
    this.#begin = begin;
  }

  /** The packets that wait at it, the next one first. */
  get waiting(): readonly Journey[] {
    return this.#waiting;
  }

  /** While packets wait at it: resolves when the last of them has begun. */
  get opening(): Promise<void> | undefined {
    return this.#opening;
  }

  /** @param isFirst whether they go before those that wait already */
  admit(journeys: readonly Journey[], isFirst: boolean): void {
    if (journeys.length === 0) return;
    if (isFirst) this.#waiting.unshift(...journeys);
    else this.#waiting.push(...journeys);
    this.#opening ??= this.#open();
  }

  async #open(): Promise<void> {
    /* oxlint-disable eslint/no-await-in-loop -- one after the other is the point */
    while (this.#waiting.length > 0) {
      await this.#quiet.reached();
      const journey = this.#waiting.shift();
      if (journey !== undefined) this.#begin(journey);
    }
    /* oxlint-enable eslint/no-await-in-loop */
    this.#opening = undefined;
  }
}
