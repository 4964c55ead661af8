import {
  BEYOND_KEY,
  ETH_DST,
  ETH_SRC,
  ETHER_TYPE,
  FRAGMENT,
  ICMP_ID,
  IP_DST,
  IP_PROTO,
  IP_SRC,
  L4_DST,
  L4_SRC,
  LATER_FRAGMENT,
  NO_FRAGMENT,
  SOUND_IPV4,
  TCP_FLAGS,
  VLAN,
  type Fields,
} from '../../simulation/packet/fields.ts';
import { FlowKey } from '../../simulation/packet/flow-key.ts';
import { maskOf, SPANS, WORD } from '../../simulation/packet/key-layout.ts';
import type { Frame } from '../../simulation/packet/frame.ts';
import { isIpv6Extension } from '../../simulation/packet/ipv6-header.ts';
import { put16, put32 } from '../../simulation/packet/octets.ts';
import { hasIcmpId, hasIcmpv6Id, ICMP, ICMPV6, IPV6_FRAGMENT, TCP, UDP } from '../../simulation/packet/protocols.ts';
import { portIdOf } from '../../topology/model/ids.ts';
import { arpFrame, ethernetFrame, frameOf, ipv4Frame, ipv6Frame, wordsOf, type LinkOptions } from './packets.ts';

const PORT = portIdOf(1);
const NO_NEXT_HEADER = 59;

/**
 * A frame that has the values and the presence of `a` in the seen fields, and those of `b` elsewhere as far as such a frame can be:
 * of an IPv4 source that was seen and the rest of an ARP message comes an IPv4 packet with that source. It is real bytes, checksums right unless
 * the frame is to be unsound, padded with octets that are no zeroes; what the key does not hold (payload, identification, options, tags
 * below the second) is its own. Once something beyond the key was seen only `a` itself is like `a`.
 *
 * @throws Error when the frame made is not like `a` after all: a fault of this function or of `extract`
 */
export function alike(seen: Fields, a: Frame, b: Frame): Frame {
  if ((seen & BEYOND_KEY) !== 0) return a;
  const theirs = wordsOf(a, PORT);
  const mine = wordsOf(b, PORT);
  const frame = frameOf(new Mixture(seen, theirs, mine).bytes());
  const made = wordsOf(frame, PORT);
  const mask = wholeMaskOf(seen);
  for (const { bit, name, words } of SPANS) {
    const same = (word: number, bits: number): boolean => (((made[word] ?? 0) ^ (theirs[word] ?? 0)) & bits) === 0;
    if ((seen & bit) === 0 || (words.every(([word, bits]) => same(word, bits)) && same(WORD.present, bit))) continue;
    throw new Error(
      `not alike in ${name}: ${[a, b, frame].map(({ bytes }) => hexOf(bytes)).join(' + ')}, mask ${mask.join()}`,
    );
  }
  return frame;
}

/** The mask of what was seen, with the presence of fields that no flow can rest on. */
function wholeMaskOf(seen: Fields): Uint32Array {
  const mask = maskOf(seen);
  mask[WORD.present] = (mask[WORD.present] ?? 0) | seen;
  return mask;
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** Two keys in one, and how to build a frame of it. */
class Mixture {
  readonly #seen: Fields;
  readonly #theirs: Uint32Array;
  readonly #mine: Uint32Array;
  readonly #words: Uint32Array;
  readonly #key: FlowKey;

  constructor(seen: Fields, theirs: Uint32Array, mine: Uint32Array) {
    this.#seen = seen;
    this.#theirs = theirs;
    this.#mine = mine;
    const mask = wholeMaskOf(seen);
    this.#words = mine.map((word, n) => ((theirs[n] ?? 0) & (mask[n] ?? 0)) | (word & ~(mask[n] ?? 0)));
    this.#key = new FlowKey(this.#words, { seen: 0 });
  }

  bytes(): Uint8Array {
    const key = this.#key;
    if (!this.#has(ETH_DST, this.#wants(ETH_SRC) || this.#hasMore())) return new Uint8Array(5);
    const hasSource = this.#has(ETH_SRC, this.#hasMore());
    const whole = ethernetFrame(0x0026, new Uint8Array(0), { ethSrc: key.ethSrc, ethDst: key.ethDst });
    if (!hasSource) return whole.slice(0, 6);
    const link = { ethSrc: key.ethSrc, ethDst: key.ethDst, tags: this.#tags() };
    if (!this.#has(ETHER_TYPE, false)) return ethernetFrame(0x0026, Uint8Array.of(0xaa, 0xaa, 3), link);
    switch (key.etherType) {
      case 0x0800:
        return this.#ipv4(link);
      case 0x86dd:
        return this.#ipv6(link);
      case 0x0806:
        return this.#arp(link);
      default:
        return ethernetFrame(key.etherType, new Uint8Array(10), link);
    }
  }

  /** Whether a field's presence is told by the seen one, and says there is one. */
  #wants(field: Fields): boolean {
    const own = ownBit(field);
    return (this.#seen & own & (this.#theirs[WORD.present] ?? 0)) !== 0;
  }

  /** Whether any field behind the addresses must be there. */
  #hasMore(): boolean {
    return (this.#seen & (this.#theirs[WORD.present] ?? 0) & ~(1 | ETH_DST | ETH_SRC)) !== 0;
  }

  /** The presence of a field: as seen; if it was not, `free` or as the other frame has it. */
  #has(field: Fields, free: boolean): boolean {
    const own = ownBit(field);
    if ((this.#seen & own) !== 0) return ((this.#theirs[WORD.present] ?? 0) & own) !== 0;
    return free || ((this.#mine[WORD.present] ?? 0) & own) !== 0;
  }

  /** Whether one of the fields, which come and go together, is there. */
  #hasAll(fields: readonly Fields[], free: boolean): boolean {
    const known = fields.find((field) => (this.#seen & ownBit(field)) !== 0);
    return this.#has(known ?? fields[0] ?? 0, free);
  }

  #tags(): number[] {
    const key = this.#key;
    if (!this.#has(VLAN, false)) return [];
    return Array.from({ length: key.vlanCount }, (_, n) => [key.vlanOuter, key.vlanInner][n] ?? 0x8100_0007);
  }

  /** Whether the other frame is of another kind, so that what it lacks says nothing. */
  #isOther(): boolean {
    return etherTypeOf(this.#mine) !== etherTypeOf(this.#words);
  }

  #arp(link: LinkOptions): Uint8Array {
    const key = this.#key;
    if (this.#wants(FRAGMENT)) throw new Error('an ARP message that is a fragment');
    const frame = arpFrame({ ...link, senderIp: key.ipSrc, targetIp: key.ipDst, senderMac: key.ethSrc });
    const l3 = 14 + 4 * (link.tags?.length ?? 0);
    const hasAddresses = this.#hasAll([IP_SRC, IP_DST], this.#isOther() || this.#wants(IP_PROTO));
    put16(frame, l3 + 6, this.#has(IP_PROTO, this.#isOther()) ? key.ipProto : 0x0101);
    return hasAddresses ? frame : frame.slice(0, l3 + 27);
  }

  #ipv4(link: LinkOptions): Uint8Array {
    const key = this.#key;
    const l3 = 14 + 4 * (link.tags?.length ?? 0);
    const isSound = (this.#seen & ownBit(SOUND_IPV4)) === 0 && this.#isOther() ? true : key.isSoundIpv4;
    // A header that is sound is there.
    const isThere = this.#wants(SOUND_IPV4) && isSound;
    const hasHeader = this.#hasAll([FRAGMENT, IP_PROTO, IP_SRC, IP_DST], this.#isOther() || isThere);
    const fragment = this.#fragment();
    const frame = ipv4Frame(key.ipProto, this.#l4(ICMP, hasIcmpId, fragment), {
      ...link,
      src: key.ipSrc,
      dst: key.ipDst,
      ttl: key.ttl,
      tos: key.tos,
      moreFragments: fragment !== NO_FRAGMENT,
      fragmentOffset: fragment === LATER_FRAGMENT ? 64 : 0,
    });
    if (!hasHeader) return frame.slice(0, l3 + 19);
    if (!isSound) put16(frame, l3 + 10, ((frame[l3 + 10] ?? 0) << 8) ^ 0x5500);
    return frame;
  }

  #fragment(): number {
    return this.#has(FRAGMENT, false) ? this.#key.fragment : NO_FRAGMENT;
  }

  #ipv6(link: LinkOptions): Uint8Array {
    const key = this.#key;
    const l3 = 14 + 4 * (link.tags?.length ?? 0);
    const fragment = this.#fragment();
    const hasProtocol = this.#has(IP_PROTO, this.#isOther());
    const isStray = fragment !== LATER_FRAGMENT && isIpv6Extension(key.ipProto);
    const protocol = isStray ? NO_NEXT_HEADER : key.ipProto;
    const place = fragment === NO_FRAGMENT ? 0 : fragment === LATER_FRAGMENT ? 0x0041 : 0x0001;
    const header = Uint8Array.of(hasProtocol ? protocol : IPV6_FRAGMENT, 0, place >>> 8, place, 0, 0, 0, 9);
    const needsHeader = fragment !== NO_FRAGMENT || !hasProtocol;
    const l4 = hasProtocol ? this.#l4(ICMPV6, hasIcmpv6Id, fragment) : new Uint8Array(4);
    const frame = ipv6Frame(protocol, l4, {
      ...link,
      src: [...this.#words.subarray(WORD.ipSrc, WORD.ipSrc + 4)],
      dst: [...this.#words.subarray(WORD.ipDst, WORD.ipDst + 4)],
      hopLimit: key.ttl,
      trafficClass: key.tos,
      ...(needsHeader && { extensions: header, firstHeader: IPV6_FRAGMENT }),
    });
    return this.#hasAll([FRAGMENT, IP_SRC, IP_DST], this.#isOther()) ? frame : frame.slice(0, l3 + 39);
  }

  /** The segment, datagram or message, shorter than its header where its fields are to be absent. */
  #l4(icmp: number, hasId: (type: number) => boolean, fragment: number): Uint8Array {
    const key = this.#key;
    if (fragment === LATER_FRAGMENT) return new Uint8Array(16);
    const theirProtocol = ((this.#mine[WORD.vlansProtoTtlTos] ?? 0) >>> 16) & 0xff;
    const isOther = this.#isOther() || theirProtocol !== key.ipProto;
    const bytes = new Uint8Array(32);
    const ports = [L4_SRC, L4_DST] as const;
    switch (key.ipProto) {
      case TCP: {
        put32(bytes, 0, this.#words[WORD.l4] ?? 0);
        put16(bytes, 12, 0x5000 | ((this.#words[WORD.fragmentSoundFlags] ?? 0) & 0xfff));
        return this.#hasAll([...ports, TCP_FLAGS], isOther) ? bytes : bytes.slice(0, 13);
      }
      case UDP:
        put32(bytes, 0, this.#words[WORD.l4] ?? 0);
        put16(bytes, 4, bytes.length);
        return this.#hasAll(ports, isOther) ? bytes : bytes.slice(0, 7);
      case icmp: {
        // An identifier that was seen needs a type that has one.
        const type = this.#wants(ICMP_ID) ? (this.#theirs[WORD.l4] ?? 0) >>> 16 : key.l4Src;
        bytes[0] = type;
        bytes[1] = key.l4Dst;
        put16(bytes, 4, (this.#words[WORD.icmpId] ?? 0) >>> 16);
        if (!this.#hasAll(ports, isOther || this.#wants(ICMP_ID))) return bytes.slice(0, 3);
        return hasId(type) && !this.#has(ICMP_ID, isOther) ? bytes.slice(0, 7) : bytes;
      }
      default:
        return bytes;
    }
  }
}

/** The field's own bit, without those it carries. */
function ownBit(field: Fields): Fields {
  return 1 << (31 - Math.clz32(field));
}

function etherTypeOf(words: Uint32Array): number {
  return (words[WORD.tunnelTosTtlEtherType] ?? 0) & 0xffff;
}
