import type { Timers } from '../../model/timers.ts';
import type { Activity } from './activity.ts';

/** What all handles of one database in this process share. */
export interface Shared {
  readonly activity: Activity;
  /** What observers read just now. */
  readonly looking: Set<Promise<void>>;
  readonly timers: Timers;
  /** Something happened: whoever waits until all is settled has to look once more. */
  touch(): void;
  /** Runs operations of all handles one after another, in the order in which they were asked for. */
  inTurn<T>(operation: () => Promise<T>): Promise<T>;
}
