import { deepEqual, equal, notEqual, ok } from 'node:assert/strict';
import { assert, integer, property, uint8Array } from 'fast-check';
import { extract } from '../../../simulation/packet/extract.ts';
import {
  ETH_DST,
  ETHER_TYPE,
  ICMP_ID,
  IN_PORT,
  IP_PROTO,
  L4_DST,
  L4_SRC,
  TCP_FLAGS,
  VLAN,
} from '../../../simulation/packet/fields.ts';
import { FlowKey } from '../../../simulation/packet/flow-key.ts';
import { KEY_WORDS, maskOf, SPANS, WORD } from '../../../simulation/packet/key-layout.ts';
import { Layers, type Frame } from '../../../simulation/packet/frame.ts';
import { portIdOf } from '../../../topology/model/ids.ts';
import { anyFrameBytes } from '../any-packet.ts';
import {
  arpFrame,
  ethernetFrame,
  frameOf,
  icmpEcho,
  ip,
  ipv4Frame,
  ipv6Frame,
  keyOf,
  tcpFrame,
  udpFrame,
  wordsOf,
} from '../packets.ts';
import { framesOf, READABLE } from './frames-of.ts';
import { parseSlowly, type Parsed } from './slow-parser.ts';

const p3 = portIdOf(3);
const here = { src: ip`10.0.0.1`, dst: ip`10.0.0.2` };
const here6 = { src: [1, 2, 3, 4], dst: [5, 6, 7, 8] };

/** A key in the words of the slow parser. */
function namesIn(words: Uint32Array): Parsed {
  const parsed: Parsed = {};
  const present = words[WORD.present] ?? 0;
  const hex = (at: number): string => (words[at] ?? 0).toString(16).padStart(8, '0');
  const addresses = hex(WORD.ethDstHigh) + hex(WORD.ethDstLowEthSrcHigh) + hex(WORD.ethSrcLow);
  for (const { bit, name, words: spans } of SPANS) {
    if ((present & bit) === 0 || bit === IN_PORT) continue;
    const [[at, mask] = [0, 0]] = spans;
    const value = ((words[at] ?? 0) & mask) >>> 0;
    parsed[name] = value / (mask & -mask || 1);
    if (mask >>> 31 === 1 && mask !== 0xffff_ffff) parsed[name] = value >>> (31 - Math.clz32(mask & -mask));
    if (name === 'ethDst') parsed[name] = addresses.slice(0, 12);
    if (name === 'ethSrc') parsed[name] = addresses.slice(12);
    if (name.startsWith('ip') && name !== 'ipProto') parsed[name] = spans.map(([word]) => hex(word)).join('');
    if (name === 'vlan') {
      const count = (words[WORD.vlansProtoTtlTos] ?? 0) >>> 24;
      parsed[name] = [count, hex(WORD.vlanOuter), hex(WORD.vlanInner)].slice(0, Math.min(count, 2) + 1).join(' ');
    }
  }
  return parsed;
}

/** All that is in no present field is zero: equal packets have equal words. */
function strayBits(words: Uint32Array): number[] {
  const mask = maskOf(words[WORD.present] ?? 0);
  const ids = (words[WORD.present] ?? 0) & ICMP_ID;
  mask[WORD.present] = (mask[WORD.present] ?? 0) | ids;
  return [...words].filter((word, n) => (word & ~(mask[n] ?? 0)) !== 0);
}

function check(frame: Frame, about?: string): void {
  const words = wordsOf(frame, p3);
  deepEqual(namesIn(words), parseSlowly(frame), about);
  deepEqual(strayBits(words), [], about);
}

function isSound(frame: Frame): boolean {
  return new FlowKey(wordsOf(frame, p3), { seen: 0 }).isSoundIpv4;
}

describe('extract', () => {
  it('reads every frame of the captures as a plain parser does', async () => {
    let frames = 0;
    await Promise.all(
      READABLE.map(async (name) => {
        for (const [n, frame] of (await framesOf(name)).entries()) {
          check(frame, `${name} frame ${n + 1}`);
          frames += 1;
        }
      }),
    );
    ok(frames > 5000);
  }).timeout(20_000);

  it('reads frames of all kinds, cut anywhere, as a plain parser does', () => {
    assert(
      property(anyFrameBytes, (bytes) => check(frameOf(bytes))),
      { numRuns: 2000 },
    );
  });

  it('takes any bytes', () => {
    assert(property(uint8Array({ maxLength: 200, size: 'max' }), (bytes) => check(frameOf(bytes))));
  });

  it('reads nothing behind the length, and overwrites what was in key and layers before', () => {
    assert(
      property(anyFrameBytes, integer({ min: 0, max: 120 }), (bytes, cut) => {
        const length = Math.min(cut, bytes.length);
        const [words, layers] = [new Uint32Array(KEY_WORDS).fill(0xdead_beef), new Layers()];
        layers.set(frameOf(tcpFrame(here)).layers);
        extract(bytes, length, length, p3, words, layers);
        const short = frameOf(bytes.slice(0, length));
        deepEqual([words, layers], [wordsOf(short, p3), short.layers]);
      }),
      { numRuns: 1000 },
    );
  });

  it('C1: a header cut short is absent, not zero', () => {
    const whole = keyOf(tcpFrame({ ...here, dstPort: 0 }), p3);
    deepEqual([whole.has(L4_DST), whole.l4Dst], [true, 0]);
    const cut = keyOf(tcpFrame(here).slice(0, 14 + 20 + 19), p3);
    deepEqual([cut.has(IP_PROTO), cut.has(L4_DST), cut.has(TCP_FLAGS)], [true, false, false]);
    const stump = keyOf(Uint8Array.of(2, 0, 0, 0, 0, 1), p3);
    deepEqual([stump.has(ETH_DST), stump.words[WORD.present]], [true, IN_PORT | ETH_DST]);
  });

  it('takes no padding for a header', () => {
    equal(keyOf(ipv4Frame(17, new Uint8Array(7), here), p3).has(L4_SRC), false);
    equal(keyOf(ipv4Frame(17, new Uint8Array(8), here), p3).has(L4_SRC), true);
  });

  it('gives later fragments no ports, whatever their octets look like', () => {
    const later = keyOf(ipv4Frame(17, new Uint8Array(32), { ...here, fragmentOffset: 8 }), p3);
    deepEqual([later.fragment, later.ipProto, later.has(L4_SRC)], [2, 17, false]);
    const first = keyOf(udpFrame({ ...here, moreFragments: true, payload: new Uint8Array(8) }), p3);
    deepEqual([first.fragment, first.has(L4_SRC)], [1, true]);
  });

  it('C37: counts tags and keeps the outer two whole', () => {
    const key = keyOf(udpFrame({ ...here, tags: [0x88a8_6064, 0x9100_0005, 7] }), p3);
    deepEqual([key.vlanCount, key.vlanOuter, key.vlanInner], [3, 0x88a8_6064, 0x9100_0005]);
    equal(key.etherType, 0x0800);
    equal(keyOf(udpFrame(here), p3).has(VLAN), false);
    const many = keyOf(udpFrame({ ...here, tags: Array.from({ length: 300 }, () => 1) }), p3);
    deepEqual([many.vlanCount, many.has(ETHER_TYPE)], [255, false]);
  });

  it('gives 802.3 frames no ethertype', () => {
    equal(keyOf(ethernetFrame(0x05dc, new Uint8Array(50)), p3).has(ETHER_TYPE), false);
    equal(keyOf(ethernetFrame(0x0600, new Uint8Array(50)), p3).has(ETHER_TYPE), true);
  });

  it('reads ARP of its Ethernet and IPv4 form only', () => {
    const frame = arpFrame({ senderIp: ip`10.0.0.1`, targetIp: ip`10.0.0.2` });
    const key = keyOf(frame, p3);
    deepEqual([key.ipProto, key.ipSrc, key.ipDst], [1, ip`10.0.0.1`, ip`10.0.0.2`]);
    frame[18] = 8; // hardware addresses of eight octets
    equal(keyOf(frame, p3).has(IP_PROTO), false);
  });

  it('C2: keeps the fields of IPv6 apart, as those of IPv4', () => {
    const datagram = Uint8Array.of(0, 53, 0, 54, 0, 8, 0, 0);
    const wordsWith = (options: object): Uint32Array =>
      wordsOf(frameOf(ipv6Frame(17, datagram, { ...here6, ...options })), p3);
    const differing = (options: object): string[] => {
      const [one, other] = [wordsWith({}), wordsWith(options)];
      const differs = SPANS.filter(({ words }) =>
        words.some(([word, mask]) => (((one[word] ?? 0) ^ (other[word] ?? 0)) & mask) !== 0),
      );
      return differs.map(({ name }) => name);
    };
    deepEqual(differing({ src: [1, 2, 3, 5] }), ['ipSrc']);
    deepEqual(differing({ dst: [5, 6, 0, 8] }), ['ipDst']);
    deepEqual(differing({ hopLimit: 1 }), ['ttl']);
    deepEqual(differing({ trafficClass: 1 }), ['tos']);
    const first = { extensions: Uint8Array.of(17, 0, 0, 1, 0, 0, 0, 9), firstHeader: 44 };
    deepEqual(differing(first), ['fragment']);
  });

  it('follows the extension headers of IPv6 to the protocol', () => {
    const extensions = Uint8Array.of(60, 0, 1, 4, 0, 0, 0, 0, 17, 0, 1, 4, 0, 0, 0, 0);
    const datagram = Uint8Array.of(0, 53, 0, 54, 0, 8, 0, 0);
    const key = keyOf(ipv6Frame(17, datagram, { ...here6, extensions, firstHeader: 0, trafficClass: 0xb8 }), p3);
    deepEqual([key.ipProto, key.l4Src, key.l4Dst, key.tos], [17, 53, 54, 0xb8]);
    const endless = Uint8Array.from({ length: 17 * 8 }, (_, n) => (n % 8 === 0 ? 60 : 0));
    equal(keyOf(ipv6Frame(17, datagram, { ...here6, extensions: endless, firstHeader: 60 }), p3).has(IP_PROTO), false);
  });

  it('keeps the identifiers of ICMP queries, and of nothing else', () => {
    equal(keyOf(icmpEcho({ ...here, ident: 77 }), p3).words[WORD.icmpId], 77 << 16);
    equal(keyOf(icmpEcho(here), p3).has(ICMP_ID), true);
    const unreachable = icmpEcho(here);
    unreachable[34] = 3;
    equal(keyOf(unreachable, p3).has(ICMP_ID), false);
  });

  it('C10, C39: a header is sound when version, lengths and checksum are right and there is no source route', () => {
    const good = udpFrame({ ...here, payload: new Uint8Array(40) });
    equal(isSound(frameOf(good)), true);
    for (const at of [14, 16, 17, 22, 24, 26, 33]) {
      const bad = good.slice();
      bad[at] = (bad[at] ?? 0) ^ 0x10;
      equal(isSound(frameOf(bad)), false, `octet ${at}`);
    }
    equal(isSound(frameOf(good.slice(0, 60), good.length)), true, 'cut by the capture alone');
    equal(isSound(frameOf(good.slice(0, 60))), false, 'shorter than its total length');
    const options = (...octets: number[]): Frame => frameOf(udpFrame({ ...here, options: Uint8Array.from(octets) }));
    equal(isSound(options(0x94, 4, 0, 0)), true, 'router alert');
    equal(isSound(options(1, 131, 7, 4, 10, 0, 0, 1)), false, 'loose source route');
    equal(isSound(options(137, 7, 4, 10, 0, 0, 1, 0)), false, 'strict source route');
    equal(isSound(options(0, 137, 7, 4)), true, 'behind the end of options');
    equal(isSound(options(7, 9, 4, 0)), false, 'an option longer than the header');
    equal(isSound(options(7, 1, 4, 0)), false, 'an option shorter than itself');
    equal(isSound(frameOf(ipv4Frame(17, new Uint8Array(16), { ...here, fragmentOffset: 65_512 }))), false);
    equal(isSound(frameOf(ipv4Frame(17, new Uint8Array(16), { ...here, fragmentOffset: 65_496 }))), true);
  });

  it('tells where the headers are, where the packet ends, and its length', () => {
    const { layers } = frameOf(udpFrame({ ...here, tags: [5], payload: new Uint8Array(3) }));
    deepEqual(Object.fromEntries(Object.entries(layers)), {
      etherTypeAt: 16,
      l3: 18,
      l4: 38,
      end: 49,
      protocol: 17,
      isWhole: true,
      ipLength: 31,
    });
    const jumbo = ipv6Frame(17, new Uint8Array(8), {
      ...here6,
      extensions: Uint8Array.of(17, 0, 0xc2, 4, 0, 1, 0x86, 0xa0),
      firstHeader: 0,
    });
    jumbo[18] = 0;
    jumbo[19] = 0;
    equal(frameOf(jumbo).layers.ipLength, 100_040);
    notEqual(frameOf(jumbo).layers.l4, -1);
  });
});
