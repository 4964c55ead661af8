import type { DeviceId, PortId } from '../../topology/model/ids.ts';
import { isInside, type Ipv4, type Ipv4Prefix } from '../../topology/model/ipv4.ts';
import { BROADCAST_MAC, type Mac } from '../../topology/model/mac.ts';
import { ETHERTYPE_ARP, ETHERTYPE_IPV4 } from '../packet/ethernet.ts';
import type { FlowKey } from '../packet/flow-key.ts';
import type { Decider, Packet } from '../packet/packet.ts';
import type { RouterTables } from '../state/router-tables.ts';
import { drop, type Verdict } from '../verdict.ts';
import { faultOf } from './martians.ts';
import { RoutingTable } from './route-lookup.ts';
import type { Route } from './route.ts';
import { takeArp } from './router-arp.ts';
import { routeIpv4 } from './router-forward.ts';
import { answerWith, PROHIBITED } from './router-icmp.ts';

/** What a router asks of the bridge behind one of its ports, as it is at the time. A bridge's own tables will do. */
export interface Segment {
  readonly bridge: DeviceId;
  /** The routers linked to it. */
  readonly routerIps: { get(address: Ipv4): { readonly mac: Mac } | undefined };
  /** Its table of stations' addresses, if it keeps one. */
  readonly addresses: { macOf(address: Ipv4): Mac | undefined } | undefined;
}

/**
 * What is behind a router's port.
 *
 * - `exterior`: an interface of a host
 * - `router`: another router's port, with this MAC
 * - `bridge`: a bridge, which knows the addresses of the routers linked to it, and some others
 * - `nothing`: the port is unplugged
 */
export type Beyond =
  | { readonly kind: 'exterior'; readonly active: boolean }
  | { readonly kind: 'router'; readonly mac: Mac }
  | { readonly kind: 'bridge'; readonly segment: Segment }
  | { readonly kind: 'nothing' };

/** What a router must know of a port of its own. */
export interface RouterPort {
  readonly id: PortId;
  readonly name: string;
  readonly mac: Mac;
  /** Absent: the port has no IPv4 address. */
  readonly address: Ipv4 | undefined;
  /** The segment that the address lies in; present when the address is. */
  readonly prefix: Ipv4Prefix | undefined;
  /** The largest IP packet, in octets, that leaves by it. */
  readonly mtu: number;
  readonly adminUp: boolean;
  readonly beyond: Beyond;
}

/** A router as configured, its references resolved. */
export interface RouterParts {
  readonly id: DeviceId;
  readonly name: string;
  readonly adminUp: boolean;
  readonly ports: readonly RouterPort[];
  /** Those that are published now: see `publishedRoutes`. */
  readonly routes: readonly Route[];
}

/** A router made ready: its routing table is laid out and its verdicts are built before the first packet. */
export interface Router {
  readonly id: DeviceId;
  readonly name: string;
  readonly adminUp: boolean;
  readonly ports: ReadonlyMap<PortId, RouterPort>;
  readonly routes: RoutingTable;
  /** What outlives a change of configuration. */
  readonly tables: RouterTables;
  readonly forwardTo: ReadonlyMap<PortId, Verdict>;
  /** What decides here: the router itself. */
  readonly itself: Decider;
}

export function routerFrom({ id, name, adminUp, ports, routes }: RouterParts, tables: RouterTables): Router {
  return {
    id,
    name,
    adminUp,
    ports: new Map(ports.map((port) => [port.id, port])),
    routes: new RoutingTable(routes),
    tables,
    forwardTo: new Map(ports.map((port) => [port.id, { kind: 'forward', to: port.id }])),
    itself: { number: id, describe: () => `router ${name}` },
  };
}

const UNKNOWN_INGRESS = drop('unknown-ingress');
const TAGGED_AT_ROUTER = drop('tagged-at-router');
const NOT_IP = drop('not-ip');
const ROUTER_DOWN = drop('router-down');
const LINK_BROADCAST = drop('link-broadcast');
const NOT_FOR_ROUTER = drop('not-for-router');

/**
 * Decides what becomes of a frame that entered a router.
 *
 * @param router its configuration and tables, as they are now
 * @param packet the frame under simulation, at the port of `packet.ingress`. Sees tags, ethertype and `ethDst`; of IPv4 whether its
 *   header is sound, and both addresses; of what is routed the TTL, and what a choice among routes hashes. Gathers the tags of every fact
 *   used, absent ones too. Writes MAC addresses and TTL of what it forwards
 * @returns `forward`, `consumed`, a drop, or `suspend` until a next hop's MAC is known. Never throws
 * @see spec 30 §2, C10; RFC 1812, section 5.2.1
 */
export function route(router: Router, packet: Packet): Verdict {
  const { key } = packet;
  packet.because = router.itself;
  packet.facts.device(router.id);
  const ingress = packet.ingress === undefined ? undefined : router.ports.get(packet.ingress);
  if (ingress === undefined) return UNKNOWN_INGRESS;

  if (!isUntagged(key)) return TAGGED_AT_ROUTER;
  const type = key.etherType;
  if (type !== ETHERTYPE_IPV4 && type !== ETHERTYPE_ARP) return NOT_IP;
  if (!router.adminUp) {
    answerWith(PROHIBITED, router, ingress, packet);
    return ROUTER_DOWN;
  }
  // Mirrors of what comes in: here.
  const receiver = key.ethDst;
  if (receiver === BROADCAST_MAC && type === ETHERTYPE_IPV4) return LINK_BROADCAST;
  if (receiver !== BROADCAST_MAC && receiver !== ingress.mac) return NOT_FOR_ROUTER;
  if (type === ETHERTYPE_ARP) return takeArp(router, ingress, packet);

  const fault = faultOf(packet);
  if (fault !== undefined) return fault;
  // The load balancer, then the in-chains: here.
  return routeIpv4(router, ingress, packet);
}

/**
 * Answers a packet that a router's port took in although it is down, with ICMP 3/13: for the port's `onDown`. Packets about to leave by a
 * port that is down are answered by {@link route} itself.
 *
 * @see spec 30 §3
 */
export function prohibited(router: Router, packet: Packet): void {
  const ingress = packet.ingress === undefined ? undefined : router.ports.get(packet.ingress);
  if (ingress === undefined || ingress.adminUp) return;
  if (isUntagged(packet.key) && packet.key.ethDst === ingress.mac) answerWith(PROHIBITED, router, ingress, packet);
}

/** Whether a frame has no tag but one that gives it a priority alone, which is taken off (spec 30 §2.2, C37). */
function isUntagged(key: FlowKey): boolean {
  const count = key.vlanCount;
  if (count === 0) return true;
  if (count > 1 || (key.vlanOuter & 0xfff) !== 0) return false;
  key.popVlan();
  return true;
}

/** The port whose segment holds the address: by which a neighbour is asked for. */
export function portTowards(router: Router, address: Ipv4): PortId | undefined {
  for (const { id, prefix } of router.ports.values()) {
    if (prefix !== undefined && isInside(address, prefix)) return id;
  }
  return undefined;
}
