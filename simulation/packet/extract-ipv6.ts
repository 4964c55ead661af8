import { extractL4 } from './extract-l4.ts';
import {
  FIRST_FRAGMENT,
  FRAGMENT,
  IP_DST,
  IP_PROTO,
  IP_SRC,
  LATER_FRAGMENT,
  NO_FRAGMENT,
  TOS,
  TTL,
  type Fields,
} from './fields.ts';
import type { Layers } from './frame.ts';
import { IPV6_HEADER, isIpv6Extension, jumboLength } from './ipv6-header.ts';
import { WORD } from './key-layout.ts';
import { i32, u16, u8 } from './octets.ts';
import { AH, HOP_BY_HOP, ICMP, IPV6_FRAGMENT } from './protocols.ts';

/** More extension headers than this are not walked: what lies behind is absent. */
const MOST_EXTENSIONS = 16;

/** Reads an IPv6 packet at `at` into the key and the layers, and says which fields it has. @see RFC 8200, sections 3 and 4 */
export function extractIpv6(bytes: Uint8Array, at: number, stop: number, words: Uint32Array, layers: Layers): Fields {
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
