import type { Resolution } from './capture-interface.ts';

const NANOS = 1_000_000_000;
/** Beyond it, a reading in milliseconds is no exact number any more: about 285,000 years from 1970. */
const FARTHEST_SECONDS = 9_007_199_254_740;

/**
 * Reads 64-bit counts of ticks of any resolution, handed over as two 32-bit words. It is exact to the nanosecond
 * (finer ticks are rounded down). The reading is in `seconds` and `nanos`, so that no object is made for it.
 *
 * @see draft-ietf-opsawg-pcapng, section 4.2 (if_tsresol, if_tsoffset) and 4.3 (the two words)
 */
export class TickClock {
  seconds = 0;
  nanos = 0;
  readonly #ticksPerSecond: number;
  readonly #nanosPerTick: number;
  readonly #resolution: Resolution;
  readonly #offsetSeconds: number;
  readonly #isPlain: boolean;

  /** @param offsetSeconds added to every reading: a safe integer, may be negative */
  constructor(resolution: Resolution, offsetSeconds: number) {
    this.#resolution = resolution;
    this.#offsetSeconds = offsetSeconds;
    this.#ticksPerSecond = resolution.base ** resolution.exponent;
    this.#nanosPerTick = NANOS / this.#ticksPerSecond;
    // Where the long division below, and the product of remainder and nanosPerTick, stay within 53 bits.
    this.#isPlain = resolution.base === 10 ? resolution.exponent <= 9 : resolution.exponent <= 23;
  }

  /** Takes a count of ticks; false if it lies beyond the calendar: then the reading means nothing. */
  read(high: number, low: number): boolean {
    if (this.#isPlain) this.#divide(high, low);
    else this.#divideLong(high, low);
    this.seconds += this.#offsetSeconds;
    return Math.abs(this.seconds) <= FARTHEST_SECONDS;
  }

  /** Long division, 16 bits at a time: every intermediate value stays below 2^46. */
  #divide(high: number, low: number): void {
    const divisor = this.#ticksPerSecond;
    const q2 = Math.floor(high / divisor);
    const rest2 = (high - q2 * divisor) * 0x1_0000 + (low >>> 16);
    const q1 = Math.floor(rest2 / divisor);
    const rest1 = (rest2 - q1 * divisor) * 0x1_0000 + (low & 0xffff);
    const q0 = Math.floor(rest1 / divisor);
    this.seconds = q2 * 0x1_0000_0000 + q1 * 0x1_0000 + q0;
    this.nanos = Math.floor((rest1 - q0 * divisor) * this.#nanosPerTick);
  }

  #divideLong(high: number, low: number): void {
    const ticks = (BigInt(high) << 32n) | BigInt(low);
    const ticksPerSecond = BigInt(this.#resolution.base) ** BigInt(this.#resolution.exponent);
    this.seconds = Number(ticks / ticksPerSecond);
    this.nanos = Number(((ticks % ticksPerSecond) * BigInt(NANOS)) / ticksPerSecond);
  }
}
