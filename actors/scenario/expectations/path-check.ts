import type { PacketTrace } from '../../../datapath/trace/packet-trace.ts';
import { dissect } from '../../../simulation/packet/dissect.ts';
import { frameOf } from '../../frame-of.ts';
import type { PathExpectation } from '../scenario.ts';
import { formatMatch } from './counts.ts';
import type { CheckResult, Failure } from './failure.ts';
import { fitsFields } from './frame-fit.ts';
import { GAP, waysOf } from './ways.ts';

interface PathCount {
  readonly expectation: PathExpectation;
  count: number;
  astray: number;
  /** The first packet that went another way, and the ways it went. */
  first: { readonly trace: PacketTrace; readonly ways: readonly string[] } | undefined;
}

/** Holds the ways of packets against those expected. */
export class PathCheck {
  readonly #counts: readonly PathCount[];

  constructor(expectations: readonly PathExpectation[]) {
    this.#counts = expectations.map((expectation) => ({ expectation, count: 0, astray: 0, first: undefined }));
  }

  wantsStory(bytes: Uint8Array, wireLength: number): boolean {
    if (this.#counts.length === 0) return false;
    const fields = dissect(frameOf(bytes, wireLength));
    return this.#counts.some(({ expectation }) => fitsFields(expectation.match, fields));
  }

  traced(trace: PacketTrace): void {
    if (this.#counts.length === 0 || trace.origin.kind === 'generated') return;
    const fields = dissect(frameOf(Buffer.from(trace.frame, 'hex'), trace.wireLength));
    let ways: readonly (readonly string[])[] | undefined;
    for (const each of this.#counts) {
      if (!fitsFields(each.expectation.match, fields)) continue;
      ways ??= waysOf(trace);
      each.count += 1;
      if (ways.some((way) => isWay(each.expectation.path, way))) continue;
      each.astray += 1;
      each.first ??= { trace, ways: ways.map((way) => way.join(' > ')) };
    }
  }

  results(): readonly CheckResult[] {
    return this.#counts.map(({ expectation, count, astray, first }) => {
      const { where, match, path } = expectation;
      const title = `path of ${formatMatch(match)}: ${path.join(' > ')}`;
      if (count > 0 && astray === 0) return { kind: 'paths', where, title, failure: undefined };
      const expected = path.join(' > ');
      const fields = (first?.ways ?? []).map((way) => ({ field: 'path', expected, received: way, isEqual: false }));
      const failure: Failure = {
        expected: 'all of them on this way, at least one',
        received: count === 0 ? 'no such packet came in' : `${astray} of ${count} on another way`,
        nearest: fields.length === 0 ? undefined : { what: 'path', frame: undefined, fields },
        examples: [],
        trace: first?.trace,
      };
      return { kind: 'paths', where, title, failure };
    });
  }
}

/** Whether a way is as expected, from its start to its end. Ports between devices may be left unsaid. */
export function isWay(expected: readonly string[], way: readonly string[]): boolean {
  // Which lengths of the way the names so far can stand for.
  let reached = withUnsaid(new Set([0]), way);
  for (const name of expected) {
    const next = new Set<number>();
    for (const at of reached) {
      if (name === GAP) for (let more = at; more <= way.length; more++) next.add(more);
      else if (way[at] === name) next.add(at + 1);
    }
    reached = withUnsaid(next, way);
  }
  return reached.has(way.length);
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
