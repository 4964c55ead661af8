import { KEY_WORDS } from '../../simulation/packet/key-layout.ts';
import type { Millis } from '../../topology/model/time.ts';

/** Words of 32 bits in a row: two cache lines of 64 octets. */
export const ROW_WORDS = 32;
const ROW_DOUBLES = ROW_WORDS / 2;

/** What lies behind the masked key in a row, by word. */
const MASK = KEY_WORDS + 4;
const MTU = KEY_WORDS + 5;
const LIFETIME = KEY_WORDS + 6;
const PACKETS = KEY_WORDS + 7;
/** The same, by double. */
const EXPIRY = KEY_WORDS / 2;
const BYTES = KEY_WORDS / 2 + 1;

const NO_LIMIT = 0x7fff_ffff;

/** The columns of a new row, apart from its key. */
interface Row {
  readonly mask: number;
  readonly mtu: number;
  readonly lifetime: number;
  readonly expiry: number;
}

/**
 * What a lookup needs of each flow, side by side: masked key, expiry, MTU, mask, lifetime and counters, in 128 octets.
 *
 * Rows are handed out by {@link take} and come back by {@link free}; a free row has expired for ever, so that a stale hint to
 * it finds nothing.
 */
export class FlowRows {
  /** Rows of {@link ROW_WORDS} words; each begins with the key under the mask. Replaced when it grows. */
  words: Int32Array;
  /** The same words without sign. Replaced when it grows. */
  unsigned: Uint32Array;
  #doubles: Float64Array;
  readonly #limit: number;
  /** Rows ever handed out: all beyond are untouched. */
  #used = 0;
  /** The row freed last, which names the one freed before it; -1 for none. */
  #free = -1;

  /** @param limit how many rows there may be at most */
  constructor(limit: number) {
    this.#limit = limit;
    const buffer = new ArrayBuffer(Math.min(limit, 1024) * ROW_WORDS * 4);
    this.words = new Int32Array(buffer);
    this.unsigned = new Uint32Array(buffer);
    this.#doubles = new Float64Array(buffer);
  }

  /** How many rows there is room for before the next growth. */
  get capacity(): number {
    return this.words.length / ROW_WORDS;
  }

  /** A row for a new flow; -1 when there is none left. */
  take({ mask, mtu, lifetime, expiry }: Row): number {
    let flow = this.#free;
    if (flow >= 0) {
      this.#free = this.words[flow * ROW_WORDS] ?? -1;
    } else {
      if (this.#used === this.#limit) return -1;
      if (this.#used === this.capacity) this.#grow();
      flow = this.#used++;
    }
    const row = flow * ROW_WORDS;
    this.words[row + MASK] = mask;
    this.words[row + MTU] = Math.min(mtu, NO_LIMIT);
    this.words[row + LIFETIME] = lifetime;
    this.words[row + PACKETS] = 0;
    this.#doubles[flow * ROW_DOUBLES + EXPIRY] = expiry;
    this.#doubles[flow * ROW_DOUBLES + BYTES] = 0;
    return flow;
  }

  free(flow: number): void {
    this.#doubles[flow * ROW_DOUBLES + EXPIRY] = -Infinity;
    this.words[flow * ROW_WORDS] = this.#free;
    this.#free = flow;
  }

  /** Whether the flow may serve an IP packet of this length (0: no IP) at this time. */
  isOpen(flow: number, ipLength: number, now: Millis): boolean {
    return (
      (this.#doubles[flow * ROW_DOUBLES + EXPIRY] ?? 0) > now && ipLength <= (this.words[flow * ROW_WORDS + MTU] ?? 0)
    );
  }

  /** A copy of the masked key. */
  keyOf(flow: number): Uint32Array {
    return this.unsigned.slice(flow * ROW_WORDS, flow * ROW_WORDS + KEY_WORDS);
  }

  maskOf(flow: number): number {
    return this.words[flow * ROW_WORDS + MASK] ?? 0;
  }

  mtuOf(flow: number): number {
    const mtu = this.words[flow * ROW_WORDS + MTU] ?? 0;
    return mtu === NO_LIMIT ? Infinity : mtu;
  }

  lifetimeOf(flow: number): number {
    return this.words[flow * ROW_WORDS + LIFETIME] ?? 0;
  }

  expiryOf(flow: number): number {
    return this.#doubles[flow * ROW_DOUBLES + EXPIRY] ?? 0;
  }

  count(flow: number, bytes: number): void {
    const packets = flow * ROW_WORDS + PACKETS;
    this.words[packets] = (this.words[packets] ?? 0) + 1;
    const sum = flow * ROW_DOUBLES + BYTES;
    this.#doubles[sum] = (this.#doubles[sum] ?? 0) + bytes;
  }

  packetsOf(flow: number): number {
    return (this.words[flow * ROW_WORDS + PACKETS] ?? 0) >>> 0;
  }

  bytesOf(flow: number): number {
    return this.#doubles[flow * ROW_DOUBLES + BYTES] ?? 0;
  }

  #grow(): void {
    const buffer = new ArrayBuffer(Math.min(this.#limit, this.capacity * 2) * ROW_WORDS * 4);
    const words = new Int32Array(buffer);
    words.set(this.words);
    this.words = words;
    this.unsigned = new Uint32Array(buffer);
    this.#doubles = new Float64Array(buffer);
  }
}
