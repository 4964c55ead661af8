import { compareInstants, EPOCH, instantAt, millisAt, type Instant, type Millis } from '../topology/model/time.ts';
import type { Cancel, Timers } from '../topology/model/timers.ts';

interface Deadline {
  readonly at: Instant;
  /** As it was asked for: up to a nanosecond from `at`, which is an instant. */
  readonly reading: Millis;
  readonly sequence: number;
  run: (() => void) | undefined;
}

/**
 * A clock that stands still until it is told to move, and the queue of deadlines that waits on it. There is no ticking: whoever
 * drives the run asks for the next deadline and moves the clock there.
 */
export class VirtualTime implements Timers {
  #instant: Instant = EPOCH;
  #millis: Millis = millisAt(EPOCH);
  #sequence = 0;
  /** A binary heap by time, then by sequence. */
  readonly #heap: Deadline[] = [];

  now(): Millis {
    return this.#millis;
  }

  get instant(): Instant {
    return this.#instant;
  }

  /** The earliest deadline; undefined when nothing waits. Never before now. */
  get next(): Instant | undefined {
    this.#dropCancelled();
    return this.#heap[0]?.at;
  }

  /** All deadlines to come, in order. */
  get pending(): readonly Instant[] {
    return this.#heap
      .filter(({ run }) => run !== undefined)
      .toSorted((a, b) => (isBefore(a, b) ? -1 : 1))
      .map(({ at }) => at);
  }

  at(deadline: Millis, run: () => void): Cancel {
    const wished = deadline <= this.#millis ? this.#instant : instantAt(deadline);
    const at = compareInstants(wished, this.#instant) < 0 ? this.#instant : wished;
    const entry: Deadline = { at, reading: deadline, sequence: this.#sequence++, run };
    this.#push(entry);
    return () => {
      entry.run = undefined;
    };
  }

  /** Moves the clock on. To an instant that has passed: nothing happens, time never goes back. */
  advanceTo(instant: Instant): void {
    if (compareInstants(instant, this.#instant) <= 0) return;
    this.#instant = instant;
    this.#read(millisAt(instant));
  }

  /** Moves the clock to the earliest deadline and runs what waited for it: one, not all of the instant. */
  runNext(): void {
    this.#dropCancelled();
    const entry = this.#pop();
    if (entry === undefined) return;
    this.advanceTo(entry.at);
    this.#read(entry.reading); // or whoever asked would find that it is not yet time, and ask again for ever
    entry.run?.();
  }

  #read(reading: Millis): void {
    if (reading > this.#millis) this.#millis = reading;
  }

  #dropCancelled(): void {
    while (this.#heap.length > 0 && this.#heap[0]?.run === undefined) this.#pop();
  }

  #push(entry: Deadline): void {
    const heap = this.#heap;
    let at = heap.push(entry) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || isBefore(parent, entry)) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = entry;
  }

  #pop(): Deadline | undefined {
    const heap = this.#heap;
    const [first] = heap;
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      const left = heap[2 * at + 1];
      const right = heap[2 * at + 2];
      const child = left !== undefined && right !== undefined && isBefore(right, left) ? 2 * at + 2 : 2 * at + 1;
      const below = heap[child];
      if (below === undefined || isBefore(last, below)) break;
      heap[at] = below;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

function isBefore(a: Deadline, b: Deadline): boolean {
  return (compareInstants(a.at, b.at) || a.sequence - b.sequence) < 0;
}
