import { ETHERTYPE_IPV4 } from './ethernet.ts';
import type { Layers } from './frame.ts';
import {
  DONT_FRAGMENT,
  FRAGMENT_OFFSET,
  IPV4_HEADER,
  isCopied,
  LARGEST_IPV4,
  MORE_FRAGMENTS,
  nextOption,
  signIpv4Header,
} from './ipv4-header.ts';
import { put16, u16, u8 } from './octets.ts';

/**
 * Cuts the IPv4 packet of a frame into fragments of at most `mtu` octets, each in a frame like its own; a fragment is cut into smaller
 * ones. Padding is left behind. Options go into the first piece, and into all of them those whose flag says so.
 *
 * @param mtu the largest IP packet, header included
 * @returns the pieces in order, one when the packet fits. None when it cannot be cut: no IPv4, DF set, options that cannot be walked,
 *   an end that is not in the bytes, or an MTU without room for eight octets of payload
 * @see RFC 791, section 3.2, "An Example Fragmentation Procedure"
 */
export function fragmentFrame(bytes: Uint8Array, length: number, layers: Layers, mtu: number): Uint8Array[] {
  const cut = cutOf(bytes, length, layers, mtu);
  if (cut === undefined) return [];
  const { l3 } = layers;
  const { whole, later, payload } = cut;
  if (whole.length + payload.length <= mtu) return [bytes.slice(0, l3 + whole.length + payload.length)];
  const link = bytes.subarray(0, l3);
  const place = u16(bytes, l3 + 6);
  const offset = place & FRAGMENT_OFFSET;
  return endsOf(cut, mtu).map((end, n, ends) => {
    const from = ends[n - 1] ?? 0;
    const more = end === payload.length ? place & MORE_FRAGMENTS : MORE_FRAGMENTS;
    return frameOfPieces(link, n === 0 ? whole : later, payload.subarray(from, end), (offset + from / 8) | more);
  });
}

/** How many pieces {@link fragmentFrame} makes: 0 when the packet cannot be cut. */
export function countFragments(bytes: Uint8Array, length: number, layers: Layers, mtu: number): number {
  const cut = cutOf(bytes, length, layers, mtu);
  return cut === undefined ? 0 : endsOf(cut, mtu).length;
}

/** What goes into the pieces. */
interface Cut {
  /** The header of the first, with all options, and that of the others. */
  readonly whole: Uint8Array;
  readonly later: Uint8Array;
  readonly payload: Uint8Array;
}

/** Undefined when the packet is too long and cannot be cut. */
function cutOf(bytes: Uint8Array, length: number, { l3, etherTypeAt }: Layers, mtu: number): Cut | undefined {
  if (l3 < 0 || u16(bytes, etherTypeAt) !== ETHERTYPE_IPV4) return undefined;
  const headerLength = (u8(bytes, l3) & 0xf) * 4;
  const total = u16(bytes, l3 + 2);
  const stop = Math.min(length, bytes.length);
  if (headerLength < IPV4_HEADER || total < headerLength || l3 + total > stop) return undefined;
  const whole = bytes.subarray(l3, l3 + headerLength);
  const payload = bytes.subarray(l3 + headerLength, l3 + total);
  if (total <= mtu) return { whole, later: whole, payload };
  const later = laterHeader(whole);
  const isForbidden = (u16(bytes, l3 + 6) & DONT_FRAGMENT) !== 0;
  return later === undefined || isForbidden || headerLength + 8 > mtu ? undefined : { whole, later, payload };
}

/** Where in the payload each piece ends: at multiples of eight octets, but the last. */
function endsOf({ whole, later, payload }: Cut, mtu: number): number[] {
  const ends: number[] = [];
  for (let from = 0; ; from = ends.at(-1) ?? 0) {
    const room = mtu - (from === 0 ? whole.length : later.length);
    if (from + room >= payload.length) return [...ends, payload.length];
    ends.push(from + (room & ~7));
  }
}

/** The header of all pieces but the first: with the copied options alone. Undefined when the options cannot be walked. */
function laterHeader(header: Uint8Array): Uint8Array | undefined {
  const kept = [...header.subarray(0, IPV4_HEADER)];
  for (let at = IPV4_HEADER; at < header.length;) {
    const next = nextOption(header, at, header.length);
    if (next < 0) return undefined;
    if (isCopied(u8(header, at))) kept.push(...header.subarray(at, next));
    at = next;
  }
  while (kept.length % 4 !== 0) kept.push(0);
  kept[0] = 0x40 | (kept.length / 4);
  return Uint8Array.from(kept);
}

/** A frame of a link header, an IPv4 header and a payload, its lengths, flags and checksum set right. */
function frameOfPieces(link: Uint8Array, header: Uint8Array, payload: Uint8Array, place: number): Uint8Array {
  const l3 = link.length;
  const total = header.length + payload.length;
  const bytes = new Uint8Array(l3 + total);
  bytes.set(link);
  bytes.set(header, l3);
  bytes.set(payload, l3 + header.length);
  put16(bytes, l3 + 2, total);
  put16(bytes, l3 + 6, place);
  signIpv4Header(bytes, l3, header.length);
  return bytes;
}

/**
 * What a fragment was to its datagram. An `overlap`, of octets or of ends, spoils the datagram: all later fragments are refused as
 * well (RFC 5722; spec C23). A `malformed` one is refused alone, an exact `duplicate` changes nothing.
 */
export type FragmentFate = 'waiting' | 'whole' | 'duplicate' | 'overlap' | 'malformed';

/** The first fragment may have more options than the others: room is kept for all. */
const LONGEST_HEADER = 60;

interface Piece {
  readonly from: number;
  readonly to: number;
}

/**
 * The fragments of one IPv4 datagram, put together as they come in any order. Holds at most 64 KiB: what would reach beyond
 * 65,535 octets with the longest of headers is malformed. Whoever asks sees to it that all fragments are of one datagram, and for how long to wait.
 *
 * @see RFC 791, section 3.2; RFC 815
 */
export class Reassembly {
  readonly #pieces: Piece[] = []; // in order, disjoint
  #data = new Uint8Array(2048);
  #received = 0;
  /** Octets of the whole payload; unknown until the last fragment was there. */
  #total = Infinity;
  /** Link header and IP header of the first fragment. */
  #head: Uint8Array | undefined;
  #l3 = 0;
  #isSpoiled = false;

  /** Takes a frame with a fragment, whole in its bytes; keeps nothing of `bytes` itself. */
  add(bytes: Uint8Array, layers: Layers): FragmentFate {
    if (this.#isSpoiled) return 'overlap';
    const fate = this.#take(bytes, layers);
    this.#isSpoiled = fate === 'overlap';
    return fate;
  }

  /** The frame with the whole datagram, unfragmented; undefined while a piece is missing. */
  frame(): Uint8Array | undefined {
    if (this.#head === undefined || this.#received !== this.#total || this.#isSpoiled) return undefined;
    const link = this.#head.subarray(0, this.#l3);
    return frameOfPieces(link, this.#head.subarray(this.#l3), this.#data.subarray(0, this.#total), 0);
  }

  #take(bytes: Uint8Array, { l3, etherTypeAt }: Layers): FragmentFate {
    if (l3 < 0 || u16(bytes, etherTypeAt) !== ETHERTYPE_IPV4) return 'malformed';
    const headerLength = (u8(bytes, l3) & 0xf) * 4;
    const length = u16(bytes, l3 + 2) - headerLength;
    const start = l3 + headerLength;
    const place = u16(bytes, l3 + 6);
    const from = (place & FRAGMENT_OFFSET) * 8;
    const to = from + length;
    const isLast = (place & MORE_FRAGMENTS) === 0;
    if (headerLength < IPV4_HEADER || length <= 0 || start + length > bytes.length) return 'malformed';
    if ((!isLast && length % 8 !== 0) || LONGEST_HEADER + to > LARGEST_IPV4) return 'malformed';

    const index = this.#pieces.findLastIndex((piece) => piece.from <= from) + 1;
    const before = this.#pieces[index - 1];
    const data = bytes.subarray(start, start + length);
    const isAgain =
      before?.from === from && before.to === to && data.every((octet, n) => this.#data[from + n] === octet);
    if (isAgain && isLast === (to === this.#total)) return 'duplicate';
    if ((before?.to ?? 0) > from || (this.#pieces[index]?.from ?? Infinity) < to) return 'overlap';
    if (isLast ? this.#total !== Infinity || (this.#pieces.at(-1)?.to ?? 0) > to : to >= this.#total) return 'overlap';

    this.#pieces.splice(index, 0, { from, to });
    this.#store(data, from);
    this.#received += length;
    if (isLast) this.#total = to;
    if (from === 0) {
      this.#head = bytes.slice(0, start);
      this.#l3 = l3;
    }
    return this.#head === undefined || this.#received !== this.#total ? 'waiting' : 'whole';
  }

  #store(data: Uint8Array, from: number): void {
    if (from + data.length > this.#data.length) {
      const larger = new Uint8Array(Math.max(2 * this.#data.length, from + data.length));
      larger.set(this.#data);
      this.#data = larger;
    }
    this.#data.set(data, from);
  }
}
