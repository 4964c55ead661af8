import { deepEqual, equal } from 'node:assert/strict';
import * as fc from 'fast-check';
import { CaptureDecoder } from '../../../datapath/capture/capture-format.ts';
import { PcapngDecoder } from '../../../datapath/capture/pcapng-format.ts';
import { Blocks, decode, frameOf } from './blocks.ts';

const little = new Blocks(true);
const big = new Blocks(false);
const FRAME = Buffer.from('001122334455aabbccddeeff0800', 'hex');

const COMMENT = 1;
const NAME = 2;
const DESCRIPTION = 3;
const RESOLUTION = 9;
const OFFSET = 14;

describe('a pcapng file', () => {
  it('gives the same frames however it is cut', () => {
    const anyPacket = fc.record({
      bytes: fc.uint8Array({ maxLength: 80 }),
      from: fc.nat(2),
      ticks: fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn }),
      more: fc.nat(2000),
      comments: fc.array(fc.string({ maxLength: 12 }), { maxLength: 2 }),
    });
    const anySection = fc.record({ littleEndian: fc.boolean(), packets: fc.array(anyPacket, { maxLength: 5 }) });
    fc.assert(
      fc.property(
        fc.array(anySection, { minLength: 1, maxLength: 3 }),
        fc.integer({ min: 1, max: 200 }),
        (sections, step) => {
          const file = Buffer.concat(
            sections.flatMap(({ littleEndian, packets }) => {
              const write = new Blocks(littleEndian);
              const nanos = write.option(RESOLUTION, Uint8Array.of(9));
              return [
                write.section(),
                write.interface({}, nanos),
                write.interface({ linkType: 113 }, nanos),
                write.block(0x7777, Buffer.alloc(5)),
                write.interface({}, nanos),
                ...packets.map(({ bytes, from, ticks, more, comments }) => {
                  const options = comments.map((text) => write.option(COMMENT, text));
                  return write.packet(bytes, { from, ticks, wireLength: bytes.length + more }, ...options);
                }),
              ];
            }),
          );
          const wanted = sections
            .flatMap(({ packets }, n) => packets.map((packet) => ({ packet, n })))
            .map(({ packet, n }, i) => ({ packet, n, index: i + 1 }))
            .filter(({ packet }) => packet.from !== 1)
            .map(({ packet: { bytes, from, ticks, more, comments }, n, index }) =>
              frameOf(bytes, {
                seconds: Number(ticks / 1_000_000_000n),
                nanos: Number(ticks % 1_000_000_000n),
                wireLength: bytes.length + more,
                interfaceIndex: 3 * n + from,
                index,
                comments,
              }),
            );
          deepEqual(decode(new PcapngDecoder(), file, step), { frames: wanted, fault: undefined });
        },
      ),
    );
  });

  it('tells what it knows of each interface, and counts the frames of all', () => {
    const decoder = new PcapngDecoder();
    const first = Buffer.concat([
      big.section(big.option(COMMENT, 'taken on a Sunday'), big.option(4, 'by hand\0')),
      big.interface({ snapLength: 96 }, big.option(NAME, 'eth0'), big.option(DESCRIPTION, 'uplink')),
      big.interface({ linkType: 113 }),
      big.packet(FRAME, { from: 1 }),
      big.packet(FRAME, { from: 0 }),
      big.packet(FRAME, { from: 1 }),
    ]);
    deepEqual(
      decode(decoder, first).frames.map((f) => f.index),
      [2],
    );
    const resolution = { base: 10, exponent: 6 };
    deepEqual(decoder.sections, [{ comments: ['taken on a Sunday'], application: 'by hand' }]);
    deepEqual(decoder.interfaces, [
      {
        index: 0,
        name: 'eth0',
        description: 'uplink',
        linkType: 1,
        linkTypeName: 'ETHERNET',
        resolution,
        snapLength: 96,
        fcsLength: 0,
        frames: 1,
      },
      {
        index: 1,
        name: undefined,
        description: undefined,
        linkType: 113,
        linkTypeName: 'LINUX_SLL',
        resolution,
        snapLength: 0,
        fcsLength: 0,
        frames: 2,
      },
    ]);
  });

  it('reads clocks of any resolution and offset to the nanosecond', () => {
    const octet = fc.oneof(fc.constantFrom(0, 3, 6, 9, 0x80, 0x80 | 20, 0x80 | 32), fc.nat(255));
    const anyOffset = fc.bigInt({ min: -(2n ** 33n), max: 2n ** 33n });
    const anyTicks = fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.bigInt({ min: 0n, max: 2n ** 40n }));
    fc.assert(
      fc.property(octet, anyOffset, anyTicks, fc.boolean(), (resolution, offset, ticks, littleEndian) => {
        const write = new Blocks(littleEndian);
        const options = [write.option(RESOLUTION, Uint8Array.of(resolution)), write.option(OFFSET, write.u64(offset))];
        const file = Buffer.concat([write.section(), write.interface({}, ...options), write.packet(FRAME, { ticks })]);
        const perSecond = (resolution < 0x80 ? 10n : 2n) ** BigInt(resolution & 0x7f);
        const seconds = ticks / perSecond + offset;
        const nanos = ((ticks % perSecond) * 1_000_000_000n) / perSecond;
        const { frames, fault } = decode(new PcapngDecoder(), file);
        if (seconds > 9_007_199_254_740n) equal(fault?.fault, 'bad-timestamp');
        else deepEqual([frames[0]?.seconds, frames[0]?.nanos], [Number(seconds), Number(nanos)]);
      }),
      { numRuns: 1000 },
    );
  });

  it('reads the obsolete packet block, and gives a simple one the time of the frame before it', () => {
    for (const write of [little, big]) {
      const file = Buffer.concat([
        write.section(),
        write.interface({ snapLength: 10 }),
        write.simplePacket(FRAME.subarray(0, 10), 1500),
        write.obsoletePacket(FRAME, { ticks: 5_000_001n }),
        write.simplePacket(FRAME.subarray(0, 3)),
      ]);
      deepEqual(decode(new PcapngDecoder(), file), {
        frames: [
          frameOf(FRAME.subarray(0, 10), { wireLength: 1500 }),
          frameOf(FRAME, { seconds: 5, nanos: 1000, index: 2 }),
          frameOf(FRAME.subarray(0, 3), { seconds: 5, nanos: 1000, index: 3 }),
        ],
        fault: undefined,
      });
    }
  });

  it('keeps comments as they are, and shows where they are no UTF-8', () => {
    const options = [little.option(1, '\ufeffmärk'), little.option(1, Uint8Array.of(0x61, 0xff)), little.option(1, '')];
    const file = Buffer.concat([little.section(), little.interface(), little.packet(FRAME, {}, ...options)]);
    deepEqual(decode(new PcapngDecoder(), file).frames[0]?.comments, ['\ufeffmärk', 'a\ufffd', '']);
  });

  it('takes what lies behind a simple packet for no option', () => {
    const packet = little.block(3, Buffer.concat([little.u32(4), FRAME.subarray(0, 4), Buffer.alloc(8, 0xff)]));
    const file = Buffer.concat([little.section(), little.interface(), packet]);
    deepEqual(decode(new PcapngDecoder(), file), { frames: [frameOf(FRAME.subarray(0, 4))], fault: undefined });
  });

  it('numbers its frames as Wireshark does: journal entries and custom blocks count, other blocks do not', () => {
    const custom = Buffer.concat([little.u32(32_473), Buffer.from('abcd')]);
    const file = Buffer.concat([
      little.section(),
      little.interface(),
      ...[9, 0xbad, 0x4000_0bad, 4, 10, 0x7777].map((type) => little.block(type, custom)),
      little.packet(FRAME),
    ]);
    equal(decode(new PcapngDecoder(), file).frames[0]?.index, 4);
  });

  it('ends its options at opt_endofopt, and passes over those it does not know', () => {
    const options = [
      little.option(99, 'whatever'),
      little.option(COMMENT, 'one'),
      little.option(0, ''),
      Buffer.alloc(8, 0xff),
    ];
    const file = Buffer.concat([little.section(), little.interface(), little.packet(FRAME, {}, ...options)]);
    deepEqual(decode(new PcapngDecoder(), file).frames[0]?.comments, ['one']);
  });

  it('loses the frame check sequences that an interface declares, in octets or bits', () => {
    for (const declared of [4, 32]) {
      const option = little.option(13, Uint8Array.of(declared));
      const file = Buffer.concat([little.section(), little.interface({}, option), little.packet(FRAME)]);
      deepEqual(decode(new PcapngDecoder(), file).frames, [frameOf(FRAME.subarray(0, -4))]);
    }
  });

  const start = Buffer.concat([little.section(), little.interface(), little.packet(FRAME)]);
  const at = start.length;
  equal(at, 28 + 20 + 48);
  const huge = little.block(6, Buffer.concat([little.u32(0, 0, 0, 262_145, 0), Buffer.alloc(262_145)]));
  const tooLong = little.block(6, little.u32(0, 0, 0, 1, 1));
  const faults: readonly (readonly [title: string, rest: Buffer, fault: string, offset: number])[] = [
    ['a block cut short', little.packet(FRAME).subarray(0, -1), 'cut-short', at],
    ['a block header cut short', little.u32(6), 'cut-short', at],
    ['a block shorter than any', little.u32(6, 8, 8), 'bad-block-length', at],
    ['a block of odd length', little.u32(6, 33, 33), 'bad-block-length', at],
    ['a block above 16 MiB', little.u32(0x7777, 0x0100_0004, 0), 'oversized-block', at],
    ['a block with two lengths', little.block(0x7777, FRAME, { trailer: 64 }), 'bad-block-length', at],
    ['a section too short for its type', little.block(0x0a0d0d0a, little.u32(0x1a2b3c4d)), 'bad-block-length', at],
    ['an interface too short for its type', little.block(1, little.u32(1)), 'bad-block-length', at],
    ['a packet too short for its type', little.block(6, little.u32(0)), 'bad-block-length', at],
    ['a simple packet too short for its type', little.block(3, Buffer.alloc(0)), 'bad-block-length', at],
    ['a frame of 262,145 bytes', huge, 'oversized-record', at],
    ['a frame longer than its block', tooLong, 'bad-block-length', at],
    ['a section without byte order', little.block(0x0a0d0d0a, Buffer.alloc(16)), 'bad-byte-order', at],
    [
      'a section of version 2',
      little.block(0x0a0d0d0a, Buffer.concat([little.u32(0x1a2b3c4d), little.u16(2, 0), little.u64(-1n)])),
      'unsupported-version',
      at,
    ],
    ['an interface not described', little.packet(FRAME, { from: 1 }), 'no-such-interface', at],
    [
      'a packet before the interfaces of its section',
      Buffer.concat([little.section(), little.packet(FRAME)]),
      'no-such-interface',
      at + 28,
    ],
    [
      'a comment longer than its block',
      little.packet(FRAME, {}, little.option(COMMENT, 'abcd', 5)),
      'bad-option',
      at + 44,
    ],
    ['a resolution of two octets', little.interface({}, little.option(RESOLUTION, 'ab')), 'bad-option', at + 16],
    ['an offset of four octets', little.interface({}, little.option(OFFSET, 'abcd')), 'bad-option', at + 16],
    [
      'a time beyond the calendar',
      Buffer.concat([
        little.interface({}, little.option(RESOLUTION, Uint8Array.of(0))),
        little.packet(FRAME, { from: 1, ticks: 2n ** 60n }),
      ]),
      'bad-timestamp',
      at + 28,
    ],
    [
      'more than 65,536 interfaces',
      Buffer.concat(Array.from({ length: 65_536 }, () => little.interface())),
      'too-many-interfaces',
      at + 65_535 * 20,
    ],
  ];
  for (const [title, rest, fault, offset] of faults)
    it(`names the fault of ${title}: ${fault}, behind a sound frame, however it is cut`, () => {
      const file = Buffer.concat([start, rest]);
      for (const step of rest.length > 1000 ? [1000, file.length] : [1, 7, file.length]) {
        const got = decode(new CaptureDecoder(), file, step);
        deepEqual([got.frames.length, got.fault?.fault, got.fault?.offset], [1, fault, offset]);
      }
    });
});
