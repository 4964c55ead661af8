import type { Brand } from './brand.ts';

/**
 * Milliseconds on the clock of the run or the host, with a fraction down to the microsecond. It never goes back.
 *
 * What devices, tables and timers reckon with. Ordering at a finer grain is the engine's business, by {@link Instant}.
 */
export type Millis = Brand<number, 'Millis'>;

/**
 * A point of time in two numbers: a sum in nanoseconds leaves the safe integers after 104 days.
 * `nanos` is in [0, 1e9).
 */
export interface Instant {
  readonly seconds: number;
  readonly nanos: number;
}

export const EPOCH: Instant = { seconds: 0, nanos: 0 };

export function millisOf(milliseconds: number): Millis {
  return milliseconds as Millis;
}

export function instantOf(seconds: number, nanos: number): Instant {
  const carry = Math.floor(nanos / 1e9);
  return { seconds: seconds + carry, nanos: nanos - carry * 1e9 };
}

/** The clock reading of an instant. Equal instants give equal readings; distinct ones may too, a few nanoseconds apart. */
export function millisAt({ seconds, nanos }: Instant): Millis {
  return (seconds * 1000 + nanos / 1e6) as Millis;
}

/** The instant of a clock reading, to the nanosecond. */
export function instantAt(clock: Millis): Instant {
  const seconds = Math.floor(clock / 1000);
  return instantOf(seconds, Math.round((clock - seconds * 1000) * 1e6));
}

export function compareInstants(a: Instant, b: Instant): number {
  return a.seconds - b.seconds || a.nanos - b.nanos;
}

export function addInstants(a: Instant, b: Instant): Instant {
  return instantOf(a.seconds + b.seconds, a.nanos + b.nanos);
}

/** Seconds with nine decimals. */
export function formatInstant({ seconds, nanos }: Instant): string {
  return `${seconds}.${String(nanos).padStart(9, '0')}`;
}

export function later(clock: Millis, milliseconds: number): Millis {
  return (clock + milliseconds) as Millis;
}
