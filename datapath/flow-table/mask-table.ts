import type { Fields } from '../../simulation/packet/fields.ts';
import { KEY_WORDS, maskOf, WORD } from '../../simulation/packet/key-layout.ts';
import { ROW_WORDS } from './flow-rows.ts';

const FEWEST_SLOTS = 16;

const IPV6 = 0x86dd;

/**
 * The words that only IPv6 fills. A mask that touches them touches the ethertype too (IP_SRC, IP_DST carry it), so they need
 * not be looked at when the key's ethertype is another.
 */
const WIDE = new Set([1, 2, 3].flatMap((n) => [WORD.ipSrc + n, WORD.ipDst + n]));

/**
 * The flows of one mask, by a hash of what the mask leaves of a key: one tuple of a tuple space search.
 *
 * Open addressing with linear probing, at most half full; a removal moves the followers up, so that there are no tombstones.
 * A slot has a print, a few bits of the hash, in an array so small that it mostly stays in the processor's caches: a key that is
 * not there is told by it alone. Only the words that the mask touches are hashed and compared.
 *
 * @see Srinivasan, Suri, Varghese: Packet Classification using Tuple Space Search, SIGCOMM 1999
 */
export class MaskTable {
  /** Its number among the masks of the flow table. */
  readonly number: number;
  /** The fields that are exact. */
  readonly fields: Fields;
  readonly mask: Uint32Array;
  /** Lookups it answered, lately: the more, the earlier it is asked. */
  hits = 0;
  size = 0;
  /** The words of a key that the mask touches, {@link WIDE} ones last; the bits it leaves of each; what each is hashed by. */
  readonly #places: Int32Array;
  readonly #bits: Int32Array;
  readonly #factors: Int32Array;
  /** How many of the places are not wide. */
  readonly #narrow: number;
  /** Of each slot, 0 when it is empty, else {@link printOf}. */
  #prints = new Uint8Array(FEWEST_SLOTS);
  #flows = new Int32Array(FEWEST_SLOTS);
  #hashes = new Int32Array(FEWEST_SLOTS);
  #lastSlot = FEWEST_SLOTS - 1;

  constructor(number: number, fields: Fields) {
    this.number = number;
    this.fields = fields;
    this.mask = maskOf(fields);
    const touched = [...this.mask.keys()].filter((place) => this.mask[place] !== 0);
    const narrow = touched.filter((place) => !WIDE.has(place));
    this.#narrow = narrow.length;
    this.#places = Int32Array.from([...narrow, ...touched.filter((place) => WIDE.has(place))]);
    this.#bits = this.#places.map((place) => this.mask[place] ?? 0);
    this.#factors = this.#places.map((place) => (Math.imul(place + 1, 0x9e37_79b1) ^ 0x85eb_ca6b) | 1);
  }

  /** Whether the key that begins at `at` is, under the mask, the one in the row of the flow. */
  matches(words: Uint32Array, at: number, rows: Int32Array, flow: number): boolean {
    const places = this.#places;
    const bits = this.#bits;
    const count = this.#countFor(words, at);
    const row = flow * ROW_WORDS;
    for (let n = 0; n < count; n++) {
      const place = places[n] ?? 0;
      if (((words[at + place] ?? 0) & (bits[n] ?? 0)) !== (rows[row + place] ?? 0)) return false;
    }
    return true;
  }

  /** The flow of the key that begins at `at`; -1 when there is none. */
  find(words: Uint32Array, at: number, rows: Int32Array): number {
    const hash = this.#hash(words, at);
    const prints = this.#prints;
    const last = this.#lastSlot;
    const wanted = printOf(hash);
    for (let slot = hash & last; ; slot = (slot + 1) & last) {
      const print = prints[slot] ?? 0;
      if (print === 0) return -1;
      if (print !== wanted) continue;
      const flow = this.#flows[slot] ?? -1;
      if (this.matches(words, at, rows, flow)) return flow;
    }
  }

  /** Takes a flow in: writes the key, masked, into its row. There must be no flow of that key. */
  add(key: Uint32Array, rows: Int32Array, flow: number): void {
    const row = flow * ROW_WORDS;
    for (let place = 0; place < KEY_WORDS; place++) rows[row + place] = (key[place] ?? 0) & (this.mask[place] ?? 0);
    if (++this.size * 2 > this.#lastSlot) this.#grow();
    this.#put(this.#hash(key, 0), flow);
  }

  /** Lets a flow go. Its row must still hold its key. */
  remove(rows: Uint32Array, flow: number): void {
    const flows = this.#flows;
    const hashes = this.#hashes;
    const prints = this.#prints;
    const last = this.#lastSlot;
    let hole = this.#hash(rows, flow * ROW_WORDS) & last;
    while (prints[hole] === 0 || flows[hole] !== flow) hole = (hole + 1) & last;
    for (let slot = (hole + 1) & last; prints[slot] !== 0; slot = (slot + 1) & last) {
      const home = (hashes[slot] ?? 0) & last;
      if (((slot - home) & last) < ((slot - hole) & last)) continue; // it would come to lie before its home
      prints[hole] = prints[slot] ?? 0;
      hashes[hole] = hashes[slot] ?? 0;
      flows[hole] = flows[slot] ?? 0;
      hole = slot;
    }
    prints[hole] = 0;
    if (--this.size === 0 && last >= FEWEST_SLOTS) this.#resize(FEWEST_SLOTS);
  }

  /** How many of the places are of concern to this key. */
  #countFor(words: Uint32Array, at: number): number {
    return ((words[at + WORD.tunnelTosTtlEtherType] ?? 0) & 0xffff) === IPV6 ? this.#places.length : this.#narrow;
  }

  #hash(words: Uint32Array, at: number): number {
    const places = this.#places;
    const bits = this.#bits;
    const factors = this.#factors;
    const count = this.#countFor(words, at);
    let hash = 0;
    for (let n = 0; n < count; n++) {
      const word = (words[at + (places[n] ?? 0)] ?? 0) & (bits[n] ?? 0);
      // Fields often lie in the upper half of a word: without the fold, only half a hash would come of them.
      hash ^= Math.imul(word ^ (word >>> 15), factors[n] ?? 0);
    }
    hash = Math.imul(hash ^ (hash >>> 16), 0x7feb_352d);
    return hash ^ (hash >>> 15);
  }

  #put(hash: number, flow: number): void {
    let slot = hash & this.#lastSlot;
    while (this.#prints[slot] !== 0) slot = (slot + 1) & this.#lastSlot;
    this.#prints[slot] = printOf(hash);
    this.#hashes[slot] = hash;
    this.#flows[slot] = flow;
  }

  #grow(): void {
    const [prints, hashes, flows] = [this.#prints, this.#hashes, this.#flows];
    this.#resize((this.#lastSlot + 1) * 2);
    for (let slot = 0; slot < prints.length; slot++) {
      if (prints[slot] !== 0) this.#put(hashes[slot] ?? 0, flows[slot] ?? 0);
    }
  }

  #resize(slots: number): void {
    this.#prints = new Uint8Array(slots);
    this.#hashes = new Int32Array(slots);
    this.#flows = new Int32Array(slots);
    this.#lastSlot = slots - 1;
  }
}

/** The upper seven bits of a hash, and 1: never 0. The lower bits choose the slot. */
function printOf(hash: number): number {
  return (hash >>> 25) + 1;
}
