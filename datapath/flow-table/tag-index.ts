import type { Tag } from '../../simulation/tag.ts';
import type { Millis } from '../../topology/model/time.ts';
import { CarrierLists } from './carrier-lists.ts';
import { grownInt32 } from './grown.ts';
import { TagNumbers } from './tag-numbers.ts';

/** Told when the last flow that carried a tag has gone. */
export type GoneListener = (now: Millis) => void;

/** Flows that must carry a tag before it is put into bundles. */
const COMMON = 16;
/** Bundles there may be before any is used twice. */
const FIRST_BUNDLES = 256;

/**
 * Which flows carry which tags.
 *
 * Flows of one network have most of their tags in common: ports, devices, routes. So the common tags of the first half of a flow's
 * way, and those of the second, are bundled. A bundle is a tag of the index's own making: it has a number as tags have, flows carry
 * it instead of what is in it, and it carries these in turn.
 *
 * A flow costs 8 octets, 12 for each bundle and 12 for each tag that is in none; a tag 22 to 28, however many flows carry it.
 */
export class TagIndex {
  /** Tags have numbers; and bundles, under keys below zero. */
  readonly #numbers = new TagNumbers();
  /** Who carries which number: flows by their index, bundles by the complement of their number. */
  readonly #lists = new CarrierLists();
  /** How many flows carry each number, themselves or in a bundle. Complemented while a flow is taken in that carries it. */
  #counts = new Int32Array(0);
  /** The block of each flow. */
  #blocks = new Int32Array(0);
  /** The block of each bundle, by its number. */
  readonly #bundles = new Map<number, number>();
  /** The numbers of the tags of the flow that is taken in; -1 for one that needs nothing more. */
  #entered = new Int32Array(32);
  /** How many times flows carry bundles. */
  #uses = 0;
  readonly #listeners = new Map<Tag, GoneListener[]>();

  /** Makes room for so many flows. */
  reserve(flows: number): void {
    this.#blocks = grownInt32(this.#blocks, flows);
  }

  /** How many flows carry the tag. */
  carriersOf(tag: Tag): number {
    const number = this.#numbers.find(tag);
    return number < 0 ? 0 : (this.#counts[number] ?? 0);
  }

  /** One of the flows that carry the tag, always the same of equal histories; -1 when none does. */
  anyCarrier(tag: Tag): number {
    const number = this.#numbers.find(tag);
    if (number < 0) return -1;
    const carrier = this.#lists.lastCarrier(number);
    return carrier >= 0 ? carrier : this.#lists.lastCarrier(~carrier);
  }

  /** The tags of a flow, in ascending order. */
  tagsOf(flow: number): readonly Tag[] {
    const tags: Tag[] = [];
    const gather = (block: number): void => {
      for (let link = block; link >= 0; link = this.#lists.after(link)) {
        const number = this.#lists.numberOf(link);
        const bundle = this.#bundles.get(number);
        if (bundle === undefined) tags.push(this.#numbers.tagOf(number));
        else gather(bundle);
      }
    };
    gather(this.#blocks[flow] ?? -1);
    return tags.toSorted((a, b) => a - b);
  }

  /** Keeps the listener until the last carrier goes; false, and it is not kept, when no flow carries the tag. */
  watch(tag: Tag, listener: GoneListener): boolean {
    if (this.carriersOf(tag) === 0) return false;
    const listeners = this.#listeners.get(tag);
    if (listeners === undefined) this.#listeners.set(tag, [listener]);
    else listeners.push(listener);
    return true;
  }

  /** The tags that are watched, each with how many listeners it has. */
  *watched(): Generator<readonly [Tag, number], void> {
    for (const [tag, listeners] of this.#listeners) yield [tag, listeners.length];
  }

  /** Takes in a flow that carries these tags; one named twice counts once. */
  add(flow: number, tags: readonly Tag[]): void {
    const { length } = tags;
    if (this.#entered.length < length) this.#entered = new Int32Array(length);
    for (let n = 0; n < length; n++) this.#entered[n] = this.#enterOnce(tags[n]);
    const carried: number[] = [];
    for (let n = 0; n < length; n++) {
      const number = this.#entered[n] ?? -1;
      if (number < 0) continue;
      const count = ~(this.#counts[number] ?? 0);
      this.#counts[number] = count;
      if (count > COMMON) continue;
      carried.push(number);
      this.#entered[n] = -1;
    }
    this.#bundle(0, length >>> 1, carried);
    this.#bundle(length >>> 1, length, carried);
    this.#blocks[flow] = this.#lists.add(flow, carried);
  }

  /** Lets a flow go. The listeners of tags that no flow carries any more are appended to `gone`, and kept no longer. */
  remove(flow: number, gone: GoneListener[]): void {
    const block = this.#blocks[flow] ?? -1;
    for (let link = block; link >= 0; link = this.#lists.after(link)) {
      const number = this.#lists.numberOf(link);
      const bundle = this.#bundles.get(number);
      if (bundle === undefined) this.#leave(number, gone);
      else this.#leaveBundle(number, bundle, gone);
    }
    this.#lists.remove(block);
  }

  /** The number of a tag, or of the key of a bundle, which it now has if it had none. */
  #enter(tag: Tag): number {
    const number = this.#numbers.enter(tag);
    if (number >= this.#counts.length) {
      this.#counts = grownInt32(this.#counts, this.#numbers.room);
      this.#lists.reserve(this.#numbers.room);
    }
    return number;
  }

  /** The number of a tag that one flow more carries; -1 when this was said before of the same flow. */
  #enterOnce(tag: Tag | undefined): number {
    if (tag === undefined) return -1;
    const number = this.#enter(tag);
    const count = this.#counts[number] ?? 0;
    if (count < 0) return -1;
    this.#counts[number] = ~(count + 1);
    return number;
  }

  /** Appends the tags entered from one place to another, that are left, to what a flow carries: as a bundle if that pays. */
  #bundle(from: number, to: number, carried: number[]): void {
    const first = carried.length;
    for (let n = from; n < to; n++) {
      const number = this.#entered[n] ?? -1;
      if (number >= 0) carried.push(number);
    }
    if (carried.length - first < 2) return;
    const key = keyOf(carried, first);
    let bundle = this.#numbers.find(key);
    if (bundle >= 0) {
      if (!this.#lists.carries(this.#bundles.get(bundle) ?? -1, carried, first)) return;
    } else {
      // A bundle costs as much as it saves in two flows: where no two have the same, there are few.
      if (this.#bundles.size >= FIRST_BUNDLES + this.#uses / 2) return;
      bundle = this.#enter(key);
      this.#bundles.set(bundle, this.#lists.add(~bundle, carried, first));
    }
    this.#uses++;
    this.#counts[bundle] = (this.#counts[bundle] ?? 0) + 1;
    carried.length = first;
    carried.push(bundle);
  }

  /** One flow fewer carries the bundle, and what is in it. */
  #leaveBundle(bundle: number, block: number, gone: GoneListener[]): void {
    this.#uses--;
    for (let link = block; link >= 0; link = this.#lists.after(link)) this.#leave(this.#lists.numberOf(link), gone);
    const count = (this.#counts[bundle] ?? 0) - 1;
    this.#counts[bundle] = count;
    if (count > 0) return;
    this.#lists.remove(block);
    this.#bundles.delete(bundle);
    this.#numbers.free(bundle);
  }

  /** One flow fewer carries the tag. */
  #leave(number: number, gone: GoneListener[]): void {
    const count = (this.#counts[number] ?? 0) - 1;
    this.#counts[number] = count;
    if (count > 0) return;
    const tag = this.#numbers.tagOf(number);
    this.#numbers.free(number);
    const listeners = this.#listeners.get(tag);
    if (listeners === undefined) return;
    this.#listeners.delete(tag);
    for (const listener of listeners) gone.push(listener);
  }
}

/** The key of the bundle of these numbers, from `from` on: below zero, where no tag is. Of two that share it only one is made. */
function keyOf(numbers: readonly number[], from: number): Tag {
  let hash = numbers.length - from;
  for (let n = from; n < numbers.length; n++) hash = Math.imul(hash ^ (numbers[n] ?? 0) ^ (hash >>> 15), 0x85eb_ca6b);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- for TagNumbers only, which takes any integer
  return (-1 - (hash >>> 0)) as Tag;
}
