import type { Topology } from '../../topology/file/topology.ts';
import type { Uuid } from '../../topology/model/ids.ts';
import { parseIpv4, parseIpv4Prefix, prefixOf, type Ipv4, type Ipv4Prefix } from '../../topology/model/ipv4.ts';
import { parseMac, type Mac } from '../../topology/model/mac.ts';
import type { Port } from '../../topology/model/objects/port.ts';
import type { Route } from '../../topology/model/objects/route.ts';
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
export interface Segment {
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

/** The segments of a topology, by the ports that are on them. */
export function segmentsOf(topology: Topology, stations: readonly Station[]): ReadonlyMap<Uuid, Segment> {
  const ports = new Map<Uuid, Port>();
  const routes: Route[] = [];
  for (const { class: cls, object } of topology.objects) {
    if (cls === 'Port') ports.set(object.id, object);
    if (cls === 'Route') routes.push(object);
  }
  const peers = peersOf(ports);
  const groups = groupsOf(ports, peers);
  const bySegment = new Map<string, Port[]>();
  for (const port of ports.values()) {
    const key = segmentKey(port, groups);
    const members = bySegment.get(key);
    if (members === undefined) bySegment.set(key, [port]);
    else members.push(port);
  }
  const segments = new Map<Uuid, Segment>();
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
    for (const id of ids) segments.set(id, segment);
  }
  return segments;
}

/** The other end of each link, by either end. */
function peersOf(ports: ReadonlyMap<Uuid, Port>): ReadonlyMap<Uuid, Uuid> {
  return new Map(
    [...ports.values()].flatMap(({ id, peerId }) =>
      peerId === undefined
        ? []
        : [
            [id, peerId],
            [peerId, id],
          ],
    ),
  );
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
