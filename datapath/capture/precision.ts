import type { Resolution } from './capture-interface.ts';

/** How fine the times of a written capture are. */
export type Precision = 'microseconds' | 'nanoseconds';

/** The precision that loses nothing of times read at a resolution, down to the nanosecond. */
export function precisionFor({ base, exponent }: Resolution): Precision {
  return base === 10 && exponent <= 6 ? 'microseconds' : 'nanoseconds';
}

const MOST = 0xffff_ffff;

/** A 64-bit count in two words. */
export interface Ticks {
  readonly high: number;
  readonly low: number;
}

/**
 * Counts the ticks of an instant since 1970, exactly. An instant that the two words cannot hold becomes the nearest
 * one that they can: 1970 itself, or the last tick.
 */
export function ticksOf(seconds: number, nanos: number, precision: Precision): Ticks {
  if (seconds < 0) return { high: 0, low: 0 };
  const ticksPerSecond = precision === 'nanoseconds' ? 1e9 : 1e6;
  const rest = precision === 'nanoseconds' ? nanos : Math.floor(nanos / 1000);
  // As if on paper, in digits of 16 bits: every intermediate value stays below 2^53.
  const lower = (seconds % 0x1_0000) * ticksPerSecond + rest;
  const upper = Math.floor(seconds / 0x1_0000) * ticksPerSecond + Math.floor(lower / 0x1_0000);
  const high = Math.floor(upper / 0x1_0000);
  if (high > MOST) return { high: MOST, low: MOST };
  return { high, low: (upper % 0x1_0000) * 0x1_0000 + (lower % 0x1_0000) };
}
