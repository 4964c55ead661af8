import type { Operation, Value } from './operation.ts';

export interface Simulated {
  readonly processes: number;
  /** How many operations each does. */
  readonly length: number;
  /** From how many values writers choose; where nothing is said, no value is written twice. */
  readonly values?: number;
  /** How often an outcome stays unknown, from 0 to 1. */
  readonly unknown: number;
}

interface Planned {
  readonly process: number;
  readonly kind: Operation['operation'];
  readonly start: number;
  /** When it is carried out. */
  readonly at: number;
  readonly end: number;
  readonly isUnknown: boolean;
}

const KINDS: readonly Operation['operation'][] = ['write', 'cas', 'read', 'plain-read', 'plain-read'];

/**
 * The history of a register that holds 0 at first, in time made up by chance: operations take a while and are carried out at one
 * moment of it, those of unknown outcome perhaps later or never; a plain read is answered from the past, but never from before
 * what its process has had to do with.
 */
export function simulate(
  chance: () => number,
  { processes, length, values, unknown }: Simulated,
): readonly Operation[] {
  const upTo = (limit: number) => Math.floor(chance() * limit);
  const plans: Planned[] = [];
  for (let process = 0; process < processes; process++) {
    let now = upTo(20);
    for (let n = 0; n < length; n++) {
      const kind = KINDS[upTo(KINDS.length)] ?? 'read';
      const isUnknown = (kind === 'write' || kind === 'cas') && chance() < unknown;
      const start = now + 1 + upTo(10);
      const at = start + upTo(10);
      now = at + upTo(10);
      const isLate = isUnknown && chance() < 0.5;
      plans.push({ process, kind, start, at: isLate ? at + upTo(100) : at, end: now, isUnknown });
    }
  }

  const log: Value[] = [0];
  const seen = Array.from({ length: processes }, () => 0); // up to which place of the log a process has had to do with it
  const history: Operation[] = [];
  let written = 0;
  for (const { process, kind, start, end, isUnknown } of plans.toSorted((a, b) => a.at - b.at)) {
    const head = { process, key: 'register', start };
    const last = log.length - 1;
    const holding = log[last] ?? 0;
    const value = values === undefined ? ++written : upTo(values);
    const outcome = isUnknown ? ({ end: null, result: 'unknown' } as const) : ({ end, result: 'done' } as const);
    if (kind === 'write' || kind === 'cas') {
      if (kind === 'write') history.push({ ...head, operation: kind, value, ...outcome });
      else history.push({ ...head, operation: kind, value: [holding, value], ...outcome });
      if (isUnknown && chance() < 0.5) continue; // it never comes about
      log.push(value);
      if (!isUnknown) seen[process] = last + 1;
    } else {
      const from = kind === 'read' ? last : Math.max(seen[process] ?? 0, last - upTo(6));
      seen[process] = from;
      history.push({ ...head, operation: kind, value: null, end, result: log[from] ?? 0 });
    }
  }
  return history;
}
