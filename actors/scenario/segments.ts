import type { Topology } from '../../topology/file/topology.ts';
import type { Port } from '../../topology/model/objects/port.ts';
import type { Route } from '../../topology/model/objects/route.ts';
import type { Uuid } from '../../topology/model/ids.ts';
import {
  formatIpv4,
  isInside,
  parseIpv4,
  parseIpv4Prefix,
  prefixOf,
  type Ipv4,
  type Ipv4Prefix,
} from '../../topology/model/ipv4.ts';
import { macOf, parseMac, type Mac } from '../../topology/model/mac.ts';
import type { Station } from './scenario.ts';

/** A router's port on a segment. */
interface RouterPort {
  readonly mac: Mac;
  readonly address: Ipv4;
  readonly prefix: Ipv4Prefix;
  /** The bridge it is linked to. */
  readonly networkId: Uuid | undefined;
  /** Gateways reached by this port, with the prefixes behind them; the longest first. */
  readonly gateways: readonly { readonly prefix: Ipv4Prefix; readonly address: Ipv4 }[];
}

/** A port where a host can be plugged in. */
interface Socket {
  readonly id: Uuid;
  readonly networkId: Uuid | undefined;
}

/** What one Ethernet segment connects: bridges linked with one another, or the far side of a router's exterior port. */
interface Segment {
  readonly name: string;
  /** Its exterior ports: where hosts are plugged in. */
  readonly exterior: readonly Socket[];
  /** Addresses that its bridges answer for, with whose MAC. */
  readonly declared: ReadonlyMap<Ipv4, Mac>;
  /** Ports at which its bridges know stations to be. */
  readonly known: ReadonlyMap<Mac, ReadonlySet<Uuid>>;
  readonly routers: readonly RouterPort[];
  readonly stations: readonly Station[];
}

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
  readonly #segments = new Map<Uuid, Segment>();

  constructor(topology: Topology, stations: readonly Station[]) {
    const ports = new Map<Uuid, Port>();
    const routes: Route[] = [];
    for (const { class: cls, object } of topology.objects) {
      if (cls === 'Port') ports.set(object.id, object);
      if (cls === 'Route') routes.push(object);
    }
    const peers = new Map(
      [...ports.values()].flatMap(({ id, peerId }) =>
        peerId === undefined
          ? []
          : [
              [id, peerId],
              [peerId, id],
            ],
      ),
    );
    const groups = groupsOf(ports, peers);
    const bySegment = new Map<string, Port[]>();
    for (const port of ports.values()) {
      const key = segmentKey(port, groups);
      const members = bySegment.get(key);
      if (members === undefined) bySegment.set(key, [port]);
      else members.push(port);
    }
    for (const [key, members] of bySegment) {
      const ids = new Set(members.map(({ id }) => id));
      const bridges = new Set(members.flatMap(({ networkId }) => networkId ?? []));
      const segment: Segment = {
        name: key,
        exterior: members
          .filter(({ id, interfaceName }) => interfaceName !== undefined && !peers.has(id))
          .map(({ id, networkId }) => ({ id, networkId })),
        declared: declaredOn(bridges, topology),
        known: knownOn(bridges, topology),
        routers: members.flatMap((member) => routerPortOf(member, ports, peers, routes) ?? []),
        stations: stations.filter((station) => ids.has(station.port)),
      };
      for (const id of ids) this.#segments.set(id, segment);
    }
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

function declaredOn(bridges: ReadonlySet<Uuid>, { ipMacEntries }: Topology): ReadonlyMap<Ipv4, Mac> {
  return new Map(
    ipMacEntries.flatMap(({ networkId, ip, mac: text }): (readonly [Ipv4, Mac])[] => {
      const [address, mac] = [parseIpv4(ip), parseMac(text)];
      return address === undefined || mac === undefined || !bridges.has(networkId) ? [] : [[address, mac]];
    }),
  );
}

function knownOn(bridges: ReadonlySet<Uuid>, { macEntries }: Topology): ReadonlyMap<Mac, ReadonlySet<Uuid>> {
  const known = new Map<Mac, Set<Uuid>>();
  for (const { networkId, mac: text, portId } of macEntries) {
    const mac = parseMac(text);
    if (mac === undefined || !bridges.has(networkId)) continue;
    const places = known.get(mac);
    if (places === undefined) known.set(mac, new Set([portId]));
    else places.add(portId);
  }
  return known;
}

/** Bridges by the lowest id of those linked with one another. */
function groupsOf(ports: ReadonlyMap<Uuid, Port>, peers: ReadonlyMap<Uuid, Uuid>): ReadonlyMap<Uuid, Uuid> {
  const group = new Map<Uuid, Uuid>();
  for (let changed = true; changed;) {
    changed = false;
    for (const { id, networkId } of ports.values()) {
      const peer = ports.get(peers.get(id) ?? id)?.networkId;
      if (networkId === undefined || peer === undefined) continue;
      const [a, b] = [group.get(networkId) ?? networkId, group.get(peer) ?? peer];
      const lowest = a < b ? a : b;
      changed ||= group.get(networkId) !== lowest || group.get(peer) !== lowest;
      group.set(networkId, lowest);
      group.set(peer, lowest);
    }
  }
  return group;
}

/** A bridge's ports are on one segment; a router's exterior port is alone on its own. */
function segmentKey(port: Port, groups: ReadonlyMap<Uuid, Uuid>): string {
  return port.networkId === undefined ? port.id : (groups.get(port.networkId) ?? port.networkId);
}

/** The router's side of a member of a segment: its peer's, or its own when it is a router's. */
function routerPortOf(
  member: Port,
  ports: ReadonlyMap<Uuid, Port>,
  peers: ReadonlyMap<Uuid, Uuid>,
  routes: readonly Route[],
): RouterPort | undefined {
  const port = member.routerId === undefined ? ports.get(peers.get(member.id) ?? member.id) : member;
  if (port?.routerId === undefined) return undefined;
  const mac = parseMac(port.portMac ?? '');
  const address = parseIpv4(port.portAddress ?? '');
  const length = Number(port.portSubnet?.[0]?.split('/')[1]);
  if (mac === undefined || address === undefined || !Number.isInteger(length)) return undefined;
  const gateways = routes
    .filter(({ nextHop, nextHopPortId }) => nextHop === 'PORT' && nextHopPortId === port.id)
    .flatMap(({ dstSubnet, nextHopGateway }) => {
      const prefix = parseIpv4Prefix(dstSubnet);
      const gateway = parseIpv4(nextHopGateway ?? '');
      return prefix === undefined || gateway === undefined ? [] : [{ prefix, address: gateway }];
    })
    .toSorted((a, b) => b.prefix.length - a.prefix.length);
  return { mac, address, prefix: prefixOf(address, length), networkId: member.networkId, gateways };
}
