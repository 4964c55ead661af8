import type { DeviceId, PortId } from '../topology/model/ids.ts';
import type { Ipv4 } from '../topology/model/ipv4.ts';
import type { Mac } from '../topology/model/mac.ts';
import type { Tunnel } from './tunnel.ts';
import type { Brand } from '../topology/model/brand.ts';

/**
 * A fact a flow may rest on, mixed into an integer of 53 bits: comparing and indexing cost what a number costs, and making one
 * allocates nothing. Two facts that share a number (one pair in 2^53) would at worst invalidate one flow too many.
 *
 * @see spec 60 §4 for the kinds
 */
export type Tag = Brand<number, 'Tag'>;

/** The kinds of fact, by the names that users of the field know. */
const TAG_KINDS = [
  'DpPort',
  'Device',
  'PortRx',
  'PortTx',
  'VlanPort',
  'FloodByDst',
  'Broadcast',
  'ArpRequests',
  'BridgePort',
  'Route',
  'NoRoute',
  'DestIp',
  'ArpEntry',
  'ArpAnswer',
  'Learned',
  'TunnelKey',
  'TunnelRoute',
] as const;
export type TagKind = (typeof TAG_KINDS)[number];

/** A tag with what it was mixed from: kept for traces only. */
export interface TagNote {
  readonly kind: TagKind;
  readonly device: number;
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

/** A kind made ready to be mixed. */
interface Kind {
  readonly name: TagKind;
  readonly seed: number;
}

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- made of exactly the kinds
const KINDS = Object.fromEntries(
  TAG_KINDS.map((name, n) => [name, { name, seed: 0x9e37_79b9 ^ ((n + 1) * 0x0100_0193) }]),
) as Readonly<Record<TagKind, Kind>>;

/** Mixes a tag out of a kind of fact and what the fact is about. */
export function tagOf(kind: TagKind, device: number, a = 0, b = 0, c = 0): Tag {
  return mix(KINDS[kind], device, a, b, c);
}

/** Two lanes of 32 bits, each of which takes in every word of a fact, and mixes it by a multiplier of its own. */
function mix({ seed }: Kind, device: number, a: number, b: number, c: number): Tag {
  let low = Math.imul(device, 0x85ebca6b);
  let high = Math.imul(seed ^ device, 0xc2b2ae35);
  low = Math.imul(low ^ (low >>> 15) ^ a, 0x85ebca6b);
  high = Math.imul(high ^ (high >>> 13) ^ (a / 2 ** 32) ^ a, 0xc2b2ae35);
  low = Math.imul(low ^ (low >>> 15) ^ b, 0x85ebca6b);
  high = Math.imul(high ^ (high >>> 13) ^ (b / 2 ** 32) ^ b, 0xc2b2ae35);
  low = Math.imul(low ^ (low >>> 15) ^ c, 0x85ebca6b);
  high = Math.imul(high ^ (high >>> 13) ^ (c / 2 ** 32) ^ c, 0xc2b2ae35);
  low = Math.imul(low ^ (low >>> 16), 0x85ebca6b);
  high = Math.imul(high ^ (high >>> 13) ^ low, 0xc2b2ae35);
  low ^= high >>> 15;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- tags are minted here only
  return ((high & 0x1fffff) * 2 ** 32 + (low >>> 0)) as Tag;
}

/** The facts that flows of one simulation rest on; with notes of what they are about when a trace wants to name them. */
export class TagList {
  readonly tags: Tag[] = [];
  /** Given: every tag is noted here too. */
  readonly notes: TagNote[] | undefined;

  constructor(notes?: TagNote[]) {
    this.notes = notes;
  }

  /** Entered from, or was output to, a port of the datapath. */
  dpPort(port: PortId): void {
    this.#add(KINDS.DpPort, port);
  }

  /** Sent to another host's address from one of ours. */
  tunnelRoute({ source, destination }: Tunnel): void {
    this.#add(KINDS.TunnelRoute, source, destination);
  }

  /** Traversed a port, bridge, router, chain. */
  device(device: DeviceId): void {
    this.#add(KINDS.Device, device);
  }

  portRx(port: PortId): void {
    this.#add(KINDS.PortRx, port);
  }

  portTx(port: PortId): void {
    this.#add(KINDS.PortTx, port);
  }

  /** `station` is behind `port` on this VLAN of a bridge. */
  vlanPort(bridge: DeviceId, station: Mac, vlan: number, port: PortId): void {
    this.#add(KINDS.VlanPort, bridge, station, vlan, port);
  }

  /** Nobody knows where `station` is. */
  floodByDst(bridge: DeviceId, station: Mac, vlan: number): void {
    this.#add(KINDS.FloodByDst, bridge, station, vlan);
  }

  /** The set of ports that a bridge floods. */
  broadcast(bridge: DeviceId): void {
    this.#add(KINDS.Broadcast, bridge);
  }

  arpRequests(bridge: DeviceId): void {
    this.#add(KINDS.ArpRequests, bridge);
  }

  /** The answer, or the lack of one, that a bridge has for requests about an address. */
  arpAnswer(bridge: DeviceId, address: Ipv4): void {
    this.#add(KINDS.ArpAnswer, bridge, address);
  }

  /** The router port behind an interior port of a bridge. */
  bridgePort(bridge: DeviceId, port: PortId): void {
    this.#add(KINDS.BridgePort, bridge, port);
  }

  /** The flow keeps this station learned: spec 20 §4.3. */
  learned(bridge: DeviceId, station: Mac, vlan: number, port: PortId): void {
    this.#add(KINDS.Learned, bridge, station, vlan, port);
  }

  /** A route, by its number, decided. */
  route(router: DeviceId, route: number): void {
    this.#add(KINDS.Route, router, route);
  }

  noRoute(router: DeviceId): void {
    this.#add(KINDS.NoRoute, router);
  }

  destIp(router: DeviceId, destination: Ipv4): void {
    this.#add(KINDS.DestIp, router, destination);
  }

  /** What a router knows, or does not, of a neighbour's MAC. */
  arpEntry(router: DeviceId, neighbour: Ipv4): void {
    this.#add(KINDS.ArpEntry, router, neighbour);
  }

  #add(kind: Kind, device: number, a = 0, b = 0, c = 0): void {
    this.tags.push(mix(kind, device, a, b, c));
    this.notes?.push({ kind: kind.name, device, a, b, c });
  }
}
