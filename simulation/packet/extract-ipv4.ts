import { checksumFrom } from './checksum.ts';
import { extractL4 } from './extract-l4.ts';
import {
  FIRST_FRAGMENT,
  IP_DST,
  IP_PROTO,
  IP_SRC,
  LATER_FRAGMENT,
  NO_FRAGMENT,
  SOUND_IPV4,
  TOS,
  TTL,
  type Fields,
} from './fields.ts';
import type { Layers } from './frame.ts';
import { FRAGMENT_OFFSET, IPV4_HEADER, isSoundIpv4, LARGEST_IPV4, MORE_FRAGMENTS } from './ipv4-header.ts';
import { WORD } from './key-layout.ts';
import { i32, u8 } from './octets.ts';
import { ICMPV6 } from './protocols.ts';

const IP_FIELDS: Fields = IP_PROTO | IP_SRC | IP_DST | TTL | TOS;

/** Reads an IPv4 packet at `at` into the key and the layers, and says which fields it has. @see RFC 791, section 3.1 */
export function extractIpv4(
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
