import { ICMP_ID, L4_DST, L4_SRC, TCP_FLAGS, type Fields } from './fields.ts';
import type { Layers } from './frame.ts';
import { WORD } from './key-layout.ts';
import { i32, u16, u8 } from './octets.ts';
import { hasIcmpId, hasIcmpv6Id, ICMP, ICMP_HEADER, ICMPV6, TCP, TCP_HEADER, UDP, UDP_HEADER } from './protocols.ts';

/** Type, code and checksum: the least that makes an ICMP message. */
const ICMP_START = 4;

/**
 * Reads the header behind an IP header, from `at` on, into the key and the layers, and says which fields it has.
 *
 * @param stray the other family's ICMP: it has no meaning here, and no fields
 * @see RFC 792; RFC 4443; RFC 768; RFC 9293, section 3.1
 */
export function extractL4(
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
