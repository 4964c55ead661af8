import type { PortId } from '../../topology/model/ids.ts';
import { ETHERTYPE_ARP, ETHERTYPE_IPV4, ETHERTYPE_IPV6, FIRST_ETHERTYPE, isTpid, VLAN_TAG } from './ethernet.ts';
import { extractIpv4 } from './extract-ipv4.ts';
import { extractIpv6 } from './extract-ipv6.ts';
import {
  ETH_DST,
  ETH_SRC,
  ETHER_TYPE,
  FRAGMENT,
  IN_PORT,
  IP_DST,
  IP_PROTO,
  IP_SRC,
  VLAN,
  type Fields,
} from './fields.ts';
import type { Layers } from './frame.ts';
import { KEY_WORDS, WORD } from './key-layout.ts';
import { i32, u16 } from './octets.ts';

/** More tags than this are not walked: what lies behind is absent. */
const MOST_TAGS = 255;
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
