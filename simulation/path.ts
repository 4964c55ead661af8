import type { Packet } from './packet/packet.ts';
import { CONSUMED_REASONS, EVERY_DROP_REASON, type ConsumedReason, type DropReason, type Verdict } from './verdict.ts';

/** How a branch ended: it left by a port, a device kept or dropped it, or it waits. */
export type BranchEnd =
  | { readonly kind: 'emit' | 'suspend'; readonly reason: undefined }
  | { readonly kind: 'consumed'; readonly reason: ConsumedReason }
  | { readonly kind: 'drop'; readonly reason: DropReason };

/** A device on a path. */
export interface PathStep {
  /** The place of the step before it among the steps; undefined for the first. Branches share theirs: the steps are a tree. */
  readonly parent: number | undefined;
  readonly device: number;
  /** What decided there; 0 when that has no number. */
  readonly decider: number;
  /** How the branch ended that ended here; undefined where none did. */
  readonly end: BranchEnd | undefined;
}

type Draft<T> = { -readonly [K in keyof T]: T[K] };

const EMIT: BranchEnd = { kind: 'emit', reason: undefined };
const SUSPEND: BranchEnd = { kind: 'suspend', reason: undefined };

/** All ends there are; each has its place as its number. */
const ENDS: readonly BranchEnd[] = [
  EMIT,
  SUSPEND,
  ...CONSUMED_REASONS.map((reason): BranchEnd => ({ kind: 'consumed', reason })),
  ...EVERY_DROP_REASON.map((reason): BranchEnd => ({ kind: 'drop', reason })),
];

const NUMBERS: ReadonlyMap<string, number> = new Map(ENDS.map(({ kind, reason = kind }, number) => [reason, number]));

/**
 * The way of a packet as the tree that it is, in words: the provenance of its flow.
 *
 * A device is two words above or equal to zero: its number, and that of what decided there. The branches follow one another in the
 * order of their forks, and a stretch that one shares with the branch before it stands once. Where a branch ends a word below zero
 * says how, and how many devices the next one shares with it; none behind the last, when it left.
 *
 * @param branches in order, all of them ended
 */
export function pathOf(branches: readonly Packet[]): readonly number[] {
  const [first, ...others] = branches;
  if (first === undefined) return [];
  let { path: before, verdict } = first;
  if (others.length === 0 && verdict?.kind === 'emit') return before;
  const words = before.slice();
  for (const { path, verdict: next } of others) {
    const shared = countShared(before, path);
    // A branch that ended between two devices, where a mailbox was full, has no device of its own.
    if (shared * 2 === path.length) continue;
    words.push(turn(verdict, shared));
    for (let at = shared * 2; at < path.length; at++) words.push(path[at] ?? 0);
    [before, verdict] = [path, next];
  }
  if (verdict?.kind !== 'emit') words.push(turn(verdict, 0));
  return words;
}

/** The steps of a path, those of each branch before those of the next. */
export function stepsOf(path: readonly number[]): readonly PathStep[] {
  const steps: Draft<PathStep>[] = [];
  /** The places of the steps of the branch that is read. */
  const branch: number[] = [];
  let isOver = false;
  for (let at = 0; at < path.length; at++) {
    const word = path[at] ?? 0;
    isOver = word < 0;
    if (isOver) {
      const last = steps[branch.at(-1) ?? -1];
      if (last !== undefined) last.end = ENDS[~word % ENDS.length];
      branch.length = Math.floor(~word / ENDS.length);
      continue;
    }
    steps.push({ parent: branch.at(-1), device: word, decider: path[++at] ?? 0, end: undefined });
    branch.push(steps.length - 1);
  }
  const last = steps.at(-1);
  if (last !== undefined && !isOver) last.end = EMIT;
  return steps;
}

/** How many devices two ways have in common from the start, and what decided at each. */
function countShared(a: readonly number[], b: readonly number[]): number {
  let shared = 0;
  while (shared < b.length && a[shared] === b[shared]) shared++;
  return shared >> 1;
}

/** The word behind a branch that ended so. @param shared devices that the next one has in common with it */
function turn(verdict: Verdict | undefined, shared: number): number {
  const { kind, reason = kind } = { reason: undefined, ...(verdict ?? SUSPEND) };
  return ~(shared * ENDS.length + (NUMBERS.get(reason) ?? 0));
}
