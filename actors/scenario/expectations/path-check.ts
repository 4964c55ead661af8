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
import type { Renewal, Unrenewable } from './renewal.ts';
import { follow, isWay, nearestWay, widened } from './way-fit.ts';
import { GAP, waysOf } from './ways.ts';

interface PathCount {
  readonly expectation: PathExpectation;
  count: number;
  astray: number;
  /** The first packet that went another way. */
  first: Stray | undefined;
  /** A path that all of them were on; undefined when none came in. */
  common: readonly string[] | undefined;
}

/** A packet that went another way, and the ways it went. */
interface Stray {
  readonly trace: PacketTrace;
  readonly ways: readonly (readonly string[])[];
}

const NO_SUCH_PACKET = 'no such packet came in';

/** Holds the ways of packets against those expected. */
export class PathCheck {
  readonly #counts: readonly PathCount[];
  readonly #nameOf: (port: Uuid) => string;

  constructor(expectations: readonly PathExpectation[], nameOf: (port: Uuid) => string) {
    this.#nameOf = nameOf;
    this.#counts = expectations.map((expectation) => ({
      expectation,
      count: 0,
      astray: 0,
      first: undefined,
      common: undefined,
    }));
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
      each.common = widened(each.common, ways, each.expectation.path);
      if (ways.some((way) => isWay(each.expectation.path, way))) continue;
      each.astray += 1;
      each.first ??= { trace, ways };
    }
  }

  /** The expectations of which no packet came in. */
  unmet(): readonly PathExpectation[] {
    return this.#counts.filter(({ count }) => count === 0).map(({ expectation }) => expectation);
  }

  /** What those that failed shall say: the path that all of the packets were on. */
  renewals(): readonly Renewal[] {
    return this.#counts.flatMap(({ expectation: { place }, astray, common }) =>
      astray === 0 || common === undefined ? [] : [{ place, keys: { path: common } }],
    );
  }

  /** Of packets that did not come in there is no path. */
  unrenewable(): readonly Unrenewable[] {
    return this.unmet().map((expectation) => ({
      where: expectation.where,
      title: titleOf(expectation),
      why: NO_SUCH_PACKET,
    }));
  }

  results(evidence: Evidence | undefined): readonly CheckResult[] {
    return this.#counts.map(({ expectation, count, astray, first }) => {
      const { where } = expectation;
      const title = titleOf(expectation);
      if (count > 0 && astray === 0) return { kind: 'paths', where, title, failure: undefined };
      const failure: Failure = {
        expected: 'all of them on this way, at least one',
        received: count === 0 ? NO_SUCH_PACKET : `${astray} of ${count} on another way`,
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

function titleOf({ match, path }: PathExpectation): string {
  return `path of ${formatMatch(match)}: ${path.join(' > ')}`;
}

/** A packet that went another way: its fields, and of its ways the one that is as expected for longest. */
function strayOf({ match, path }: PathExpectation, { trace, ways }: Stray): Pick<Failure, 'nearest' | 'trace'> {
  const way = nearestWay(path, ways);
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

/** The fields of a packet as it came in. */
function fieldsOf({ frame, wireLength }: PacketTrace): readonly Dissected[] {
  return dissect(frameOf(Buffer.from(frame, 'hex'), wireLength));
}
