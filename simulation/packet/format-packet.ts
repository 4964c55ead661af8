import { formatIpv4, ipv4Of } from '../../topology/model/ipv4.ts';
import { formatIpv6 } from '../../topology/model/ipv6.ts';
import { formatMac } from '../../topology/model/mac.ts';
import { ARP_REPLY, ARP_REQUEST, readArp, readMac } from './arp.ts';
import {
  ETHERNET_ADDRESSES,
  ETHERTYPE_ARP,
  ETHERTYPE_IPV4,
  ETHERTYPE_IPV6,
  FIRST_ETHERTYPE,
  isTpid,
  VLAN_TAG,
} from './ethernet.ts';
import type { Frame } from './frame.ts';
import { FRAGMENT_OFFSET, MORE_FRAGMENTS } from './ipv4-header.ts';
import { u16, u32, u8 } from './octets.ts';
import { hasIcmpId, hasIcmpv6Id, ICMP, ICMP_HEADER, ICMPV6, TCP, UDP, UDP_HEADER } from './protocols.ts';

/**
 * A frame in one line, in the manner of tcpdump: `10.0.2.15:53152 > 192.168.1.1:53 UDP 43`, with the octets of payload. Made for
 * people, of any bytes; what is cut off is called so.
 */
export function describeFrame(frame: Frame): string {
  const { bytes, wireLength, layers } = frame;
  if (bytes.length < ETHERNET_ADDRESSES + 2) return `${wireLength} octets, cut short`;
  const tags = describeTags(bytes);
  const type = layers.etherTypeAt < 0 ? -1 : u16(bytes, layers.etherTypeAt);
  return tags + (describePacket(frame, type) ?? describeEthernet(frame, type));
}

function describePacket(frame: Frame, type: number): string | undefined {
  if (frame.layers.l3 < 0) return undefined;
  switch (type) {
    case ETHERTYPE_ARP:
      return describeArp(frame);
    case ETHERTYPE_IPV4:
    case ETHERTYPE_IPV6:
      return describeIp(frame, type === ETHERTYPE_IPV4);
    default:
      return undefined;
  }
}

const PACKETS: Readonly<Record<number, string>> = {
  [ETHERTYPE_ARP]: 'ARP, cut short or of other addresses',
  [ETHERTYPE_IPV4]: 'IPv4, cut short or of another version',
  [ETHERTYPE_IPV6]: 'IPv6, cut short or of another version',
  0x88cc: 'LLDP',
  0x8809: 'slow protocols',
};

function describeEthernet({ bytes, wireLength }: Frame, type: number): string {
  const stations = `${formatMac(readMac(bytes, 6))} > ${formatMac(readMac(bytes, 0))}`;
  const what = type < 0 ? '802.3' : (PACKETS[type] ?? `ethertype 0x${type.toString(16).padStart(4, '0')}`);
  return `${stations} ${what}, ${wireLength} octets`;
}

/** `vlan 100.5 `, outermost first; nothing of a frame without tags. */
function describeTags(bytes: Uint8Array): string {
  const vlans: number[] = [];
  let at = ETHERNET_ADDRESSES;
  while (isTpid(u16(bytes, at)) && at + VLAN_TAG + 2 <= bytes.length) {
    vlans.push(u16(bytes, at + 2) & 0xfff);
    at += VLAN_TAG;
  }
  const isLength = vlans.length > 0 && u16(bytes, at) < FIRST_ETHERTYPE;
  return vlans.length === 0 ? '' : `vlan ${vlans.join('.')}${isLength ? ' 802.3' : ''} `;
}

function describeArp(frame: Frame): string {
  const message = readArp(frame);
  if (message === undefined) return 'ARP';
  const { operation, senderMac, targetIp, senderIp } = message;
  const [sender, target] = [formatIpv4(senderIp), formatIpv4(targetIp)];
  if (operation === ARP_REQUEST) {
    if (senderIp === 0) return `ARP probe for ${target} from ${formatMac(senderMac)}`;
    return senderIp === targetIp
      ? `ARP ${sender} is at ${formatMac(senderMac)}, announced`
      : `ARP who-has ${target} tell ${sender}`;
  }
  if (operation === ARP_REPLY) return `ARP ${sender} is-at ${formatMac(senderMac)}`;
  return `ARP operation ${operation} from ${sender} to ${target}`;
}

function describeIp({ bytes, layers }: Frame, isIpv4: boolean): string {
  const { l3, l4, end, protocol } = layers;
  const at = (n: number): string =>
    isIpv4
      ? formatIpv4(ipv4Of(u32(bytes, l3 + n)))
      : formatIpv6([0, 4, 8, 12].map((word) => u32(bytes, l3 + n + word)));
  const [source, target] = isIpv4 ? [at(12), at(16)] : [at(8), at(24)];
  const plain = `${source} > ${target}`;
  const fragment = isIpv4 ? describeFragment(u16(bytes, l3 + 6)) : '';
  if (l4 < 0) {
    const name = isIpv4 ? nameOf(u8(bytes, l3 + 9)) : 'IPv6';
    return `${plain} ${name}${fragment === '' ? ', cut short' : fragment}`;
  }
  const room = end - l4;
  switch (protocol) {
    case TCP: {
      const payload = Math.max(0, room - (u8(bytes, l4 + 12) >>> 4) * 4);
      return `${withPorts(bytes, l4, source, target, isIpv4)} TCP [${flagsOf(u16(bytes, l4 + 12))}] ${payload}${fragment}`;
    }
    case UDP:
      return `${withPorts(bytes, l4, source, target, isIpv4)} UDP ${room - UDP_HEADER}${fragment}`;
    case ICMP:
    case ICMPV6:
      return `${plain} ${describeIcmp(bytes, l4, room, protocol)}${fragment}`;
    default:
      return `${plain} ${nameOf(protocol)} ${room}${fragment}`;
  }
}

/** `10.0.0.1:80 > 10.0.0.2:4000`; an IPv6 address stands in brackets (RFC 3986). */
function withPorts(bytes: Uint8Array, l4: number, source: string, target: string, isIpv4: boolean): string {
  const [from, to] = isIpv4 ? [source, target] : [`[${source}]`, `[${target}]`];
  return `${from}:${u16(bytes, l4)} > ${to}:${u16(bytes, l4 + 2)}`;
}

function describeFragment(place: number): string {
  const offset = (place & FRAGMENT_OFFSET) * 8;
  if (offset === 0 && (place & MORE_FRAGMENTS) === 0) return '';
  return `, fragment at ${offset}${(place & MORE_FRAGMENTS) === 0 ? ', the last' : ''}`;
}

/** In tcpdump's letters: `S`, `S.`, `P.`, `F.`, `R`; `none` without any. */
function flagsOf(bits: number): string {
  const letters = [
    [0x01, 'F'],
    [0x02, 'S'],
    [0x04, 'R'],
    [0x08, 'P'],
    [0x20, 'U'],
    [0x40, 'E'],
    [0x80, 'W'],
    [0x10, '.'],
  ] as const;
  const set = letters.filter(([bit]) => (bits & bit) !== 0).map(([, letter]) => letter);
  return set.length === 0 ? 'none' : set.join('');
}

const ICMP_NAMES: Readonly<Record<string, string>> = {
  '0': 'echo reply',
  '3/0': 'net unreachable',
  '3/1': 'host unreachable',
  '3/2': 'protocol unreachable',
  '3/3': 'port unreachable',
  '3/4': 'fragmentation needed',
  '3/9': 'net prohibited',
  '3/10': 'host prohibited',
  '3/13': 'administratively prohibited',
  '3': 'unreachable',
  '5': 'redirect',
  '8': 'echo request',
  '11/0': 'time exceeded in transit',
  '11/1': 'time exceeded in reassembly',
  '12': 'parameter problem',
  '13': 'timestamp request',
  '14': 'timestamp reply',
};

const ICMPV6_NAMES: Readonly<Record<string, string>> = {
  '1': 'unreachable',
  '2': 'packet too big',
  '3/0': 'time exceeded in transit',
  '3/1': 'time exceeded in reassembly',
  '4': 'parameter problem',
  '128': 'echo request',
  '129': 'echo reply',
  '133': 'router solicitation',
  '134': 'router advertisement',
  '135': 'neighbour solicitation',
  '136': 'neighbour advertisement',
};

function describeIcmp(bytes: Uint8Array, at: number, room: number, protocol: number): string {
  const [type, code] = [u8(bytes, at), u8(bytes, at + 1)];
  const [layer, names] = protocol === ICMP ? ['ICMP', ICMP_NAMES] : ['ICMPv6', ICMPV6_NAMES];
  const name = names[`${type}/${code}`] ?? names[`${type}`] ?? `type ${type} code ${code}`;
  const hasId = protocol === ICMP ? hasIcmpId(type) : hasIcmpv6Id(type);
  if (hasId && room >= ICMP_HEADER) return `${layer} ${name} id ${u16(bytes, at + 4)} seq ${u16(bytes, at + 6)}`;
  if (protocol === ICMP && type === 3 && code === 4 && room >= ICMP_HEADER)
    return `${layer} ${name}, mtu ${u16(bytes, at + 6)}`;
  return `${layer} ${name}`;
}

const PROTOCOL_NAMES: Readonly<Record<number, string>> = {
  [ICMP]: 'ICMP',
  2: 'IGMP',
  [TCP]: 'TCP',
  [UDP]: 'UDP',
  47: 'GRE',
  50: 'ESP',
  51: 'AH',
  [ICMPV6]: 'ICMPv6',
  89: 'OSPF',
  103: 'PIM',
  112: 'VRRP',
  132: 'SCTP',
};

/** A protocol for people: `TCP`, or `protocol 200`. */
function nameOf(protocol: number): string {
  return PROTOCOL_NAMES[protocol] ?? `protocol ${protocol}`;
}
