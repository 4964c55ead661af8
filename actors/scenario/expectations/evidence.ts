import type { FlowIndex, Removal } from '../../../datapath/flow-table/flow.ts';
import type { PacketTrace, TraceFlow } from '../../../datapath/trace/packet-trace.ts';
import type { Outcome } from '../../../simulation/outcome.ts';
import type { DropReason } from '../../../simulation/verdict.ts';
import type { Uuid } from '../../../topology/model/ids.ts';
import type { Instant } from '../../../topology/model/time.ts';
import type { FlowWatcher } from '../../agent-options.ts';
import type { FrameIn } from '../replay-listener.ts';
import type { DropExpectation, FlowExpectation, FrameExpectation, PathExpectation } from '../scenario.ts';
import { DropSearch } from './drop-search.ts';
import { type FlowFailure, FlowSearch } from './flow-search.ts';
import { seenFrame } from './frame-fit.ts';
import { FrameSearch } from './frame-search.ts';
import { OtherSearch } from './other-search.ts';
import { PacketSearch } from './packet-search.ts';

/** The expectations that were not met, and for which something near is looked for. */
export interface Failed {
  readonly frames: readonly FrameExpectation[];
  readonly drops: readonly DropExpectation[];
  readonly flows: readonly FlowFailure[];
  /** Those of which no packet came in. */
  readonly paths: readonly PathExpectation[];
  /** Ports by which frames left that nobody expected. */
  readonly others: readonly Uuid[];
}

const NONE_LOST: ReadonlySet<DropReason> = new Set();

/**
 * Gathers, in a second run of the same scenario, what failed expectations need: for what came too rarely whatever came nearest, by the
 * number of equal fields; for what came too often the first too many. What is kept for each failure is bounded, however long the run.
 *
 * A third run then asks for the stories of {@link packets} and hands them to {@link traced}.
 */
export class Evidence implements FlowWatcher {
  readonly #frames: ReadonlyMap<FrameExpectation, FrameSearch>;
  readonly #drops: ReadonlyMap<DropExpectation, DropSearch>;
  readonly #flows: ReadonlyMap<FlowExpectation, FlowSearch>;
  readonly #paths: ReadonlyMap<PathExpectation, PacketSearch>;
  readonly #others: ReadonlyMap<Uuid, OtherSearch>;
  readonly #wanted: ReadonlySet<number>;
  readonly #traces = new Map<number, PacketTrace>();
  /** Why copies reached nobody, of packets whose end is open. */
  readonly #lost = new Map<number, Set<DropReason>>();

  /**
   * @param expected all frames that are expected, met or not
   * @param packets whose stories are wanted besides
   */
  constructor(
    { frames, drops, flows, paths, others }: Failed,
    expected: readonly FrameExpectation[],
    packets: Iterable<number>,
    nameOf: (port: Uuid) => string,
  ) {
    this.#frames = new Map(frames.map((each) => [each, new FrameSearch(each, nameOf)]));
    this.#drops = new Map(drops.map((each) => [each, new DropSearch(each, nameOf)]));
    this.#flows = new Map(flows.map((each) => [each.expectation, new FlowSearch(each, nameOf)]));
    this.#paths = new Map(paths.map((each) => [each, new PacketSearch(each.match)]));
    this.#others = new Map(others.map((port) => [port, new OtherSearch(port, expected, nameOf)]));
    this.#wanted = new Set(packets);
  }

  /** Whether flows are looked for: they have to be told of, then. */
  get wantsFlows(): boolean {
    return this.#flows.size > 0;
  }

  frameOut(port: Uuid, bytes: Uint8Array, length: number, wireLength: number, packet: number, at: Instant): void {
    if (this.#frames.size + this.#others.size === 0) return;
    const frame = seenFrame(port, packet, at, bytes.subarray(0, length), wireLength);
    for (const search of this.#frames.values()) search.look(frame, 'frame-out');
    this.#others.get(port)?.look(frame);
  }

  frameLost(packet: number, reason: DropReason): void {
    if (this.#drops.size > 0) this.#lost.set(packet, (this.#lost.get(packet) ?? new Set()).add(reason));
  }

  ended({ port, packet, at, bytes, wireLength, source }: FrameIn, outcome: Outcome): void {
    const lost = this.#lost.get(packet) ?? NONE_LOST;
    this.#lost.delete(packet);
    // A packet that did not leave may be the frame that was expected.
    const asFrame = outcome.kind === 'forwarded' ? [] : [...this.#frames.values()];
    if (asFrame.length + this.#drops.size + this.#flows.size + this.#paths.size === 0) return;
    const frame = seenFrame(port, packet, at, bytes, wireLength);
    for (const search of asFrame) search.look(frame, 'frame-in');
    for (const search of this.#drops.values()) search.ended(frame, { outcome, lost }, source !== undefined);
    for (const search of this.#flows.values()) search.ended(frame, outcome);
    for (const search of this.#paths.values()) search.look(frame);
  }

  flowInstalled(flow: TraceFlow, index: FlowIndex, packet: number): void {
    for (const search of this.#flows.values()) search.installed(flow, index, packet);
  }

  flowRemoved(index: FlowIndex, why: Removal['kind'], at: Instant): void {
    for (const search of this.#flows.values()) search.removed(index, why, at);
  }

  traced(trace: PacketTrace): void {
    if (this.packets().has(trace.packet)) this.#traces.set(trace.packet, trace);
  }

  /** The packets whose stories a third run shall tell. */
  packets(): ReadonlySet<number> {
    const near = [
      ...[...this.#frames.values()].map(({ found }) => found?.frame.packet),
      ...[...this.#drops.values()].map(({ found }) => found?.frame.packet),
      ...[...this.#flows.values()].map(({ found }) => (found?.kind === 'packet' ? found.frame.packet : found?.packet)),
      ...[...this.#paths.values()].map(({ found }) => found?.packet),
      ...[...this.#others.values()].map(({ found }) => found?.frame.packet),
    ];
    return new Set([...this.#wanted, ...near.flatMap((packet) => packet ?? [])]);
  }

  nearestTo(expectation: FrameExpectation): FrameSearch['found'] {
    return this.#frames.get(expectation)?.found;
  }

  nearestToDrop(expectation: DropExpectation): DropSearch['found'] {
    return this.#drops.get(expectation)?.found;
  }

  nearestToFlow(expectation: FlowExpectation): FlowSearch['found'] {
    return this.#flows.get(expectation)?.found;
  }

  /** The packet that came nearest to those of which a path is expected. */
  nearestOnPath(expectation: PathExpectation): PacketSearch['found'] {
    return this.#paths.get(expectation)?.found;
  }

  /** Of the frames that nobody expected at a port, the one that nearly was. */
  nearestOfOthers(port: Uuid): OtherSearch['found'] {
    return this.#others.get(port)?.found;
  }

  traceOf(packet: number): PacketTrace | undefined {
    return this.#traces.get(packet);
  }
}
