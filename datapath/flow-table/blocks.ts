import { grownInt32, roomFor } from './grown.ts';

/**
 * Room in one array of words, taken and given back by the block. A block given back is taken again for one of the same length: in a
 * flow table lengths are few and recur.
 */
export class Blocks {
  /** Replaced when it grows. Blocks stay where they are. */
  words = new Int32Array(64);
  /** Words ever taken: all beyond are untouched. */
  #used = 0;
  /** By length, the block given back last, whose first word names the one given back before it (-1: none). */
  readonly #free = new Map<number, number>();

  /** A block of so many words, at least one; their values are anyone's. Returns where it begins. */
  take(length: number): number {
    const freed = this.#free.get(length) ?? -1;
    if (freed >= 0) {
      this.#free.set(length, this.words[freed] ?? -1);
      return freed;
    }
    const at = this.#used;
    this.#used += length;
    if (this.#used > this.words.length) this.words = grownInt32(this.words, roomFor(this.#used));
    return at;
  }

  /** Gives a block back; its first word is no longer what it was, the others are until it is taken again. */
  free(at: number, length: number): void {
    this.words[at] = this.#free.get(length) ?? -1;
    this.#free.set(length, at);
  }
}
