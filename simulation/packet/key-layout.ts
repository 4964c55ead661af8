import { IN_PORT, UNKEYED, type Fields } from './fields.ts';

/** Words of 32 bits in a key, a mask, and the values of a rewrite. */
export const KEY_WORDS = 24;

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
