import type { Operation, Value } from './operation.ts';

/**
 * What a check came to.
 *
 * - `sound`: there is an order of the operations that explains all of them
 * - `broken`: there is none. `after` so many operations had found their place at best, nothing in `stuck` could come next
 * - `undecided`: too many orders to try
 */
export type Verdict =
  | { readonly kind: 'sound' }
  | {
      readonly kind: 'broken';
      readonly key: string;
      readonly after: number;
      readonly holding: Value;
      readonly stuck: readonly Operation[];
    }
  | { readonly kind: 'undecided'; readonly key: string };

const SOUND: Verdict = { kind: 'sound' };
/** States looked at, for one key, before giving up. */
const PATIENCE = 2_000_000;

/**
 * Whether a history is one of registers, each of them linearizable but for its plain reads, and these sequential: for each key there is
 * an order of its operations in which each read finds what was written last, and which
 *
 * - keeps the order of each process's own operations, plain reads among them: so none goes back, or misses what the process wrote
 * - puts what had ended before something else began before that, unless the latter is a plain read, which may be late
 * - has each operation of unknown outcome at any place after its beginning, or nowhere
 *
 * @param initial what every register held at first
 * @see Herlihy and Wing, Linearizability, TOPLAS 12(3), 1990; Wing and Gong, JPDC 17, 1993; Lowe, Testing for linearizability,
 *   CCPE 29(4), 2017 (states are remembered; operations of unknown outcome are placed where something needs them)
 */
export function checkHistory(history: readonly Operation[], initial: Value): Verdict {
  const byKey = new Map<string, Operation[]>();
  for (const operation of history) {
    const known = byKey.get(operation.key);
    if (known === undefined) byKey.set(operation.key, [operation]);
    else known.push(operation);
  }
  for (const [key, operations] of byKey) {
    const verdict = new Search(key, operations, initial).run();
    if (verdict.kind !== 'sound') return verdict;
  }
  return SOUND;
}

/** Says a verdict to a person. */
export function formatVerdict(verdict: Verdict): string {
  if (verdict.kind === 'sound') return 'sound';
  if (verdict.kind === 'undecided') return `${verdict.key}: too many orders to try`;
  const stuck = verdict.stuck.map((operation) => `\n  ${JSON.stringify(operation)}`).join('');
  return `${verdict.key}: after ${verdict.after} operations it holds ${verdict.holding}, and none of these can come next:${stuck}`;
}

/** Steps that led to a state, to be taken back; and those still to be tried from there. */
interface Frame {
  readonly before: Value;
  readonly taken: readonly Step[];
  readonly choices: Step[];
}

/** The next operation of a process, or one of unknown outcome. */
type Step = { readonly chain: number } | { readonly loose: number };

/** The operations of one process whose outcome is known, in their order. */
interface Chain {
  readonly operations: readonly Operation[];
  next: number;
}

/** Tries the orders of the operations of one key, depth first. */
class Search {
  readonly #key: string;
  readonly #chains: readonly Chain[];
  /** Operations of unknown outcome that something may have seen. */
  readonly #loose: readonly Operation[];
  readonly #isPlaced: boolean[];
  /** How many that have no place yet must find a value there, and how many may leave it there. */
  readonly #finders = new Map<Value, number>();
  readonly #leavers = new Map<Value, number>();
  readonly #tried = new Set<string>();
  #value: Value;
  #placed = 0;
  #deepest = { after: -1, holding: 0, stuck: [] as readonly Operation[] };

  constructor(key: string, operations: readonly Operation[], initial: Value) {
    this.#key = key;
    this.#value = initial;
    this.#chains = chainsOf(operations);
    const found = new Set(operations.map(foundBy));
    this.#loose = operations.filter((one) => one.end === null && found.has(leftBy(one)));
    this.#isPlaced = this.#loose.map(() => false);
    for (const operation of [...this.#chains.flatMap((chain) => chain.operations), ...this.#loose]) {
      this.#count(operation, 1);
    }
  }

  run(): Verdict {
    const frames = [this.#frame([])];
    for (let frame = frames.at(-1); frame !== undefined; frame = frames.at(-1)) {
      if (this.#chains.every(({ operations, next }) => next === operations.length)) return SOUND;
      if (this.#tried.size > PATIENCE) return { kind: 'undecided', key: this.#key };
      const choice = frame.choices.shift();
      if (choice === undefined) {
        this.#undo(frame);
        frames.pop();
      } else {
        const before = this.#value;
        this.#place(choice);
        frames.push(this.#frame([choice], before));
      }
    }
    return { kind: 'broken', key: this.#key, ...this.#deepest };
  }

  /** Places all that changes nothing and can come now: no order needs it later. Then says what may come next. */
  #frame(first: readonly Step[], before = this.#value): Frame {
    const taken = [...first];
    for (let step = this.#finding(); step !== undefined; step = this.#finding()) {
      this.#place(step);
      taken.push(step);
    }
    if (this.#placed > this.#deepest.after) {
      this.#deepest = {
        after: this.#placed,
        holding: this.#value,
        stuck: this.#chains.flatMap((one) => headOf(one) ?? []),
      };
    }
    const state = this.#state();
    const isNew = !this.#tried.has(state);
    this.#tried.add(state);
    return { before, taken, choices: isNew ? this.#choices() : [] };
  }

  /** A read that finds what there is now. */
  #finding(): Step | undefined {
    const limit = this.#firstEnd();
    const chain = this.#chains.findIndex((one) => {
      const head = headOf(one);
      return head !== undefined && isRead(head) && head.result === this.#value && isInTime(head, limit);
    });
    return chain === -1 ? undefined : { chain };
  }

  /** What may set the register next: those first whose value somebody waits for, or that ended first. */
  #choices(): Step[] {
    const limit = this.#firstEnd();
    const awaited = new Set(this.#chains.map((chain) => foundBy(headOf(chain))));
    for (const [n, operation] of this.#loose.entries()) if (!this.#isPlaced[n]) awaited.add(foundBy(operation));
    const known = this.#chains.flatMap((chain, n) => {
      const head = headOf(chain);
      if (head === undefined || isRead(head) || !this.#mayCome(head, limit)) return [];
      return { step: { chain: n }, isAwaited: awaited.has(leftBy(head)), end: head.end ?? 0 };
    });
    const loose = this.#loose.flatMap((operation, n) => {
      const isOut = this.#isPlaced[n] === true || !awaited.has(leftBy(operation)) || !this.#mayCome(operation, limit);
      return isOut ? [] : { loose: n };
    });
    known.sort((a, b) => Number(b.isAwaited) - Number(a.isAwaited) || a.end - b.end);
    return [...known.map(({ step }) => step), ...loose];
  }

  #mayCome(operation: Operation, limit: number): boolean {
    if (!isInTime(operation, limit)) return false;
    const expected = foundBy(operation);
    if (expected !== undefined && expected !== this.#value) return false;
    // What is there now is gone then: somebody who has still to find it needs it to come again.
    const isFinder = expected !== undefined && operation.end !== null;
    const finders = (this.#finders.get(this.#value) ?? 0) - Number(isFinder);
    return finders === 0 || leftBy(operation) === this.#value || (this.#leavers.get(this.#value) ?? 0) > 0;
  }

  /** Nothing can come next that began later than this: the first end of all that have no place yet. */
  #firstEnd(): number {
    let first = Number.POSITIVE_INFINITY;
    for (const chain of this.#chains) first = Math.min(first, headOf(chain)?.end ?? Number.POSITIVE_INFINITY);
    return first;
  }

  #place(step: Step): void {
    const operation = this.#operation(step);
    if ('chain' in step) this.#advance(step.chain, 1);
    else this.#isPlaced[step.loose] = true;
    this.#value = leftBy(operation) ?? this.#value;
    this.#count(operation, -1);
    this.#placed++;
  }

  #undo({ taken, before }: Frame): void {
    for (const step of taken.toReversed()) {
      if ('chain' in step) this.#advance(step.chain, -1);
      else this.#isPlaced[step.loose] = false;
      this.#count(this.#operation(step), 1);
      this.#placed--;
    }
    this.#value = before;
  }

  #advance(n: number, by: 1 | -1): void {
    const chain = this.#chains[n];
    if (chain !== undefined) chain.next += by;
  }

  #operation(step: Step): Operation | undefined {
    if ('loose' in step) return this.#loose[step.loose];
    const chain = this.#chains[step.chain];
    return chain && headOf(chain);
  }

  #count(operation: Operation | undefined, by: 1 | -1): void {
    const [found, left] = [foundBy(operation), leftBy(operation)];
    if (found !== undefined && operation?.end !== null) this.#finders.set(found, (this.#finders.get(found) ?? 0) + by);
    if (left !== undefined) this.#leavers.set(left, (this.#leavers.get(left) ?? 0) + by);
  }

  #state(): string {
    const loose = this.#isPlaced.map((isPlaced) => (isPlaced ? 1 : 0)).join('');
    return `${this.#chains.map(({ next }) => next).join(' ')};${loose};${this.#value}`;
  }
}

function chainsOf(operations: readonly Operation[]): readonly Chain[] {
  const byProcess = new Map<number, Operation[]>();
  for (const operation of operations) {
    if (operation.end === null) continue;
    const known = byProcess.get(operation.process);
    if (known === undefined) byProcess.set(operation.process, [operation]);
    else known.push(operation);
  }
  return [...byProcess.values()].map((own) => {
    own.sort((a, b) => a.start - b.start);
    for (const [n, { start, process }] of own.entries()) {
      if (n > 0 && (own[n - 1]?.end ?? 0) > start) throw new RangeError(`process ${process} did two things at once`);
    }
    return { operations: own, next: 0 };
  });
}

function headOf({ operations, next }: Chain): Operation | undefined {
  return operations[next];
}

function isRead(operation: Operation): operation is Operation & { readonly operation: 'read' | 'plain-read' } {
  return operation.operation === 'read' || operation.operation === 'plain-read';
}

/** Whether it had begun when the first of those ended that have no place yet. A plain read may be late: it has no beginning. */
function isInTime({ operation, start }: Operation, limit: number): boolean {
  return operation === 'plain-read' || start <= limit;
}

/** The value that must be there when it comes. */
function foundBy(operation: Operation | undefined): Value | undefined {
  if (operation === undefined || operation.operation === 'write') return undefined;
  return operation.operation === 'cas' ? operation.value[0] : operation.result;
}

/** The value that is there afterwards, where it sets one. */
function leftBy(operation: Operation | undefined): Value | undefined {
  if (operation === undefined || isRead(operation)) return undefined;
  return operation.operation === 'cas' ? operation.value[1] : operation.value;
}
