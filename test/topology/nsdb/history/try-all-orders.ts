import type { Operation, Value } from './operation.ts';

/**
 * The same question as `check-history.ts` answers, of one register, answered by its words: tries every order of every choice of
 * operations. For a handful of them.
 */
export function isSoundByTrying(operations: readonly Operation[], initial: Value): boolean {
  const known = operations.filter(({ end }) => end !== null);
  const unknown = operations.filter(({ end }) => end === null);
  return subsetsOf(unknown).some((happened) => someOrder([...known, ...happened], initial));
}

function someOrder(rest: readonly Operation[], holding: Value): boolean {
  if (rest.length === 0) return true;
  return rest.some((next, n) => {
    const isEarly = rest.some((other) => other !== next && mustPrecede(other, next));
    const after = carriedOut(next, holding);
    return !isEarly && after !== undefined && someOrder(rest.toSpliced(n, 1), after);
  });
}

/** Whether one operation has to come before another, by the order of their process or of real time. */
function mustPrecede(one: Operation, other: Operation): boolean {
  if (one.end === null) return false;
  if (one.process === other.process && other.end !== null) return one.start < other.start;
  return one.end < other.start && other.operation !== 'plain-read';
}

/** What the register holds after an operation; undefined where that would have found something else. */
function carriedOut(operation: Operation, holding: Value): Value | undefined {
  switch (operation.operation) {
    case 'write':
      return operation.value;
    case 'cas':
      return operation.value[0] === holding ? operation.value[1] : undefined;
    case 'read':
    case 'plain-read':
      return operation.result === holding ? holding : undefined;
    default:
      return operation;
  }
}

function subsetsOf<T>(all: readonly T[]): readonly (readonly T[])[] {
  const [first, ...rest] = all;
  if (first === undefined) return [[]];
  return subsetsOf(rest).flatMap((subset) => [subset, [first, ...subset]]);
}
