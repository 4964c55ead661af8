import { deepEqual, equal } from 'node:assert/strict';

/**
 * What may come anew when devices are brought up that nobody needed so far: their lines, the deadlines by which they are let go,
 * the tables they look at, and the facts that would have fallen, had there been flows that rest on them.
 */
const BROUGHT_UP = /^(up: |deadline at |facts that fell: )|^\/zoom\/0\/tables\/\S+ next version 0$/;

/**
 * Asserts that a network remembers what it remembered before, byte for byte.
 *
 * @param now its dump, in lines
 * @param before its dump of then
 * @param mayBringUp whether devices may have come up meanwhile that nobody needed before
 */
export function remembersTheSame(now: Iterable<string>, before: Iterable<string>, mayBringUp = false): void {
  const [lines, known] = [[...now], [...before]];
  const came = without(lines, known).filter((line) => !mayBringUp || !BROUGHT_UP.test(line));
  const went = without(known, lines).filter((line) => !mayBringUp || !line.startsWith('facts that fell: '));
  deepEqual({ came, went }, { came: [], went: [] });
  if (!mayBringUp) equal(lines.join('\n'), known.join('\n')); // in the same order, too
}

/** The lines that others do not have as often. */
function without(lines: readonly string[], others: readonly string[]): readonly string[] {
  const left = new Map<string, number>();
  for (const line of others) left.set(line, (left.get(line) ?? 0) + 1);
  return lines.filter((line) => {
    const times = left.get(line) ?? 0;
    left.set(line, times - 1);
    return times <= 0;
  });
}
