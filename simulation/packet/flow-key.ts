import { ipv4Of, type Ipv4 } from '../../topology/model/ipv4.ts';
import { highOf, lowOf, macOf, type Mac } from '../../topology/model/mac.ts';
import type { PortId } from '../../topology/model/ids.ts';
import { TPID_C_TAG, TPID_S_TAG } from './ethernet.ts';
import {
  ETHER_TYPE,
  ETH_DST,
  ETH_SRC,
  FRAGMENT,
  IP_DST,
  IP_PROTO,
  IP_SRC,
  L4_DST,
  L4_SRC,
  SOUND_IPV4,
  TOS,
  TTL,
  TUNNEL,
  VLAN,
  type Fields,
} from './fields.ts';
import { WORD } from './key-layout.ts';

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
