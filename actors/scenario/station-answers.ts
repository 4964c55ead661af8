import { ARP_REQUEST, arpReply, arpRequest, putMac, readArp } from '../../simulation/packet/arp.ts';
import { checksumOf, ipv6PseudoSum } from '../../simulation/packet/checksum.ts';
import { ETHERTYPE_IPV4, ETHERTYPE_IPV6 } from '../../simulation/packet/ethernet.ts';
import { NO_FRAGMENT } from '../../simulation/packet/fields.ts';
import { WORD } from '../../simulation/packet/key-layout.ts';
import type { Frame } from '../../simulation/packet/frame.ts';
import { ECHO_REQUEST, echoReply, stampIdentification } from '../../simulation/packet/icmp.ts';
import { put16, u16 } from '../../simulation/packet/octets.ts';
import { ICMP, ICMPV6 } from '../../simulation/packet/protocols.ts';
import { ipv4Of, type Ipv4 } from '../../topology/model/ipv4.ts';
import { BROADCAST_MAC, isGroup, macOf, type Mac } from '../../topology/model/mac.ts';

/** Who answers. */
export interface Answerer {
  readonly mac: Mac;
  readonly addresses: readonly Ipv4[];
  readonly addresses6: readonly Uint8Array[];
}

/** A frame that reached a station, with its key. */
export type ReadFrame = Frame & { readonly words: Uint32Array };

/** An answer, and what was asked. */
export interface Answer {
  readonly bytes: Uint8Array;
  readonly because: 'arp' | 'ping' | 'neighbour-solicitation';
}

const ECHO_REQUEST_6 = 128;
const ECHO_REPLY_6 = 129;
const NEIGHBOUR_SOLICITATION = 135;
const NEIGHBOUR_ADVERTISEMENT = 136;
const IPV6_HEADER = 40;

/**
 * What a host would answer to a frame: ARP and neighbour solicitations for its own addresses, and pings of them. Undefined for
 * all else: it opens no connection and complains about nothing.
 *
 * @param talks false when a capture plays the station: then it only resolves addresses
 * @see RFC 826; RFC 1122, section 3.2.2.6 (echo); RFC 4861, section 7.2.4; RFC 4443, section 4.2
 */
export function answerOf(station: Answerer, frame: ReadFrame, talks: boolean): Answer | undefined {
  const { words } = frame;
  const destination = macOf(
    (words[WORD.ethDstHigh] ?? 0) >>> 16,
    (((words[WORD.ethDstHigh] ?? 0) << 16) | ((words[WORD.ethDstLowEthSrcHigh] ?? 0) >>> 16)) >>> 0,
  );
  if (destination !== station.mac && !isGroup(destination)) return undefined;
  if ((words[WORD.vlansProtoTtlTos] ?? 0) >>> 24 > 0) return undefined; // stations know no VLANs
  const arp = answerArp(station, frame);
  if (arp !== undefined) return { bytes: arp, because: 'arp' };
  const solicited = answerSolicitation(station, frame);
  if (solicited !== undefined) return { bytes: solicited, because: 'neighbour-solicitation' };
  if (!talks || destination !== station.mac) return undefined;
  const pong = answerPing(station, frame) ?? answerPing6(station, frame);
  return pong && { bytes: pong, because: 'ping' };
}

/** What a station says when it is plugged in anew (RFC 5227, section 3): a gratuitous ARP for each of its addresses. */
export function announcementsOf({ mac, addresses }: Answerer): readonly Uint8Array[] {
  return addresses.map((address) =>
    arpRequest({ ethSrc: mac, ethDst: BROADCAST_MAC, senderMac: mac, senderIp: address, targetIp: address }),
  );
}

function answerArp({ mac, addresses }: Answerer, frame: Frame): Uint8Array | undefined {
  const request = readArp(frame);
  if (request?.operation !== ARP_REQUEST || request.targetIp === request.senderIp) return undefined;
  if (!addresses.includes(request.targetIp)) return undefined;
  return arpReply({
    ethSrc: mac,
    ethDst: request.senderMac,
    senderMac: mac,
    senderIp: request.targetIp,
    targetMac: request.senderMac,
    targetIp: request.senderIp,
  });
}

function answerPing({ mac, addresses }: Answerer, { bytes, words, layers }: ReadFrame): Uint8Array | undefined {
  const target = ipv4Of(words[WORD.ipDst] ?? 0);
  if (etherTypeOf(words) !== ETHERTYPE_IPV4 || layers.protocol !== ICMP || !addresses.includes(target))
    return undefined;
  if ((words[WORD.fragmentSoundFlags] ?? 0) >>> 24 !== NO_FRAGMENT || !layers.isWhole) return undefined;
  const request = bytes.subarray(layers.l4, layers.end);
  if (request[0] !== ECHO_REQUEST || request[1] !== 0 || checksumOf(request, 0, request.length) !== 0) return undefined;
  const ends = { ethSrc: mac, ethDst: sourceOf(bytes), ipSrc: target, ipDst: ipv4Of(words[WORD.ipSrc] ?? 0) };
  const reply = echoReply(ends, (words[WORD.vlansProtoTtlTos] ?? 0) & 0xff, request);
  stampIdentification(reply, u16(bytes, layers.l3 + 4)); // whatever it is, it must be the same in each run
  return reply;
}

function answerSolicitation(station: Answerer, { bytes, words, layers }: ReadFrame): Uint8Array | undefined {
  if (etherTypeOf(words) !== ETHERTYPE_IPV6 || layers.protocol !== ICMPV6 || !layers.isWhole) return undefined;
  const { l3, l4, end } = layers;
  if (bytes[l4] !== NEIGHBOUR_SOLICITATION || end - l4 < 24) return undefined;
  const target = bytes.subarray(l4 + 8, l4 + 24);
  if (!station.addresses6.some((address) => areEqual(address, target))) return undefined;
  const message = new Uint8Array(32);
  message[0] = NEIGHBOUR_ADVERTISEMENT;
  message[4] = 0x60; // solicited, override
  message.set(target, 8);
  message[24] = 2; // target link-layer address
  message[25] = 1;
  putMac(message, 26, station.mac);
  return ipv6Frame(station.mac, sourceOf(bytes), target, bytes.subarray(l3 + 8, l3 + 24), 255, message);
}

function answerPing6(station: Answerer, { bytes, words, layers }: ReadFrame): Uint8Array | undefined {
  if (etherTypeOf(words) !== ETHERTYPE_IPV6 || layers.protocol !== ICMPV6 || !layers.isWhole) return undefined;
  const { l3, l4, end } = layers;
  if (bytes[l4] !== ECHO_REQUEST_6 || bytes[l4 + 1] !== 0) return undefined;
  const target = bytes.subarray(l3 + 24, l3 + 40);
  if (!station.addresses6.some((address) => areEqual(address, target))) return undefined;
  const message = bytes.slice(l4, end);
  message[0] = ECHO_REPLY_6;
  return ipv6Frame(station.mac, sourceOf(bytes), target, bytes.subarray(l3 + 8, l3 + 24), 64, message);
}

/** An ICMPv6 message in a frame, its checksum computed. */
function ipv6Frame(
  ethSrc: Mac,
  ethDst: Mac,
  source: Uint8Array,
  destination: Uint8Array,
  hopLimit: number,
  message: Uint8Array,
): Uint8Array {
  const bytes = new Uint8Array(14 + IPV6_HEADER + message.length);
  putMac(bytes, 0, ethDst);
  putMac(bytes, 6, ethSrc);
  put16(bytes, 12, ETHERTYPE_IPV6);
  bytes[14] = 0x60;
  put16(bytes, 18, message.length);
  bytes[20] = ICMPV6;
  bytes[21] = hopLimit;
  bytes.set(source, 22);
  bytes.set(destination, 38);
  const at = 14 + IPV6_HEADER;
  bytes.set(message, at);
  put16(bytes, at + 2, 0);
  put16(bytes, at + 2, checksumOf(bytes, at, bytes.length, ipv6PseudoSum(bytes, 14, ICMPV6, message.length)));
  return bytes;
}

function etherTypeOf(words: Uint32Array): number {
  return (words[WORD.tunnelTosTtlEtherType] ?? 0) & 0xffff;
}

function sourceOf(bytes: Uint8Array): Mac {
  return macOf(u16(bytes, 6), u16(bytes, 8) * 0x1_0000 + u16(bytes, 10));
}

function areEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((octet, at) => octet === b[at]);
}
