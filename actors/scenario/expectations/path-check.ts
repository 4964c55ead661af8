import type { PacketTrace } from '../../../datapath/trace/packet-trace.ts';
import { dissect, type Dissected } from '../../../simulation/packet/dissect.ts';
import type { Uuid } from '../../../topology/model/ids.ts';
import { frameOf } from '../../frame-of.ts';
import type { PathExpectation } from '../scenario.ts';
import { formatMatch } from './counts.ts';
import type { Evidence } from './evidence.ts';
import type { CheckResult, Failure } from './failure.ts';
import { compareFields, type FieldComparison, fitsFields } from './frame-fit.ts';
import { noteOf, noteOfTrace } from './frame-words.ts';
import { GAP, waysOf } from './ways.ts';

interface PathCount {
  readonly expectation: PathExpectation;
  count: number;
  astray: number;
  /** The first packet that went another way. */
  first: Stray | undefined;
}

/** A packet that went another way, and the ways it went. */
interface Stray {
  readonly trace: PacketTrace;
  readonly ways: readonly (readonly string[])[];
}

/** Holds the ways of packets against those expected. */
export class PathCheck {
  readonly #counts: readonly PathCount[];
  readonly #nameOf: (port: Uuid) => string;

  constructor(expectations: readonly PathExpectation[], nameOf: (port: Uuid) => string) {
    this.#nameOf = nameOf;
    this.#counts = expectations.map((expectation) => ({ expectation, count: 0, astray: 0, first: undefined }));
  }

  wantsStory(bytes: Uint8Array, wireLength: number): boolean {
    if (this.#counts.length === 0) return false;
    const fields = dissect(frameOf(bytes, wireLength));
    return this.#counts.some(({ expectation }) => fitsFields(expectation.match, fields));
  }

  traced(trace: PacketTrace): void {
    if (this.#counts.length === 0 || trace.origin.kind === 'generated') return;
    const fields = fieldsOf(trace);
    let ways: readonly (readonly string[])[] | undefined;
    for (const each of this.#counts) {
      if (!fitsFields(each.expectation.match, fields)) continue;
      ways ??= waysOf(trace);
      each.count += 1;
      if (ways.some((way) => isWay(each.expectation.path, way))) continue;
      each.astray += 1;
      each.first ??= { trace, ways };
    }
  }

  /** The expectations of which no packet came in. */
  unmet(): readonly PathExpectation[] {
    return this.#counts.filter(({ count }) => count === 0).map(({ expectation }) => expectation);
  }

  results(evidence: Evidence | undefined): readonly CheckResult[] {
    return this.#counts.map(({ expectation, count, astray, first }) => {
      const { where, match, path } = expectation;
      const title = `path of ${formatMatch(match)}: ${path.join(' > ')}`;
      if (count > 0 && astray === 0) return { kind: 'paths', where, title, failure: undefined };
      const failure: Failure = {
        expected: 'all of them on this way, at least one',
        received: count === 0 ? 'no such packet came in' : `${astray} of ${count} on another way`,
        examples: [],
        ...(first === undefined ? this.#nearest(expectation, evidence) : strayOf(expectation, first)),
      };
      return { kind: 'paths', where, title, failure };
    });
  }

  /** The packet that came nearest to those whose path is expected. */
  #nearest(expectation: PathExpectation, evidence: Evidence | undefined): Pick<Failure, 'nearest' | 'trace'> {
    const frame = evidence?.nearestOnPath(expectation);
    if (frame === undefined) return { nearest: undefined, trace: undefined };
    const fields = compareFields(expectation.match, frame.fields);
    return {
      nearest: { what: 'packet', frame: noteOf(frame, this.#nameOf), fields },
      trace: evidence?.traceOf(frame.packet),
    };
  }
}

/** A packet that went another way: its fields, and of its ways the one that is as expected for longest. */
function strayOf({ match, path }: PathExpectation, { trace, ways }: Stray): Pick<Failure, 'nearest' | 'trace'> {
  const [way = []] = ways.toSorted((a, b) => follow(path, b).named - follow(path, a).named);
  const fields = [...compareFields(match, fieldsOf(trace)), ...compareWay(path, way)];
  return { nearest: { what: 'path', frame: noteOfTrace(trace), fields }, trace };
}

/** The way whole, and the first place where it is another one. */
function compareWay(expected: readonly string[], way: readonly string[]): readonly FieldComparison[] {
  const { named, reached } = follow(expected, way);
  const [last, next] = [expected[named - 1], expected[named]];
  const places = [...reached];
  // A port may be what was expected, unless a device was: then the ports before the next device go unsaid.
  const place = next === undefined || next.includes(':') ? Math.min(...places) : Math.max(...places);
  const behind = last === GAP ? expected.slice(Math.max(0, named - 2), named).join(' > ') : last;
  return [
    { field: 'path', expected: expected.join(' > '), received: way.join(' > '), isEqual: false },
    {
      field: behind === undefined ? 'first' : `after ${behind}`,
      expected: next,
      received: last === GAP ? undefined : way[place],
      isEqual: false,
    },
  ];
}

/** Whether a way is as expected, from its start to its end. Ports between devices may be left unsaid. */
export function isWay(expected: readonly string[], way: readonly string[]): boolean {
  const { named, reached } = follow(expected, way);
  return named === expected.length && reached.has(way.length);
}

/** How far a way is as expected: the names that are on it in their order, and the lengths of it that they can stand for. */
function follow(
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

/** The fields of a packet as it came in. */
function fieldsOf({ frame, wireLength }: PacketTrace): readonly Dissected[] {
  return dissect(frameOf(Buffer.from(frame, 'hex'), wireLength));
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
