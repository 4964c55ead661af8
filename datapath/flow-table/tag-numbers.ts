import type { Tag } from '../../simulation/tag.ts';
import { grownFloat64, roomFor } from './grown.ts';

/**
 * Gives each tag in use a small number, and takes it back when the tag is no longer in use.
 *
 * Open addressing with linear probing, at most two thirds full: 8 octets for each tag, and 6 to 12 for its slots.
 */
export class TagNumbers {
  #tags = new Float64Array(16);
  /** One more than the number of a tag in each slot. */
  #slots = new Int32Array(32);
  /** Numbers ever given: all beyond are untouched. */
  #used = 0;
  /** The number freed last, whose place names the one freed before it; -1 for none. */
  #free = -1;
  size = 0;

  /** Numbers are below this. */
  get room(): number {
    return this.#tags.length;
  }

  /** The number of a tag; -1 when it has none. */
  find(tag: Tag): number {
    const last = this.#slots.length - 1;
    for (let slot = home(tag) & last; ; slot = (slot + 1) & last) {
      const number = (this.#slots[slot] ?? 0) - 1;
      if (number < 0 || this.#tags[number] === tag) return number;
    }
  }

  /** The number of a tag, which it now has if it had none. */
  enter(tag: Tag): number {
    const known = this.find(tag);
    if (known >= 0) return known;
    let number = this.#free;
    if (number >= 0) {
      this.#free = this.#tags[number] ?? -1;
    } else {
      number = this.#used++;
      if (number === this.#tags.length) this.#tags = grownFloat64(this.#tags, roomFor(number + 1));
    }
    this.#tags[number] = tag;
    if (++this.size * 3 > this.#slots.length * 2) this.#grow();
    this.#put(number, tag);
    return number;
  }

  tagOf(number: number): Tag {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only tags are entered
    return (this.#tags[number] ?? 0) as Tag;
  }

  free(number: number): void {
    const slots = this.#slots;
    const last = slots.length - 1;
    let hole = home(this.#tags[number] ?? 0) & last;
    while (slots[hole] !== number + 1) hole = (hole + 1) & last;
    for (let slot = (hole + 1) & last; slots[slot] !== 0; slot = (slot + 1) & last) {
      const wanted = home(this.#tags[(slots[slot] ?? 0) - 1] ?? 0) & last;
      if (((slot - wanted) & last) < ((slot - hole) & last)) continue; // it would come to lie before its home
      slots[hole] = slots[slot] ?? 0;
      hole = slot;
    }
    slots[hole] = 0;
    this.#tags[number] = this.#free;
    this.#free = number;
    this.size--;
  }

  #put(number: number, tag: number): void {
    const last = this.#slots.length - 1;
    let slot = home(tag) & last;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & last;
    this.#slots[slot] = number + 1;
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Int32Array(old.length * 2);
    for (const slot of old) if (slot > 0) this.#put(slot - 1, this.#tags[slot - 1] ?? 0);
  }
}

function home(tag: number): number {
  const mixed = Math.imul((tag | 0) ^ (tag / 2 ** 32), 0x9e37_79b1);
  return mixed ^ (mixed >>> 15);
}
