import { deepEqual, equal } from 'node:assert/strict';
import { assert, constantFrom, integer, property, record, subarray, tuple } from 'fast-check';
import { verifyL4 } from '../../../simulation/packet/checksum.ts';
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
} from '../../../simulation/packet/fields.ts';
import { KEY_WORDS, maskOf, SPANS, WORD } from '../../../simulation/packet/key-layout.ts';
import type { Frame } from '../../../simulation/packet/frame.ts';
import { formatRewrite } from '../../../simulation/packet/format-field.ts';
import { u16 } from '../../../simulation/packet/octets.ts';
import { applyRewrite, rewriteOf, REWRITE_ROOM, type Rewrite } from '../../../simulation/packet/rewrite.ts';
import { portIdOf } from '../../../topology/model/ids.ts';
import { anyFrameBytes } from '../any-packet.ts';
import { frameOf, icmpEcho, ip, keyOf, mac, tcpFrame, udpFrame, wordsOf } from '../packets.ts';

const p1 = portIdOf(1);
const here = { src: ip`10.0.0.1`, dst: ip`10.0.0.2` };
const own = (field: Fields): Fields => 1 << (31 - Math.clz32(field));
const LAYER_3 = [IP_SRC, IP_DST, TTL, TOS].map(own);
const PORTS = [L4_SRC, L4_DST, ICMP_ID].map(own);

function rewriteFrom(fields: readonly Fields[], words: Uint32Array): Rewrite {
  const all = fields.reduce((sum, field) => sum | field, 0);
  return rewriteOf(new Uint32Array(KEY_WORDS), words, all, 0) ?? { fields: 0, words: new Uint32Array(KEY_WORDS) };
}

function apply(rewrite: Rewrite, { bytes, layers }: Frame): Uint8Array {
  const out = new Uint8Array(bytes.length + REWRITE_ROOM + 6).fill(0xee);
  const length = applyRewrite(rewrite, bytes, bytes.length, layers, out, 3);
  deepEqual(
    [...out.subarray(0, 3), ...out.subarray(3 + Math.max(length, bytes.length), 6)].filter((b) => b !== 0xee),
    [],
  );
  return out.slice(3, 3 + length);
}

function written(frame: Uint8Array, change: (words: Uint32Array) => Fields): Uint8Array {
  const words = wordsOf(frameOf(frame), p1);
  const fields = change(words);
  return apply(
    rewriteFrom(
      SPANS.map(({ bit }) => bit & fields),
      words,
    ),
    frameOf(frame),
  );
}

/** The checksums of a frame: whether the header's is right, and the word on layer 4. */
function checksumsOf(bytes: Uint8Array): [boolean, string] {
  const frame = frameOf(bytes);
  return [keyOf(bytes, p1).isSoundIpv4, verifyL4(bytes, frame.layers)];
}

const anyFields = subarray([ETH_DST, ETH_SRC, ...LAYER_3, ...PORTS]);
const anyValues = record({
  mac: integer({ min: 0, max: 0xffff_ffff }),
  address: constantFrom(0x0a00_0001, 0xffff_ffff, 0, 0xc0a8_0102),
  rest: integer({ min: 0, max: 0xffff_ffff }),
  ports: constantFrom(0, 0xffff, 0xffff_0000, 0x1234_5678),
}).map(({ mac: low, address, rest, ports }) => {
  const words = new Uint32Array(KEY_WORDS).fill(0x0102_0304);
  words[WORD.ethSrcLow] = low;
  words[WORD.ipSrc] = address;
  words[WORD.ipDst] = ~address;
  words[WORD.vlansProtoTtlTos] = rest & 0x00ff_ffff;
  words[WORD.l4] = ports;
  words[WORD.icmpId] = ports & 0xffff_0000;
  return words;
});

describe('rewriteOf', () => {
  const origin = wordsOf(frameOf(tcpFrame(here)), p1);
  const after = (change: (words: Uint32Array) => void): Uint32Array => {
    const words = origin.slice();
    change(words);
    return words;
  };

  it('C36: a written field becomes an action', () => {
    const words = after((key) => {
      key[WORD.vlansProtoTtlTos] = (key[WORD.vlansProtoTtlTos] ?? 0) - 0x100;
    });
    deepEqual(rewriteOf(origin, words, own(TTL), TTL)?.fields, own(TTL));
  });

  it('C36: not if it was seen and already had that value', () => {
    equal(rewriteOf(origin, origin, own(TTL), TTL), undefined);
  });

  it('C36: also if it had that value and nobody looked', () => {
    equal(rewriteOf(origin, origin, ETH_DST, TTL)?.fields, ETH_DST);
  });

  it('holds the values of its fields and nothing else', () => {
    const rewrite = rewriteOf(origin, origin, ETH_DST | own(TTL), 0);
    const mask = maskOf(ETH_DST | own(TTL));
    const expected = origin.map((word, n) => (n === WORD.present || n === WORD.inPort ? 0 : word & (mask[n] ?? 0)));
    deepEqual(Uint32Array.from(rewrite?.words ?? []), expected);
    deepEqual(formatRewrite(rewrite ?? { fields: 0, words: expected }), ['eth.dst=02:00:00:00:00:0b', 'ip.ttl=64']);
  });
});

describe('applyRewrite', () => {
  it('gives a frame the values of the rewrite and leaves all else as it was', () => {
    assert(
      property(anyFrameBytes, anyFields, anyValues, (bytes, fields, values) => {
        const frame = frameOf(bytes);
        const rewrite = rewriteFrom(fields, values);
        const before = wordsOf(frame, p1);
        const after = wordsOf(frameOf(apply(rewrite, frame)), p1);
        equal(after[WORD.present], before[WORD.present]);
        for (const { bit, name, words } of SPANS) {
          const isThere = ((before[WORD.present] ?? 0) & bit) !== 0;
          const isNew = (rewrite.fields & bit) !== 0 && isThere && isRewritable(bit, before);
          for (const [word, mask] of words) {
            const isLong = words.length === 4 && word % 4 !== 0 && !isIpv6(before); // IPv4 takes the first word alone
            const expected = isNew && !isLong ? rewrite.words[word] : before[word];
            equal(((after[word] ?? 0) & mask) >>> 0, ((expected ?? 0) & mask) >>> 0, name);
          }
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('keeps right checksums right, wrong ones wrong, and none none (RFC 1624, C11)', () => {
    assert(
      property(anyFrameBytes, anyFields, anyValues, (bytes, fields, values) => {
        const frame = frameOf(bytes);
        const copy = apply(rewriteFrom(fields, values), frame);
        deepEqual(checksumsOf(copy), checksumsOf(bytes));
      }),
      { numRuns: 2000 },
    );
  });

  it('C11: a UDP checksum of zero stays zero, and one that comes to zero is sent as 0xffff', () => {
    const silent = written(udpFrame({ ...here, checksum: false }), (words) => {
      words[WORD.ipSrc] = 0x0102_0304;
      return own(IP_SRC);
    });
    equal(u16(silent, 40), 0);
    const frame = udpFrame({ ...here, srcPort: 0 });
    const checksum = u16(frame, 40);
    const turned = written(frame, (words) => {
      words[WORD.l4] = ((words[WORD.l4] ?? 0) & 0xffff) | (checksum << 16);
      return own(L4_SRC);
    });
    equal(u16(turned, 40), 0xffff);
    equal(checksumsOf(turned)[1], 'good');
  });

  it('leaves the checksum of a later fragment alone, and updates that of a first', () => {
    const first = tcpFrame(here);
    first[20] = 0x20; // more fragments
    const moved = written(first, (words) => {
      words[WORD.ipDst] = 0x0102_0304;
      return own(IP_DST);
    });
    equal(u16(moved, 50), u16(tcpFrame({ ...here, dst: ip`1.2.3.4` }), 50));
    const later = tcpFrame({ ...here, fragmentOffset: 8 });
    const same = written(later, (words) => {
      words[WORD.ipDst] = 0x0102_0304;
      return own(IP_DST);
    });
    deepEqual(same.subarray(34), later.subarray(34));
  });

  it('C24: takes tags off and puts tags on, outermost first', () => {
    const stacks = [[], [5], [0x88a8_0007, 5], [0x88a8_0009, 0x88a8_0007, 5], [1, 2, 3, 4]];
    for (const from of stacks) {
      for (const to of stacks.slice(0, 3)) {
        const wanted = tcpFrame({ ...here, tags: to, padTo: 0 });
        const rewrite = rewriteFrom([VLAN], wordsOf(frameOf(wanted), p1));
        deepEqual(apply(rewrite, frameOf(tcpFrame({ ...here, tags: from, padTo: 0 }))), wanted);
      }
    }
  });

  it('keeps the tags below the second, and brings them up, when outer ones come and go', () => {
    const tags = [0x88a8_0001, 2, 3];
    const key = keyOf(tcpFrame({ ...here, tags }), p1);
    key.popVlan();
    const popped = apply(rewriteFrom([VLAN], key.words), frameOf(tcpFrame({ ...here, tags })));
    deepEqual(popped.subarray(12, 22), tcpFrame({ ...here, tags: [2, 3] }).subarray(12, 22));
    const other = keyOf(tcpFrame({ ...here, tags }), p1);
    other.pushVlan(9);
    const pushed = apply(rewriteFrom([VLAN], other.words), frameOf(tcpFrame({ ...here, tags })));
    deepEqual(pushed.subarray(12, 30), tcpFrame({ ...here, tags: [0x88a8_0009, ...tags] }).subarray(12, 30));
  });

  it('C1: a frame whose last tag was taken off has none', () => {
    const key = keyOf(tcpFrame({ ...here, tags: [5] }), p1);
    key.popVlan();
    deepEqual([key.has(VLAN), key.vlanCount], [false, 0]);
    key.pushVlan(6);
    deepEqual([key.has(VLAN), key.vlanOuter], [true, 0x8100_0006]);
  });

  it('keeps padding as padding', () => {
    const frame = udpFrame(here);
    const copy = written(frame, (words) => {
      words[WORD.vlansProtoTtlTos] = 0x3f00;
      return own(TTL);
    });
    deepEqual(copy.subarray(42), frame.subarray(42));
  });

  it('writes nothing when there is no room', () => {
    const frame = frameOf(tcpFrame(here));
    const words = wordsOf(frameOf(tcpFrame({ ...here, tags: [5] })), p1);
    const out = new Uint8Array(frame.bytes.length + 3);
    equal(applyRewrite(rewriteFrom([VLAN], words), frame.bytes, frame.bytes.length, frame.layers, out, 0), -1);
    equal(applyRewrite(undefined, frame.bytes, frame.bytes.length, frame.layers, out, 4), -1);
    deepEqual(out, new Uint8Array(out.length));
  });

  it('takes a frame out of a longer array, as one that stands alone', () => {
    assert(
      property(anyFrameBytes, anyFields, anyValues, (bytes, fields, values) => {
        const frame = frameOf(bytes);
        const longer = new Uint8Array(bytes.length + 9).fill(0xdd);
        longer.set(bytes);
        const out = new Uint8Array(bytes.length + REWRITE_ROOM);
        const rewrite = rewriteFrom(fields, values);
        const length = applyRewrite(rewrite, longer, bytes.length, frame.layers, out, 0);
        deepEqual(out.slice(0, length), apply(rewrite, frame));
      }),
    );
  });

  it('takes any tags of any frame', () => {
    const anyTags = tuple(integer({ min: 0, max: 4 }), integer(), integer());
    assert(
      property(anyFrameBytes, anyTags, (bytes, [count, outer, inner]) => {
        const words = new Uint32Array(KEY_WORDS);
        words[WORD.vlansProtoTtlTos] = count << 24;
        words[WORD.vlanOuter] = outer;
        words[WORD.vlanInner] = inner;
        apply(rewriteFrom([VLAN], words), frameOf(bytes));
      }),
    );
  });

  it('names what it does', () => {
    const frame = icmpEcho(here);
    const words = wordsOf(frameOf(frame), p1);
    const key = keyOf(frame, p1);
    key.ethSrc = mac`02:00:00:00:00:01`;
    key.ttl = 63;
    const rewrite = rewriteOf(words, key.words, key.written, FRAGMENT | IP_PROTO);
    deepEqual(rewrite && formatRewrite(rewrite, words), ['eth.src=02:00:00:00:00:01', 'ip.ttl=63']);
  });
});

function isIpv6(words: Uint32Array): boolean {
  return ((words[WORD.tunnelTosTtlEtherType] ?? 0) & 0xffff) === 0x86dd;
}

/** Types and codes of ICMP are no ports, and an ARP message is left as it is. */
function isRewritable(bit: Fields, words: Uint32Array): boolean {
  const protocol = ((words[WORD.vlansProtoTtlTos] ?? 0) >>> 16) & 0xff;
  const isArp = ((words[WORD.tunnelTosTtlEtherType] ?? 0) & 0xffff) === 0x0806;
  const isPort = bit === own(L4_SRC) || bit === own(L4_DST);
  if (isPort) return protocol === 6 || protocol === 17;
  return !isArp || bit === ETH_DST || bit === ETH_SRC;
}
