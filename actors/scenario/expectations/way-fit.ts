import { GAP } from './ways.ts';

/** Whether a way is as expected, from its start to its end. Ports between devices may be left unsaid. */
export function isWay(expected: readonly string[], way: readonly string[]): boolean {
  const { named, reached } = follow(expected, way);
  return named === expected.length && reached.has(way.length);
}

/** Of the ways that a packet went, the one that is as expected for longest. */
export function nearestWay(expected: readonly string[], ways: readonly (readonly string[])[]): readonly string[] {
  const [way = []] = ways.toSorted((a, b) => follow(expected, b).named - follow(expected, a).named);
  return way;
}

/**
 * The path that packets have in common: with each packet that went another way, a gap where the ways differ.
 *
 * @param path that of the packets before; undefined for the first
 * @param ways of the next packet, one for each branch
 * @param expected chooses among the branches of the first
 * @returns a path that the packets before are on, and one of the ways. Inner ports go unsaid
 */
export function widened(
  path: readonly string[] | undefined,
  ways: readonly (readonly string[])[],
  expected: readonly string[],
): readonly string[] | undefined {
  if (ways.length === 0) return path;
  const way = nearestWay(path ?? expected, ways);
  const said = way.filter((name, at) => at === 0 || at === way.length - 1 || !name.includes(':'));
  if (path === undefined) return said;
  if (ways.some((each) => isWay(path, each))) return path;
  const isCommon = (at: number): boolean => path.at(at) !== GAP && path.at(at) === said.at(at);
  const most = Math.min(path.length, said.length);
  let head = 0;
  while (head < most && isCommon(head)) head += 1;
  let tail = 0;
  while (tail < most - head && isCommon(-1 - tail)) tail += 1;
  return [...path.slice(0, head), GAP, ...path.slice(path.length - tail)];
}

/** How far a way is as expected: the names that are on it in their order, and the lengths of it that they can stand for. */
export function follow(
  expected: readonly string[],
  way: readonly string[],
): { readonly named: number; readonly reached: ReadonlySet<number> } {
  let reached = withUnsaid(new Set([0]), way);
  for (const [named, name] of expected.entries()) {
    const next = new Set<number>();
    for (const at of reached) {
      if (name === GAP) for (let more = at; more <= way.length; more++) next.add(more);
      else if (way[at] === name) next.add(at + 1);
    }
    if (next.size === 0) return { named, reached };
    reached = withUnsaid(next, way);
  }
  return { named: expected.length, reached };
}

/** Adds the lengths that are reached by passing over inner ports: all but the one of entry and the one at the end. */
function withUnsaid(reached: ReadonlySet<number>, way: readonly string[]): Set<number> {
  const all = new Set(reached);
  // A set also yields what is added while it is gone through.
  for (const at of all) {
    const isInner = at > 0 && at < way.length - 1;
    if (isInner && way[at]?.includes(':') === true) all.add(at + 1);
  }
  return all;
}
