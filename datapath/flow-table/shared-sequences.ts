import { Blocks } from './blocks.ts';

/** The words before those of a sequence: the next in its bucket (-1: none), how often it is held, how many words it has. */
const [NEXT, HOLDERS, LENGTH, HEAD] = [0, 1, 2, 3];

/**
 * Sequences of 32-bit integers, kept once, however many hold them: a holder has a small number instead. A sequence that nobody
 * holds is forgotten, and its number given to another.
 *
 * All lie in one array. Beyond its words a sequence costs 16 to 20 octets, and there is nothing for a collector to look at, be
 * there millions.
 */
export class SharedSequences {
  readonly #blocks = new Blocks();
  #buckets = new Int32Array(16).fill(-1);
  /** How many there are. */
  size = 0;

  /** A sequence lies here from its number on. Replaced when it grows. */
  get words(): Int32Array {
    return this.#blocks.words;
  }

  /** Holds a sequence, once more: its number. Copied. */
  hold(sequence: readonly number[]): number {
    let at = this.find(sequence);
    if (at < 0) at = this.#add(sequence);
    this.words[at - HEAD + HOLDERS] = (this.words[at - HEAD + HOLDERS] ?? 0) + 1;
    return at;
  }

  /** The number of a sequence that somebody holds; -1 when nobody does. */
  find(sequence: readonly number[]): number {
    const { words } = this;
    let at = this.#buckets[this.#bucketOf(sequence, 0, sequence.length)] ?? -1;
    while (at >= 0 && !this.#isAt(at, sequence)) at = words[at - HEAD + NEXT] ?? -1;
    return at;
  }

  /** Lets go of a sequence. */
  release(at: number): void {
    const { words } = this;
    const holders = (words[at - HEAD + HOLDERS] ?? 0) - 1;
    words[at - HEAD + HOLDERS] = holders;
    if (holders > 0) return;
    const length = this.lengthAt(at);
    const bucket = this.#bucketOf(words, at, length);
    const next = words[at - HEAD + NEXT] ?? -1;
    let before = this.#buckets[bucket] ?? -1;
    if (before === at) {
      this.#buckets[bucket] = next;
    } else {
      while (words[before - HEAD + NEXT] !== at) before = words[before - HEAD + NEXT] ?? -1;
      words[before - HEAD + NEXT] = next;
    }
    this.#blocks.free(at - HEAD, HEAD + length);
    this.size--;
  }

  /** How many words a sequence has. */
  lengthAt(at: number): number {
    return this.words[at - HEAD + LENGTH] ?? 0;
  }

  /**
   * A copy of a sequence.
   *
   * @throws RangeError when nobody holds one of this number
   */
  valueOf(at: number): readonly number[] {
    const { words } = this;
    if (!((words[at - HEAD + HOLDERS] ?? 0) > 0)) throw new RangeError(`no sequence ${at}`);
    const value: number[] = [];
    for (let n = 0; n < this.lengthAt(at); n++) value.push(words[at + n] ?? 0);
    return value;
  }

  #isAt(at: number, sequence: readonly number[]): boolean {
    const { words } = this;
    if (this.lengthAt(at) !== sequence.length) return false;
    for (let n = 0; n < sequence.length; n++) if (words[at + n] !== ((sequence[n] ?? 0) | 0)) return false;
    return true;
  }

  #add(sequence: readonly number[]): number {
    if (++this.size > this.#buckets.length) this.#grow();
    const at = this.#blocks.take(HEAD + sequence.length) + HEAD;
    const { words } = this;
    words[at - HEAD + HOLDERS] = 0;
    words[at - HEAD + LENGTH] = sequence.length;
    for (let n = 0; n < sequence.length; n++) words[at + n] = sequence[n] ?? 0;
    this.#enlist(at);
    return at;
  }

  #enlist(at: number): void {
    const bucket = this.#bucketOf(this.words, at, this.lengthAt(at));
    this.words[at - HEAD + NEXT] = this.#buckets[bucket] ?? -1;
    this.#buckets[bucket] = at;
  }

  #grow(): void {
    const { words } = this;
    const old = this.#buckets;
    this.#buckets = new Int32Array(old.length * 2).fill(-1);
    for (const first of old) {
      for (let at = first, next = -1; at >= 0; at = next) {
        next = words[at - HEAD + NEXT] ?? -1;
        this.#enlist(at);
      }
    }
  }

  #bucketOf(words: ArrayLike<number>, from: number, length: number): number {
    let hash = length;
    for (let n = from; n < from + length; n++) hash = Math.imul(hash ^ (words[n] ?? 0), 0x85eb_ca6b) ^ (hash >>> 15);
    return (hash ^ (hash >>> 16)) & (this.#buckets.length - 1);
  }
}
