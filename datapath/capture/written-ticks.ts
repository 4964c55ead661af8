const MOST = 0xffff_ffff;

/** A 64-bit count in two words. */
export interface Ticks {
  readonly high: number;
  readonly low: number;
}

/**
 * Counts the ticks of an instant since 1970, exactly. An instant that the two words cannot hold becomes the nearest
 * one that they can: 1970 itself, or the last tick.
 *
 * @param ticksPerSecond 1e6 or 1e9; finer parts of the second are cut off
 */
export function ticksOf(seconds: number, nanos: number, ticksPerSecond: number): Ticks {
  if (seconds < 0) return { high: 0, low: 0 };
  const rest = Math.floor(nanos / (1e9 / ticksPerSecond));
  // As if on paper, in digits of 16 bits: every intermediate value stays below 2^53.
  const lower = (seconds % 0x1_0000) * ticksPerSecond + rest;
  const upper = Math.floor(seconds / 0x1_0000) * ticksPerSecond + Math.floor(lower / 0x1_0000);
  const high = Math.floor(upper / 0x1_0000);
  if (high > MOST) return { high: MOST, low: MOST };
  return { high, low: (upper % 0x1_0000) * 0x1_0000 + (lower % 0x1_0000) };
}
