import type { Ipv4 } from '../../topology/model/ipv4.ts';
import type { Millis } from '../../topology/model/time.ts';
import type { Packet, Proposal } from '../packet/packet.ts';
import { UNROUTED, type Destinations } from '../state/destinations.ts';
import { drop, type Verdict } from '../verdict.ts';
import { obstacleAt } from './mtu.ts';
import { wayOf } from './multipath.ts';
import { neighbourDecider, nextHopOf, suspendFor } from './next-hop.ts';
import type { Route } from './route.ts';
import { takeIn } from './router-echo.ts';
import {
  answerWith,
  fragmentationNeeded,
  HOST_UNREACHABLE,
  NET_UNREACHABLE,
  PROHIBITED,
  sendError,
  TTL_EXCEEDED,
} from './router-icmp.ts';
import type { Router, RouterPort } from './router.ts';

const NO_ROUTE = drop('no-route');
const REJECT_ROUTE = drop('reject-route');
const BLACKHOLE_ROUTE = drop('blackhole-route');
const DEAD_ROUTE_PORT = drop('dead-route-port');
const TTL_EXPIRED = drop('ttl-expired');
const NO_PORT_ADDRESS = drop('no-port-address');
const OWN_ADDRESS = drop('own-address');
const PORT_DOWN = drop('port-down');
const TOO_BIG = drop('too-big');
const NO_NEXT_HOP = drop('no-next-hop');
const NEIGHBOUR_UNREACHABLE = drop('neighbour-unreachable');

/**
 * Decides by the routing table what becomes of a sound IPv4 packet that is for the router.
 *
 * Every outcome rests on the route that decided, or on there being none, and on the destination (C8).
 *
 * @see spec 30 §2.13 to §2.17, §8
 */
export function routeIpv4(router: Router, ingress: RouterPort, packet: Packet): Verdict {
  const route = choose(router, packet);
  if (route === undefined) {
    answerWith(NET_UNREACHABLE, router, ingress, packet);
    return NO_ROUTE;
  }
  packet.because = route;
  switch (route.kind) {
    case 'port':
      return forwardBy(route, router, ingress, packet);
    case 'local':
      return takeIn(router, packet);
    case 'blackhole':
      return BLACKHOLE_ROUTE;
    case 'reject':
      break;
  }
  answerWith(PROHIBITED, router, ingress, packet);
  return REJECT_ROUTE;
}

function choose(router: Router, packet: Packet): Route | undefined {
  const { key, facts } = packet;
  const destination = key.ipDst;
  const routes = router.routes.lookup(key.ipSrc, destination);
  const route = routes.length > 1 ? routes[wayOf(key, routes.length)] : routes[0];
  facts.destIp(router.id, destination);
  if (route === undefined) facts.noRoute(router.id);
  else facts.route(router.id, route.number);
  packet.propose(new Count(router.tables.destinations, destination, route?.destination.length ?? UNROUTED));
  return route;
}

function forwardBy(route: Route, router: Router, ingress: RouterPort, packet: Packet): Verdict {
  const { key } = packet;
  const egress = route.port === undefined ? undefined : router.ports.get(route.port);
  if (egress === undefined) return DEAD_ROUTE_PORT;
  const hops = key.ttl;
  if (hops <= 1) {
    answerWith(TTL_EXCEEDED, router, ingress, packet);
    return TTL_EXPIRED;
  }
  if (egress.address === undefined) return dropBefore(egress, NO_PORT_ADDRESS, packet);
  if (key.ipDst === egress.address) return dropBefore(egress, OWN_ADDRESS, packet);
  if (!egress.adminUp) return refuse(egress, router, ingress, packet);
  // The load balancer's way back, then the out-chains: here.
  const obstacle = obstacleAt(egress, packet);
  if (obstacle === 'forbidden') answerWith(fragmentationNeeded(egress.mtu), router, ingress, packet);
  if (obstacle !== undefined) return TOO_BIG;

  const address = route.gateway ?? key.ipDst;
  const hop = nextHopOf(router, egress, address, packet);
  if (hop === 'unknown') {
    packet.because = neighbourDecider(address, hop);
    return suspendFor(router, egress, address);
  }
  if (typeof hop === 'string') return dropBefore(egress, giveUp(route, address, hop, router, ingress, packet), packet);
  key.ttl = hops - 1;
  key.ethSrc = egress.mac;
  key.ethDst = hop;
  // Mirrors of what goes out: here.
  return router.forwardTo.get(egress.id) ?? DEAD_ROUTE_PORT;
}

/** A drop that rests on what the port is like, though the packet never gets there. */
function dropBefore({ id }: RouterPort, verdict: Verdict, { facts }: Packet): Verdict {
  facts.device(id);
  return verdict;
}

/** What becomes of a packet whose next hop cannot be had: spec 30 §3, C17. */
function giveUp(
  { gateway }: Route,
  address: Ipv4,
  hop: 'none' | 'unreachable',
  router: Router,
  ingress: RouterPort,
  packet: Packet,
): Verdict {
  packet.because = neighbourDecider(address, hop);
  if (hop === 'none') {
    answerWith(gateway === undefined ? HOST_UNREACHABLE : NET_UNREACHABLE, router, ingress, packet);
    return NO_NEXT_HOP;
  }
  // Those who waited are answered, each of them; for a while a flow then stands for the rest.
  sendError(HOST_UNREACHABLE, router, ingress, packet);
  return NEIGHBOUR_UNREACHABLE;
}

/** A port that is down lets nothing out. It would say so itself, but the packet's sender is known here. */
function refuse({ id, name }: RouterPort, router: Router, ingress: RouterPort, packet: Packet): Verdict {
  packet.facts.device(id);
  packet.facts.portTx(id);
  packet.because = { number: id, describe: () => `port ${name}` };
  answerWith(PROHIBITED, router, ingress, packet);
  return PORT_DOWN;
}

/** Counts a destination among those that flows of the router have. */
class Count implements Proposal {
  readonly #destinations: Destinations;
  readonly #destination: Ipv4;
  readonly #length: number;

  constructor(destinations: Destinations, destination: Ipv4, length: number) {
    this.#destinations = destinations;
    this.#destination = destination;
    this.#length = length;
  }

  carryOut(now: Millis): void {
    this.#destinations.note(this.#destination, this.#length, now);
  }
}
