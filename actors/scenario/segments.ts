import type { Topology } from '../../topology/file/topology.ts';
import type { Uuid } from '../../topology/model/ids.ts';
import { formatIpv4, isInside, type Ipv4, type Ipv4Prefix } from '../../topology/model/ipv4.ts';
import { macOf, type Mac } from '../../topology/model/mac.ts';
import type { Station } from './scenario.ts';
import { segmentsOf, type Segment } from './segment.ts';

/** Who speaks for an address on a segment. */
export interface Speaker {
  readonly mac: Mac;
  /** The address it answers ARP for: the one asked about, or the gateway's for addresses behind it. */
  readonly address: Ipv4;
}

/**
 * The Ethernet segments of a topology as the configuration has them: who is on them, and by which MAC an address is reached. For
 * frames that must be made to fit into this network.
 */
export class Segments {
  /** By the ports that are on them. */
  readonly #segments: ReadonlyMap<Uuid, Segment>;

  constructor(topology: Topology, stations: readonly Station[]) {
    this.#segments = segmentsOf(topology, stations);
  }

  /** Who speaks for the source address of a packet that enters at the port; undefined when it cannot be from there. */
  speakerFor(port: Uuid, source: Ipv4): Speaker | undefined {
    const segment = this.#segments.get(port);
    if (segment === undefined) return undefined;
    const station = segment.stations.find(({ addresses }) => addresses.includes(source));
    if (station !== undefined) return { mac: station.mac, address: source };
    if (segment.routers.some(({ prefix }) => isInside(source, prefix))) return this.#implied(segment, source);
    for (const { gateways } of segment.routers) {
      const way = gateways.find(({ prefix }) => isInside(source, prefix));
      if (way === undefined) continue;
      const known = segment.stations.find(({ addresses }) => addresses.includes(way.address));
      return known === undefined ? this.#implied(segment, way.address) : { mac: known.mac, address: way.address };
    }
    return undefined;
  }

  /** The subnets that routers have on the segment of a port. */
  subnetsAt(port: Uuid): readonly Ipv4Prefix[] {
    return this.#segments.get(port)?.routers.map(({ prefix }) => prefix) ?? [];
  }

  /** The gateways that routers expect on the segment of a port: whoever plays it must answer for them. */
  gatewaysAt(port: Uuid): readonly Speaker[] {
    const segment = this.#segments.get(port);
    if (segment === undefined) return [];
    const addresses = new Set(segment.routers.flatMap(({ gateways }) => gateways.map(({ address }) => address)));
    return [...addresses].flatMap((address) => this.speakerFor(port, address) ?? []);
  }

  /**
   * Where a host with this address would be plugged in: where the topology says its MAC is, else at a port of the segment whose
   * subnet holds it, on the bridge of that subnet's router, another one than `not` if there is one. Undefined when it is a router's
   * own address, no segment is for it, or its MAC is known where no host can be.
   */
  homeOf(address: Ipv4, not: Uuid): { readonly port: Uuid; readonly speaker: Speaker } | undefined {
    for (const segment of new Set(this.#segments.values())) {
      if (!segment.routers.some(({ prefix }) => isInside(address, prefix))) continue;
      if (segment.routers.some((router) => router.address === address)) return undefined;
      const speaker = this.#implied(segment, address);
      const port = socketFor(segment, address, speaker.mac, not);
      if (port !== undefined) return { port, speaker };
    }
    return undefined;
  }

  /** Whether a station with this MAC may be at a port: not when the topology knows it at another one. */
  mayBeAt(port: Uuid, mac: Mac): boolean {
    return this.#segments.get(port)?.known.get(mac)?.has(port) ?? true;
  }

  /** Every gateway that some router expects on some segment. */
  gateways(): readonly Ipv4[] {
    const all = [...new Set(this.#segments.values())].flatMap(({ routers }) =>
      routers.flatMap(({ gateways }) => gateways),
    );
    return [...new Set(all.map(({ address }) => address))];
  }

  /** The MAC of whoever has the address on the segment of a port, as far as one is declared: by a station, a router's port, a bridge. */
  macOf(port: Uuid, address: Ipv4): Mac | undefined {
    const segment = this.#segments.get(port);
    const station = segment?.stations.find(({ addresses }) => addresses.includes(address));
    return station?.mac ?? this.routerMacOf(port, address) ?? segment?.declared.get(address);
  }

  /** The MAC of the router's port that has the address on the segment of a port. */
  routerMacOf(port: Uuid, address: Ipv4): Mac | undefined {
    return this.#segments.get(port)?.routers.find((router) => router.address === address)?.mac;
  }

  /** Whether two ports are on one segment. */
  areJoined(one: Uuid, other: Uuid): boolean {
    return this.#segments.get(one) === this.#segments.get(other);
  }

  /**
   * The MAC by which a host at the port reaches a destination: its neighbour's, or that of the router it would ask. Subnets that
   * share a segment reach one another by a router (RFC 1122, section 3.3.1.1).
   */
  nextHopFor(port: Uuid, source: Ipv4, destination: Ipv4): Mac | undefined {
    const segment = this.#segments.get(port);
    if (segment === undefined) return undefined;
    const home = segment.routers.filter(({ prefix }) => isInside(source, prefix));
    const isNeighbour = home.length === 0 || home.some(({ prefix }) => isInside(destination, prefix));
    const isElsewhere = !isNeighbour && segment.routers.some(({ prefix }) => isInside(destination, prefix));
    if (isElsewhere) return home[0]?.mac;
    const station = segment.stations.find(({ addresses }) => addresses.includes(destination));
    if (station !== undefined) return station.mac;
    const own = segment.routers.find(({ address }) => address === destination);
    if (own !== undefined) return own.mac;
    if (segment.routers.some(({ prefix }) => isInside(destination, prefix)))
      return this.#implied(segment, destination).mac;
    return segment.declared.get(destination) ?? (home[0] ?? segment.routers[0])?.mac;
  }

  /** The MAC that a bridge answers with, or one of its own for an address nobody declared: the same in each run, locally administered. */
  #implied(segment: Segment, address: Ipv4): Speaker {
    const declared = segment.declared.get(address);
    if (declared !== undefined) return { mac: declared, address };
    let hash = 0x811c9dc5;
    for (const octet of Buffer.from(`${segment.name} ${formatIpv4(address)}`))
      hash = Math.imul(hash ^ octet, 0x01000193);
    return { mac: macOf(0x0200 | ((hash >>> 8) & 0xff), address), address };
  }
}

/** The port at which a station is known, or one that is free to be thought of. */
function socketFor({ exterior, known, routers }: Segment, address: Ipv4, mac: Mac, not: Uuid): Uuid | undefined {
  const places = known.get(mac);
  if (places !== undefined) return exterior.find(({ id }) => places.has(id))?.id;
  const near = new Set(routers.filter(({ prefix }) => isInside(address, prefix)).map(({ networkId }) => networkId));
  const nearest = exterior.filter(({ networkId }) => near.has(networkId));
  return (nearest.find(({ id }) => id !== not) ?? exterior.find(({ id }) => id !== not) ?? exterior[0])?.id;
}
