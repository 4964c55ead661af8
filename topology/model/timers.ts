import type { Millis } from './time.ts';

/** Takes back a deadline; nothing happens when it has passed, or was taken back before. */
export type Cancel = () => void;

/**
 * A clock with deadlines: the engine's virtual one, or the machine's.
 *
 * Deadlines that fall on one reading run in the order in which they were asked for. One in the past runs as soon as the clock
 * gets its turn, never inside {@link at}.
 */
export interface Timers {
  now(): Millis;
  at(deadline: Millis, run: () => void): Cancel;
}
