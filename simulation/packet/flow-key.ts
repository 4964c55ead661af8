import { ipv4Of, type Ipv4 } from '../../topology/model/ipv4.ts';
import { highOf, lowOf, macOf, type Mac } from '../../topology/model/mac.ts';
import type { PortId } from '../../topology/model/ids.ts';
import { TPID_C_TAG, TPID_S_TAG } from './ethernet.ts';

/** Words of 32 bits in a key, a mask, and the values of a rewrite. */
export const KEY_WORDS = 24;

/**
 * A set of header fields: one bit for each. A field carries the bits of the fields that give it meaning (no ports without a
 * protocol, no address of a fragment that may not be one: spec 60 §2.2).
 */
export type Fields = number;

export const IN_PORT = 1 << 0;
/** Tunnel key, source, destination, TOS and TTL together: underlay flows rest on all of them (spec 60 §6.3). */
export const TUNNEL = 1 << 1;
export const ETH_DST = 1 << 2;
export const ETH_SRC = 1 << 3;
export const ETHER_TYPE = 1 << 4;
/** The number of tags and the outer two, whole (C37). */
export const VLAN = 1 << 5;
/** Whether the packet is a fragment, and the first or a later one: {@link FragmentKind}. */
export const FRAGMENT = (1 << 6) | ETHER_TYPE;
/** One bit of value: the IPv4 header is sound as spec C10 says and carries no source route (C39). */
export const SOUND_IPV4 = (1 << 7) | ETHER_TYPE;
/** The protocol, next header after extensions, or ARP's opcode. */
export const IP_PROTO = (1 << 8) | FRAGMENT;
/** The source address of either family, or ARP's sender protocol address. */
export const IP_SRC = (1 << 9) | FRAGMENT;
/** The destination address of either family, or ARP's target protocol address. */
export const IP_DST = (1 << 10) | FRAGMENT;
export const TTL = (1 << 11) | FRAGMENT;
/** TOS of IPv4, traffic class of IPv6: DSCP and ECN. */
export const TOS = (1 << 12) | FRAGMENT;
/** Source port; the type of ICMP. */
export const L4_SRC = (1 << 13) | IP_PROTO;
/** Destination port; the code of ICMP. */
export const L4_DST = (1 << 14) | IP_PROTO;
export const TCP_FLAGS = (1 << 15) | IP_PROTO;
/** ICMP's query identifier. Once seen, no flow (spec 60 §1). */
export const ICMP_ID = (1 << 16) | IP_PROTO;
/** Anything of the packet that is not in the key: ARP's hardware addresses, ICMP data. Once seen, no flow. */
export const BEYOND_KEY = 1 << 17;

/** Fields that no flow can rest on: once seen, the packet's verdict is not kept (spec 60 §1, "userspace-only"). */
export const UNKEYED: Fields = (1 << 16) | BEYOND_KEY;

/** Values of {@link FRAGMENT}. */
export const NO_FRAGMENT = 0;
export const FIRST_FRAGMENT = 1;
export const LATER_FRAGMENT = 2;

/** Index of the word where a field lies. Values are right-aligned big-endian fields inside it, as {@link SPANS} says. */
export const WORD = {
  inPort: 0,
  /** Presence: the same bits as the fields. Exact wherever a field was looked at, present or not (C1). */
  present: 1,
  tunnelKey: 2,
  tunnelSrc: 3,
  tunnelDst: 4,
  /** tunnel TOS << 24 | tunnel TTL << 16 | ethertype */
  tunnelTosTtlEtherType: 5,
  ethDstHigh: 6,
  /** low 16 bits of the destination << 16 | high 16 bits of the source */
  ethDstLowEthSrcHigh: 7,
  ethSrcLow: 8,
  /** TPID << 16 | TCI of the outermost tag */
  vlanOuter: 9,
  vlanInner: 10,
  /** number of tags << 24 | protocol << 16 | TTL << 8 | TOS */
  vlansProtoTtlTos: 11,
  /** four words; IPv4 takes the first, the others are zero */
  ipSrc: 12,
  ipDst: 16,
  /** source port << 16 | destination port */
  l4: 20,
  /** fragment kind << 24 | sound IPv4 << 16 | TCP flags */
  fragmentSoundFlags: 21,
  /** identifier << 16 */
  icmpId: 22,
  /** always zero */
  spare: 23,
} as const;

/** Which bits of which words a field owns. `bit` is the field's own bit, without those it carries. */
export interface Span {
  readonly bit: number;
  readonly name: string;
  readonly words: readonly (readonly [word: number, mask: number])[];
}

const ALL = 0xffff_ffff;

/** Every field of a key, in the order of their bits. */
export const SPANS: readonly Span[] = [
  { bit: 1 << 0, name: 'inPort', words: [[WORD.inPort, ALL]] },
  {
    bit: 1 << 1,
    name: 'tunnel',
    words: [
      [WORD.tunnelKey, ALL],
      [WORD.tunnelSrc, ALL],
      [WORD.tunnelDst, ALL],
      [WORD.tunnelTosTtlEtherType, 0xffff_0000],
    ],
  },
  {
    bit: 1 << 2,
    name: 'ethDst',
    words: [
      [WORD.ethDstHigh, ALL],
      [WORD.ethDstLowEthSrcHigh, 0xffff_0000],
    ],
  },
  {
    bit: 1 << 3,
    name: 'ethSrc',
    words: [
      [WORD.ethDstLowEthSrcHigh, 0xffff],
      [WORD.ethSrcLow, ALL],
    ],
  },
  { bit: 1 << 4, name: 'etherType', words: [[WORD.tunnelTosTtlEtherType, 0xffff]] },
  {
    bit: 1 << 5,
    name: 'vlan',
    words: [
      [WORD.vlanOuter, ALL],
      [WORD.vlanInner, ALL],
      [WORD.vlansProtoTtlTos, 0xff00_0000],
    ],
  },
  { bit: 1 << 6, name: 'fragment', words: [[WORD.fragmentSoundFlags, 0xff00_0000]] },
  { bit: 1 << 7, name: 'soundIpv4', words: [[WORD.fragmentSoundFlags, 0x00ff_0000]] },
  { bit: 1 << 8, name: 'ipProto', words: [[WORD.vlansProtoTtlTos, 0x00ff_0000]] },
  { bit: 1 << 9, name: 'ipSrc', words: [0, 1, 2, 3].map((n) => [WORD.ipSrc + n, ALL] as const) },
  { bit: 1 << 10, name: 'ipDst', words: [0, 1, 2, 3].map((n) => [WORD.ipDst + n, ALL] as const) },
  { bit: 1 << 11, name: 'ttl', words: [[WORD.vlansProtoTtlTos, 0xff00]] },
  { bit: 1 << 12, name: 'tos', words: [[WORD.vlansProtoTtlTos, 0xff]] },
  { bit: 1 << 13, name: 'l4Src', words: [[WORD.l4, 0xffff_0000]] },
  { bit: 1 << 14, name: 'l4Dst', words: [[WORD.l4, 0xffff]] },
  { bit: 1 << 15, name: 'tcpFlags', words: [[WORD.fragmentSoundFlags, 0xffff]] },
  { bit: 1 << 16, name: 'icmpId', words: [[WORD.icmpId, 0xffff_0000]] },
];

/**
 * The wildcard mask of a flow that saw these fields, over the words of a key.
 *
 * The input port is always exact (spec 60 §2.1); so is the presence of every field looked at, found or not (C1).
 */
export function maskOf(seen: Fields): Uint32Array {
  const mask = new Uint32Array(KEY_WORDS);
  const exact = seen | IN_PORT;
  for (const { bit, words } of SPANS) {
    if ((exact & bit) === 0) continue;
    for (const [word, bits] of words) mask[word] = (mask[word] ?? 0) | bits;
  }
  mask[WORD.present] = exact & ~UNKEYED;
  return mask;
}

/** What a simulation has seen, shared by all branches of it. */
export interface Sight {
  seen: Fields;
}

/**
 * The header fields of a packet as they stand at one device, and a record of those a decision rested on.
 *
 * Each getter marks its field, unless a device wrote it (then it is no longer the packet's own word). Each setter notes the
 * field as written. `words` reads without marking: for traces, never for decisions.
 */
export class FlowKey {
  readonly words: Uint32Array;
  readonly sight: Sight;
  /** The fields that devices have written on this branch. */
  written: Fields = 0;

  constructor(words: Uint32Array, sight: Sight) {
    this.words = words;
    this.sight = sight;
  }

  /** A copy for a branch: same sight, its own words, which are a copy of these. */
  fork(words: Uint32Array): FlowKey {
    const twin = new FlowKey(words, this.sight);
    twin.written = this.written;
    return twin;
  }

  /** Marks fields as looked at. */
  see(fields: Fields): void {
    this.sight.seen |= fields & ~this.written;
  }

  /** Whether the packet has the field; marks it, and with it its presence or absence. */
  has(field: Fields): boolean {
    this.see(field);
    // The highest bit of a field is its own: those it carries lie below.
    return (this.#word(WORD.present) & (1 << (31 - Math.clz32(field)))) !== 0;
  }

  get inPort(): PortId {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the word was filled from a PortId
    return this.#word(WORD.inPort) as PortId;
  }

  get tunnelKey(): number {
    this.see(TUNNEL);
    return this.#word(WORD.tunnelKey);
  }

  get ethDst(): Mac {
    this.see(ETH_DST);
    const middle = this.#word(WORD.ethDstLowEthSrcHigh);
    const high = this.#word(WORD.ethDstHigh);
    return macOf(high >>> 16, (((high & 0xffff) << 16) | (middle >>> 16)) >>> 0);
  }

  set ethDst(address: Mac) {
    const low = lowOf(address);
    this.words[WORD.ethDstHigh] = (highOf(address) << 16) | (low >>> 16);
    this.#put(WORD.ethDstLowEthSrcHigh, 0xffff_0000, low << 16);
    this.written |= ETH_DST;
  }

  get ethSrc(): Mac {
    this.see(ETH_SRC);
    return macOf(this.#word(WORD.ethDstLowEthSrcHigh) & 0xffff, this.#word(WORD.ethSrcLow));
  }

  set ethSrc(address: Mac) {
    this.#put(WORD.ethDstLowEthSrcHigh, 0xffff, highOf(address));
    this.words[WORD.ethSrcLow] = lowOf(address);
    this.written |= ETH_SRC;
  }

  /** Zero for a frame without one (802.3 length): ask {@link has} first. */
  get etherType(): number {
    this.see(ETHER_TYPE);
    return this.#word(WORD.tunnelTosTtlEtherType) & 0xffff;
  }

  /** How many tags the frame carries. */
  get vlanCount(): number {
    this.see(VLAN);
    return this.#word(WORD.vlansProtoTtlTos) >>> 24;
  }

  /** The outermost tag, TPID << 16 | TCI; zero without one. */
  get vlanOuter(): number {
    this.see(VLAN);
    return this.#word(WORD.vlanOuter);
  }

  /** The second tag from outside, TPID << 16 | TCI; zero without one. */
  get vlanInner(): number {
    this.see(VLAN);
    return this.#word(WORD.vlanInner);
  }

  /** Takes the outermost tag off. Only frames of at most two tags: with more, what comes up is not in the key (C37). */
  popVlan(): void {
    const count = this.vlanCount;
    if (count === 0) return;
    this.#putVlans(count - 1, this.#word(WORD.vlanInner), 0);
  }

  /** Puts a tag on, outermost (C24). @param control priority, drop eligibility and VLAN, as in the tag */
  pushVlan(control: number): void {
    const count = this.vlanCount;
    if (count === 255) return;
    this.#putVlans(count + 1, ((count === 0 ? TPID_C_TAG : TPID_S_TAG) << 16) | control, this.#word(WORD.vlanOuter));
  }

  get fragment(): number {
    this.see(FRAGMENT);
    return this.#word(WORD.fragmentSoundFlags) >>> 24;
  }

  get isSoundIpv4(): boolean {
    this.see(SOUND_IPV4);
    return (this.#word(WORD.fragmentSoundFlags) & 0x00ff_0000) !== 0;
  }

  get ipProto(): number {
    this.see(IP_PROTO);
    return (this.#word(WORD.vlansProtoTtlTos) >>> 16) & 0xff;
  }

  /** The IPv4 source, or ARP's sender address. */
  get ipSrc(): Ipv4 {
    this.see(IP_SRC);
    return ipv4Of(this.#word(WORD.ipSrc));
  }

  /** The IPv4 destination, or ARP's target address. */
  get ipDst(): Ipv4 {
    this.see(IP_DST);
    return ipv4Of(this.#word(WORD.ipDst));
  }

  get ttl(): number {
    this.see(TTL);
    return (this.#word(WORD.vlansProtoTtlTos) >>> 8) & 0xff;
  }

  set ttl(hops: number) {
    this.#put(WORD.vlansProtoTtlTos, 0xff00, hops << 8);
    this.written |= 1 << 11;
  }

  get tos(): number {
    this.see(TOS);
    return this.#word(WORD.vlansProtoTtlTos) & 0xff;
  }

  /** The source port, or the type of ICMP. */
  get l4Src(): number {
    this.see(L4_SRC);
    return this.#word(WORD.l4) >>> 16;
  }

  /** The destination port, or the code of ICMP. */
  get l4Dst(): number {
    this.see(L4_DST);
    return this.#word(WORD.l4) & 0xffff;
  }

  #putVlans(count: number, outer: number, inner: number): void {
    this.words[WORD.vlanOuter] = outer;
    this.words[WORD.vlanInner] = inner;
    this.#put(WORD.vlansProtoTtlTos, 0xff00_0000, count << 24);
    this.#put(WORD.present, VLAN, count === 0 ? 0 : VLAN);
    this.written |= VLAN;
  }

  #word(at: number): number {
    return this.words[at] ?? 0;
  }

  #put(at: number, mask: number, bits: number): void {
    this.words[at] = (this.#word(at) & ~mask) | (bits & mask);
  }
}
