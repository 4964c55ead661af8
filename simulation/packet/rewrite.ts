import { changeOf, changeOf32, updateChecksumAt, updateUdpChecksumAt } from './checksum.ts';
import { ETHERNET_ADDRESSES, ETHERTYPE_IPV4, ETHERTYPE_IPV6, isTpid, VLAN_TAG } from './ethernet.ts';
import {
  ETH_DST,
  ETH_SRC,
  FRAGMENT,
  ICMP_ID,
  IP_DST,
  IP_PROTO,
  IP_SRC,
  L4_DST,
  L4_SRC,
  TOS,
  TTL,
  VLAN,
  type Fields,
} from './fields.ts';
import { KEY_WORDS, SPANS, WORD, type Span } from './key-layout.ts';
import type { Layers } from './frame.ts';
import { put16, put32, u16, u32, u8 } from './octets.ts';
import { hasIcmpId, hasIcmpv6Id, ICMP, ICMP_HEADER, ICMPV6, TCP, UDP } from './protocols.ts';

/** The values that a frame gets in some of its fields. */
export interface Rewrite {
  /** The fields' own bits, without those they carry. */
  readonly fields: Fields;
  /** The values, laid out as in a key but with sign; zero elsewhere. A plain array: kept for long, and no buffer of its own. */
  readonly words: ArrayLike<number>;
}

const NO_VALUES: readonly number[] = Array.from({ length: KEY_WORDS }, () => 0);

const OWN_TTL = TTL & ~FRAGMENT;
const OWN_TOS = TOS & ~FRAGMENT;
const OWN_IP_SRC = IP_SRC & ~FRAGMENT;
const OWN_IP_DST = IP_DST & ~FRAGMENT;
const OWN_L4_SRC = L4_SRC & ~IP_PROTO;
const OWN_L4_DST = L4_DST & ~IP_PROTO;
const OWN_ICMP_ID = ICMP_ID & ~IP_PROTO;
const ADDRESSES = OWN_IP_SRC | OWN_IP_DST;
const LAYER_3 = ADDRESSES | OWN_TTL | OWN_TOS;
const LAYER_4 = ADDRESSES | OWN_L4_SRC | OWN_L4_DST | OWN_ICMP_ID;

/**
 * What a flow does to the headers of its packets: each written field becomes an action, unless it was seen and already had that
 * value (spec C36: where it was not seen, the next packet under the mask may differ).
 *
 * @param origin the key as extracted
 * @param words the key as it left
 * @param written own bits of the fields that devices wrote
 * @param seen the fields that the simulation saw
 * @returns undefined when nothing is to be done
 */
export function rewriteOf(origin: Uint32Array, words: Uint32Array, written: Fields, seen: Fields): Rewrite | undefined {
  let fields: Fields = 0;
  let values: number[] | undefined;
  for (let rest = written; rest !== 0; rest &= rest - 1) {
    const bit = rest & -rest;
    const span = SPANS[31 - Math.clz32(bit)];
    if (span === undefined || ((seen & bit) !== 0 && isSame(span, origin, words))) continue;
    fields |= bit;
    values ??= NO_VALUES.slice();
    for (const [word, mask] of span.words) values[word] = (values[word] ?? 0) | ((words[word] ?? 0) & mask);
  }
  return values === undefined ? undefined : { fields, words: values };
}

function isSame(span: Span, a: Uint32Array, b: Uint32Array): boolean {
  for (const [word, mask] of span.words) {
    if ((((a[word] ?? 0) ^ (b[word] ?? 0)) & mask) !== 0) return false;
  }
  return true;
}

/** The octets that {@link applyRewrite} may need beyond those of the frame: two tags pushed onto a frame, at most. */
export const REWRITE_ROOM = 2 * VLAN_TAG;

/**
 * Copies a frame with some of its fields replaced, and its checksums updated incrementally: wrong ones stay wrong, a UDP checksum of
 * zero stays zero (spec C11). Fields that the frame has not, or not wholly, are left out. Padding stays behind the packet as it was.
 *
 * @param rewrite what changes; undefined copies
 * @param length octets of the frame in `bytes`
 * @param layers where the frame's headers lie
 * @param out where the copy goes; `length` and {@link REWRITE_ROOM} octets behind `at` always suffice
 * @returns octets of the copy; -1 when `out` has no room for it, and nothing was written
 */
export function applyRewrite(
  rewrite: Rewrite | undefined,
  bytes: Uint8Array,
  length: number,
  layers: Layers,
  out: Uint8Array,
  at: number,
): number {
  const fields = rewrite === undefined ? 0 : rewrite.fields;
  const growth = rewrite !== undefined && (fields & VLAN) !== 0 ? growthOf(rewrite.words, bytes, length) : 0;
  if (at < 0 || at + length + Math.max(growth, 0) > out.length) return -1;
  copy(bytes, length, out, at);
  if (rewrite === undefined) return length;

  const { words } = rewrite;
  if ((fields & VLAN) !== 0) writeTags(words, length, growth, out, at);
  if ((fields & ETH_DST) !== 0 && length >= 6) {
    put32(out, at, words[WORD.ethDstHigh] ?? 0);
    put16(out, at + 4, (words[WORD.ethDstLowEthSrcHigh] ?? 0) >>> 16);
  }
  if ((fields & ETH_SRC) !== 0 && length >= 12) {
    put16(out, at + 6, (words[WORD.ethDstLowEthSrcHigh] ?? 0) & 0xffff);
    put32(out, at + 8, words[WORD.ethSrcLow] ?? 0);
  }
  if ((fields & (LAYER_3 | LAYER_4)) !== 0 && layers.l3 >= 0) {
    const shift = at + growth;
    const type = u16(bytes, layers.etherTypeAt);
    let change = 0;
    if (type === ETHERTYPE_IPV4) change = writeIpv4(fields, words, out, layers.l3 + shift);
    else if (type === ETHERTYPE_IPV6) change = writeIpv6(fields, words, out, layers.l3 + shift);
    if (layers.l4 >= 0 && (fields & LAYER_4) !== 0) writeL4(fields, words, out, shift, layers, change);
  }
  return length + growth;
}

/** `out.set` makes no view when it copies the whole; a part of a longer array goes octet by octet. */
function copy(bytes: Uint8Array, length: number, out: Uint8Array, at: number): void {
  if (length === bytes.length) {
    out.set(bytes, at);
    return;
  }
  for (let n = 0; n < length; n++) out[at + n] = bytes[n] ?? 0;
}

/** Tags of a frame that have their two octets and the type behind them in the bytes. */
function countTags(bytes: Uint8Array, length: number): number {
  let tags = 0;
  let at = ETHERNET_ADDRESSES;
  while (tags < 255 && at + VLAN_TAG + 2 <= length && isTpid(u16(bytes, at))) {
    tags += 1;
    at += VLAN_TAG;
  }
  return tags;
}

function growthOf(words: ArrayLike<number>, bytes: Uint8Array, length: number): number {
  if (length < ETHERNET_ADDRESSES + 2) return 0;
  const tags = (words[WORD.vlansProtoTtlTos] ?? 0) >>> 24;
  return (tags - countTags(bytes, length)) * VLAN_TAG;
}

/**
 * Moves the inner tags and all behind them to their new place and writes the outer two. Those below the second, and one that came up
 * from there and is not in the key, are the frame's own (spec C24, C37).
 */
function writeTags(words: ArrayLike<number>, length: number, growth: number, out: Uint8Array, at: number): void {
  if (length < ETHERNET_ADDRESSES + 2) return;
  const start = at + ETHERNET_ADDRESSES;
  out.copyWithin(start + Math.max(growth, 0), start + Math.max(-growth, 0), at + length);
  const tags = (words[WORD.vlansProtoTtlTos] ?? 0) >>> 24;
  for (let n = 0; n < Math.min(tags, 2); n++) {
    const tag = words[WORD.vlanOuter + n] ?? 0;
    if (tag !== 0) put32(out, start + n * VLAN_TAG, tag);
  }
}

/** Writes addresses, TTL and TOS; returns what the addresses' change adds to a pseudo header. */
function writeIpv4(fields: Fields, words: ArrayLike<number>, out: Uint8Array, l3: number): number {
  const rest = words[WORD.vlansProtoTtlTos] ?? 0;
  let change = 0;
  if ((fields & OWN_TTL) !== 0) {
    const before = u16(out, l3 + 8);
    out[l3 + 8] = rest >>> 8;
    change += changeOf(before, u16(out, l3 + 8));
  }
  if ((fields & OWN_TOS) !== 0) {
    const before = u16(out, l3);
    out[l3 + 1] = rest;
    change += changeOf(before, u16(out, l3));
  }
  let pseudo = 0;
  if ((fields & OWN_IP_SRC) !== 0) pseudo += replace32(out, l3 + 12, words[WORD.ipSrc] ?? 0);
  if ((fields & OWN_IP_DST) !== 0) pseudo += replace32(out, l3 + 16, words[WORD.ipDst] ?? 0);
  updateChecksumAt(out, l3 + 10, change + pseudo);
  return pseudo;
}

function writeIpv6(fields: Fields, words: ArrayLike<number>, out: Uint8Array, l3: number): number {
  const rest = words[WORD.vlansProtoTtlTos] ?? 0;
  if ((fields & OWN_TTL) !== 0) out[l3 + 7] = rest >>> 8;
  if ((fields & OWN_TOS) !== 0) put16(out, l3, (u16(out, l3) & 0xf00f) | ((rest & 0xff) << 4));
  let pseudo = 0;
  for (let n = 0; n < 4; n++) {
    if ((fields & OWN_IP_SRC) !== 0) pseudo += replace32(out, l3 + 8 + 4 * n, words[WORD.ipSrc + n] ?? 0);
    if ((fields & OWN_IP_DST) !== 0) pseudo += replace32(out, l3 + 24 + 4 * n, words[WORD.ipDst + n] ?? 0);
  }
  return pseudo;
}

function replace32(out: Uint8Array, at: number, value: number): number {
  const before = u32(out, at);
  put32(out, at, value);
  return changeOf32(before, value);
}

function replace16(out: Uint8Array, at: number, value: number): number {
  const before = u16(out, at);
  put16(out, at, value);
  return changeOf(before, value);
}

function writeL4(
  fields: Fields,
  words: ArrayLike<number>,
  out: Uint8Array,
  shift: number,
  layers: Layers,
  pseudo: number,
): void {
  const l4 = layers.l4 + shift;
  switch (layers.protocol) {
    case TCP:
      updateChecksumAt(out, l4 + 16, pseudo + writePorts(fields, words, out, l4));
      return;
    case UDP:
      updateUdpChecksumAt(out, l4 + 6, pseudo + writePorts(fields, words, out, l4));
      return;
    case ICMP:
      if (hasIcmpId(u8(out, l4))) updateChecksumAt(out, l4 + 2, writeIcmpId(fields, words, out, l4, layers));
      return;
    case ICMPV6: {
      const change = hasIcmpv6Id(u8(out, l4)) ? writeIcmpId(fields, words, out, l4, layers) : 0;
      updateChecksumAt(out, l4 + 2, pseudo + change);
      return;
    }
    default:
  }
}

function writePorts(fields: Fields, words: ArrayLike<number>, out: Uint8Array, l4: number): number {
  const ports = words[WORD.l4] ?? 0;
  let change = 0;
  if ((fields & OWN_L4_SRC) !== 0) change += replace16(out, l4, ports >>> 16);
  if ((fields & OWN_L4_DST) !== 0) change += replace16(out, l4 + 2, ports & 0xffff);
  return change;
}

function writeIcmpId(fields: Fields, words: ArrayLike<number>, out: Uint8Array, l4: number, layers: Layers): number {
  if ((fields & OWN_ICMP_ID) === 0 || layers.end - layers.l4 < ICMP_HEADER) return 0;
  return replace16(out, l4 + 4, (words[WORD.icmpId] ?? 0) >>> 16);
}
