import { deepEqual, equal, throws } from 'node:assert/strict';
import * as fc from 'fast-check';
import { CaptureDecoder } from '../../../datapath/capture/capture-format.ts';
import { PcapDecoder } from '../../../datapath/capture/pcap-format.ts';
import { Blocks, decode, frameOf } from './blocks.ts';

const little = new Blocks(true);
const big = new Blocks(false);
const NANO = 0xa1b23c4d;
const anyFrame = fc.uint8Array({ maxLength: 80 });

describe('a pcap file', () => {
  it('gives the same frames however it is cut', () => {
    const anyRecord = fc.record({
      bytes: anyFrame,
      seconds: fc.nat(0xffff_ffff),
      micros: fc.nat(999_999),
      more: fc.nat(2000),
    });
    const anyRecords = fc.array(anyRecord, { maxLength: 8 });
    fc.assert(
      fc.property(anyRecords, fc.integer({ min: 1, max: 200 }), fc.boolean(), (records, step, littleEndian) => {
        const write = new Blocks(littleEndian);
        const file = Buffer.concat([
          write.pcapHeader(),
          ...records.map(({ bytes, seconds, micros, more }) =>
            write.pcapRecord(bytes, { seconds, ticks: micros, wireLength: bytes.length + more }),
          ),
        ]);
        deepEqual(decode(new PcapDecoder(), file, step), {
          frames: records.map(({ bytes, seconds, micros, more }, i) =>
            frameOf(bytes, { seconds, nanos: micros * 1000, wireLength: bytes.length + more, index: i + 1 }),
          ),
          fault: undefined,
        });
      }),
    );
  });

  it('keeps what it handed out as it was while the next pieces come', () => {
    const file = Buffer.concat([little.pcapHeader(), ...[1, 2, 3].map((n) => little.pcapRecord(Buffer.alloc(50, n)))]);
    const decoder = new PcapDecoder();
    const frames = Array.from(file, (octet) => decoder.push(Uint8Array.of(octet))).flat();
    deepEqual(
      frames.map(({ bytes }) => Array.from(new Set(bytes))),
      [[1], [2], [3]],
    );
  });

  it('is read in microseconds or nanoseconds, as its magic says', () => {
    for (const write of [little, big]) {
      const [micro, nano] = [0xa1b2c3d4, NANO].map((magic) =>
        decode(
          new PcapDecoder(),
          Buffer.concat([write.pcapHeader({ magic }), write.pcapRecord(Buffer.alloc(1), { ticks: 1234 })]),
        ),
      );
      equal(micro?.frames[0]?.nanos, 1_234_000);
      equal(nano?.frames[0]?.nanos, 1234);
    }
  });

  it('carries ticks of a second and more over to the seconds', () => {
    for (const [magic, ticks, seconds, nanos] of [
      [0xa1b2c3d4, 1_000_000, 8, 0],
      [0xa1b2c3d4, 0xffff_ffff, 7 + 4294, 967_295_000],
      [NANO, 0xffff_ffff, 7 + 4, 294_967_295],
    ] as const) {
      const file = Buffer.concat([big.pcapHeader({ magic }), big.pcapRecord(Buffer.alloc(1), { ticks })]);
      deepEqual(decode(new PcapDecoder(), file).frames, [frameOf(Buffer.alloc(1), { seconds, nanos })]);
    }
  });

  it('never has a frame longer than it was on the wire', () => {
    const file = Buffer.concat([big.pcapHeader(), big.pcapRecord(Buffer.alloc(9), { wireLength: 5 })]);
    equal(decode(new PcapDecoder(), file).frames[0]?.wireLength, 9);
  });

  it('loses the frame check sequences that it declares', () => {
    const header = big.pcapHeader({ linkType: 0x2400_0001 }); // two words of 16 bits each
    const whole = big.pcapRecord(Buffer.alloc(64, 1));
    const snapped = big.pcapRecord(Buffer.alloc(62, 1), { wireLength: 64 });
    const short = big.pcapRecord(Buffer.alloc(3));
    deepEqual(
      decode(new PcapDecoder(), Buffer.concat([header, whole, snapped, short])).frames.map((f) => [
        f.bytes.length,
        f.wireLength,
      ]),
      [
        [60, 60],
        [60, 60],
        [0, 0],
      ],
    );
  });

  const header = little.pcapHeader();
  const sound = little.pcapRecord(Buffer.alloc(60, 7));
  const faults: readonly (readonly [title: string, file: Buffer, frames: number, fault: string, offset: number])[] = [
    ['an empty file', Buffer.alloc(0), 0, 'empty', 0],
    ['a file of some other kind', Buffer.from('GIF89a'), 0, 'not-a-capture', 0],
    ['a file too short to tell', Buffer.from([0xd4, 0xc3]), 0, 'not-a-capture', 0],
    ['a file header cut short', header.subarray(0, 23), 0, 'cut-short', 0],
    ['modified pcap', Buffer.from('34cdb2a1', 'hex'), 0, 'unsupported-format', 0],
    ['a gzip file', Buffer.from('1f8b0800', 'hex'), 0, 'unsupported-format', 0],
    ['a version before 2.4', little.pcapHeader({ minor: 2 }), 0, 'unsupported-version', 4],
    ['a version after 2', little.pcapHeader({ major: 3 }), 0, 'unsupported-version', 4],
    ['another link type', little.pcapHeader({ linkType: 113 }), 0, 'link-type', 20],
    [
      'a record of 262,145 bytes',
      Buffer.concat([header, sound, little.pcapRecord(Buffer.alloc(0), { length: 262_145 })]),
      1,
      'oversized-record',
      100,
    ],
    ['a record header cut short', Buffer.concat([header, sound, sound.subarray(0, 15)]), 1, 'cut-short', 100],
    ['a frame cut short', Buffer.concat([header, sound, sound.subarray(0, -1)]), 1, 'cut-short', 100],
  ];
  for (const [title, file, frames, fault, offset] of faults)
    it(`names the fault of ${title}: ${fault} at byte ${offset}, behind ${frames} frames, however it is cut`, () => {
      for (const step of [1, 7, 101, file.length + 1]) {
        const got = decode(new CaptureDecoder(), file, step);
        deepEqual([got.frames.length, got.fault?.fault, got.fault?.offset], [frames, fault, offset]);
      }
    });

  it('names the link type it is refused for', () => {
    throws(() => new PcapDecoder().push(little.pcapHeader({ linkType: 113 })), {
      message: 'link type 113 (LINUX_SLL) is not Ethernet, at byte 20',
    });
  });

  it('stays at its fault once it has met one', () => {
    const decoder = new PcapDecoder();
    equal(decoder.push(Buffer.concat([header, sound, little.u32(0, 0, 0xffff_ffff, 0)])).length, 1);
    for (const _ of [1, 2]) throws(() => decoder.push(sound), { fault: 'oversized-record', offset: 100 });
    throws(() => decoder.end(), { fault: 'oversized-record', offset: 100 });

    const cut = new PcapDecoder();
    cut.push(header.subarray(0, 10));
    throws(() => cut.end(), { fault: 'cut-short' });
    throws(() => cut.push(header.subarray(10)), { fault: 'cut-short' });
  });
});
