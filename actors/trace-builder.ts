import type { FlowActions } from '../datapath/flow-actions.ts';
import type { FlowView } from '../datapath/flow-table/flow.ts';
import type {
  PacketOrigin,
  PacketTrace,
  SuspendedRun,
  TraceGenerated,
  TraceStep,
} from '../datapath/trace/packet-trace.ts';
import { inOrder } from '../simulation/outcome.ts';
import { describeFrame } from '../simulation/packet/format-packet.ts';
import type { Frame } from '../simulation/packet/frame.ts';
import type { Simulation, SimulationOptions } from '../simulation/packet/packet.ts';
import { pathOf } from '../simulation/path.ts';
import type { DropReason, Need } from '../simulation/verdict.ts';
import type { PortId } from '../topology/model/ids.ts';
import { formatInstant, type Instant } from '../topology/model/time.ts';
import type { Directory } from './directory.ts';
import { frameOf } from './frame-of.ts';
import { HopRecord } from './hop-record.ts';
import type { JourneyEnd, Story } from './journey.ts';
import { formatNeed, formatTag } from './names.ts';
import { flowOfRun, formatFlow } from './trace-flow.ts';
import { hexOf, traceOutputs } from './trace-outputs.ts';
import { traceWay } from './trace-way.ts';

/** What a story begins with. */
export interface TraceStart {
  readonly packet: number;
  readonly origin: PacketOrigin;
  /** It may have no name yet: its device may have to be loaded first. */
  readonly port: PortId;
  readonly frame: Frame;
}

/** What there is to tell of a packet besides what the story began with. */
type Told = Pick<PacketTrace, 'way' | 'disposition'> &
  Partial<Pick<PacketTrace, 'hit' | 'suspended' | 'hops' | 'outputs' | 'flow' | 'generated'>>;

/**
 * Collects the story of one packet while it happens: over all its runs, each with a {@link HopRecord}. Made only when somebody asks, so that tracing
 * costs nothing when nobody does.
 */
export class TraceBuilder implements Story {
  readonly #start: TraceStart;
  readonly #directory: Directory;
  readonly #clock: () => Instant;
  readonly #at: string;
  readonly #suspended: (Omit<SuspendedRun, 'need'> & { readonly need: Need })[] = [];
  /** The run at hand, or the last one. */
  #run: HopRecord;
  /** The way of the last run that was suspended. */
  #way: readonly TraceStep[] = [];

  constructor(start: TraceStart, directory: Directory, clock: () => Instant) {
    this.#start = start;
    this.#directory = directory;
    this.#clock = clock;
    this.#at = formatInstant(clock());
    this.#run = new HopRecord(start.frame, directory);
  }

  /** A simulation begins: what it is to be given so that it tells its story here. */
  startRun(): SimulationOptions {
    this.#run = new HopRecord(this.#start.frame, this.#directory);
    return { notes: this.#run.notes, recorder: this.#run };
  }

  /** The run came to nothing yet: the packet waits. */
  suspended(need: Need, run: Simulation): void {
    this.#way = this.#wayOf(run);
    this.#suspended.push({
      for: need.kind,
      need,
      at: formatInstant(this.#clock()),
      hops: this.#run.hops,
    });
  }

  /** The packet's journey has ended. */
  finish({ outcome, run, actions, flow, generated }: JourneyEnd): PacketTrace {
    const { frame } = this.#start;
    const way = run === undefined ? this.#way : this.#wayOf(run);
    return this.#traceOf({
      suspended: this.#suspended.map((wait) => ({ ...wait, need: formatNeed(wait.need, this.#directory) })),
      hops: run?.need === undefined ? this.#run.hops : [],
      way,
      disposition: { kind: outcome.kind, reason: outcome.reason },
      outputs: actions === undefined ? [] : traceOutputs(actions, frame, this.#directory),
      flow: run && actions && flowOfRun(run, { actions, fate: flow, tags: this.#tags(), path: way }, this.#directory),
      generated: generated.map(({ packet: number, made }): TraceGenerated => ({
        packet: number,
        cause: made.cause,
        egress: this.#directory.nameOf(made.egress),
        summary: describeFrame(frameOf(made.bytes)),
        frame: hexOf(made.bytes),
      })),
    });
  }

  /** The story of a packet that a flow answered. @param words its key */
  hit(view: FlowView<FlowActions>, words: Uint32Array): PacketTrace {
    const { actions } = view;
    const flow = formatFlow(view, words, this.#directory);
    return this.#traceOf({
      hit: true,
      way: flow.path,
      disposition: { kind: actions.outcome.kind, reason: actions.outcome.reason },
      outputs: traceOutputs(actions, this.#start.frame, this.#directory),
      flow,
    });
  }

  /** The story of a packet that was not let in. */
  refused(reason: DropReason): PacketTrace {
    const port = this.#directory.nameOf(this.#start.port);
    const at = { parent: undefined, device: port, id: this.#directory.uuidOf(this.#start.port), kind: 'port' } as const;
    const verdict = { kind: 'drop', to: [], reason } as const;
    const hop = {
      hop: 0,
      ...at,
      point: 'ingress',
      saw: [],
      because: port,
      decider: undefined,
      rewrote: [],
      tags: [],
    } as const;
    return this.#traceOf({
      hops: [{ ...hop, verdict }],
      way: [{ ...at, by: undefined, end: { kind: 'drop', reason } }],
      disposition: { kind: 'dropped', reason },
    });
  }

  #traceOf(told: Told): PacketTrace {
    const { packet, origin, port, frame } = this.#start;
    return {
      version: 1,
      packet,
      at: this.#at,
      origin,
      port: this.#directory.nameOf(port),
      summary: describeFrame(frame),
      frame: hexOf(frame.bytes),
      wireLength: frame.wireLength,
      hit: told.hit ?? false,
      suspended: told.suspended ?? [],
      hops: told.hops ?? [],
      way: told.way,
      disposition: told.disposition,
      outputs: told.outputs ?? [],
      flow: told.flow,
      generated: told.generated ?? [],
    };
  }

  /** The facts that the run rests on, in words. */
  #tags(): readonly string[] {
    return this.#run.notes.map((note) => formatTag(note, this.#directory));
  }

  #wayOf(run: Simulation): readonly TraceStep[] {
    return traceWay(pathOf(inOrder(run.ended)), this.#directory);
  }
}
