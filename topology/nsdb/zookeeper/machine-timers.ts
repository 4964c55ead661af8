import { millisOf, type Millis } from '../../model/time.ts';
import type { Cancel, Timers } from '../../model/timers.ts';

/** The machine's clock: milliseconds of the epoch, which never go back. */
export class MachineTimers implements Timers {
  readonly #start = Date.now() - performance.now();

  now(): Millis {
    return millisOf(this.#start + performance.now());
  }

  at(deadline: Millis, run: () => void): Cancel {
    const timer = setTimeout(run, Math.max(0, deadline - this.now()));
    return () => clearTimeout(timer);
  }
}
