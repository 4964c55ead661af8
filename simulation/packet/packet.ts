import type { DeviceId, PortId } from '../../topology/model/ids.ts';
import type { Millis } from '../../topology/model/time.ts';
import { TagList, type TagNote } from '../tag.ts';
import type { Tunnel } from '../tunnel.ts';
import type { Verdict } from '../verdict.ts';
import { BEYOND_KEY, type Fields } from './fields.ts';
import { FlowKey, type Sight } from './flow-key.ts';
import type { Frame } from './frame.ts';
import { copyOfKey } from './key-words.ts';

/** A wish of a simulation, granted when it has ended well and dropped with an abandoned one or a what-if. */
export interface Proposal {
  carryOut(now: Millis): void;
}

/** Why a device made a packet of its own. */
type GeneratedCause = 'arp-reply' | 'arp-request' | 'icmp-error' | 'echo-reply';

/** Grants at most so many packets in a time: spec C12. */
export interface Limiter {
  /** Takes a token; false when there is none. */
  take(now: Millis): boolean;
}

/** A packet that a device made: it starts at the egress of a port when the simulation that made it has ended. */
export interface Generated {
  readonly cause: GeneratedCause;
  readonly bytes: Uint8Array;
  readonly egress: PortId;
  /** Asked when the simulation has ended: without a token the packet is not made after all, and counted. */
  readonly limiter?: Limiter;
  /** Called when the simulation has ended and a token was had, before the packet leaves: writes what only then may be counted up. */
  readonly finish?: () => void;
}

/** The object that decided at a device: a route, a table entry, the device's own state. */
export interface Decider {
  /** Its number in the agent's directory; 0 for an entry of a table, which has none. */
  readonly number: number;
  /** What it says, for people: `route 10.0.0.0/8 via 10.0.9.2`. */
  describe(): string;
}

/** One way out that a simulation found, before it is known which rewrites the flow needs. */
export interface Emission {
  readonly port: PortId;
  /** The branch that found it: see {@link Packet.lineage}. */
  readonly lineage: readonly number[];
  readonly words: Uint32Array;
  readonly written: Fields;
  /** The largest IP packet that this way takes; Infinity when nothing limits it. */
  readonly mtu: number;
  /** How it gets to the port's host, when that is another one. */
  readonly tunnel: Tunnel | undefined;
}

/** What became of a packet longer than the MTU of a port that it was to leave by. */
export interface Oversize {
  readonly port: PortId;
  readonly mtu: number;
  /** Octets of the IP packet. */
  readonly octets: number;
  /** How many it is cut into; 0: it may not, or cannot, be cut. */
  readonly fragments: number;
}

/** Where at a device a decision was made: a port decides when a packet comes in and when it goes out, others once. */
export type Point = 'ingress' | 'device' | 'egress';

/** Hears of every hop of one simulation, for a trace. Told after the device has decided and before the packet moves on. */
export interface HopRecorder {
  hop(packet: Packet, device: DeviceId, point: Point, verdict: Verdict): void;
  /** The packet went several ways: each branch goes on from its last hop. */
  forked(packet: Packet, branches: readonly Packet[]): void;
}

export interface SimulationOptions {
  readonly isGenerated?: boolean;
  /** Nothing of it will count. */
  readonly isWhatIf?: boolean;
  /** Given: tags are noted here with what they are about. */
  readonly notes?: TagNote[];
  readonly recorder?: HopRecorder;
}

/** What one packet's journey gathers, shared by all its branches. */
export class Simulation implements Sight {
  readonly frame: Frame;
  /** The key as extracted: never changed. */
  readonly origin: Uint32Array;
  readonly now: Millis;
  /** True of packets that devices made: no flow comes of them (spec 00 §3). */
  readonly isGenerated: boolean;
  /** True of a simulation of which nothing will count, not even that it used a device. */
  readonly isWhatIf: boolean;
  seen: Fields = 0;
  readonly facts: TagList;
  readonly proposals: Proposal[] = [];
  readonly generated: Generated[] = [];
  /** The ways out found so far, in the order of finding. */
  readonly emissions: Emission[] = [];
  /** Branches under way. */
  branches = 1;
  /** The branches that have ended, in the order in which they did; each says in `verdict` how. */
  readonly ended: Packet[] = [];
  readonly recorder: HopRecorder | undefined;
  /** True once something was met that no flow can stand for: each further packet is simulated too. */
  isFlowless = false;

  constructor(frame: Frame, origin: Uint32Array, now: Millis, options: SimulationOptions = {}) {
    this.frame = frame;
    this.origin = origin;
    this.now = now;
    this.isGenerated = options.isGenerated ?? false;
    this.isWhatIf = options.isWhatIf ?? false;
    this.facts = new TagList(options.notes);
    this.recorder = options.recorder;
  }
}

/**
 * A packet under simulation, or one branch of it: it travels from device to device.
 *
 * What a device learns of it goes to the shared {@link Simulation}; what differs between branches is here.
 */
export class Packet {
  readonly simulation: Simulation;
  readonly key: FlowKey;
  /** Where it entered the device it is at; undefined for a packet that starts at an egress. */
  ingress: PortId | undefined;
  /** Port ingresses so far: spec C5. */
  hops = 0;
  /** The smallest MTU of the ports it left by. */
  mtu = Infinity;
  /** What the last port did whose MTU was too small for it; undefined while none was. */
  oversize: Oversize | undefined;
  /** Which of the copies at each fork this branch is; orders what branches yield, whoever ran first. */
  readonly lineage: readonly number[];
  /** What decided at the device it is at. */
  because: Decider | undefined;
  /** How this branch ended; undefined while it is under way. */
  verdict: Verdict | undefined;
  /** The devices behind it and what decided there, as pairs of numbers: the provenance of the flow. */
  readonly path: number[];

  /** A packet at the start of its simulation: entering by `ingress`, or about to leave a port when there is none. */
  constructor(simulation: Simulation, ingress: PortId | undefined, from?: { packet: Packet; way: number }) {
    this.simulation = simulation;
    this.ingress = ingress;
    if (from === undefined) {
      this.key = new FlowKey(copyOfKey(simulation.origin), simulation);
      this.lineage = ROOT;
      this.path = [];
    } else {
      const { packet, way } = from;
      this.key = packet.key.fork(copyOfKey(packet.key.words));
      this.hops = packet.hops;
      this.mtu = packet.mtu;
      this.oversize = packet.oversize;
      this.lineage = [...packet.lineage, way];
      this.because = packet.because;
      this.path = packet.path.slice();
    }
  }

  get facts(): TagList {
    return this.simulation.facts;
  }

  get frame(): Frame {
    return this.simulation.frame;
  }

  get now(): Millis {
    return this.simulation.now;
  }

  propose(proposal: Proposal): void {
    this.simulation.proposals.push(proposal);
  }

  generate(generated: Generated): void {
    this.simulation.generated.push(generated);
  }

  /** Notes that what decided is not in the key: the verdict holds for this packet only. */
  seeBeyondKey(): void {
    this.key.see(BEYOND_KEY);
  }

  /** No flow shall come of this simulation: spec C12, and a packet above the MTU. */
  keepFlowless(): void {
    this.simulation.isFlowless = true;
  }

  /** Copies for the ways of a flood: the n-th goes the n-th way. This packet itself has then ended. */
  fork(ways: number): readonly Packet[] {
    this.simulation.branches += ways - 1;
    return Array.from({ length: ways }, (_, way) => new Packet(this.simulation, this.ingress, { packet: this, way }));
  }

  /** Notes that an exterior port lets it out, as it is now; through a tunnel when the port is another host's. */
  emit(port: PortId, tunnel?: Tunnel): void {
    const { lineage, mtu, key } = this;
    this.simulation.emissions.push({ port, lineage, words: key.words, written: key.written, mtu, tunnel });
  }
}

const ROOT: readonly number[] = [];
