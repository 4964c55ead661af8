import type { Datapath } from '../datapath/datapath.ts';
import type { FlowActions } from '../datapath/flow-actions.ts';
import { NO_FLOW, type FlowIndex } from '../datapath/flow-table/flow.ts';
import type { FlowTable } from '../datapath/flow-table/flow-table.ts';
import type { PacketOrigin, PacketTrace } from '../datapath/trace/packet-trace.ts';
import { Layers } from '../simulation/packet/frame.ts';
import { copyOfKey } from '../simulation/packet/key-words.ts';
import type { DropReason } from '../simulation/verdict.ts';
import type { PortId } from '../topology/model/ids.ts';
import type { AgentOptions, Arrival } from './agent-options.ts';
import type { Directory } from './directory.ts';
import type { Door } from './door.ts';
import { frameOf } from './frame-of.ts';
import type { Journey, Made } from './journey.ts';
import { TraceBuilder, type TraceStart } from './trace-builder.ts';
import type { Workflow } from './workflow.ts';

/** What an intake works with. */
interface IntakeParts {
  readonly options: Pick<AgentOptions, 'listener' | 'time' | 'hasFlows' | 'tracesGenerated'>;
  readonly directory: Directory;
  readonly flows: FlowTable<FlowActions>;
  readonly datapath: Datapath;
  readonly workflow: Workflow;
  readonly door: Door;
}

const UNSUSPENDED = { suspendedAt: undefined, patience: undefined, isStoodFor: false };

/**
 * Sends packets on their journey, with their story where it is wanted: those that come in and that no flow answers, those that somebody
 * only asks about, those that devices made. Tells the listener how each ended.
 */
export class Intake {
  readonly #parts: IntakeParts;
  readonly #options: IntakeParts['options'];
  readonly #flows: FlowTable<FlowActions>;
  readonly #datapath: Datapath;
  readonly #workflow: Workflow;

  constructor(parts: IntakeParts) {
    this.#parts = parts;
    this.#options = parts.options;
    this.#flows = parts.flows;
    this.#datapath = parts.datapath;
    this.#workflow = parts.workflow;
  }

  /** Lets a frame in. A flow answers at once, or the actors do by and by. */
  receive(arrival: Arrival): void {
    const { packet, bytes, wireLength, port, story } = arrival;
    const { listener, time, hasFlows } = this.#options;
    const now = time.now();
    if (story !== undefined || hasFlows === false) {
      this.#receiveAtLength(arrival, story);
      return;
    }
    const outcome = this.#datapath.receive(bytes, wireLength, port, now, packet);
    if (outcome !== undefined) {
      listener.decided(packet, outcome);
      return;
    }
    const layers = new Layers();
    layers.set(this.#datapath.layers);
    this.#workflow.begin({
      packet,
      frame: { bytes, wireLength, layers },
      words: copyOfKey(this.#datapath.words),
      start: { point: 'ingress', port },
      purpose: 'real',
      trace: undefined,
      ended: (end) => listener.decided(packet, end.outcome),
      ...UNSUSPENDED,
    });
  }

  /** Lets a frame in whose story is wanted, or that no flow may answer. */
  #receiveAtLength({ packet, bytes, wireLength, port }: Arrival, origin: PacketOrigin | undefined): void {
    const { listener, time, hasFlows } = this.#options;
    const frame = frameOf(bytes, wireLength, port);
    const trace = origin === undefined ? undefined : this.#traceOf({ packet, origin, port, frame });
    let standIn: FlowIndex | typeof NO_FLOW = NO_FLOW;
    if (hasFlows === false) {
      standIn = this.#flows.peek(frame.words, 0, frame.layers.ipLength, time.now());
      if (standIn !== NO_FLOW) this.#flows.hit(standIn, wireLength);
    } else {
      const outcome = this.#datapath.receive(bytes, wireLength, port, time.now(), packet);
      const { servedBy } = this.#datapath;
      if (outcome !== undefined && servedBy !== NO_FLOW) {
        if (trace !== undefined) listener.traced(trace.hit(this.#flows.view(servedBy), frame.words));
        listener.decided(packet, outcome);
        return;
      }
    }
    this.#workflow.begin({
      packet,
      frame,
      words: frame.words,
      start: { point: 'ingress', port },
      purpose: 'real',
      trace,
      ended: (end) => {
        if (trace !== undefined) listener.traced(trace.finish(end));
        listener.decided(packet, end.outcome);
      },
      ...UNSUSPENDED,
      isStoodFor: standIn !== NO_FLOW,
    });
  }

  /** The story of a frame that is not let in. */
  refused({ packet, bytes, wireLength, port }: Arrival, origin: PacketOrigin, reason: DropReason): PacketTrace {
    return this.#traceOf({ packet, origin, port, frame: frameOf(bytes, wireLength, port) }).refused(reason);
  }

  /** What would become of a frame; nothing changes by it. Resolves when its simulation has ended. */
  whatIf(bytes: Uint8Array, wireLength: number, port: PortId, text: string): Promise<PacketTrace> {
    const frame = frameOf(bytes, wireLength, port);
    const origin: PacketOrigin = { kind: 'what-if', text };
    const trace = this.#traceOf({ packet: 0, origin, port, frame });
    return new Promise((resolve) => {
      this.#workflow.begin({
        packet: 0,
        frame,
        words: frame.words,
        start: { point: 'ingress', port },
        purpose: 'what-if',
        trace,
        ended: (end) => resolve(trace.finish(end)),
        ...UNSUSPENDED,
      });
    });
  }

  /** Has a packet that a device made begin when all before is settled. @param by the journey it was made on, if any */
  generate(made: Made, by: Journey | undefined): void {
    const { directory, door } = this.#parts;
    const { listener, tracesGenerated } = this.#options;
    const { packet = 0, made: generated } = made;
    const { bytes, egress, cause } = generated;
    const frame = frameOf(bytes, bytes.length, egress);
    const origin: PacketOrigin = { kind: 'generated', by: directory.nameOf(egress), cause, packet: by?.packet };
    const trace = tracesGenerated === true ? this.#traceOf({ packet, origin, port: egress, frame }) : undefined;
    listener.generated(made, by?.packet);
    const journey: Journey = {
      packet,
      frame,
      words: frame.words,
      start: { point: 'egress', port: egress },
      purpose: 'real',
      trace,
      ended: (end) => {
        if (trace !== undefined) listener.traced(trace.finish(end));
        listener.generatedEnded(packet, end.outcome);
      },
      ...UNSUSPENDED,
    };
    door.admit([journey], false);
  }

  #traceOf(start: TraceStart): TraceBuilder {
    return new TraceBuilder(start, this.#parts.directory, () => this.#options.time.instant);
  }
}
