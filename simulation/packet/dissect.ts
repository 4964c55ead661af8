import { formatIpv4, ipv4Of } from '../../topology/model/ipv4.ts';
import { formatIpv6 } from '../../topology/model/ipv6.ts';
import { formatMac } from '../../topology/model/mac.ts';
import { readMac } from './arp.ts';
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
import { DONT_FRAGMENT, FRAGMENT_OFFSET, MORE_FRAGMENTS } from './ipv4-header.ts';
import { IPV6_HEADER } from './ipv6-header.ts';
import { u16, u32, u8 } from './octets.ts';
import { hasIcmpId, hasIcmpv6Id, ICMP, ICMP_HEADER, ICMPV6, TCP, UDP, UDP_HEADER } from './protocols.ts';
import { readVni, VXLAN_PORT } from './vxlan.ts';

/** A header field under Wireshark's name, its value as `tshark -T fields` prints it: decimal, or hexadecimal where tshark does. */
export type Dissected = readonly [field: string, value: string];

/**
 * The header fields of a frame, outermost first; fields that are not wholly in the bytes are left out. A field occurs more than once
 * where its header does: `vlan.id`.
 *
 * Other than tshark: tags of every kind are `vlan`, 802.1ad ones too; `tcp.seq` and `tcp.ack` are absolute, as under
 * `tcp.relative_sequence_numbers:FALSE`; what an ICMP error quotes and a tunnel carries is not dissected.
 */
export function dissect(frame: Frame): Dissected[] {
  const fields: Dissected[] = [
    ['frame.len', String(frame.wireLength)],
    ['frame.cap_len', String(frame.bytes.length)],
  ];
  dissectEthernet(frame, fields);
  const { bytes, layers } = frame;
  if (layers.l3 < 0) return fields;
  switch (u16(bytes, layers.etherTypeAt)) {
    case ETHERTYPE_ARP:
      dissectArp(bytes, layers.l3, fields);
      break;
    case ETHERTYPE_IPV4:
      dissectIpv4(bytes, layers.l3, fields);
      break;
    case ETHERTYPE_IPV6:
      dissectIpv6(bytes, layers.l3, fields);
      break;
    default:
  }
  if (layers.l4 >= 0) dissectL4(frame, fields);
  return fields;
}

/** The first value of a field, as `tshark -E occurrence=f` gives it; undefined when the frame has no such field. */
export function valueOf(fields: readonly Dissected[], name: string): string | undefined {
  return fields.find(([field]) => field === name)?.[1];
}

function dissectEthernet({ bytes }: Frame, fields: Dissected[]): void {
  const stop = bytes.length;
  if (stop < ETHERNET_ADDRESSES) return;
  fields.push(['eth.dst', formatMac(readMac(bytes, 0))], ['eth.src', formatMac(readMac(bytes, 6))]);
  if (stop < ETHERNET_ADDRESSES + 2) return;
  let at = ETHERNET_ADDRESSES;
  let type = u16(bytes, at);
  fields.push(typeField('eth', type));
  while (isTpid(type) && at + VLAN_TAG + 2 <= stop) {
    const control = u16(bytes, at + 2);
    at += VLAN_TAG;
    type = u16(bytes, at);
    fields.push(
      ['vlan.priority', String(control >>> 13)],
      ['vlan.dei', flag(control & 0x1000)],
      ['vlan.id', String(control & 0xfff)],
      type < FIRST_ETHERTYPE ? ['vlan.len', String(type)] : ['vlan.etype', hex(type)],
    );
  }
}

function typeField(layer: string, type: number): Dissected {
  return type < FIRST_ETHERTYPE ? [`${layer}.len`, String(type)] : [`${layer}.type`, hex(type)];
}

function dissectArp(bytes: Uint8Array, at: number, fields: Dissected[]): void {
  fields.push(
    ['arp.opcode', String(u16(bytes, at + 6))],
    ['arp.src.hw_mac', formatMac(readMac(bytes, at + 8))],
    ['arp.src.proto_ipv4', ipv4At(bytes, at + 14)],
    ['arp.dst.hw_mac', formatMac(readMac(bytes, at + 18))],
    ['arp.dst.proto_ipv4', ipv4At(bytes, at + 24)],
  );
}

function dissectIpv4(bytes: Uint8Array, at: number, fields: Dissected[]): void {
  const tos = u8(bytes, at + 1);
  const place = u16(bytes, at + 6);
  fields.push(
    ['ip.version', '4'],
    ['ip.hdr_len', String((u8(bytes, at) & 0xf) * 4)],
    ['ip.dsfield', hex(tos, 2)],
    ['ip.dsfield.dscp', String(tos >>> 2)],
    ['ip.dsfield.ecn', String(tos & 3)],
    ['ip.len', String(u16(bytes, at + 2))],
    ['ip.id', hex(u16(bytes, at + 4))],
    ['ip.flags.df', flag(place & DONT_FRAGMENT)],
    ['ip.flags.mf', flag(place & MORE_FRAGMENTS)],
    ['ip.frag_offset', String(place & FRAGMENT_OFFSET)],
    ['ip.ttl', String(u8(bytes, at + 8))],
    ['ip.proto', String(u8(bytes, at + 9))],
    ['ip.checksum', hex(u16(bytes, at + 10))],
    ['ip.src', ipv4At(bytes, at + 12)],
    ['ip.dst', ipv4At(bytes, at + 16)],
  );
}

function dissectIpv6(bytes: Uint8Array, at: number, fields: Dissected[]): void {
  const first = u32(bytes, at);
  fields.push(
    ['ip.version', '6'],
    ['ipv6.version', '6'],
    ['ipv6.tclass', hex((first >>> 20) & 0xff, 8)],
    ['ipv6.flow', hex(first & 0xf_ffff, 6)],
    ['ipv6.plen', String(u16(bytes, at + 4))],
    ['ipv6.nxt', String(u8(bytes, at + 6))],
    ['ipv6.hlim', String(u8(bytes, at + 7))],
    ['ipv6.src', ipv6At(bytes, at + 8)],
    ['ipv6.dst', ipv6At(bytes, at + IPV6_HEADER - 16)],
  );
}

function dissectL4({ bytes, layers }: Frame, fields: Dissected[]): void {
  const { l4, end, protocol } = layers;
  switch (protocol) {
    case TCP:
      dissectTcp(bytes, l4, end, fields);
      break;
    case UDP:
      dissectUdp(bytes, l4, end, fields);
      break;
    case ICMP:
    case ICMPV6:
      dissectIcmp(bytes, l4, end - l4, protocol, fields);
      break;
    default:
  }
}

const TCP_FLAG_NAMES = ['fin', 'syn', 'reset', 'push', 'ack', 'urg', 'ece', 'cwr'];

function dissectTcp(bytes: Uint8Array, at: number, end: number, fields: Dissected[]): void {
  const flags = u16(bytes, at + 12);
  const headerLength = (flags >>> 12) * 4;
  fields.push(
    ['tcp.srcport', String(u16(bytes, at))],
    ['tcp.dstport', String(u16(bytes, at + 2))],
    ['tcp.len', String(Math.max(0, end - at - headerLength))],
    ['tcp.seq', String(u32(bytes, at + 4))],
    ['tcp.ack', String(u32(bytes, at + 8))],
    ['tcp.hdr_len', String(headerLength)],
    ['tcp.flags', hex(flags & 0xfff)],
    ...TCP_FLAG_NAMES.map((name, n): Dissected => [`tcp.flags.${name}`, flag(flags & (1 << n))]),
    ['tcp.window_size_value', String(u16(bytes, at + 14))],
    ['tcp.checksum', hex(u16(bytes, at + 16))],
  );
}

function dissectUdp(bytes: Uint8Array, at: number, end: number, fields: Dissected[]): void {
  const destination = u16(bytes, at + 2);
  fields.push(
    ['udp.srcport', String(u16(bytes, at))],
    ['udp.dstport', String(destination)],
    ['udp.length', String(u16(bytes, at + 4))],
    ['udp.checksum', hex(u16(bytes, at + 6))],
  );
  if (destination !== VXLAN_PORT) return;
  const vni = readVni(bytes, at + UDP_HEADER, end);
  if (vni !== undefined) fields.push(['vxlan.flags', hex(u16(bytes, at + UDP_HEADER))], ['vxlan.vni', String(vni)]);
}

function dissectIcmp(bytes: Uint8Array, at: number, room: number, protocol: number, fields: Dissected[]): void {
  const isIcmp = protocol === ICMP;
  const layer = isIcmp ? 'icmp' : 'icmpv6';
  const type = u8(bytes, at);
  fields.push(
    [`${layer}.type`, String(type)],
    [`${layer}.code`, String(u8(bytes, at + 1))],
    [`${layer}.checksum`, hex(u16(bytes, at + 2))],
  );
  if (room < ICMP_HEADER) return;
  const [ident, seq] = [u16(bytes, at + 4), u16(bytes, at + 6)];
  if (isIcmp && hasIcmpId(type)) fields.push(['icmp.ident', String(ident)], ['icmp.seq', String(seq)]);
  if (!isIcmp && hasIcmpv6Id(type)) {
    fields.push(['icmpv6.echo.identifier', hex(ident)], ['icmpv6.echo.sequence_number', String(seq)]);
  }
}

function ipv4At(bytes: Uint8Array, at: number): string {
  return formatIpv4(ipv4Of(u32(bytes, at)));
}

function ipv6At(bytes: Uint8Array, at: number): string {
  return formatIpv6([0, 4, 8, 12].map((n) => u32(bytes, at + n)));
}

function flag(bits: number): string {
  return bits === 0 ? '0' : '1';
}

function hex(value: number, digits = 4): string {
  return `0x${value.toString(16).padStart(digits, '0')}`;
}
