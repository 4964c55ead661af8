import type { Timers } from '../model/timers.ts';
import type { Nsdb, NsdbOptions } from './nsdb.ts';

/** A handle whose link can be cut by hand, as a broken network would. */
export interface SeverableNsdb extends Nsdb {
  /** Cuts the handle off. Its session ends when that lasts for the session timeout, by the clock that the database was opened with. */
  cutLink(): void;
  /** Lets the handle through again: to its session, or, if that has ended, to a new one. */
  restoreLink(): void;
}

/** A database that one run has for itself: empty at first, on the clock of the run, gone when it is closed. */
export interface RunDatabase {
  /** A new handle, connected. Rejects with an NsdbError where the database cannot be reached. */
  open(name: string, options?: NsdbOptions): SeverableNsdb | Promise<SeverableNsdb>;
  /** All that is stored, in lines, where that can be told at once: in this process. */
  dump?(): Iterable<string>;
  /** Ends every handle, and removes what the run has left. */
  close(): Promise<void>;
}

export type OpenRunDatabase = (timers: Timers) => RunDatabase;
