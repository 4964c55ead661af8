import type { DeviceId, PortId } from '../../topology/model/ids.ts';
import { formatIpv4, type Ipv4 } from '../../topology/model/ipv4.ts';
import { BROADCAST_MAC, formatMac, isGroup, type Mac } from '../../topology/model/mac.ts';
import { ARP_REQUEST, arpReply, readArp } from '../packet/arp.ts';
import { ETHERTYPE_ARP } from '../packet/ethernet.ts';
import { ETH_SRC, IP_DST, IP_SRC } from '../packet/fields.ts';
import type { FlowKey } from '../packet/flow-key.ts';
import type { Decider, Packet } from '../packet/packet.ts';
import type { AddressTable } from '../state/address-table.ts';
import type { MacLearning } from '../state/mac-learning.ts';
import type { MacTable } from '../state/mac-table.ts';
import { tagOf, type Tag } from '../tag.ts';
import { consumed, drop, type Verdict } from '../verdict.ts';

/** Where a port of a bridge leads. Only `exterior` ones are flooded: not those that link two bridges (spec 20 §1). */
export type BridgeLink =
  | { readonly kind: 'exterior' }
  | { readonly kind: 'unplugged' }
  | { readonly kind: 'bridge' }
  /** To a router's port; `address` is absent when that has no IPv4 address. */
  | { readonly kind: 'router'; readonly mac: Mac; readonly address?: Ipv4 };

/** A bridge as configured, its references resolved, with its tables. */
export interface BridgeParts {
  readonly id: DeviceId;
  /** For people only. */
  readonly name: string;
  readonly adminUp: boolean;
  /** Its ports. They are flooded in this order. */
  readonly ports: readonly { readonly id: PortId; readonly link: BridgeLink }[];
  /** This agent's copy; changed by the table's own changes only. */
  readonly stations: MacTable;
  readonly learning: MacLearning;
  /** Absent when the bridge does not answer ARP requests for its stations. */
  readonly addresses?: AddressTable;
}

/** A router's port behind an interior port of a bridge. */
interface RouterPeer extends Decider {
  /** The bridge's own port. */
  readonly port: PortId;
  readonly mac: Mac;
}

/** A bridge made ready: every verdict it can reach is built before the first packet. */
export interface Bridge {
  readonly id: DeviceId;
  readonly adminUp: boolean;
  readonly stations: MacTable;
  readonly learning: MacLearning;
  readonly addresses: AddressTable | undefined;
  readonly exteriorPorts: readonly PortId[];
  /** The routers linked to it, by the MAC of their port. */
  readonly routerMacs: ReadonlyMap<Mac, RouterPeer>;
  /** The same by their IPv4 address. */
  readonly routerIps: ReadonlyMap<Ipv4, RouterPeer>;
  /** By each of its ports. */
  readonly forwardTo: ReadonlyMap<PortId, Verdict>;
  /** To every exterior port: that of the ingress drops the copy it is handed. */
  readonly flood: Verdict;
  /** What decides when it is no entry of a table. */
  readonly itself: Decider;
  readonly flooding: Decider;
}

const GROUP_SOURCE = drop('group-source');
const BRIDGE_DOWN = drop('bridge-down');
const SAME_SEGMENT = drop('same-segment');
const NO_SUCH_PORT = drop('no-such-port');
const NO_FLOOD_PORTS = drop('no-flood-ports');
const CUT_FRAME = drop('cut-frame');
const UNKNOWN_INGRESS = drop('unknown-ingress');
const ARP_ANSWERED = consumed('arp-answered');

/** The table of a bridge that knows no VLANs: tagged frames are carried as they are, and learned like others (spec 20 §4.2). */
const UNTAGGED = 0;

export function bridgeFrom(parts: BridgeParts): Bridge {
  const { id, name, adminUp, ports, stations, learning, addresses } = parts;
  const exteriorPorts = ports.filter(({ link }) => link.kind === 'exterior').map((port) => port.id);
  const routerMacs = new Map<Mac, RouterPeer>();
  const routerIps = new Map<Ipv4, RouterPeer>();
  for (const { id: port, link } of ports) {
    if (link.kind !== 'router') continue;
    const { mac, address } = link;
    const at = address === undefined ? '' : ` at ${formatIpv4(address)}`;
    const peer: RouterPeer = { port, mac, number: port, describe: () => `router port ${formatMac(mac)}${at}` };
    if (!routerMacs.has(mac)) routerMacs.set(mac, peer);
    if (address !== undefined && !routerIps.has(address)) routerIps.set(address, peer);
  }
  return {
    id,
    adminUp,
    stations,
    learning,
    addresses,
    exteriorPorts,
    routerMacs,
    routerIps,
    forwardTo: new Map(ports.map((port) => [port.id, { kind: 'forward', to: port.id }])),
    flood: exteriorPorts.length === 0 ? NO_FLOOD_PORTS : { kind: 'flood', to: exteriorPorts },
    itself: { number: id, describe: () => `bridge ${name}` },
    flooding: { number: id, describe: () => `flood of bridge ${name}` },
  };
}

/**
 * Decides where a frame leaves a transparent learning bridge.
 *
 * @param bridge its configuration and tables, as they are now
 * @param packet the frame under simulation. Sees `ethSrc`, and `ethDst` unless the frame is refused first; of a broadcast the
 *   ethertype, and what ARP says. Gathers the tags of every fact used, absent ones too, and proposes the sender to the MAC
 *   table: proposals take effect when the whole simulation has ended
 * @returns one of the bridge's own verdicts. Never throws
 * @see IEEE 802.1Q-2022, 8.6 (forwarding process) and 8.7 (learning process); spec 20 §2 to §6
 */
export function forward(bridge: Bridge, packet: Packet): Verdict {
  const { key, facts, ingress } = packet;
  packet.because = bridge.itself;
  if (ingress === undefined) return UNKNOWN_INGRESS;
  facts.device(bridge.id);
  if (!key.has(ETH_SRC)) return CUT_FRAME;
  const sender = key.ethSrc;
  if (isGroup(sender)) return GROUP_SOURCE;
  if (!bridge.adminUp) return BRIDGE_DOWN;
  learn(bridge, packet, sender, ingress);

  const receiver = key.ethDst;
  if (receiver === BROADCAST_MAC && key.etherType === ETHERTYPE_ARP) return forwardArp(bridge, packet, sender, ingress);
  if (isGroup(receiver)) return flood(bridge, packet);
  return forwardUnicast(bridge, packet, sender, receiver, ingress);
}

/** Learns every sender but linked routers, whose place is known. */
function learn(bridge: Bridge, packet: Packet, sender: Mac, ingress: PortId): void {
  const router = bridge.routerMacs.get(sender);
  if (router === undefined) {
    packet.propose(bridge.learning.proposalOf(sender, UNTAGGED, ingress));
    packet.facts.learned(bridge.id, sender, UNTAGGED, ingress);
  } else {
    packet.facts.bridgePort(bridge.id, router.port); // its frames are learned once it is gone
  }
}

function forwardUnicast(bridge: Bridge, packet: Packet, sender: Mac, receiver: Mac, ingress: PortId): Verdict {
  const { facts } = packet;
  const router = bridge.routerMacs.get(receiver);
  if (router !== undefined) return forwardToRouter(bridge, packet, router);

  facts.vlanPort(bridge.id, sender, UNTAGGED, ingress); // dies when the sender moves
  if (receiver === sender) return SAME_SEGMENT;
  const station = bridge.stations.stationOf(receiver, UNTAGGED);
  if (station === undefined) {
    facts.floodByDst(bridge.id, receiver, UNTAGGED); // dies when the receiver is heard of
    return flood(bridge, packet);
  }
  packet.because = station;
  facts.vlanPort(bridge.id, receiver, UNTAGGED, station.port);
  if (station.port === ingress) return SAME_SEGMENT;
  return bridge.forwardTo.get(station.port) ?? NO_SUCH_PORT;
}

function forwardToRouter(bridge: Bridge, packet: Packet, router: RouterPeer): Verdict {
  packet.because = router;
  packet.facts.bridgePort(bridge.id, router.port); // dies when the router is unlinked
  return bridge.forwardTo.get(router.port) ?? NO_SUCH_PORT;
}

function flood(bridge: Bridge, packet: Packet): Verdict {
  packet.because = bridge.flooding;
  packet.facts.broadcast(bridge.id); // dies when a port comes or goes
  return bridge.flood;
}

/**
 * Broadcast ARP: answered on behalf of a router or station that the bridge knows, else handed to the router asked for, else flooded.
 *
 * @see RFC 826; RFC 5227, section 2.1.1 (probes); spec 20 §5, C19, C20
 */
function forwardArp(bridge: Bridge, packet: Packet, sender: Mac, ingress: PortId): Verdict {
  const { key, facts } = packet;
  if (key.has(IP_SRC) && key.has(IP_DST)) {
    const target = key.ipDst;
    const isGratuitous = target === key.ipSrc;
    if (isUntagged(key)) {
      facts.arpAnswer(bridge.id, target); // dies when there is another answer, or the first
      if (!isGratuitous && answerArp(bridge, packet, sender, target, ingress)) return ARP_ANSWERED;
      const router = bridge.routerIps.get(target);
      if (router !== undefined) return forwardToRouter(bridge, packet, router);
    }
    if (isGratuitous && bridge.addresses !== undefined) {
      packet.propose(bridge.addresses.proposalOf(target, sender));
      packet.keepFlowless(); // each one shall be heard
    }
  }
  facts.arpRequests(bridge.id); // dies when a router is linked
  return flood(bridge, packet);
}

/** Answers a request out of the bridge's own knowledge; false when it is none, or there is none to give. */
function answerArp(bridge: Bridge, packet: Packet, sender: Mac, target: Ipv4, ingress: PortId): boolean {
  const { key } = packet;
  if (key.ipProto !== ARP_REQUEST) return false;
  const known = bridge.routerIps.get(target) ?? bridge.addresses?.entryOf(target);
  if (known === undefined || known.mac === sender) return false;
  packet.seeBeyondKey();
  const request = readArp(packet.frame);
  if (request === undefined || request.senderMac === known.mac) return false;
  packet.because = known;
  const bytes = arpReply({
    ethSrc: known.mac,
    ethDst: request.senderMac,
    senderMac: known.mac,
    senderIp: target,
    targetMac: request.senderMac,
    targetIp: request.senderIp,
  });
  packet.generate({ cause: 'arp-reply', bytes, egress: ingress });
  return true;
}

/** Whether a frame has no tag but priority tags, of VLAN 0 (IEEE 802.1Q-2022, 9.6; spec 20 §2.5, C37). */
function isUntagged(key: FlowKey): boolean {
  return key.vlanCount <= 2 && ((key.vlanOuter | key.vlanInner) & 0xfff) === 0;
}

/**
 * The tags that a change of a bridge's configuration invalidates: none when it does the same as before (C38), and never those of
 * flows that the change does not concern.
 *
 * @param after undefined when the bridge is gone
 * @see spec 20 §6.7 and §9
 */
export function tagsOfBridgeChange(before: Bridge, after: Bridge | undefined): Tag[] {
  const { id } = before;
  if (after === undefined) return [tagOf('Device', id)];
  const tags: Tag[] = [];
  if (before.adminUp !== after.adminUp) tags.push(tagOf('Device', id));
  if (!areEqual(before.exteriorPorts, after.exteriorPorts)) tags.push(tagOf('Broadcast', id));
  // What was learned behind a port that is not there is dropped.
  for (const port of differenceOf(before.forwardTo, after.forwardTo)) {
    for (const { mac, vlan } of after.stations.behind(port)) tags.push(tagOf('VlanPort', id, mac, vlan, port));
  }
  for (const [mac, { port }] of before.routerMacs) {
    if (after.routerMacs.get(mac)?.port !== port) tags.push(tagOf('BridgePort', id, port));
  }
  for (const mac of after.routerMacs.keys()) {
    if (!before.routerMacs.has(mac)) tags.push(...tagsOfRouterLinked(after, mac));
  }
  for (const address of new Set([...before.routerIps.keys(), ...after.routerIps.keys()])) {
    const [was, is] = [before.routerIps.get(address), after.routerIps.get(address)];
    if (was?.port !== is?.port || was?.mac !== is?.mac) tags.push(tagOf('ArpAnswer', id, address));
  }
  if ((before.addresses === undefined) !== (after.addresses === undefined)) tags.push(tagOf('ArpRequests', id));
  return tags;
}

/** A router's MAC is no station's any more: neither as a receiver, known or not, nor as a sender to be learned. */
function tagsOfRouterLinked({ id, stations, learning }: Bridge, mac: Mac): Tag[] {
  const tags = [tagOf('ArpRequests', id), tagOf('FloodByDst', id, mac, UNTAGGED), ...learning.tagsOf(mac, UNTAGGED)];
  const port = stations.portOf(mac, UNTAGGED);
  if (port !== undefined) tags.push(tagOf('VlanPort', id, mac, UNTAGGED, port));
  return tags;
}

function areEqual(a: readonly PortId[], b: readonly PortId[]): boolean {
  return a.length === b.length && a.every((port, n) => port === b[n]);
}

/** The ports that only one of two bridges has. */
function differenceOf(a: ReadonlyMap<PortId, unknown>, b: ReadonlyMap<PortId, unknown>): PortId[] {
  return [...[...a.keys()].filter((port) => !b.has(port)), ...[...b.keys()].filter((port) => !a.has(port))];
}
