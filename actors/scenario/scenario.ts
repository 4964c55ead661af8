import type { Uuid } from '../../topology/model/ids.ts';
import type { Ipv4, Ipv4Prefix } from '../../topology/model/ipv4.ts';
import type { JsonObject } from '../../topology/model/json.ts';
import type { Mac } from '../../topology/model/mac.ts';
import type { Instant } from '../../topology/model/time.ts';
import type { Topology } from '../../topology/file/topology.ts';
import type { FrameFilter } from './frame-filter.ts';

/** A run: a network, who is plugged into it, what is played into it, what happens meanwhile, and what ought to come of it. */
export interface Scenario {
  readonly topology: Topology;
  readonly seed: number;
  readonly stations: readonly Station[];
  readonly inputs: readonly Input[];
  readonly events: readonly ScenarioEvent[];
  readonly expectations: Expectations | undefined;
  /** The run ends here at the latest, and goes on until here; undefined: until no packet is pending. */
  readonly until: Instant | undefined;
}

/** A host plugged into an exterior port: it answers ARP and ping for its own addresses, and is silent otherwise. */
export interface Station {
  readonly name: string;
  readonly port: Uuid;
  readonly mac: Mac;
  readonly addresses: readonly Ipv4[];
  /** IPv6 addresses, as 16 octets each. */
  readonly addresses6: readonly Uint8Array[];
  /** Milliseconds between a request and its answer. */
  readonly delay: number;
}

/** A capture, and where its frames enter. */
export interface Input {
  /** What it is called in outputs: as the file names it. */
  readonly name: string;
  /** Where the file lies. */
  readonly path: string;
  /** In order: the first that takes a frame has it. */
  readonly selectors: readonly Selector[];
  /** Where frames enter that no selector takes; undefined: they are not selected, and counted. */
  readonly otherwise: Uuid | undefined;
  /** `keep`: frames enter as recorded. `adapt`: with the MAC addresses that this network expects. */
  readonly l2: 'keep' | 'adapt';
  /**
   * `start`: the first frame comes at time 0. `capture`: recorded times count from the earliest frame of all captures that are
   * aligned, so that captures taken at once stay together.
   */
  readonly align: 'start' | 'capture';
  readonly offset: Instant;
  /** 2 plays twice as fast. */
  readonly speed: number;
}

export interface Selector {
  readonly port: Uuid;
  /** A pcapng interface by name or number (from 0). */
  readonly interface: string | undefined;
  /** The source MAC. */
  readonly mac: Mac | undefined;
  /** The source address (IPv4, or ARP's sender). */
  readonly address: Ipv4Prefix | undefined;
  readonly filter: FrameFilter | undefined;
}

/** Something that happens at a time, before the timers and frames of that instant (C9). */
export interface ScenarioEvent {
  readonly at: Instant;
  readonly what: Happening;
}

export type Happening =
  /** Fields of stored objects change: admin state, routes, addresses. Null takes a field away. */
  | {
      readonly kind: 'update';
      readonly class: 'Port' | 'Network' | 'Router' | 'Route';
      readonly id: Uuid;
      readonly fields: JsonObject;
    }
  | { readonly kind: 'create'; readonly class: 'Route'; readonly id: Uuid; readonly fields: JsonObject }
  | { readonly kind: 'delete'; readonly class: 'Port' | 'Network' | 'Router' | 'Route'; readonly id: Uuid }
  /** The interface behind an exterior port loses or regains its link. */
  | { readonly kind: 'link'; readonly port: Uuid; readonly isUp: boolean }
  /** A station is plugged elsewhere, and announces itself there with a gratuitous ARP. */
  | { readonly kind: 'move'; readonly station: string; readonly to: Uuid }
  /** The agent of a host dies without a word: its ports go silent at once, its session ends at the timeout. */
  | { readonly kind: 'kill'; readonly host: Uuid }
  /** A host is cut off from the database, or reaches it again. */
  | { readonly kind: 'partition'; readonly host: Uuid; readonly isCut: boolean };

/** What ought to come of a run. */
export interface Expectations {
  readonly frames: readonly FrameExpectation[];
  /** Whether frames that nobody expects are fine, for all ports but those that say otherwise. */
  readonly allowOther: boolean;
  /** Ports that say so themselves. */
  readonly allowOtherAt: ReadonlyMap<Uuid, boolean>;
  /** What the file calls the ports of which it says something. */
  readonly portNames: ReadonlyMap<Uuid, string>;
  readonly drops: readonly DropExpectation[];
  readonly flows: readonly FlowExpectation[];
  readonly paths: readonly PathExpectation[];
}

/**
 * Fields by Wireshark's names, with values as tshark prints them: `ip.dst`, `10.0.2.20`. Numbers in any base, `any` for whatever
 * value, a prefix for an IPv4 address, letters for TCP flags.
 */
export type FieldMatch = ReadonlyMap<string, string>;

/** How many: from `least` to `most`, both included; Infinity when nothing limits it. */
export interface CountRange {
  readonly least: number;
  readonly most: number;
}

export interface Where {
  /** Where the expectation stands in its file, for messages. */
  readonly path: string;
  readonly line: number;
  readonly column: number;
}

/** Keys and indices from the root of a file: `expect`, `frames`, `edge:uplink`, 0. */
export type FilePath = readonly (string | number)[];

/** What all expectations have. */
interface Expected {
  readonly where: Where;
  /** The same place for programs. */
  readonly place: FilePath;
  /** How many: 1 unless said otherwise. */
  readonly count: CountRange;
}

export interface FrameExpectation extends Expected {
  readonly port: Uuid;
  readonly match: FieldMatch;
  /** The frame whole; undefined when fields say it. */
  readonly bytes: Uint8Array | undefined;
  /** Every field of the frame must be named, but those ignored. */
  readonly exact: boolean;
  /** Fields, or layers: `tcp`. */
  readonly ignore: readonly string[];
  /** Said by `never`: the count is 0. Each frame counts for every expectation that it fits. */
  readonly isNever: boolean;
  /** When, both ends included; undefined: whenever. */
  readonly within: readonly [Instant, Instant] | undefined;
}

export interface DropExpectation extends Expected {
  readonly reason: string;
  /** Which packets: of an input frame with these fields; empty: any. */
  readonly match: FieldMatch;
  /** Input port; undefined: any. */
  readonly port: Uuid | undefined;
}

export interface FlowExpectation extends Expected {
  /** Fields that the flow's match has, with these values. */
  readonly match: FieldMatch;
  /** The names of all its exact fields; undefined: whichever. */
  readonly mask: readonly string[] | undefined;
  /** Actions in order, as traces print them; undefined: whichever. */
  readonly actions: readonly string[] | undefined;
}

export interface PathExpectation extends Omit<Expected, 'count'> {
  /** Which packets: of an input frame with these fields. */
  readonly match: FieldMatch;
  /** The names of the devices on the way, in order; `...` stands for any number of them. */
  readonly path: readonly string[];
}
