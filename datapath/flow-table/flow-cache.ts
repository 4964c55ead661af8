import { WORD } from '../../simulation/packet/key-layout.ts';

const SET_BITS = 13;
/** Words in a set: two entries of two words, a hash and one more than a flow. */
const SET_WORDS = 4;

/**
 * Remembers which flow served which packets: a fixed number of hints, two to a set, in front of the search.
 *
 * A hint is never trusted: whoever takes it compares the packet with the flow, under the flow's mask, as it is now. So a flow
 * that was removed, or replaced in its place by another, is never served from here, and nothing needs to be swept out.
 */
export class FlowCache {
  readonly #entries = new Int32Array(SET_WORDS << SET_BITS);

  /** The hint in the first place for packets of this hash; -1 for none. */
  first(hash: number): number {
    return this.#at((hash >>> (32 - SET_BITS)) * SET_WORDS, hash);
  }

  /** The hint in the second place; -1 for none. */
  second(hash: number): number {
    return this.#at((hash >>> (32 - SET_BITS)) * SET_WORDS + 2, hash);
  }

  /** Notes that a flow serves packets of this hash. The hint in first place moves to the second. */
  note(hash: number, flow: number): void {
    const entries = this.#entries;
    const set = (hash >>> (32 - SET_BITS)) * SET_WORDS;
    entries[set + 2] = entries[set] ?? 0;
    entries[set + 3] = entries[set + 1] ?? 0;
    entries[set] = hash;
    entries[set + 1] = flow + 1;
  }

  #at(place: number, hash: number): number {
    return this.#entries[place] === hash ? (this.#entries[place + 1] ?? 0) - 1 : -1;
  }
}

/**
 * A hash over what tells conversations apart: input port, tunnel key, MACs, outer VLAN, addresses, ports. What varies within
 * one (TTL, TCP flags) is left out, so that its packets share a hint.
 */
export function conversationHash(words: Uint32Array, at: number): number {
  const hash =
    Math.imul(words[at + WORD.inPort] ?? 0, 0x9e37_79b1) ^
    Math.imul(words[at + WORD.tunnelKey] ?? 0, 0x85eb_ca77) ^
    Math.imul(words[at + WORD.ethDstHigh] ?? 0, 0xc2b2_ae3d) ^
    Math.imul(words[at + WORD.ethDstLowEthSrcHigh] ?? 0, 0x27d4_eb2f) ^
    Math.imul(words[at + WORD.ethSrcLow] ?? 0, 0x1656_67b1) ^
    Math.imul(words[at + WORD.vlanOuter] ?? 0, 0xd35a_2d97) ^
    Math.imul(words[at + WORD.ipSrc] ?? 0, 0xb549_2b35) ^
    Math.imul(words[at + WORD.ipSrc + 3] ?? 0, 0xcc9e_2d51) ^
    Math.imul(words[at + WORD.ipDst] ?? 0, 0x1b87_3593) ^
    Math.imul(words[at + WORD.ipDst + 3] ?? 0, 0x6c8e_9cf5) ^
    Math.imul(words[at + WORD.l4] ?? 0, 0xa136_aaad);
  return Math.imul(hash ^ (hash >>> 15), 0x2c1b_3c6d);
}
