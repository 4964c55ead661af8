import { isJsonArray, parseJsonObject, type Json } from '../../../../topology/model/json.ts';

/** What a register holds. Histories say most when no value is written twice. */
export type Value = number;

/**
 * One operation upon one register, as the process that asked for it saw it. A process asks for one thing after another.
 *
 * - `write`: sets it, whatever it holds
 * - `cas`: sets it, given that it holds the first of the two values; done, or the history has it as the read that it came to
 * - `read`: by which the register is linearizable: behind a write barrier
 * - `plain-read`: of whatever server one is connected to: it may be late, but goes never back
 */
export type Operation = {
  readonly process: number;
  readonly key: string;
  /** Milliseconds of a clock that all processes share and that never goes back. */
  readonly start: number;
} & (
  | { readonly operation: 'write'; readonly value: Value; readonly end: number; readonly result: 'done' }
  | { readonly operation: 'write'; readonly value: Value; readonly end: null; readonly result: 'unknown' }
  | { readonly operation: 'cas'; readonly value: Exchange; readonly end: number; readonly result: 'done' }
  | { readonly operation: 'cas'; readonly value: Exchange; readonly end: null; readonly result: 'unknown' }
  | {
      readonly operation: 'read' | 'plain-read';
      readonly value: null;
      readonly end: number;
      readonly result: Value;
    }
);

/** What was expected, and what was put in its place. */
type Exchange = readonly [Value, Value];

/** A history, one operation a line, as JSON. */
export function formatHistory(history: readonly Operation[]): string {
  return history
    .map(({ process, operation, key, value, start, end, result }) =>
      JSON.stringify({ process, operation, key, value, start, end, result }),
    )
    .map((line) => `${line}\n`)
    .join('');
}

/** Reads what {@link formatHistory} wrote. Throws a RangeError that names the first line that is no operation. */
export function parseHistory(text: string): readonly Operation[] {
  const lines = text.split('\n');
  if (lines.pop() !== '') throw new RangeError('the last line is cut short');
  return lines.map((line, n) => {
    const operation = operationOf(line);
    if (operation === undefined) throw new RangeError(`line ${n + 1} is no operation: ${line.slice(0, 80)}`);
    return operation;
  });
}

function operationOf(line: string): Operation | undefined {
  const record = parseJsonObject(line) ?? {};
  const { process, key, start, operation, value = null, end = null, result } = record;
  if (typeof process !== 'number' || typeof key !== 'string' || typeof start !== 'number') return undefined;
  const head = { process, key, start };
  if (operation === 'read' || operation === 'plain-read') {
    if (value !== null || typeof end !== 'number' || typeof result !== 'number') return undefined;
    return { ...head, operation, value, end, result };
  }
  const outcome = outcomeOf(end, result);
  if (outcome === undefined) return undefined;
  if (operation === 'write' && typeof value === 'number') return { ...head, operation, value, ...outcome };
  if (operation !== 'cas' || !isJsonArray(value)) return undefined;
  const [expected, next] = value;
  if (typeof expected !== 'number' || typeof next !== 'number') return undefined;
  return { ...head, operation, value: [expected, next], ...outcome };
}

function outcomeOf(end: Json, result: Json | undefined) {
  if (typeof end === 'number' && result === 'done') return { end, result } as const;
  if (end === null && result === 'unknown') return { end, result } as const;
  return undefined;
}
