import type { Ipv4 } from '../../topology/model/ipv4.ts';
import { checksumOf, verifyIpv4Header } from './checksum.ts';
import { put16, put32, u16, u8 } from './octets.ts';

/** Octets of an IPv4 header without options (RFC 791, section 3.1). */
export const IPV4_HEADER = 20;
/** The largest IPv4 packet, header included. */
export const LARGEST_IPV4 = 65_535;
/** In the word of flags and offset: more fragments follow, do not fragment, and where it begins in units of eight octets. */
export const MORE_FRAGMENTS = 0x2000;
export const DONT_FRAGMENT = 0x4000;
export const FRAGMENT_OFFSET = 0x1fff;

const END_OF_OPTIONS = 0;
const NO_OPERATION = 1;
/** Loose and strict source route, with the copied flag (RFC 791, section 3.1). */
export const LSRR = 131;
export const SSRR = 137;

/** Whether an option is to be copied into all fragments: the first bit of its type. */
export function isCopied(type: number): boolean {
  return (type & 0x80) !== 0;
}

/**
 * The octet behind the option at `at`, which is `end` behind the end-of-options mark; -1 when its length is nonsense.
 *
 * `for (let at = l3 + 20; at < end; at = nextOption(bytes, at, end))` walks a header's options; the walk must stop at -1.
 */
export function nextOption(bytes: Uint8Array, at: number, end: number): number {
  const type = u8(bytes, at);
  if (type === END_OF_OPTIONS) return end;
  if (type === NO_OPERATION) return at + 1;
  const length = at + 1 < end ? u8(bytes, at + 1) : 0;
  return length < 2 || at + length > end ? -1 : at + length;
}

/**
 * Whether an IPv4 header is what a router may act upon: version, header length, total length and checksum right, no source route,
 * no fragment reaching beyond 65,535 octets (spec C10, C39). Options that cannot be walked might hide a source route: not sound.
 *
 * @param at where the header begins; its first 20 octets are there
 * @param stop octets captured
 * @param wireLength octets on the wire: a packet that only the capture cut is sound
 */
export function isSoundIpv4(bytes: Uint8Array, at: number, stop: number, wireLength: number): boolean {
  const first = u8(bytes, at);
  const headerLength = (first & 0xf) * 4;
  const total = u16(bytes, at + 2);
  if (first >>> 4 !== 4 || headerLength < IPV4_HEADER || at + headerLength > stop) return false;
  if (total < headerLength || at + total > wireLength) return false;
  const offset = (u16(bytes, at + 6) & 0x1fff) * 8;
  if (offset + total > LARGEST_IPV4) return false;
  return (
    verifyIpv4Header(bytes, at, headerLength) &&
    (headerLength === IPV4_HEADER || hasPlainOptions(bytes, at, headerLength))
  );
}

function hasPlainOptions(bytes: Uint8Array, l3: number, headerLength: number): boolean {
  const end = l3 + headerLength;
  for (let at = l3 + IPV4_HEADER; at < end; at = nextOption(bytes, at, end)) {
    if (at < 0) return false;
    const type = u8(bytes, at);
    if (type === LSRR || type === SSRR) return false;
  }
  return true;
}

/** What a generated packet says of itself, besides version and header length: it has no options and is no fragment. */
interface Ipv4Header {
  readonly tos: number;
  /** Octets of the packet, header included. */
  readonly totalLength: number;
  readonly identification: number;
  readonly dontFragment: boolean;
  readonly ttl: number;
  readonly protocol: number;
  readonly src: Ipv4;
  readonly dst: Ipv4;
}

/** Writes the 20 octets of a header at `at`, checksum and all. */
export function writeIpv4Header(out: Uint8Array, at: number, header: Ipv4Header): void {
  out[at] = 0x45;
  out[at + 1] = header.tos;
  put16(out, at + 2, header.totalLength);
  put16(out, at + 4, header.identification);
  put16(out, at + 6, header.dontFragment ? DONT_FRAGMENT : 0);
  out[at + 8] = header.ttl;
  out[at + 9] = header.protocol;
  put32(out, at + 12, header.src);
  put32(out, at + 16, header.dst);
  signIpv4Header(out, at, IPV4_HEADER);
}

/** Writes the checksum of a header whose other fields are there. */
export function signIpv4Header(out: Uint8Array, at: number, headerLength: number): void {
  put16(out, at + 10, 0);
  put16(out, at + 10, checksumOf(out, at, at + headerLength));
}
