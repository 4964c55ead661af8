import type { DeviceId, PortId } from '../../topology/model/ids.ts';
import type { Ipv4, Ipv4Prefix } from '../../topology/model/ipv4.ts';
import type { Mac } from '../../topology/model/mac.ts';
import type { Decider, Packet } from '../packet/packet.ts';
import { ETHERTYPE_IPV6 } from '../packet/ethernet.ts';
import { tagOf, type Tag } from '../tag.ts';
import { isSameTunnel, type Tunnel } from '../tunnel.ts';
import { drop, type Verdict } from '../verdict.ts';
import { obstacleAt } from './mtu.ts';

/** Where a port leads: out of the network, to the port it is linked with, or nowhere. */
export type Link =
  /** With a tunnel: the port is of another host, and that is the way there. */
  | { readonly kind: 'exterior'; readonly active: boolean; readonly tunnel?: Tunnel }
  | { readonly kind: 'interior'; readonly peer: PortId }
  | { readonly kind: 'unplugged' };

/** What a router's port has and a bridge's has not. */
interface RouterSide {
  readonly mac: Mac;
  /** Absent: the port has no IPv4 address. */
  readonly address?: Ipv4;
  /** The segment that the address lies in. */
  readonly prefix?: Ipv4Prefix;
}

/** A port as configured, its references resolved. */
export interface PortParts {
  readonly id: PortId;
  /** For people only. */
  readonly name: string;
  /** The bridge or router that it belongs to. */
  readonly device: DeviceId;
  readonly owner: 'bridge' | 'router';
  readonly adminUp: boolean;
  readonly link: Link;
  /** The largest IP packet, in octets, that leaves by it; Infinity when it has no MTU. */
  readonly mtu: number;
  /** Of a router's port only. */
  readonly router?: RouterSide;
  /** Called about each packet that the port refuses because it is down: a router's port answers it (3/13), a bridge's has none. */
  readonly onDown?: (packet: Packet) => void;
}

/** A port made ready: its verdicts are built before the first packet. */
export interface Port extends PortParts {
  /** What it says of a packet it takes in. */
  readonly deliver: Verdict;
  /** What it says of a packet it lets out. */
  readonly out: Verdict;
  /** What decides here: the port itself. */
  readonly itself: Decider;
}

/** How many ports a packet may enter on its way: spec C5. */
export const MAX_HOPS = 12;

const LOOP_LIMIT = drop('loop-limit');
const IPV6_AT_ROUTER = drop('ipv6-at-router');
const PORT_DOWN = drop('port-down');
const INGRESS_PORT = drop('ingress-port');
const PORT_INACTIVE = drop('port-inactive');
const PORT_UNPLUGGED = drop('port-unplugged');
const TOO_BIG = drop('too-big');

export function portFrom(parts: PortParts): Port {
  const { id, name, device, link } = parts;
  return {
    ...parts,
    deliver: { kind: 'deliver', to: device },
    out: wayOut(id, link),
    itself: { number: id, describe: () => `port ${name}` },
  };
}

function wayOut(id: PortId, link: Link): Verdict {
  if (link.kind === 'exterior') return link.active ? { kind: 'emit', from: id } : PORT_INACTIVE;
  return link.kind === 'interior' ? { kind: 'cross', to: link.peer } : PORT_UNPLUGGED;
}

/**
 * Takes a packet in at a port.
 *
 * @param port its configuration, as it is now
 * @param packet counts the hop; its ingress becomes this port. A router's port sees the ethertype, a bridge's port nothing
 * @returns `deliver` to the owner, or a drop: `loop-limit` at the 13th ingress (untagged: it rests on the way here, not on this
 *   port), `ipv6-at-router` (no flow comes of it), `port-down`. Never throws
 * @see spec 00 §4 (port ingress), C5
 */
export function enter(port: Port, packet: Packet): Verdict {
  packet.because = port.itself;
  if (packet.hops >= MAX_HOPS) return LOOP_LIMIT;
  packet.hops++;
  if (port.owner === 'router' && packet.key.etherType === ETHERTYPE_IPV6) {
    packet.keepFlowless();
    return IPV6_AT_ROUTER;
  }
  packet.facts.device(port.id);
  packet.facts.portRx(port.id);
  packet.ingress = port.id;
  return port.adminUp ? port.deliver : refuse(port, packet);
}

/**
 * Lets a packet out by a port, and notes on the packet that it left the network if the port is exterior.
 *
 * @param port its configuration, as it is now
 * @param packet takes the port's MTU when it is the smallest so far. A router's port sees both MAC addresses, a bridge's nothing
 * @returns `emit`, `cross` or a drop: `ingress-port` (a bridge hands a frame back where it came from: no tags), `port-down`,
 *   `too-big` (a packet that may not or cannot be fragmented; a port does not answer it), `port-inactive` (no agent serves it now),
 *   `port-unplugged`. A frame that a router sends to the MAC it sends from enters this very port instead: what {@link enter}
 *   says. Does not count or check hops. Never throws
 * @see spec 00 §4 (port egress), C5, C39
 */
export function leave(port: Port, packet: Packet): Verdict {
  packet.because = port.itself;
  if (port.owner === 'bridge') {
    if (port.id === packet.ingress) return INGRESS_PORT;
  } else if (packet.key.ethSrc === packet.key.ethDst) {
    return enter(port, packet);
  }
  packet.facts.device(port.id);
  packet.facts.portTx(port.id);
  if (!port.adminUp) return refuse(port, packet);
  if (obstacleAt(port, packet) !== undefined) return TOO_BIG;
  if (port.out.kind === 'emit') {
    const tunnel = port.link.kind === 'exterior' ? port.link.tunnel : undefined;
    if (tunnel === undefined) packet.facts.dpPort(port.id);
    else packet.facts.tunnelRoute(tunnel);
    packet.emit(port.id, tunnel);
  }
  return port.out;
}

function refuse(port: Port, packet: Packet): Verdict {
  port.onDown?.(packet);
  return PORT_DOWN;
}

/**
 * The tags that a change of a port invalidates: none when the port does the same as before (C38).
 *
 * @param after undefined when the port is gone
 * @see spec 60 §5
 */
export function tagsOfPortChange(before: Port, after: Port | undefined): Tag[] {
  return after !== undefined && doesTheSame(before, after) ? [] : [tagOf('Device', before.id)];
}

function doesTheSame(a: Port, b: Port): boolean {
  return (
    a.device === b.device &&
    a.owner === b.owner &&
    a.adminUp === b.adminUp &&
    a.mtu === b.mtu &&
    leadsAlike(a.link, b.link) &&
    a.router?.mac === b.router?.mac &&
    a.router?.address === b.router?.address &&
    a.router?.prefix?.address === b.router?.prefix?.address &&
    a.router?.prefix?.length === b.router?.prefix?.length
  );
}

function leadsAlike(a: Link, b: Link): boolean {
  if (a.kind === 'exterior') return b.kind === 'exterior' && a.active === b.active && isSameTunnel(a.tunnel, b.tunnel);
  if (a.kind === 'interior') return b.kind === 'interior' && a.peer === b.peer;
  return b.kind === 'unplugged';
}
