import type { FieldValue, TraceStep } from './packet-trace.ts';

/**
 * The way of a change: from the write into the database to the flows that it removed. As JSON it is a published format: `version` changes
 * when a reader must.
 */
export interface ChangeTrace {
  readonly version: 1;
  /** Its number in the run, from 1. */
  readonly change: number;
  /** What was made anew, or whose table changed: `web`. */
  readonly device: string;
  readonly effect: ChangeEffect;
  /** What differed in the database, in the order of hearing. */
  readonly causes: readonly ChangeCause[];
  /** What came after what. */
  readonly steps: readonly ChangeStep[];
  /** The facts that fell and that flows rested on, with the number of flows that each took along. */
  readonly facts: readonly { readonly fact: string; readonly flows: number }[];
  /** The flows that went: the first {@link MOST_FLOWS} of them. */
  readonly flows: readonly RemovedFlow[];
}

/** `entry`: an entry of a replicated table came, went, or has another value. */
export type ChangeEffect = 'reconfigured' | 'deleted' | 'entry';

export interface ChangeCause {
  /** `Port web:web-1`, `portIds of Network web`, `active of Port web:web-1`, `mac_table of Network web`. */
  readonly what: string;
  /** The name of the handle that wrote it last, where the database keeps that: of objects. */
  readonly by: string | undefined;
  /**
   * Of a state key: the host in whose name it is published. Of an entry of a table that this agent learned: its handle. Undefined where
   * the database does not tell whose it is: of what the cluster publishes, and of entries that others learned or that have gone.
   */
  readonly owner: string | undefined;
  /** Of a state key and of an entry of a table: the value before; undefined where there was none. Several come with commas. */
  readonly was: string | undefined;
  /** The value that there is now; undefined where there is none any more. */
  readonly is: string | undefined;
}

export interface ChangeStep {
  /** `written`: by whom the causes name. `heard`: the database told us. `read`: the device was read anew. `told`: its actors know. */
  readonly step: 'written' | 'heard' | 'read' | 'told' | 'removed';
  /** Seconds of the run, nine decimals; undefined for `written`, which is no event of the run. */
  readonly at: string | undefined;
  /**
   * Milliseconds of the epoch with a fraction, where timings were asked for: `written` by the clock of the database, all else by that of
   * this machine.
   */
  readonly clock: number | undefined;
}

export interface RemovedFlow {
  readonly match: readonly FieldValue[];
  readonly path: readonly TraceStep[];
}

/** Of the flows that one change removes, so many are told one by one. */
export const MOST_FLOWS = 100;
