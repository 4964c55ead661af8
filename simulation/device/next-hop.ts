import type { PortId } from '../../topology/model/ids.ts';
import { formatIpv4, isInside, type Ipv4 } from '../../topology/model/ipv4.ts';
import { formatMac, type Mac } from '../../topology/model/mac.ts';
import type { Millis } from '../../topology/model/time.ts';
import type { Decider, Packet, Proposal } from '../packet/packet.ts';
import type { NeighbourListener } from '../state/router-tables.ts';
import type { Verdict } from '../verdict.ts';
import type { Router, RouterPort } from './router.ts';

/**
 * The MAC address of a next hop, or why there is none.
 *
 * - `none`: nobody can be asked for it
 * - `unreachable`: it was asked for, and did not answer
 * - `unknown`: it is to be asked for
 */
export type NextHop = Mac | 'none' | 'unreachable' | 'unknown';

/**
 * Finds the MAC address of the next hop `address` behind `egress`.
 *
 * Tags the fact used, absent ones too: what the bridge behind the port knows of the address, then what the router's neighbours table does.
 * Proposes a refresh of an entry that is stale.
 *
 * @see spec 30 §9
 */
export function nextHopOf(router: Router, egress: RouterPort, address: Ipv4, packet: Packet): NextHop {
  const { beyond } = egress;
  if (beyond.kind === 'nothing') return 'none';
  if (beyond.kind === 'router') return beyond.mac;
  if (beyond.kind === 'bridge') {
    const { segment } = beyond;
    packet.facts.arpAnswer(segment.bridge, address);
    const known = segment.routerIps.get(address)?.mac ?? segment.addresses?.macOf(address);
    if (known !== undefined) return known;
  } else if (egress.prefix === undefined || !isInside(address, egress.prefix)) {
    return 'none';
  }
  return neighbourOf(router, egress.id, address, packet);
}

function neighbourOf({ id, tables }: Router, egress: PortId, address: Ipv4, packet: Packet): NextHop {
  const { neighbours, listener } = tables;
  packet.facts.arpEntry(id, address);
  const neighbour = neighbours.get(address);
  if (neighbour === undefined) return neighbours.isUnreachable(address, packet.now) ? 'unreachable' : 'unknown';
  if (neighbour.stale <= packet.now) packet.propose(new Use(listener, address, egress));
  return neighbour.mac;
}

/** What decided when a next hop did: the entry, or the lack of one. */
export function neighbourDecider(address: Ipv4, hop: NextHop): Decider {
  const what = typeof hop === 'number' ? `at ${formatMac(hop)}` : hop === 'none' ? 'out of reach' : hop;
  return { number: 0, describe: () => `neighbour ${formatIpv4(address)} ${what}` };
}

/** The packet waits until the broker has an entry of the address, or has given up on it. */
export function suspendFor(router: Router, egress: RouterPort, address: Ipv4): Verdict {
  return { kind: 'suspend', need: { kind: 'next-hop', router: router.id, port: egress.id, address } };
}

/** Tells who minds the neighbours that a stale entry was used. */
class Use implements Proposal {
  readonly #listener: NeighbourListener;
  readonly #address: Ipv4;
  readonly #egress: PortId;

  constructor(listener: NeighbourListener, address: Ipv4, egress: PortId) {
    this.#listener = listener;
    this.#address = address;
    this.#egress = egress;
  }

  carryOut(now: Millis): void {
    this.#listener.used(this.#address, this.#egress, now);
  }
}
