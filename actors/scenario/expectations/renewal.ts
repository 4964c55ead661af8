import type { CheckResult } from './failure.ts';
import type { FilePath } from '../scenario.ts';
import type { Observed } from './observation.ts';

/** What an entry among a scenario's expectations shall say, key by key, so that it fits what happened. */
export interface Renewal {
  readonly place: FilePath;
  readonly keys: Readonly<Record<string, RenewedValue>>;
}

export type RenewedValue = string | number | readonly string[];

/** An expectation that was not met, and that cannot say what happened instead. */
export interface Unrenewable extends Pick<CheckResult, 'where' | 'title'> {
  readonly why: string;
}

/** What becomes of the expectations of a scenario so that a run meets them. */
export interface Baseline {
  /** Of entries that are there. */
  readonly renewals: readonly Renewal[];
  /** What they say nothing of. */
  readonly added: Observed;
}
