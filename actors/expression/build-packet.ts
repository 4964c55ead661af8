import { ARP_REQUEST, arpReply, arpRequest, putMac } from '../../simulation/packet/arp.ts';
import { checksumOf, ipv4PseudoSum } from '../../simulation/packet/checksum.ts';
import {
  ETHERNET_ADDRESSES,
  ETHERNET_HEADER,
  ETHERTYPE_IPV4,
  SHORTEST_FRAME,
  TPID_C_TAG,
  TPID_S_TAG,
  VLAN_TAG,
} from '../../simulation/packet/ethernet.ts';
import { IPV4_HEADER } from '../../simulation/packet/ipv4-header.ts';
import { put16, put32 } from '../../simulation/packet/octets.ts';
import { ICMP, TCP, TCP_HEADER, UDP } from '../../simulation/packet/protocols.ts';
import { BROADCAST_IPV4, formatIpv4, type Ipv4 } from '../../topology/model/ipv4.ts';
import { BROADCAST_MAC, formatMac, macOf, ZERO_MAC, type Mac } from '../../topology/model/mac.ts';
import { isArpProbe } from './addresses-of.ts';
import type { ExpressionProblem } from './expression-problem.ts';
import { headerLengthOf, totalLengthOf } from './length-of.ts';
import type {
  ArpSaid,
  BodySaid,
  ChecksumSaid,
  EthernetSaid,
  Ipv4Said,
  PacketExpression,
  RawSaid,
} from './packet-expression.ts';
import type { Surroundings } from './surroundings.ts';

/** A packet with everything said. */
export interface BuiltPacket {
  readonly kind: 'built';
  /** The frame; on the wire it is as long. */
  readonly bytes: Uint8Array;
  /** What was filled in that might surprise, a line each: `eth.dst=02:…, the gateway's`. */
  readonly filledIn: readonly string[];
}

/**
 * Makes the frame that an expression tells of: addresses from whoever is around, lengths and checksums right unless told otherwise.
 *
 * @param expression read from a text; frames of captures are not for here
 * @returns a problem, at the start of the text, when an address is neither said nor known
 */
export function buildPacket(
  expression: Exclude<PacketExpression, { readonly kind: 'capture' }>,
  around: Surroundings,
): BuiltPacket | ExpressionProblem {
  if (expression.kind === 'octets') return { kind: 'built', bytes: expression.bytes, filledIn: [] };
  const { ethernet, content } = expression;
  if (content.kind === 'arp') return built(ethernet, buildArp(ethernet, content, around));
  if (content.kind === 'raw') return built(ethernet, buildRaw(ethernet, content));
  return built(ethernet, buildIpv4(ethernet, content, around));
}

/** An untagged frame, and what was filled in; or what is missing. */
type Untagged = { readonly bytes: Uint8Array; readonly filledIn: readonly string[] } | string;

function built({ vlans }: EthernetSaid, untagged: Untagged): BuiltPacket | ExpressionProblem {
  if (typeof untagged !== 'string')
    return { kind: 'built', bytes: tagged(untagged.bytes, vlans), filledIn: untagged.filledIn };
  return { kind: 'problem', at: 0, length: 0, message: untagged, expected: undefined, didYouMean: undefined };
}

/** Pushes tags: the innermost is a customer's, those around it are a provider's (C24). */
function tagged(bytes: Uint8Array, vlans: readonly number[]): Uint8Array {
  if (vlans.length === 0) return bytes;
  const frame = new Uint8Array(bytes.length + VLAN_TAG * vlans.length);
  frame.set(bytes.subarray(0, ETHERNET_ADDRESSES));
  let at = ETHERNET_ADDRESSES;
  for (const [n, control] of vlans.entries()) {
    put16(frame, at, n === vlans.length - 1 ? TPID_C_TAG : TPID_S_TAG);
    put16(frame, at + 2, control);
    at += VLAN_TAG;
  }
  frame.set(bytes.subarray(ETHERNET_ADDRESSES), at);
  return frame;
}

function buildRaw({ src, dst }: EthernetSaid, { etherType, payload }: RawSaid): Untagged {
  const bytes = new Uint8Array(Math.max(SHORTEST_FRAME, ETHERNET_HEADER + payload.length));
  putMac(bytes, 0, dst ?? BROADCAST_MAC);
  putMac(bytes, 6, src ?? ZERO_MAC);
  put16(bytes, ETHERNET_ADDRESSES, etherType);
  bytes.set(payload, ETHERNET_HEADER);
  return { bytes, filledIn: [] };
}

function buildArp(ethernet: EthernetSaid, said: ArpSaid, around: Surroundings): Untagged {
  const source = isArpProbe(said)
    ? proberOf(ethernet.src, said.targetIp, around)
    : sourceOf(ethernet.src ?? said.senderMac, said.senderIp, around);
  const senderMac = said.senderMac ?? source.mac;
  const { senderIp, targetIp } = said;
  const known = said.targetMac ?? around.macOf(targetIp);
  if (said.operation === ARP_REQUEST) {
    const targetMac = said.targetMac ?? ZERO_MAC;
    const ethDst = ethernet.dst ?? BROADCAST_MAC;
    const bytes = arpRequest({ ethSrc: source.mac, ethDst, senderMac, senderIp, targetMac, targetIp });
    return { bytes, filledIn: source.filledIn };
  }
  const targetMac = known ?? ethernet.dst;
  if (targetMac === undefined) return unknownTarget(targetIp);
  const ethDst = ethernet.dst ?? targetMac;
  const bytes = arpReply({ ethSrc: source.mac, ethDst, senderMac, senderIp, targetMac, targetIp });
  return { bytes, filledIn: source.filledIn };
}

function buildIpv4(ethernet: EthernetSaid, said: Ipv4Said, around: Surroundings): Untagged {
  const source = sourceOf(ethernet.src, said.src, around);
  const target = targetOf(ethernet.dst, said.src, said.dst, around);
  if (typeof target === 'string') return target;
  const header = headerLengthOf(said.body);
  const total = totalLengthOf(said);
  const bytes = new Uint8Array(Math.max(SHORTEST_FRAME, ETHERNET_HEADER + total));
  putMac(bytes, 0, target.mac);
  putMac(bytes, 6, source.mac);
  put16(bytes, ETHERNET_ADDRESSES, ETHERTYPE_IPV4);
  putIpv4Header(bytes, said, total);
  const l4 = ETHERNET_HEADER + IPV4_HEADER;
  bytes.set(said.body.payload, l4 + header);
  putBody(bytes, l4, header + said.body.payload.length, said.body);
  return { bytes, filledIn: [...source.filledIn, ...target.filledIn] };
}

/** RFC 791, section 3.1. */
function putIpv4Header(bytes: Uint8Array, said: Ipv4Said, total: number): void {
  const at = ETHERNET_HEADER;
  bytes[at] = 0x45;
  bytes[at + 1] = said.tos;
  put16(bytes, at + 2, total);
  put16(bytes, at + 4, said.identification);
  const flags = (said.dontFragment ? 0x4000 : 0) | (said.moreFragments ? 0x2000 : 0);
  put16(bytes, at + 6, flags | (said.fragmentOffset >>> 3));
  bytes[at + 8] = said.ttl;
  bytes[at + 9] = protocolOf(said.body);
  put32(bytes, at + 12, said.src);
  put32(bytes, at + 16, said.dst);
  put16(bytes, at + 10, wished(said.checksum, checksumOf(bytes, at, at + IPV4_HEADER)));
}

/** The header of layer 4; its payload is in place. */
function putBody(bytes: Uint8Array, at: number, length: number, body: BodySaid): void {
  if (body.kind === 'other') return;
  if (body.kind === 'icmp') {
    bytes[at] = body.type;
    bytes[at + 1] = body.code;
    put32(bytes, at + 4, body.rest);
    put16(bytes, at + 2, wished(body.checksum, checksumOf(bytes, at, at + length)));
    return;
  }
  put16(bytes, at, body.srcPort);
  put16(bytes, at + 2, body.dstPort);
  const pseudo = ipv4PseudoSum(bytes, ETHERNET_HEADER, protocolOf(body), length);
  if (body.kind === 'udp') {
    put16(bytes, at + 4, length);
    // A computed zero goes as all ones: zero says that there is none (RFC 768).
    put16(bytes, at + 6, wished(body.checksum, checksumOf(bytes, at, at + length, pseudo) || 0xffff));
    return;
  }
  put32(bytes, at + 4, body.seq);
  put32(bytes, at + 8, body.ack);
  bytes[at + 12] = headerLengthOf(body) << 2;
  bytes[at + 13] = body.flags;
  put16(bytes, at + 14, body.window);
  if (body.mss !== undefined) put32(bytes, at + TCP_HEADER, (MSS_OPTION << 16) | body.mss);
  put16(bytes, at + 16, wished(body.checksum, checksumOf(bytes, at, at + length, pseudo)));
}

/** Kind 2, length 4 (RFC 9293, section 3.7.1). */
const MSS_OPTION = 0x0204;

function protocolOf(body: BodySaid): number {
  if (body.kind === 'other') return body.protocol;
  return { tcp: TCP, udp: UDP, icmp: ICMP }[body.kind];
}

function wished(said: ChecksumSaid, right: number): number {
  if (said === 'right') return right;
  // Never zero, which would say that a UDP sender computed none.
  return said === 'bad' ? right ^ 0x0101 || 0xfefe : said;
}

interface Filled {
  readonly mac: Mac;
  readonly filledIn: readonly string[];
}

/** A sender that nobody knows may still send: it gets a MAC made of its address. */
function sourceOf(said: Mac | undefined, address: Ipv4, around: Surroundings): Filled {
  if (said !== undefined) return { mac: said, filledIn: [] };
  const known = around.macOf(address);
  if (known !== undefined)
    return { mac: known, filledIn: [`eth.src=${formatMac(known)}, whose address is ${formatIpv4(address)}`] };
  const mac = macOf(0x0200, address);
  return { mac, filledIn: [`eth.src=${formatMac(mac)}, made up: nobody here has ${formatIpv4(address)}`] };
}

/** Who probes for an address is at the port where the packet enters. */
function proberOf(said: Mac | undefined, wanted: Ipv4, around: Surroundings): Filled {
  if (said !== undefined) return { mac: said, filledIn: [] };
  const known = around.stationMacFor(wanted);
  if (known !== undefined)
    return { mac: known, filledIn: [`eth.src=${formatMac(known)}, of the station at this port`] };
  const mac = macOf(0x0200, wanted);
  return { mac, filledIn: [`eth.src=${formatMac(mac)}, made up: no station at this port has ${formatIpv4(wanted)}`] };
}

function targetOf(said: Mac | undefined, source: Ipv4, address: Ipv4, around: Surroundings): Filled | string {
  if (said !== undefined) return { mac: said, filledIn: [] };
  const group = groupMacOf(address);
  if (group !== undefined) return { mac: group, filledIn: [] };
  const mac = around.nextHopMacFor(source, address);
  if (mac === undefined) return unknownTarget(address);
  const whose = mac === around.macOf(address) ? 'whose address is' : 'the gateway towards';
  return { mac, filledIn: [`eth.dst=${formatMac(mac)}, ${whose} ${formatIpv4(address)}`] };
}

function unknownTarget(address: Ipv4): string {
  return `nobody here has ${formatIpv4(address)}, and no gateway leads there: say eth.dst=…`;
}

/** RFC 1112, section 6.4: the low 23 bits of a multicast address. */
function groupMacOf(address: Ipv4): Mac | undefined {
  if (address === BROADCAST_IPV4) return BROADCAST_MAC;
  return address >>> 28 === 0xe ? macOf(0x0100, 0x5e00_0000 + (address & 0x7f_ffff)) : undefined;
}
