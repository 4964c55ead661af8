import { arpReply, arpRequest, ARP_REQUEST, putMac } from '../../simulation/packet/arp.ts';
import { checksumOf, ipv4PseudoSum, ipv6PseudoSum } from '../../simulation/packet/checksum.ts';
import { ETHERTYPE_IPV4, ETHERTYPE_IPV6 } from '../../simulation/packet/ethernet.ts';
import { extract } from '../../simulation/packet/extract.ts';
import { FlowKey } from '../../simulation/packet/flow-key.ts';
import { KEY_WORDS } from '../../simulation/packet/key-layout.ts';
import { Layers, type Frame } from '../../simulation/packet/frame.ts';
import { signIpv4Header } from '../../simulation/packet/ipv4-header.ts';
import { put16, put32 } from '../../simulation/packet/octets.ts';
import { ICMP, ICMPV6, TCP, UDP } from '../../simulation/packet/protocols.ts';
import { portIdOf, type PortId } from '../../topology/model/ids.ts';
import { parseIpv4, type Ipv4 } from '../../topology/model/ipv4.ts';
import { BROADCAST_MAC, macOf, parseMac, ZERO_MAC, type Mac } from '../../topology/model/mac.ts';

/** A MAC address written by hand: mac`02:00:00:00:00:0a`. */
export function mac([text = '']: TemplateStringsArray): Mac {
  const address = parseMac(text);
  if (address === undefined) throw new TypeError(`not a MAC address: "${text}"`);
  return address;
}

/** An IPv4 address written by hand: ip`10.0.0.1`. */
export function ip([text = '']: TemplateStringsArray): Ipv4 {
  const address = parseIpv4(text);
  if (address === undefined) throw new TypeError(`not an IPv4 address: "${text}"`);
  return address;
}

/** Who sends, unless told otherwise. */
export const ANN = mac`02:00:00:00:00:0a`;
export const BOB = mac`02:00:00:00:00:0b`;

export interface LinkOptions {
  readonly ethSrc?: Mac;
  readonly ethDst?: Mac;
  /** Outermost first: VLAN numbers, in tags of 0x8100; or whole tags, TPID << 16 | TCI. */
  readonly tags?: readonly number[];
  /** Octets of 0xaa behind the packet, to fill the frame up to so many; 60 unless told otherwise. */
  readonly padTo?: number;
}

export interface Ipv4Options extends LinkOptions {
  readonly src: Ipv4;
  readonly dst: Ipv4;
  readonly ttl?: number;
  readonly tos?: number;
  readonly id?: number;
  readonly dontFragment?: boolean;
  readonly moreFragments?: boolean;
  /** Octets, a multiple of eight. */
  readonly fragmentOffset?: number;
  /** IP options, a multiple of four octets. */
  readonly options?: Uint8Array;
}

const NOTHING = new Uint8Array(0);

/** An Ethernet II frame; or 802.3, when `type` is a length. */
export function ethernetFrame(type: number, payload: Uint8Array, options: LinkOptions = {}): Uint8Array {
  const { ethSrc = ANN, ethDst = BOB, tags = [], padTo = 60 } = options;
  const l3 = 14 + 4 * tags.length;
  const bytes = new Uint8Array(Math.max(l3 + payload.length, padTo)).fill(0xaa);
  putMac(bytes, 0, ethDst);
  putMac(bytes, 6, ethSrc);
  tags.forEach((tag, n) => put32(bytes, 12 + 4 * n, tag < 0x1_0000 ? 0x8100_0000 + tag : tag));
  put16(bytes, l3 - 2, type);
  bytes.set(payload, l3);
  return bytes;
}

/** An IPv4 packet in its frame, header checksum right. */
export function ipv4Frame(protocol: number, payload: Uint8Array, options: Ipv4Options): Uint8Array {
  return ethernetFrame(ETHERTYPE_IPV4, ipv4Packet(protocol, payload, options), options);
}

function ipv4Packet(protocol: number, payload: Uint8Array, given: Ipv4Options): Uint8Array {
  const { options = NOTHING, fragmentOffset = 0, dontFragment = false, moreFragments = false } = given;
  const headerLength = 20 + options.length;
  const bytes = new Uint8Array(headerLength + payload.length);
  bytes[0] = 0x40 | (headerLength / 4);
  bytes[1] = given.tos ?? 0;
  put16(bytes, 2, bytes.length);
  put16(bytes, 4, given.id ?? 0x1234);
  put16(bytes, 6, (dontFragment ? 0x4000 : 0) | (moreFragments ? 0x2000 : 0) | (fragmentOffset / 8));
  bytes[8] = given.ttl ?? 64;
  bytes[9] = protocol;
  put32(bytes, 12, given.src);
  put32(bytes, 16, given.dst);
  bytes.set(options, 20);
  signIpv4Header(bytes, 0, headerLength);
  bytes.set(payload, headerLength);
  return bytes;
}

export interface PortOptions extends Ipv4Options {
  readonly srcPort?: number;
  readonly dstPort?: number;
  readonly payload?: Uint8Array;
}

/** A UDP datagram in its frame; with a checksum, unless `checksum` is false. */
export function udpFrame(options: PortOptions & { readonly checksum?: boolean }): Uint8Array {
  const { srcPort = 4000, dstPort = 53, payload = NOTHING, checksum = true } = options;
  const datagram = udpDatagram(srcPort, dstPort, payload);
  return signed(ipv4Frame(UDP, datagram, options), UDP, checksum);
}

function udpDatagram(srcPort: number, dstPort: number, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(8 + payload.length);
  put16(bytes, 0, srcPort);
  put16(bytes, 2, dstPort);
  put16(bytes, 4, bytes.length);
  bytes.set(payload, 8);
  return bytes;
}

export const SYN = 0x02;
export const ACK = 0x10;

/** A TCP segment without options in its frame, a SYN unless told otherwise. */
export function tcpFrame(
  options: PortOptions & { readonly flags?: number; readonly seq?: number; readonly ack?: number },
): Uint8Array {
  const { srcPort = 4000, dstPort = 80, payload = NOTHING, flags = SYN, seq = 1, ack = 0 } = options;
  const segment = new Uint8Array(20 + payload.length);
  put16(segment, 0, srcPort);
  put16(segment, 2, dstPort);
  put32(segment, 4, seq);
  put32(segment, 8, ack);
  put16(segment, 12, 0x5000 | flags);
  put16(segment, 14, 0xffff);
  segment.set(payload, 20);
  return signed(ipv4Frame(TCP, segment, options), TCP);
}

/** An ICMP message in its frame; its data begins at the fifth octet. */
export function icmpFrame(
  options: Ipv4Options & { readonly type: number; readonly code?: number; readonly data?: Uint8Array },
): Uint8Array {
  const { type, code = 0, data = new Uint8Array(4) } = options;
  const message = new Uint8Array(4 + data.length);
  message[0] = type;
  message[1] = code;
  message.set(data, 4);
  return signed(ipv4Frame(ICMP, message, options), ICMP);
}

/** An echo request, or a reply. */
export function icmpEcho(
  options: Ipv4Options & {
    readonly isReply?: boolean;
    readonly ident?: number;
    readonly seq?: number;
    readonly payload?: Uint8Array;
  },
): Uint8Array {
  const { isReply = false, ident = 1, seq = 1, payload = NOTHING } = options;
  const data = new Uint8Array(4 + payload.length);
  put16(data, 0, ident);
  put16(data, 2, seq);
  data.set(payload, 4);
  return icmpFrame({ ...options, type: isReply ? 0 : 8, data });
}

/** An ARP message in its frame: a request to everyone, unless told otherwise. */
export function arpFrame(
  options: LinkOptions & {
    readonly operation?: number;
    readonly senderMac?: Mac;
    readonly senderIp: Ipv4;
    readonly targetMac?: Mac;
    readonly targetIp: Ipv4;
  },
): Uint8Array {
  const {
    operation = ARP_REQUEST,
    ethSrc = ANN,
    senderMac = ethSrc,
    senderIp,
    targetIp,
    targetMac = ZERO_MAC,
  } = options;
  const isRequest = operation === ARP_REQUEST;
  const ethDst = options.ethDst ?? (isRequest ? BROADCAST_MAC : targetMac);
  const make = isRequest ? arpRequest : arpReply;
  const message = make({ ethSrc, ethDst, senderMac, senderIp, targetMac, targetIp }).subarray(14, 42);
  put16(message, 6, operation);
  return ethernetFrame(0x0806, message, { ...options, ethSrc, ethDst });
}

export interface Ipv6Options extends LinkOptions {
  /** Four words each. */
  readonly src: readonly number[];
  readonly dst: readonly number[];
  readonly hopLimit?: number;
  readonly trafficClass?: number;
  /** Extension headers as they stand between the fixed header and the payload, the first's number in `firstHeader`. */
  readonly extensions?: Uint8Array;
  readonly firstHeader?: number;
}

/** An IPv6 packet in its frame; checksums of the payload are written for TCP, UDP and ICMPv6 that are no fragments. */
export function ipv6Frame(protocol: number, payload: Uint8Array, options: Ipv6Options): Uint8Array {
  const { extensions = NOTHING, firstHeader = protocol } = options;
  const bytes = new Uint8Array(40 + extensions.length + payload.length);
  put32(bytes, 0, (6 << 28) | ((options.trafficClass ?? 0) << 20));
  put16(bytes, 4, extensions.length + payload.length);
  bytes[6] = firstHeader;
  bytes[7] = options.hopLimit ?? 64;
  options.src.forEach((word, n) => put32(bytes, 8 + 4 * n, word));
  options.dst.forEach((word, n) => put32(bytes, 24 + 4 * n, word));
  bytes.set(extensions, 40);
  bytes.set(payload, 40 + extensions.length);
  return signed(ethernetFrame(ETHERTYPE_IPV6, bytes, options), protocol);
}

/** Who has an IPv6 address? A neighbour solicitation to everybody who may (RFC 4861, section 4.3); addresses as four words. */
export function neighbourSolicitation(
  options: LinkOptions & { readonly src: readonly number[]; readonly target: readonly number[] },
): Uint8Array {
  const message = new Uint8Array(24);
  message[0] = 135;
  options.target.forEach((word, n) => put32(message, 8 + 4 * n, word));
  const group = ((options.target[3] ?? 0) & 0xff_ffff) | 0xff00_0000;
  return ipv6Frame(ICMPV6, message, {
    ...options,
    ethDst: macOf(0x3333, group >>> 0),
    dst: [0xff02_0000, 0, 1, group],
    hopLimit: 255,
  });
}

/** Writes the checksum of layer 4 where there is one to write. */
export function signed(bytes: Uint8Array, protocol: number, wanted = true): Uint8Array {
  const { layers } = frameOf(bytes);
  const { l3, l4, end } = layers;
  const offset = { 1: 2, 6: 16, 17: 6, 58: 2 }[protocol];
  if (!wanted || l4 < 0 || offset === undefined || !layers.isWhole || layers.protocol !== protocol) return bytes;
  const isIpv6 = (bytes[l3] ?? 0) >>> 4 === 6;
  const sumOfPseudo = isIpv6 ? ipv6PseudoSum : ipv4PseudoSum;
  const pseudo = protocol === ICMP ? 0 : sumOfPseudo(bytes, l3, protocol, end - l4);
  put16(bytes, l4 + offset, 0);
  const checksum = checksumOf(bytes, l4, end, pseudo);
  put16(bytes, l4 + offset, checksum === 0 && protocol === UDP ? 0xffff : checksum);
  return bytes;
}

/** A frame with its layers; `wireLength` when the capture cut it. */
export function frameOf(bytes: Uint8Array, wireLength = bytes.length): Frame {
  const layers = new Layers();
  extract(bytes, bytes.length, wireLength, portIdOf(0), new Uint32Array(KEY_WORDS), layers);
  return { bytes, wireLength, layers };
}

/** The words of a frame's key. */
export function wordsOf({ bytes, wireLength }: Frame, port: PortId): Uint32Array {
  const words = new Uint32Array(KEY_WORDS);
  extract(bytes, bytes.length, wireLength, port, words, new Layers());
  return words;
}

/** A frame's key, with a record of its own of what is seen. */
export function keyOf(bytes: Uint8Array, port: PortId): FlowKey {
  return new FlowKey(wordsOf(frameOf(bytes), port), { seen: 0 });
}
