import type { Tag } from '../../simulation/tag.ts';
import type { Millis } from '../../topology/model/time.ts';
import { grownInt32 } from './grown.ts';
import { SEQUENCES, SharedValues } from './shared-values.ts';
import { TagNumbers } from './tag-numbers.ts';

/** Told when the last flow that carried a tag has gone. */
export type GoneListener = (now: Millis) => void;

/** Words for each tag: how many flows carry it, its first link (-1: none), the insertion that met it last. */
const [CARRIERS, FIRST, MET, TAG_WORDS] = [0, 1, 2, 3];

/**
 * Words for each link of a tag to a flow: the tag's number, its neighbours among the links of the tag (-1: none), and the next
 * link of the flow, or ~flow at the last. A free link names the next free one as AHEAD.
 */
const [TAG, AHEAD, BEHIND, OF_FLOW, LINK_WORDS] = [0, 1, 2, 3, 4];

/** Words for each flow: its first link or ~flow, its bundle or -1, its neighbours among the flows of the bundle (-1: none). */
const [LINK, BUNDLE, BEFORE, AFTER, FLOW_WORDS] = [0, 1, 2, 3, 4];

/**
 * Which flows carry which tags.
 *
 * Flows of one network have most of their tags in common: ports, devices, routes. Tags that many flows carry are bundled, and
 * a bundle that recurs is kept once; a flow has one link to its bundle, and one to each of its other tags. In between, all is
 * doubly linked lists in typed arrays: 16 octets for each flow, 16 for each tag of its own, 28 to 36 for each distinct tag.
 */
export class TagIndex {
  readonly #numbers = new TagNumbers();
  #tags = new Int32Array(0);
  #links = new Int32Array(64 * LINK_WORDS);
  #linksUsed = 0;
  #freeLink = -1;
  #flows = new Int32Array(0);
  #size = 0;
  #insertion = 0;
  readonly #bundles = new SharedValues(SEQUENCES);
  /** The first flow of each bundle. */
  #firstOf = new Int32Array(16);
  /** The bundles that hold a tag, by its number. */
  readonly #bundlesOf = new Map<number, Set<number>>();
  readonly #listeners = new Map<Tag, GoneListener[]>();

  /** Makes room for so many flows. */
  reserve(flows: number): void {
    this.#flows = grownInt32(this.#flows, flows * FLOW_WORDS);
  }

  /** How many flows carry the tag. */
  carriersOf(tag: Tag): number {
    const number = this.#numbers.find(tag);
    return number < 0 ? 0 : this.#carriers(number);
  }

  /** One of the flows that carry the tag, always the same of equal histories; -1 when none does. */
  anyCarrier(tag: Tag): number {
    const number = this.#numbers.find(tag);
    if (number < 0) return -1;
    let link = this.#tags[number * TAG_WORDS + FIRST] ?? -1;
    if (link >= 0) {
      while (link >= 0) link = this.#links[link * LINK_WORDS + OF_FLOW] ?? -1;
      return ~link;
    }
    for (const bundle of this.#bundlesOf.get(number) ?? []) return this.#firstOf[bundle] ?? -1;
    return -1;
  }

  /** The tags of a flow, in ascending order. */
  tagsOf(flow: number): readonly Tag[] {
    const bundle = this.#flows[flow * FLOW_WORDS + BUNDLE] ?? -1;
    const numbers = bundle < 0 ? [] : [...this.#bundles.valueOf(bundle)];
    let link = this.#flows[flow * FLOW_WORDS + LINK] ?? -1;
    while (link >= 0) {
      numbers.push(this.#links[link * LINK_WORDS + TAG] ?? 0);
      link = this.#links[link * LINK_WORDS + OF_FLOW] ?? -1;
    }
    return numbers.map((number) => this.#numbers.tagOf(number)).toSorted((a, b) => a - b);
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
    this.#size++;
    this.#insertion = (this.#insertion + 1) | 0;
    const own: number[] = [];
    const common: number[] = [];
    const many = Math.max(32, this.#size >>> 8);
    for (const tag of tags) {
      const number = this.#enter(tag);
      if (this.#tags[number * TAG_WORDS + MET] === this.#insertion) continue;
      this.#tags[number * TAG_WORDS + MET] = this.#insertion;
      const carriers = this.#carriers(number) + 1;
      this.#tags[number * TAG_WORDS + CARRIERS] = carriers;
      (carriers > many ? common : own).push(number);
    }
    if (!this.#bundle(flow, common)) own.push(...common);
    let next = ~flow;
    for (const number of own) next = this.#link(number, next);
    this.#flows[flow * FLOW_WORDS + LINK] = next;
  }

  /** Lets a flow go. The listeners of tags that no flow carries any more are appended to `gone`, and kept no longer. */
  remove(flow: number, gone: GoneListener[]): void {
    this.#size--;
    const bundle = this.#flows[flow * FLOW_WORDS + BUNDLE] ?? -1;
    if (bundle >= 0) {
      const numbers = this.#bundles.valueOf(bundle);
      this.#unbundle(flow, bundle, numbers);
      for (const number of numbers) this.#release(number, gone);
    }
    let link = this.#flows[flow * FLOW_WORDS + LINK] ?? -1;
    while (link >= 0) {
      const next = this.#links[link * LINK_WORDS + OF_FLOW] ?? -1;
      const number = this.#links[link * LINK_WORDS + TAG] ?? 0;
      this.#unlink(link, number);
      this.#release(number, gone);
      link = next;
    }
  }

  #carriers(number: number): number {
    return this.#tags[number * TAG_WORDS + CARRIERS] ?? 0;
  }

  #enter(tag: Tag): number {
    const number = this.#numbers.enter(tag);
    this.#tags = grownInt32(this.#tags, this.#numbers.room * TAG_WORDS);
    if (this.#carriers(number) === 0) {
      this.#tags[number * TAG_WORDS + FIRST] = -1;
      this.#tags[number * TAG_WORDS + MET] = this.#insertion - 1;
    }
    return number;
  }

  /** One flow fewer carries the tag. */
  #release(number: number, gone: GoneListener[]): void {
    const carriers = this.#carriers(number) - 1;
    this.#tags[number * TAG_WORDS + CARRIERS] = carriers;
    if (carriers > 0) return;
    const tag = this.#numbers.tagOf(number);
    this.#numbers.free(number);
    const listeners = this.#listeners.get(tag);
    if (listeners === undefined) return;
    this.#listeners.delete(tag);
    for (const listener of listeners) gone.push(listener);
  }

  /** Links the tag to a flow whose next link, or ~flow, is `next`; returns the link. */
  #link(number: number, next: number): number {
    let link = this.#freeLink;
    if (link >= 0) {
      this.#freeLink = this.#links[link * LINK_WORDS + AHEAD] ?? -1;
    } else {
      link = this.#linksUsed++;
      if (this.#links.length === link * LINK_WORDS) {
        this.#links = grownInt32(this.#links, Math.ceil(link * 1.5) * LINK_WORDS);
      }
    }
    const first = this.#tags[number * TAG_WORDS + FIRST] ?? -1;
    this.#links[link * LINK_WORDS + TAG] = number;
    this.#links[link * LINK_WORDS + AHEAD] = -1;
    this.#links[link * LINK_WORDS + BEHIND] = first;
    this.#links[link * LINK_WORDS + OF_FLOW] = next;
    if (first >= 0) this.#links[first * LINK_WORDS + AHEAD] = link;
    this.#tags[number * TAG_WORDS + FIRST] = link;
    return link;
  }

  #unlink(link: number, number: number): void {
    const ahead = this.#links[link * LINK_WORDS + AHEAD] ?? -1;
    const behind = this.#links[link * LINK_WORDS + BEHIND] ?? -1;
    if (ahead < 0) this.#tags[number * TAG_WORDS + FIRST] = behind;
    else this.#links[ahead * LINK_WORDS + BEHIND] = behind;
    if (behind >= 0) this.#links[behind * LINK_WORDS + AHEAD] = ahead;
    this.#links[link * LINK_WORDS + AHEAD] = this.#freeLink;
    this.#freeLink = link;
  }

  /** Puts the flow among those of the bundle of these tags; false when a bundle would not pay. */
  #bundle(flow: number, numbers: readonly number[]): boolean {
    const at = flow * FLOW_WORDS;
    this.#flows[at + BUNDLE] = -1;
    if (numbers.length < 2) return false;
    let bundle = this.#bundles.find(numbers);
    const isNew = bundle < 0;
    // Where everything is bundled differently, bundles cost more than they save.
    if (isNew && this.#bundles.size >= 256 + (this.#size >>> 4)) return false;
    bundle = isNew ? this.#bundles.hold(numbers) : this.#bundles.holdAgain(bundle);
    if (isNew) this.#enlist(bundle, numbers);
    const first = this.#firstOf[bundle] ?? -1;
    this.#flows[at + BUNDLE] = bundle;
    this.#flows[at + BEFORE] = -1;
    this.#flows[at + AFTER] = first;
    if (first >= 0) this.#flows[first * FLOW_WORDS + BEFORE] = flow;
    this.#firstOf[bundle] = flow;
    return true;
  }

  #enlist(bundle: number, numbers: readonly number[]): void {
    if (bundle >= this.#firstOf.length) this.#firstOf = grownInt32(this.#firstOf, bundle * 2);
    this.#firstOf[bundle] = -1;
    for (const number of numbers) {
      const bundles = this.#bundlesOf.get(number);
      if (bundles === undefined) this.#bundlesOf.set(number, new Set([bundle]));
      else bundles.add(bundle);
    }
  }

  #unbundle(flow: number, bundle: number, numbers: readonly number[]): void {
    const before = this.#flows[flow * FLOW_WORDS + BEFORE] ?? -1;
    const after = this.#flows[flow * FLOW_WORDS + AFTER] ?? -1;
    if (before < 0) this.#firstOf[bundle] = after;
    else this.#flows[before * FLOW_WORDS + AFTER] = after;
    if (after >= 0) this.#flows[after * FLOW_WORDS + BEFORE] = before;
    if (!this.#bundles.release(bundle)) return;
    for (const number of numbers) {
      const bundles = this.#bundlesOf.get(number);
      bundles?.delete(bundle);
      if (bundles?.size === 0) this.#bundlesOf.delete(number);
    }
  }
}
