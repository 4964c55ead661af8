import type { PortId } from '../../topology/model/ids.ts';
import { checksumFrom } from './checksum.ts';
import { ETHERTYPE_ARP, ETHERTYPE_IPV4, ETHERTYPE_IPV6, FIRST_ETHERTYPE, isTpid, VLAN_TAG } from './ethernet.ts';
import {
  ETH_DST,
  ETH_SRC,
  ETHER_TYPE,
  FIRST_FRAGMENT,
  FRAGMENT,
  ICMP_ID,
  IN_PORT,
  IP_DST,
  IP_PROTO,
  IP_SRC,
  L4_DST,
  L4_SRC,
  LATER_FRAGMENT,
  NO_FRAGMENT,
  SOUND_IPV4,
  TCP_FLAGS,
  TOS,
  TTL,
  VLAN,
  type Fields,
} from './fields.ts';
import { KEY_WORDS, WORD } from './key-layout.ts';
import type { Layers } from './frame.ts';
import { FRAGMENT_OFFSET, IPV4_HEADER, isSoundIpv4, LARGEST_IPV4, MORE_FRAGMENTS } from './ipv4-header.ts';
import { IPV6_HEADER, isIpv6Extension, jumboLength } from './ipv6-header.ts';
import { i32, u16, u8 } from './octets.ts';
import {
  AH,
  hasIcmpId,
  hasIcmpv6Id,
  HOP_BY_HOP,
  ICMP,
  ICMP_HEADER,
  ICMPV6,
  IPV6_FRAGMENT,
  TCP,
  TCP_HEADER,
  UDP,
  UDP_HEADER,
} from './protocols.ts';

/** More tags than this, or more extension headers, are not walked: what lies behind is absent. */
const MOST_TAGS = 255;
const MOST_EXTENSIONS = 16;
/** Type, code and checksum: the least that makes an ICMP message. */
const ICMP_START = 4;

const IP_FIELDS: Fields = IP_PROTO | IP_SRC | IP_DST | TTL | TOS;
const ARP_FIELDS: Fields = (IP_SRC | IP_DST) & ~FRAGMENT;
const ARP_OPCODE: Fields = IP_PROTO & ~FRAGMENT;
const ARP_MESSAGE = 28;

/**
 * Reads a frame's flow key and the places of its headers, in place and without allocation.
 *
 * A field is present when all its octets are, and those of the header that it needs to be trusted: the fixed part of an IP header,
 * 20 octets of TCP, 8 of UDP, inside the packet's own length (so padding is no port; spec C1). A later fragment has no layer 4. An ARP
 * message has addresses and an opcode in its Ethernet and IPv4 form only. Whatever the bytes are, it ends and does not throw.
 *
 * @param bytes the frame from its first octet on; nothing behind `length` is read
 * @param length octets captured
 * @param wireLength octets the frame had on the wire: the total length of IPv4 is compared with these (spec C10, C39)
 * @param words the key, {@link KEY_WORDS} long; overwritten whole. Tunnel fields are left absent
 * @param layers overwritten whole
 * @see IEEE 802.3-2022, 3.2.6; 802.1Q-2022, 9.5; RFC 826; RFC 791, 3.1; RFC 8200, 4; RFC 792; RFC 4443; RFC 768; RFC 9293, 3.1
 */
export function extract(
  bytes: Uint8Array,
  length: number,
  wireLength: number,
  inPort: PortId,
  words: Uint32Array,
  layers: Layers,
): void {
  const stop = Math.min(length, bytes.length);
  for (let n = 0; n < KEY_WORDS; n++) words[n] = 0; // so few of them that `fill` takes longer
  layers.etherTypeAt = -1;
  layers.l3 = -1;
  layers.l4 = -1;
  layers.end = -1;
  layers.protocol = -1;
  layers.isWhole = false;
  layers.ipLength = 0;
  words[WORD.inPort] = inPort;
  words[WORD.present] =
    IN_PORT | (stop < 14 ? extractStump(bytes, stop, words) : extractEthernet(bytes, stop, words, layers));
  if (layers.etherTypeAt < 0) return;

  const type = words[WORD.tunnelTosTtlEtherType] ?? 0;
  const at = layers.etherTypeAt + 2;
  let found: Fields = 0;
  if (type === ETHERTYPE_IPV4) found = extractIpv4(bytes, at, stop, wireLength, words, layers);
  else if (type === ETHERTYPE_IPV6) found = extractIpv6(bytes, at, stop, words, layers);
  else if (type === ETHERTYPE_ARP) found = extractArp(bytes, at, stop, words, layers);
  words[WORD.present] = (words[WORD.present] ?? 0) | found;
}

/** What is left of a frame too short for its header. */
function extractStump(bytes: Uint8Array, stop: number, words: Uint32Array): Fields {
  if (stop < 6) return 0;
  words[WORD.ethDstHigh] = i32(bytes, 0);
  words[WORD.ethDstLowEthSrcHigh] = u16(bytes, 4) << 16;
  if (stop < 12) return ETH_DST;
  words[WORD.ethDstLowEthSrcHigh] = i32(bytes, 4);
  words[WORD.ethSrcLow] = i32(bytes, 8);
  return ETH_DST | ETH_SRC;
}

function extractEthernet(bytes: Uint8Array, stop: number, words: Uint32Array, layers: Layers): Fields {
  words[WORD.ethDstHigh] = i32(bytes, 0);
  words[WORD.ethDstLowEthSrcHigh] = i32(bytes, 4);
  words[WORD.ethSrcLow] = i32(bytes, 8);
  let at = 12;
  let type = u16(bytes, at);
  let present = ETH_DST | ETH_SRC;
  if (isTpid(type)) {
    let tags = 0;
    // A tag is one only when the type behind it is there too.
    while (isTpid(type) && at + VLAN_TAG + 2 <= stop && tags < MOST_TAGS) {
      if (tags < 2) words[WORD.vlanOuter + tags] = i32(bytes, at);
      tags += 1;
      at += VLAN_TAG;
      type = u16(bytes, at);
    }
    words[WORD.vlansProtoTtlTos] = tags << 24;
    if (tags > 0) present |= VLAN;
    if (isTpid(type)) return present;
  }
  if (type < FIRST_ETHERTYPE) return present;
  words[WORD.tunnelTosTtlEtherType] = type;
  layers.etherTypeAt = at;
  return present | ETHER_TYPE;
}

function extractArp(bytes: Uint8Array, at: number, stop: number, words: Uint32Array, layers: Layers): Fields {
  if (at + ARP_MESSAGE > stop || i32(bytes, at) !== 0x0001_0800 || u16(bytes, at + 4) !== 0x0604) return 0;
  layers.l3 = at;
  layers.end = at + ARP_MESSAGE;
  words[WORD.ipSrc] = i32(bytes, at + 14);
  words[WORD.ipDst] = i32(bytes, at + 24);
  const opcode = u16(bytes, at + 6);
  if (opcode > 255) return ARP_FIELDS;
  words[WORD.vlansProtoTtlTos] = (words[WORD.vlansProtoTtlTos] ?? 0) | (opcode << 16);
  return ARP_FIELDS | ARP_OPCODE;
}

function extractIpv4(
  bytes: Uint8Array,
  at: number,
  stop: number,
  wireLength: number,
  words: Uint32Array,
  layers: Layers,
): Fields {
  if (at + IPV4_HEADER > stop || u8(bytes, at) >>> 4 !== 4) return SOUND_IPV4;
  // Each octet of the header is read once: this is the hot path.
  const lengths = i32(bytes, at);
  const place = i32(bytes, at + 4);
  const life = i32(bytes, at + 8);
  const src = i32(bytes, at + 12);
  const dst = i32(bytes, at + 16);
  const headerLength = (lengths >>> 22) & 0x3c;
  const total = lengths & 0xffff;
  const protocol = (life >>> 16) & 0xff;
  const fragment =
    (place & FRAGMENT_OFFSET) !== 0 ? LATER_FRAGMENT : (place & MORE_FRAGMENTS) !== 0 ? FIRST_FRAGMENT : NO_FRAGMENT;
  const isSound =
    headerLength === IPV4_HEADER
      ? total >= IPV4_HEADER &&
        at + total <= wireLength &&
        (place & FRAGMENT_OFFSET) * 8 + total <= LARGEST_IPV4 &&
        checksumFrom(halves(lengths) + halves(place) + halves(life) + halves(src) + halves(dst)) === 0
      : isSoundIpv4(bytes, at, stop, wireLength);
  const wish = at + Math.max(total, headerLength);
  const end = Math.min(wish, stop);

  layers.l3 = at;
  layers.end = end;
  layers.ipLength = total;
  layers.isWhole = total >= headerLength && wish <= stop && fragment === NO_FRAGMENT;
  words[WORD.vlansProtoTtlTos] =
    (words[WORD.vlansProtoTtlTos] ?? 0) | (protocol << 16) | ((life >>> 16) & 0xff00) | ((lengths >>> 16) & 0xff);
  words[WORD.ipSrc] = src;
  words[WORD.ipDst] = dst;
  words[WORD.fragmentSoundFlags] = (fragment << 24) | (isSound ? 1 << 16 : 0);
  const present = SOUND_IPV4 | IP_FIELDS;
  if (fragment === LATER_FRAGMENT || headerLength < IPV4_HEADER) return present;
  return present | extractL4(bytes, protocol, ICMPV6, at + headerLength, end, words, layers);
}

/** The two words of 16 bits in one of 32, added up. */
function halves(word: number): number {
  return (word >>> 16) + (word & 0xffff);
}

function extractIpv6(bytes: Uint8Array, at: number, stop: number, words: Uint32Array, layers: Layers): Fields {
  const first = i32(bytes, at);
  if (at + IPV6_HEADER > stop || first >>> 28 !== 6) return 0;
  layers.l3 = at;
  const isJumbo = u16(bytes, at + 4) === 0 && u8(bytes, at + 6) === HOP_BY_HOP;
  const payload = isJumbo ? jumboLength(bytes, at + IPV6_HEADER, stop) : u16(bytes, at + 4);
  const wish = at + IPV6_HEADER + payload;
  const end = Math.min(wish, stop);
  layers.end = end;
  layers.ipLength = IPV6_HEADER + payload;
  layers.isWhole = wish <= stop;
  for (let n = 0; n < 4; n++) {
    words[WORD.ipSrc + n] = i32(bytes, at + 8 + 4 * n);
    words[WORD.ipDst + n] = i32(bytes, at + 24 + 4 * n);
  }
  words[WORD.vlansProtoTtlTos] =
    ((words[WORD.vlansProtoTtlTos] ?? 0) & 0xff00_0000) | (u8(bytes, at + 7) << 8) | ((first >>> 20) & 0xff);
  return FRAGMENT | IP_SRC | IP_DST | TTL | TOS | walkExtensions(bytes, at, end, words, layers);
}

/** Follows the chain of next headers to the protocol (RFC 8200, section 4; AH: RFC 4302). */
function walkExtensions(bytes: Uint8Array, l3: number, end: number, words: Uint32Array, layers: Layers): Fields {
  let protocol = u8(bytes, l3 + 6);
  let at = l3 + IPV6_HEADER;
  for (let n = 0; isIpv6Extension(protocol); n++) {
    if (n === MOST_EXTENSIONS || at + 8 > end) return 0;
    const next = u8(bytes, at);
    if (protocol === IPV6_FRAGMENT) {
      const place = u16(bytes, at + 2);
      const isLater = place >>> 3 !== 0;
      const fragment = isLater ? LATER_FRAGMENT : (place & 1) !== 0 ? FIRST_FRAGMENT : NO_FRAGMENT;
      words[WORD.fragmentSoundFlags] = fragment << 24;
      if (fragment !== NO_FRAGMENT) layers.isWhole = false;
      if (isLater) {
        putProtocol(next, words);
        return IP_PROTO;
      }
      at += 8;
    } else {
      at += protocol === AH ? (u8(bytes, at + 1) + 2) * 4 : (u8(bytes, at + 1) + 1) * 8;
    }
    protocol = next;
  }
  if (at > end) return 0;
  putProtocol(protocol, words);
  return IP_PROTO | extractL4(bytes, protocol, ICMP, at, end, words, layers);
}

function putProtocol(protocol: number, words: Uint32Array): void {
  words[WORD.vlansProtoTtlTos] = (words[WORD.vlansProtoTtlTos] ?? 0) | (protocol << 16);
}

/** @param stray the other family's ICMP: it has no meaning here, and no fields */
function extractL4(
  bytes: Uint8Array,
  protocol: number,
  stray: number,
  at: number,
  end: number,
  words: Uint32Array,
  layers: Layers,
): Fields {
  const room = end - at;
  if (room < leastOf(protocol) || protocol === stray) return 0;
  layers.l4 = at;
  layers.protocol = protocol;
  switch (protocol) {
    case TCP:
      words[WORD.l4] = i32(bytes, at);
      words[WORD.fragmentSoundFlags] = (words[WORD.fragmentSoundFlags] ?? 0) | (u16(bytes, at + 12) & 0xfff);
      return L4_SRC | L4_DST | TCP_FLAGS;
    case UDP:
      words[WORD.l4] = i32(bytes, at);
      return L4_SRC | L4_DST;
    case ICMP:
    case ICMPV6: {
      const type = u8(bytes, at);
      words[WORD.l4] = (type << 16) | u8(bytes, at + 1);
      if (room < ICMP_HEADER || !(protocol === ICMP ? hasIcmpId(type) : hasIcmpv6Id(type))) return L4_SRC | L4_DST;
      words[WORD.icmpId] = u16(bytes, at + 4) << 16;
      return L4_SRC | L4_DST | ICMP_ID;
    }
    default:
      return 0;
  }
}

/** The octets below which a header gives no fields. */
function leastOf(protocol: number): number {
  switch (protocol) {
    case TCP:
      return TCP_HEADER;
    case UDP:
      return UDP_HEADER;
    case ICMP:
    case ICMPV6:
      return ICMP_START;
    default:
      return 0;
  }
}
