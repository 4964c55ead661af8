import { later, millisOf, type Millis } from '../../../topology/model/time.ts';
import type { Cancel, Timers } from '../../../topology/model/timers.ts';

interface Deadline {
  readonly at: Millis;
  readonly run: () => void;
}

/** A clock that moves when told to. */
export class ManualTimers implements Timers {
  #now = millisOf(0);
  readonly #deadlines = new Set<Deadline>();

  now(): Millis {
    return this.#now;
  }

  at(at: Millis, run: () => void): Cancel {
    const deadline = { at, run };
    this.#deadlines.add(deadline);
    return () => void this.#deadlines.delete(deadline);
  }

  /** Moves on; after each deadline that falls due, `between` is awaited. */
  async advance(milliseconds: number, between: () => Promise<void>): Promise<void> {
    const end = later(this.#now, milliseconds);
    for (;;) {
      const due = [...this.#deadlines].filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#deadlines.delete(due);
      this.#now = millisOf(Math.max(this.#now, due.at));
      due.run();
      // oxlint-disable-next-line eslint/no-await-in-loop -- deadlines fall due one after another
      await between();
    }
    this.#now = end;
    await between();
  }
}
