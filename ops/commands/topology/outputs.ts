import type { PlanOutput } from '../../render/plan-json.ts';

// What `troupe topology` says of a shared database to programs.

/** `apply -o json`. */
export interface ApplyOutput extends PlanOutput {
  readonly version: 1;
  /** Whether the plan was carried out. */
  readonly applied: boolean;
}

/** `diff -o json`. */
export interface DiffOutput extends PlanOutput {
  readonly version: 1;
  /** Whether applying would change nothing. */
  readonly same: boolean;
}
