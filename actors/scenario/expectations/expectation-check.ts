import type { PacketTrace, TraceFlow } from '../../../datapath/trace/packet-trace.ts';
import type { Outcome } from '../../../simulation/outcome.ts';
import { describeFrame } from '../../../simulation/packet/format-packet.ts';
import type { Uuid } from '../../../topology/model/ids.ts';
import type { Instant } from '../../../topology/model/time.ts';
import { frameOf } from '../../frame-of.ts';
import type { FrameIn } from '../replay-listener.ts';
import type { DropExpectation, Expectations, FrameExpectation } from '../scenario.ts';
import { formatCount, formatMatch, isWithin, plural } from './counts.ts';
import { type Candidate, Evidence } from './evidence.ts';
import type { CheckResult, Failure, FrameNote } from './failure.ts';
import { FlowCheck } from './flow-check.ts';
import { compareFrame, fitsFrame, hexOf, type SeenFrame, seenFrame } from './frame-fit.ts';
import { PathCheck } from './path-check.ts';

/** Of the frames that nobody expected, so many are shown for a port. */
const EXAMPLES = 3;
/** Octets of a frame that a title shows. */
const SHOWN_OCTETS = 24;

interface Others {
  count: number;
  readonly examples: FrameNote[];
}

interface DropCount {
  readonly expectation: DropExpectation;
  count: number;
  /** The first too many. */
  surplus: number | undefined;
}

/**
 * Holds a run against what is expected of it, as it goes: it keeps counts and a few examples, however long the run is. What a failure
 * needs besides is found by a second run, which {@link needs} asks for.
 *
 * Every frame counts for every expectation that it fits; one that fits none is a failure unless others are allowed.
 */
export class ExpectationCheck {
  readonly #expectations: Expectations;
  readonly #nameOf: (port: Uuid) => string;
  readonly #byPort = new Map<Uuid, FrameExpectation[]>();
  readonly #counts = new Map<FrameExpectation, number>();
  readonly #others = new Map<Uuid, Others>();
  readonly #drops: readonly DropCount[];
  readonly #flows: FlowCheck;
  readonly #paths: PathCheck;

  constructor(expectations: Expectations, nameOf: (port: Uuid) => string) {
    this.#expectations = expectations;
    this.#nameOf = nameOf;
    for (const expectation of expectations.frames) {
      const known = this.#byPort.get(expectation.port);
      if (known === undefined) this.#byPort.set(expectation.port, [expectation]);
      else known.push(expectation);
    }
    this.#drops = expectations.drops.map((expectation) => ({ expectation, count: 0, surplus: undefined }));
    this.#flows = new FlowCheck(expectations.flows);
    this.#paths = new PathCheck(expectations.paths);
  }

  /** A frame left by a port. The bytes are not kept. */
  frameOut(port: Uuid, bytes: Uint8Array, length: number, wireLength: number, packet: number, at: Instant): void {
    const here = this.#byPort.get(port);
    const allowsOther = this.#expectations.allowOtherAt.get(port) ?? this.#expectations.allowOther;
    if (here === undefined) {
      if (!allowsOther) this.#other(port, packet, at, bytes.subarray(0, length), wireLength);
      return;
    }
    const frame = seenFrame(port, packet, at, bytes.subarray(0, length), wireLength);
    let isExpected = allowsOther;
    for (const expectation of here) {
      if (!fitsFrame(expectation, frame)) continue;
      this.#counts.set(expectation, (this.#counts.get(expectation) ?? 0) + 1);
      isExpected = true;
    }
    if (!isExpected) this.#other(port, packet, at, frame.bytes, wireLength);
  }

  /** A packet of a capture or a station had its fate. */
  ended({ port, packet }: FrameIn, { kind, reason }: Outcome): void {
    if (kind === 'dropped' || kind === 'gave-up') this.dropped(reason, port, packet);
  }

  dropped(reason: string, port: Uuid, packet: number): void {
    for (const drop of this.#drops) {
      const { expectation } = drop;
      if (expectation.reason !== reason || (expectation.port ?? port) !== port) continue;
      drop.count += 1;
      if (drop.count === expectation.count.most + 1) drop.surplus = packet;
    }
  }

  /** Whether the story of a packet that comes in so is needed: some path is expected of it. */
  wantsStory(bytes: Uint8Array, wireLength: number): boolean {
    return this.#paths.wantsStory(bytes, wireLength);
  }

  traced(trace: PacketTrace): void {
    this.#paths.traced(trace);
  }

  /** The run is over. @param flows all that are in the table, with names */
  end(flows: Iterable<TraceFlow>): void {
    for (const flow of flows) this.#flows.add(flow);
  }

  /** How many things are expected: none, and the check passes. */
  get size(): number {
    const { frames, drops, flows, paths } = this.#expectations;
    return frames.length + drops.length + flows.length + paths.length;
  }

  get passed(): boolean {
    return this.results().every(({ failure }) => failure === undefined);
  }

  /** What a second run of the same scenario shall look for; undefined when nothing failed that needs one. */
  needs(): Evidence | undefined {
    const failed = this.#expectations.frames.filter(
      (expectation) => !isWithin(this.#countOf(expectation), expectation.count),
    );
    const surplus = this.#drops.flatMap((drop) => drop.surplus ?? []);
    const others = [...this.#others.values()].flatMap(({ examples }) => examples[0]?.packet ?? []);
    if (failed.length + surplus.length + others.length === 0) return undefined;
    return new Evidence(failed, [...surplus, ...others], this.#nameOf);
  }

  /** Everything that was expected, in the order of the file; then, by port, what was not. */
  results(evidence?: Evidence): readonly CheckResult[] {
    return [
      ...this.#expectations.frames.map((expectation) => this.#frameResult(expectation, evidence)),
      ...this.#otherResults(evidence),
      ...this.#drops.map((drop) => this.#dropResult(drop, evidence)),
      ...this.#flows.results(),
      ...this.#paths.results(),
    ];
  }

  failures(evidence?: Evidence): readonly CheckResult[] {
    return this.results(evidence).filter(({ failure }) => failure !== undefined);
  }

  #countOf(expectation: FrameExpectation): number {
    return this.#counts.get(expectation) ?? 0;
  }

  #other(port: Uuid, packet: number, at: Instant, bytes: Uint8Array, wireLength: number): void {
    let others = this.#others.get(port);
    if (others === undefined) {
      others = { count: 0, examples: [] };
      this.#others.set(port, others);
    }
    others.count += 1;
    if (others.examples.length < EXAMPLES) {
      others.examples.push(noteOf(this.#nameOf(port), packet, at, bytes, wireLength));
    }
  }

  #frameResult(expectation: FrameExpectation, evidence: Evidence | undefined): CheckResult {
    const { where, port, count } = expectation;
    const received = this.#countOf(expectation);
    const title = `${this.#nameOf(port)}: ${describeExpectation(expectation)}`;
    if (isWithin(received, count)) return { kind: 'frames', where, title, failure: undefined };
    const candidate = evidence?.nearestTo(expectation);
    const failure: Failure = {
      expected: `${formatCount(count)} ${plural('frame', count.most)}`,
      received: `${received}`,
      nearest: candidate && this.#nearest(expectation, candidate),
      examples: [],
      trace: candidate && evidence?.traceOf(candidate.frame.packet),
    };
    return { kind: 'frames', where, title, failure };
  }

  #nearest(expectation: FrameExpectation, { frame, what }: Candidate): Failure['nearest'] {
    return { what, frame: this.#note(frame), fields: compareFrame(expectation, frame, this.#nameOf) };
  }

  #note({ port, packet, at, bytes, wireLength }: SeenFrame): FrameNote {
    return noteOf(this.#nameOf(port), packet, at, bytes, wireLength);
  }

  #otherResults(evidence: Evidence | undefined): readonly CheckResult[] {
    return [...this.#others]
      .map(([port, { count, examples }]): CheckResult => {
        const [first] = examples;
        const failure: Failure = {
          expected: 'none',
          received: `${count}`,
          nearest: undefined,
          examples,
          trace: first && evidence?.traceOf(first.packet),
        };
        return {
          kind: 'other-frames',
          where: undefined,
          title: `${this.#nameOf(port)}: frames nobody expected`,
          failure,
        };
      })
      .toSorted((a, b) => (a.title < b.title ? -1 : 1));
  }

  #dropResult({ expectation, count, surplus }: DropCount, evidence: Evidence | undefined): CheckResult {
    const { where, reason, port, count: expected } = expectation;
    const title = `dropped for ${reason}${port === undefined ? '' : `, in at ${this.#nameOf(port)}`}`;
    if (isWithin(count, expected)) return { kind: 'drops', where, title, failure: undefined };
    const failure: Failure = {
      expected: `${formatCount(expected)} ${plural('packet', expected.most)}`,
      received: `${count}`,
      nearest: undefined,
      examples: [],
      trace: surplus === undefined ? undefined : evidence?.traceOf(surplus),
    };
    return { kind: 'drops', where, title, failure };
  }
}

function describeExpectation({ match, bytes, exact }: FrameExpectation): string {
  const octets = bytes === undefined ? '' : hexOf(bytes.subarray(0, SHOWN_OCTETS));
  const cut = bytes !== undefined && bytes.length > SHOWN_OCTETS ? '...' : '';
  const parts = [formatMatch(match), octets === '' ? '' : `bytes ${octets}${cut}`, exact ? 'and nothing else' : ''];
  return parts.filter((part) => part !== '').join(', ');
}

function noteOf(
  port: string,
  packet: number,
  { seconds, nanos }: Instant,
  bytes: Uint8Array,
  wireLength: number,
): FrameNote {
  const at = `${seconds}.${String(nanos).padStart(9, '0')}`;
  return { port, at, packet, summary: describeFrame(frameOf(bytes, wireLength)) };
}
