import type { Uuid } from '../../topology/model/ids.ts';

/**
 * The whole story of one packet, for people and programs: names and text, no numbers that mean something inside an agent only.
 * Built on the cold path, when somebody asks. As JSON it is a published format: `version` changes when a reader must.
 */
export interface PacketTrace {
  readonly version: 1;
  /** The packet's number in its run, from 1, in order of arrival; generated packets have numbers of their own. */
  readonly packet: number;
  /** When it came, seconds since the start of the run, nine decimals. */
  readonly at: string;
  readonly origin: PacketOrigin;
  /** The port it came in by, or for a generated packet the port it leaves by first. */
  readonly port: string;
  /** One line of what it is: `10.0.2.15:53152 > 192.168.1.1:53 UDP 43`. */
  readonly summary: string;
  /** The frame as it came, in hexadecimal. */
  readonly frame: string;
  readonly wireLength: number;
  /** True when a flow answered: then there are no hops, and `flow` is the one that did. */
  readonly hit: boolean;
  /** The runs that were suspended before the last one, oldest first. */
  readonly suspended: readonly SuspendedRun[];
  readonly hops: readonly TraceHop[];
  /** The way it went, a flow's or its own: of its last run, when it had to wait. */
  readonly way: readonly TraceStep[];
  readonly disposition: Disposition;
  readonly outputs: readonly TraceOutput[];
  readonly flow: TraceFlow | undefined;
  /** Packets that devices made because of this one. */
  readonly generated: readonly TraceGenerated[];
}

export type PacketOrigin =
  | { readonly kind: 'capture'; readonly file: string; readonly frame: number }
  | { readonly kind: 'station'; readonly station: string; readonly because: string }
  | { readonly kind: 'generated'; readonly by: string; readonly cause: string; readonly packet: number | undefined }
  | { readonly kind: 'what-if'; readonly text: string };

/** Where a packet's journey ended. The kinds and reasons are a closed list. */
export interface Disposition {
  readonly kind: 'forwarded' | 'consumed' | 'dropped' | 'gave-up';
  /** Why; undefined only when forwarded. A word of the published list. */
  readonly reason: string | undefined;
}

export interface SuspendedRun {
  /** `device`: the agent had to load one that it had not met; `next-hop`: the network had to find a neighbour's MAC. */
  readonly for: 'device' | 'next-hop';
  /** What the packet waited for: `next hop 203.0.113.1 behind edge:uplink`. */
  readonly need: string;
  readonly at: string;
  readonly hops: readonly TraceHop[];
}

/** One visit to one device. */
export interface TraceHop {
  /** Index in the list of hops. */
  readonly hop: number;
  /** The hop it came from; undefined for the first. Hops of a flood share theirs: the list is a tree. */
  readonly parent: number | undefined;
  /** `web`, `web:web-1`. */
  readonly device: string;
  readonly id: Uuid | undefined;
  readonly kind: 'bridge' | 'router' | 'port';
  readonly point: 'ingress' | 'device' | 'egress';
  /** Fields looked at here for the first time, with the values found: `ip.dst`, `10.0.2.20`. */
  readonly saw: readonly FieldValue[];
  /** The object that decided, in words, and its id when it has one. */
  readonly because: string;
  readonly decider: Uuid | undefined;
  readonly verdict: TraceVerdict;
  readonly rewrote: readonly { readonly field: string; readonly from: string; readonly to: string }[];
  /** Given where the packet was longer than the MTU of the port that it was to leave by. */
  readonly oversize?: TraceOversize;
  /** The frame as it left the device, in hexadecimal, when it is not any more as it came. */
  readonly frame?: string;
  /** The facts used here: `VlanPort(web, 02:00:00:00:00:0a, web:web-1)`. */
  readonly tags: readonly string[];
}

/** A device on a way. */
export interface TraceStep {
  /** The place in the list of the step before it; undefined for the first. Branches of a flood share theirs: the list is a tree. */
  readonly parent: number | undefined;
  readonly device: string;
  readonly id: Uuid | undefined;
  readonly kind: TraceHop['kind'];
  /** The object that decided there, by name, where that was another. */
  readonly by: string | undefined;
  /** How the branch ended that ended here. */
  readonly end: TraceEnd | undefined;
}

interface TraceEnd {
  readonly kind: 'emit' | 'consumed' | 'drop' | 'suspend';
  /** Why, for consumed and drop. */
  readonly reason: string | undefined;
}

/** What became of a packet longer than an MTU. */
export interface TraceOversize {
  /** The port whose MTU it is. */
  readonly port: string;
  readonly mtu: number;
  /** Octets of the IP packet. */
  readonly octets: number;
  /** How many fragments leave in its place; 0: it may not, or cannot, be cut. */
  readonly fragments: number;
}

export interface TraceVerdict {
  readonly kind: 'deliver' | 'forward' | 'flood' | 'cross' | 'emit' | 'consumed' | 'drop' | 'suspend';
  /** Names of devices or ports it goes to. */
  readonly to: readonly string[];
  /** Why, for consumed and drop; what is needed, for suspend. */
  readonly reason: string | undefined;
}

export interface FieldValue {
  readonly field: string;
  readonly value: string;
}

/** A frame that left. Of a packet that was fragmented there are several, in order. */
export interface TraceOutput {
  readonly port: string;
  /** `eth.dst=02:…`, `ip.ttl=63`. */
  readonly rewrites: readonly string[];
  readonly summary: string;
  readonly frame: string;
  /** Which fragment of the packet it is, from 1, when it was fragmented. */
  readonly fragment?: number;
}

export interface TraceGenerated {
  readonly packet: number | undefined;
  readonly cause: string;
  readonly egress: string;
  readonly summary: string;
  readonly frame: string;
}

/** The flow that was installed, or would be. */
export interface TraceFlow {
  /** All fields of the packet that came. */
  readonly key: readonly FieldValue[];
  /** The fields that must match, as the mask has them; `absent` for one that must not be there. */
  readonly match: readonly FieldValue[];
  readonly actions: readonly string[];
  /** The facts it rests on: in the order of use, in `flows.json` of the alphabet. None in the story of a packet that it answered. */
  readonly tags: readonly string[];
  readonly lifetimeSeconds: number;
  /** The largest IP packet that may use it; undefined when nothing limits it. */
  readonly mtu: number | undefined;
  readonly state: 'installed' | 'exists' | 'would-install' | 'not-installed';
  /** Why not, when not installed. */
  readonly because: string | undefined;
  /** The devices on its way. */
  readonly path: readonly TraceStep[];
}
