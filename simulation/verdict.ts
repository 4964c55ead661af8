import type { DeviceId, PortId } from '../topology/model/ids.ts';
import type { Ipv4 } from '../topology/model/ipv4.ts';

/** How long a drop is remembered: 60 s for a policy, 5 s for what lacks a route, 5 s for trouble (spec 00 §5). */
export type DropClass = 'permanent' | 'short' | 'error';

/** Every reason for which a packet goes no further, with its class. The words are counted, shown and documented; the list is closed. */
export const DROP_REASONS = {
  // ports
  'port-down': 'permanent',
  'port-unplugged': 'error',
  'port-inactive': 'error',
  'ingress-port': 'permanent',
  'loop-limit': 'error',
  'no-such-port': 'error',
  'unknown-ingress': 'error',
  'ipv6-at-router': 'permanent',
  // bridges
  'bridge-down': 'permanent',
  'group-source': 'permanent',
  'cut-frame': 'permanent',
  'same-segment': 'error',
  'no-flood-ports': 'permanent',
  'vlan-mismatch': 'permanent',
  // routers
  'router-down': 'permanent',
  'tagged-at-router': 'permanent',
  'not-ip': 'permanent',
  'not-for-router': 'permanent',
  'link-broadcast': 'permanent',
  'arp-ignored': 'permanent',
  'arp-opcode': 'permanent',
  'bad-ip-header': 'permanent',
  'source-route': 'permanent',
  'martian-source': 'permanent',
  'martian-destination': 'permanent',
  'limited-broadcast': 'permanent',
  'multicast-destination': 'permanent',
  'no-route': 'short',
  'reject-route': 'short',
  'blackhole-route': 'error',
  'local-not-echo': 'error',
  'own-address': 'permanent',
  'no-port-address': 'permanent',
  'dead-route-port': 'error',
  'ttl-expired': 'error',
  'too-big': 'error',
  'no-next-hop': 'error',
  'neighbour-unreachable': 'error',
  'echo-unanswerable': 'error',
  'bad-echo-checksum': 'permanent',
  'bad-fragment': 'permanent',
  // the engine
  'mailbox-full': 'error',
  'waiting-room-full': 'error',
  'waited-too-long': 'error',
  'no-such-device': 'error',
  'next-hop-unknown': 'error',
  'agent-dead': 'error',
  // the datapath
  'no-tunnel': 'permanent',
  'unknown-tunnel-key': 'error',
} as const satisfies Record<string, DropClass>;
export type DropReason = keyof typeof DROP_REASONS;

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- they are its keys
export const EVERY_DROP_REASON = Object.keys(DROP_REASONS) as readonly DropReason[];

/** Why a device swallowed a packet. */
export const CONSUMED_REASONS = [
  'arp-answered',
  'arp-learned',
  'echo-answered',
  'arp-unanswered',
  'fragment-held',
] as const;
export type ConsumedReason = (typeof CONSUMED_REASONS)[number];

/** What a device must have before it can decide. */
export type Need =
  | { readonly kind: 'device'; readonly device: DeviceId }
  | { readonly kind: 'next-hop'; readonly router: DeviceId; readonly port: PortId; readonly address: Ipv4 };

/**
 * What a device makes of a packet. Devices build theirs when they are configured and hand them out.
 *
 * - `deliver`: a port took it in; on to the device that the port belongs to
 * - `forward`, `flood`: out by the egress of these ports of the same device
 * - `cross`: over a link, into the peer
 * - `emit`: out of the network by an exterior port
 */
export type Verdict =
  | { readonly kind: 'deliver'; readonly to: DeviceId }
  | { readonly kind: 'forward'; readonly to: PortId }
  | { readonly kind: 'flood'; readonly to: readonly PortId[] }
  | { readonly kind: 'cross'; readonly to: PortId }
  | { readonly kind: 'emit'; readonly from: PortId }
  | { readonly kind: 'consumed'; readonly reason: ConsumedReason }
  | { readonly kind: 'drop'; readonly reason: DropReason }
  | { readonly kind: 'suspend'; readonly need: Need };

export function drop(reason: DropReason): Verdict {
  return { kind: 'drop', reason };
}

export function consumed(reason: ConsumedReason): Verdict {
  return { kind: 'consumed', reason };
}
