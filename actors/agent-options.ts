import type { FrameSink } from '../datapath/datapath.ts';
import type { FlowIndex, Removal } from '../datapath/flow-table/flow.ts';
import type { ChangeTrace } from '../datapath/trace/change-trace.ts';
import type { PacketOrigin, PacketTrace, TraceFlow } from '../datapath/trace/packet-trace.ts';
import type { Outcome } from '../simulation/outcome.ts';
import type { Generated } from '../simulation/packet/packet.ts';
import type { PortId } from '../topology/model/ids.ts';
import type { Instant } from '../topology/model/time.ts';
import type { Nsdb } from '../topology/nsdb/nsdb.ts';
import type { ChangeSurroundings } from './change-log.ts';
import type { Made } from './journey.ts';
import type { VirtualTime } from './virtual-time.ts';

/** Who hears what an agent does with packets, and takes the frames that leave. */
export interface AgentListener extends FrameSink {
  /** A packet that came in has had its fate: from a flow, or from a simulation. */
  decided(packet: number, outcome: Outcome): void;
  /** A device made a packet; `by` is the number of the one that caused it, undefined for a router's own ARP. */
  generated(made: Made, by: number | undefined): void;
  /** A packet that a device made has had its fate. */
  generatedEnded(packet: number, outcome: Outcome): void;
  /** A device would have answered, but its limiter had no token left (C12). */
  limited(generated: Generated, by: number): void;
  /** The story of a packet, when it was asked for. */
  traced(trace: PacketTrace): void;
  /** A change of the database made a device anew, or removed flows; told where changes are followed. */
  changed?(trace: ChangeTrace): void;
  /** An error of our own: an actor's handler threw. */
  faulted(actor: string, topic: string, cause: unknown): void;
}

/** Who hears of flows as they come and go. Naming each costs: nothing is named while nobody watches. */
export interface FlowWatcher {
  /** A flow was installed by the simulation of a packet. `flow` as at the end of a run, with that packet's key. */
  flowInstalled(flow: TraceFlow, index: FlowIndex, packet: number): void;
  /** A flow goes. Another one may come to have its index. */
  flowRemoved(index: FlowIndex, why: Removal['kind'], at: Instant): void;
}

export interface AgentOptions {
  readonly nsdb: Nsdb;
  readonly time: VirtualTime;
  readonly listener: AgentListener;
  /** Of all chance: the same seed gives the same run. */
  readonly seed?: number;
  /** Flows the table holds at most. */
  readonly flowCapacity?: number;
  /** False: every packet is simulated, though flows are kept as ever; for comparison with a run where flows answer. */
  readonly hasFlows?: boolean;
  /** Whether the facts that flows rest on can be told in words: see {@link Agent.factsOf}. Costs something for each simulation. */
  readonly namesFacts?: boolean;
  /** Given: changes of the database are followed, and told with their facts in words; with a clock, with times of the world. */
  readonly followsChanges?: Pick<ChangeSurroundings, 'clock' | 'isDatabaseTimed'>;
  /** Whether generated packets tell their stories too. */
  readonly tracesGenerated?: boolean;
  readonly flowWatcher?: FlowWatcher;
}

/** A frame let in from outside. */
export interface Arrival {
  readonly packet: number;
  readonly bytes: Uint8Array;
  readonly wireLength: number;
  readonly port: PortId;
  /** Given: the packet's story is wanted, and begins so. */
  readonly story?: PacketOrigin;
}
