import { BROADCAST_MAC } from '../../topology/model/mac.ts';
import { ETHERTYPE_ARP, ETHERTYPE_IPV4 } from '../packet/ethernet.ts';
import type { FlowKey } from '../packet/flow-key.ts';
import type { Packet } from '../packet/packet.ts';
import { drop, type Verdict } from '../verdict.ts';
import { faultOf } from './martians.ts';
import { takeArp } from './router-arp.ts';
import { routeIpv4 } from './router-forward.ts';
import { answerWith, PROHIBITED } from './router-icmp.ts';
import type { Router } from './router.ts';

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
