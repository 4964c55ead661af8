import type { PacketTrace, TraceFlow } from '../../../datapath/trace/packet-trace.ts';
import type { Outcome } from '../../../simulation/outcome.ts';
import { addToList } from '../../../topology/model/add-to-list.ts';
import type { Uuid } from '../../../topology/model/ids.ts';
import type { Instant } from '../../../topology/model/time.ts';
import type { FrameIn } from '../replay-listener.ts';
import type { Expectations, FrameExpectation } from '../scenario.ts';
import { formatCount, isWithin, plural } from './counts.ts';
import { DropCheck } from './drop-check.ts';
import { Evidence } from './evidence.ts';
import type { CheckResult, Failure, Nearest } from './failure.ts';
import { FlowCheck } from './flow-check.ts';
import { allowsOtherAt, compareFrame, fitsFrame, seenFrame } from './frame-fit.ts';
import type { Candidate } from './frame-search.ts';
import { noteOf, titleOf } from './frame-words.ts';
import { OtherFrames } from './other-frames.ts';
import { PathCheck } from './path-check.ts';
import type { Renewal, Unrenewable } from './renewal.ts';
import { renewedValues } from './renewed-values.ts';

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
  readonly #others: OtherFrames;
  readonly #drops: DropCheck;
  readonly #flows: FlowCheck;
  readonly #paths: PathCheck;

  constructor(expectations: Expectations, nameOf: (port: Uuid) => string) {
    this.#expectations = expectations;
    this.#nameOf = nameOf;
    for (const expectation of expectations.frames) addToList(this.#byPort, expectation.port, expectation);
    this.#others = new OtherFrames(nameOf);
    this.#drops = new DropCheck(expectations.drops, nameOf);
    this.#flows = new FlowCheck(expectations.flows, nameOf);
    this.#paths = new PathCheck(expectations.paths, nameOf);
  }

  /** A frame left by a port. The bytes are not kept. */
  frameOut(port: Uuid, bytes: Uint8Array, length: number, wireLength: number, packet: number, at: Instant): void {
    const here = this.#byPort.get(port);
    const allowsOther = allowsOtherAt(port, this.#expectations);
    if (here === undefined) {
      if (!allowsOther) this.#others.add({ port, packet, at, bytes: bytes.subarray(0, length), wireLength });
      return;
    }
    const frame = seenFrame(port, packet, at, bytes.subarray(0, length), wireLength);
    let isExpected = allowsOther;
    for (const expectation of here) {
      if (!fitsFrame(expectation, frame)) continue;
      this.#counts.set(expectation, (this.#counts.get(expectation) ?? 0) + 1);
      isExpected = true;
    }
    if (!isExpected) this.#others.add(frame);
  }

  /** A packet of a capture or a station had its fate. */
  ended(frame: FrameIn, outcome: Outcome): void {
    this.#drops.ended(frame, outcome);
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

  /** What a second run of the same scenario shall look for; undefined when nothing failed that needs one. */
  needs(): Evidence | undefined {
    const failed = {
      frames: this.#failedFrames(),
      drops: this.#drops.failed(),
      flows: this.#flows.failed(),
      paths: this.#paths.unmet(),
      others: this.#others.ports,
    };
    const isFine = Object.values(failed).every(({ length }) => length === 0);
    const { frames } = this.#expectations;
    return isFine ? undefined : new Evidence(failed, frames, this.#others.packets, this.#nameOf);
  }

  /** What the frames of which none came shall be, by those that came instead. To be counted anew, then. */
  renewedValues(evidence: Evidence): readonly Renewal[] {
    const missed = this.#failedFrames().filter((expectation) => this.#countOf(expectation) === 0);
    return renewedValues(missed, this.#expectations, evidence, this.#nameOf);
  }

  /**
   * What the expectations that were not met shall say, so that this run meets them.
   *
   * @param flows all that are in the table at the end
   */
  renewals(flows: readonly TraceFlow[]): readonly Renewal[] {
    const frames = this.#failedFrames().filter(({ isNever }) => !isNever);
    return [
      ...frames.map((expectation) => ({ place: expectation.place, keys: { count: this.#countOf(expectation) } })),
      ...this.#drops.renewals(),
      ...this.#flows.renewals(flows),
      ...this.#paths.renewals(),
    ];
  }

  /** The expectations that were not met, and cannot say what happened instead; what is never to come is a promise that no run takes back. */
  unrenewable(): readonly Unrenewable[] {
    const broken = this.#failedFrames().filter(({ isNever }) => isNever);
    return [
      ...broken.map((expectation) => ({
        where: expectation.where,
        title: titleOf(expectation, this.#nameOf),
        why: `never, and ${this.#countOf(expectation)} came`,
      })),
      ...this.#paths.unrenewable(),
    ];
  }

  /** Everything that was expected, in the order of the file; then, by port, what was not. */
  results(evidence?: Evidence): readonly CheckResult[] {
    return [
      ...this.#expectations.frames.map((expectation) => this.#frameResult(expectation, evidence)),
      ...this.#others.results(evidence),
      ...this.#drops.results(evidence),
      ...this.#flows.results(evidence),
      ...this.#paths.results(evidence),
    ];
  }

  #failedFrames(): readonly FrameExpectation[] {
    return this.#expectations.frames.filter((expectation) => !isWithin(this.#countOf(expectation), expectation.count));
  }

  #countOf(expectation: FrameExpectation): number {
    return this.#counts.get(expectation) ?? 0;
  }

  #frameResult(expectation: FrameExpectation, evidence: Evidence | undefined): CheckResult {
    const { where, count } = expectation;
    const received = this.#countOf(expectation);
    const title = titleOf(expectation, this.#nameOf);
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

  #nearest(expectation: FrameExpectation, { frame, what }: Candidate): Nearest {
    return { what, frame: noteOf(frame, this.#nameOf), fields: compareFrame(expectation, frame, this.#nameOf) };
  }
}
