import type { Outcome } from '../../simulation/outcome.ts';
import type { ConsumedReason, DropReason } from '../../simulation/verdict.ts';

/** Why the octets of a frame could not be read. */
export type UnreadableReason = 'link-type' | 'cut-short';

/**
 * How a frame of an input may end: as a packet that was simulated or met a flow, or without coming that far. Every frame ends in
 * exactly one of these.
 */
export type FrameDisposition =
  | Outcome
  | { readonly kind: 'not-selected'; readonly reason: undefined }
  | { readonly kind: 'unreadable'; readonly reason: UnreadableReason };

/** `forwarded`, `dropped: no-route`. */
export function formatEnd({ kind, reason }: { readonly kind: string; readonly reason: string | undefined }): string {
  return reason === undefined ? kind : `${kind}: ${reason}`;
}

export const NOT_SELECTED: FrameDisposition = { kind: 'not-selected', reason: undefined };

export const DISPOSITION_KINDS: Readonly<Record<FrameDisposition['kind'], string>> = {
  forwarded: 'At least one copy left the network by an exterior port.',
  consumed: 'A device kept it: it was meant for the network itself.',
  dropped: 'A device decided that it goes no further.',
  'gave-up': 'It waited for something that did not come, or there was no room to wait.',
  'not-selected': 'No selector of its input takes it, or the run had ended: it never entered the network.',
  unreadable: 'It is not a whole Ethernet frame: it never entered the network.',
};

export const UNREADABLE_REASONS: Readonly<Record<UnreadableReason, string>> = {
  'link-type': 'Its interface in the capture is not of Ethernet. (A capture of one such link type is refused whole.)',
  'cut-short':
    'Less of it was captured than an Ethernet header has. (Where a file breaks off, its last frame is not one.)',
};

export const CONSUMED_REASONS: Readonly<Record<ConsumedReason, string>> = {
  'arp-answered': 'An ARP request that a router or a bridge answered.',
  'arp-learned': 'An ARP reply or announcement that a router learned from.',
  'arp-unanswered': 'An ARP request that asked for nothing a router may answer.',
  'echo-answered': 'A ping to an address of a router, which it answered.',
  'fragment-held': 'A fragment that is kept until the rest of its datagram has come.',
};

/** What each word of {@link DropReason} means. The engine's own words are given for `gave-up`, too. */
export const DROP_MEANINGS: Readonly<Record<DropReason, string>> = {
  'port-down': 'A port on the way is administratively down.',
  'port-unplugged': 'The port is linked to nothing and bound to no interface.',
  'port-inactive': 'The port is bound to a host on which no agent serves it now.',
  'ingress-port': 'It would leave by the port it came in by.',
  'loop-limit': 'It entered more than twelve ports: there is a loop.',
  'no-such-port': 'The port it was sent to does not exist.',
  'unknown-ingress': 'The port it came in by is not one of the device that it came to.',
  'ipv6-at-router': 'IPv6 came to a router, which routes IPv4.',
  'bridge-down': 'The bridge is administratively down.',
  'group-source': 'Its source MAC is that of a group, which nobody can have.',
  'agent-dead': 'The agent of the host that its port is bound to is dead.',
  'bad-fragment': 'It overlaps another fragment of its datagram, or cannot be one.',
  'cut-frame': 'It is too short to have two MACs and an ethertype.',
  'same-segment': 'Its receiver is behind the very port it came in by.',
  'no-flood-ports': 'It was to be flooded, and there was no other port.',
  'vlan-mismatch': 'Its VLAN is not one that the port takes.',
  'router-down': 'The router is administratively down.',
  'tagged-at-router': 'A frame with a VLAN tag came to a router.',
  'not-ip': 'A router knows neither its ethertype nor what to do with it.',
  'not-for-router': 'Its receiver is neither the MAC of the router’s port nor everyone.',
  'link-broadcast': 'An IP packet to the MAC of everyone, which a router does not pass on.',
  'arp-ignored': 'An ARP message about an address that is not the router’s.',
  'arp-opcode': 'An ARP message that is neither a request nor a reply.',
  'bad-ip-header': 'The version, a length or the checksum of its IPv4 header is wrong.',
  'source-route': 'It asks for a route of its own by an IPv4 option.',
  'martian-source': 'Its source is an address that no sender can have.',
  'martian-destination': 'Its destination is an address that is not routed anywhere.',
  'limited-broadcast': 'It is for 255.255.255.255, which is not routed.',
  'multicast-destination': 'It is for a multicast group, which is not routed.',
  'no-route': 'No route of the router leads to its destination.',
  'reject-route': 'The route to its destination says to refuse it.',
  'blackhole-route': 'The route to its destination says to swallow it.',
  'local-not-echo': 'It is for an address of the router, and not a ping.',
  'own-address': 'It would be sent out by the port that has its destination for an address.',
  'no-port-address': 'The port that its route leads to has no address.',
  'dead-route-port': 'The port that its route leads to does not exist.',
  'ttl-expired': 'Its TTL was 1 or 0 at a router.',
  'too-big': 'It is longer than the MTU of the way out, and must not or cannot be fragmented.',
  'no-next-hop': 'The port towards its next hop cannot reach anybody.',
  'neighbour-unreachable': 'Its next hop did not answer ARP, five times over.',
  'echo-unanswerable': 'A ping to a router that cannot be answered: cut short, or there is no way back.',
  'bad-echo-checksum': 'A ping to a router whose checksum is wrong.',
  'mailbox-full': 'The mailbox of a device was full.',
  'waiting-room-full': 'Too many packets waited for the same thing.',
  'waited-too-long': 'It waited for a device five seconds in vain.',
  'no-such-device': 'A device on its way does not exist any more.',
  'next-hop-unknown': 'A what-if does not ask for MACs, and nobody had answered before.',
  'no-tunnel': 'No tunnel leads to the host where it is to go.',
  'unknown-tunnel-key': 'It came through a tunnel with a key that no port has.',
};
