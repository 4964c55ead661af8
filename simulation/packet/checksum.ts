import { ETHERTYPE_IPV4 } from './ethernet.ts';
import type { Layers } from './frame.ts';
import { put16, u16, u8 } from './octets.ts';
import { ICMP, ICMPV6, TCP, UDP, UDP_HEADER } from './protocols.ts';

/** The 16-bit words of `bytes[from, to)` added up; an odd last octet counts as the high half of a word. Not folded. */
function sumOf(bytes: Uint8Array, from: number, to: number, start = 0): number {
  let sum = start;
  let at = from;
  for (; at + 1 < to; at += 2) sum += u16(bytes, at);
  if (at < to) sum += u8(bytes, at) << 8;
  return sum;
}

/** The Internet checksum of a sum of words: its one's complement, carries added in (RFC 1071). Takes sums up to 2^32 - 1. */
export function checksumFrom(sum: number): number {
  let folded = (sum >>> 16) + (sum & 0xffff);
  folded = (folded >>> 16) + (folded & 0xffff);
  folded = (folded >>> 16) + (folded & 0xffff);
  return ~folded & 0xffff;
}

/** The Internet checksum over `bytes[from, to)`, at most 64 KiB, its own field being zero. */
export function checksumOf(bytes: Uint8Array, from: number, to: number, start = 0): number {
  return checksumFrom(sumOf(bytes, from, to, start));
}

/**
 * What a word's change adds to a sum: ~m + m' (RFC 1624, equation 3). Zero when nothing changes, so that sums of changes tell
 * whether there were any.
 */
export function changeOf(before: number, after: number): number {
  return before === after ? 0 : (~before & 0xffff) + after;
}

/** {@link changeOf} of two words at once. */
export function changeOf32(before: number, after: number): number {
  return changeOf(before >>> 16, after >>> 16) + changeOf(before & 0xffff, after & 0xffff);
}

/**
 * A checksum after changes to what it covers: ~(~HC + ~m + m') (RFC 1624, equation 3). Equal to one computed anew if the old one
 * was right, 0x0000 and 0xffff included; as wrong as before if it was wrong.
 */
export function updateChecksum(checksum: number, change: number): number {
  return change === 0 ? checksum : checksumFrom((~checksum & 0xffff) + change);
}

/** {@link updateChecksum} in place. */
export function updateChecksumAt(bytes: Uint8Array, at: number, change: number): void {
  if (change !== 0) put16(bytes, at, updateChecksum(u16(bytes, at), change));
}

/** {@link updateChecksumAt} for UDP: none stays none, and a computed zero is sent as 0xffff (RFC 768, spec C11). */
export function updateUdpChecksumAt(bytes: Uint8Array, at: number, change: number): void {
  const checksum = u16(bytes, at);
  if (change === 0 || checksum === 0) return;
  put16(bytes, at, updateChecksum(checksum, change) || 0xffff);
}

/** The sum of the pseudo header of RFC 9293, section 3.1: `length` octets of upper layer, addresses from the header at `l3`. */
export function ipv4PseudoSum(bytes: Uint8Array, l3: number, protocol: number, length: number): number {
  return sumOf(bytes, l3 + 12, l3 + 20, protocol + length);
}

/** The sum of the pseudo header of RFC 8200, section 8.1. A routing header's final destination is not looked for. */
export function ipv6PseudoSum(bytes: Uint8Array, l3: number, protocol: number, length: number): number {
  return sumOf(bytes, l3 + 8, l3 + 40, protocol + (length >>> 16) + (length & 0xffff));
}

/** Whether the checksum of an IPv4 header of `headerLength` octets, all of them in `bytes`, is right (RFC 791, section 3.1). */
export function verifyIpv4Header(bytes: Uint8Array, l3: number, headerLength: number): boolean {
  return checksumOf(bytes, l3, l3 + headerLength) === 0;
}

/** Where a checksum lies behind the first octet of its header; undefined for a protocol whose checksum we do not know. */
function checksumOffsetOf(protocol: number): number | undefined {
  switch (protocol) {
    case TCP:
      return 16;
    case UDP:
      return 6;
    case ICMP:
    case ICMPV6:
      return 2;
    default:
      return undefined;
  }
}

/** `absent`: a UDP sender computed none. `cannot tell`: a fragment, a frame cut short, or no checksum we know. */
export type L4Checksum = 'good' | 'bad' | 'absent' | 'cannot tell';

/** Verifies the checksum of TCP, UDP, ICMP or ICMPv6 over the whole segment or datagram. */
export function verifyL4(bytes: Uint8Array, layers: Layers): L4Checksum {
  const { l3, l4, end, protocol } = layers;
  const offset = checksumOffsetOf(protocol);
  if (l4 < 0 || offset === undefined || !layers.isWhole) return 'cannot tell';
  const isIpv4 = u16(bytes, layers.etherTypeAt) === ETHERTYPE_IPV4;
  let length = end - l4;
  if (protocol === UDP) {
    if (u16(bytes, l4 + offset) === 0) return isIpv4 ? 'absent' : 'bad';
    const claimed = u16(bytes, l4 + 4);
    if (claimed < UDP_HEADER || claimed > length) return 'bad';
    length = claimed;
  }
  const pseudo = isIpv4 ? ipv4PseudoSum(bytes, l3, protocol, length) : ipv6PseudoSum(bytes, l3, protocol, length);
  return checksumOf(bytes, l4, l4 + length, protocol === ICMP ? 0 : pseudo) === 0 ? 'good' : 'bad';
}
