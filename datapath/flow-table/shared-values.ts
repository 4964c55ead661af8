import { grownInt32 } from './grown.ts';

/** How values of a type are told apart. */
export interface Likeness<T> {
  /** An integer; equal for equal values. */
  hash(value: T): number;
  equals(a: T, b: T): boolean;
}

/** Sequences of integers, alike when they hold the same numbers in the same order. */
export const SEQUENCES: Likeness<readonly number[]> = {
  hash: (numbers) => {
    let hash = numbers.length;
    for (const n of numbers) hash = Math.imul(hash ^ n, 0x85eb_ca6b) ^ (hash >>> 15);
    return hash;
  },
  equals: (a, b) => {
    if (a.length !== b.length) return false;
    for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false;
    return true;
  },
};

/** Words for each value: its hash, how often it is held, and the next in its bucket or in the free list (-1: none). */
const [HASH, HOLDERS, NEXT, WORDS] = [0, 1, 2, 3];

/**
 * Values kept once, however many hold them: a holder has a small number instead. A value that nobody holds is forgotten,
 * and its number given to another.
 */
export class SharedValues<T> {
  readonly #likeness: Likeness<T>;
  #values: (T | undefined)[] = [];
  #records = new Int32Array(16 * WORDS);
  #buckets = new Int32Array(16).fill(-1);
  #free = -1;
  size = 0;

  constructor(likeness: Likeness<T>) {
    this.#likeness = likeness;
  }

  /** The number of a value that somebody holds; -1 when nobody does. */
  find(value: T): number {
    const hash = this.#likeness.hash(value);
    let at = this.#buckets[hash & (this.#buckets.length - 1)] ?? -1;
    while (at >= 0) {
      const held = this.#values[at];
      if (this.#records[at * WORDS + HASH] === hash && held !== undefined && this.#likeness.equals(held, value))
        return at;
      at = this.#records[at * WORDS + NEXT] ?? -1;
    }
    return -1;
  }

  /** Holds a value, once more: its number. The value must not change from now on. */
  hold(value: T): number {
    const at = this.find(value);
    return this.holdAgain(at < 0 ? this.#add(value) : at);
  }

  /** As {@link hold}, of the value that has this number. */
  holdAgain(at: number): number {
    const holders = at * WORDS + HOLDERS;
    this.#records[holders] = (this.#records[holders] ?? 0) + 1;
    return at;
  }

  /** Lets go of a value; true when nobody holds it any more. */
  release(at: number): boolean {
    const holders = (this.#records[at * WORDS + HOLDERS] ?? 0) - 1;
    this.#records[at * WORDS + HOLDERS] = holders;
    if (holders > 0) return false;
    const bucket = (this.#records[at * WORDS + HASH] ?? 0) & (this.#buckets.length - 1);
    const next = this.#records[at * WORDS + NEXT] ?? -1;
    if (this.#buckets[bucket] === at) {
      this.#buckets[bucket] = next;
    } else {
      let before = this.#buckets[bucket] ?? -1;
      while (this.#records[before * WORDS + NEXT] !== at) before = this.#records[before * WORDS + NEXT] ?? -1;
      this.#records[before * WORDS + NEXT] = next;
    }
    this.#values[at] = undefined;
    this.#records[at * WORDS + NEXT] = this.#free;
    this.#free = at;
    this.size--;
    return true;
  }

  /** @throws RangeError when nobody holds a value of this number */
  valueOf(at: number): T {
    const value = this.#values[at];
    if (value === undefined) throw new RangeError(`no value ${at}`);
    return value;
  }

  #add(value: T): number {
    let at = this.#free;
    if (at >= 0) {
      this.#free = this.#records[at * WORDS + NEXT] ?? -1;
    } else {
      at = this.#values.length;
      if (at === this.#buckets.length) this.#grow();
    }
    this.#values[at] = value;
    const hash = this.#likeness.hash(value);
    this.#records[at * WORDS + HASH] = hash;
    this.#records[at * WORDS + HOLDERS] = 0;
    this.#enlist(at, hash);
    this.size++;
    return at;
  }

  #enlist(at: number, hash: number): void {
    const bucket = hash & (this.#buckets.length - 1);
    this.#records[at * WORDS + NEXT] = this.#buckets[bucket] ?? -1;
    this.#buckets[bucket] = at;
  }

  #grow(): void {
    const room = this.#buckets.length * 2;
    this.#records = grownInt32(this.#records, room * WORDS);
    this.#buckets = new Int32Array(room).fill(-1);
    for (let at = 0; at < this.#values.length; at++) this.#enlist(at, this.#records[at * WORDS + HASH] ?? 0);
  }
}
