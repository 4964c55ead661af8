import { deepEqual, equal, match, ok, rejects, throws } from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { type CaptureSink, CaptureWriteError, FileSink, MemorySink } from '../../../datapath/capture/capture-sink.ts';
import { readCapture } from '../../../datapath/capture/capture-file.ts';
import type { FrameNotes } from '../../../datapath/capture/frame-notes.ts';
import { PcapDecoder } from '../../../datapath/capture/pcap-format.ts';
import { PcapWriter } from '../../../datapath/capture/pcap-writer.ts';
import { PcapngDecoder } from '../../../datapath/capture/pcapng-format.ts';
import { type Completion, type NotesPlace, PcapngWriter } from '../../../datapath/capture/pcapng-writer.ts';
import { precisionFor } from '../../../datapath/capture/precision.ts';
import { decode, frameOf } from './blocks.ts';
import { capinfos, itWithTshark, tsharkFields } from './tshark.ts';

const PING = Buffer.from('02000000000202000000000108004500001c00010000400166d90a0000010a0000020800f7fd00010001', 'hex');
const anyBytes = fc.uint8Array({ maxLength: 80 });
const anyTime = { seconds: fc.nat(0xffff_ffff), nanos: fc.nat(999_999_999) };
const anyFrame = fc.record({ bytes: anyBytes, ...anyTime, wireLength: fc.nat(2000) });
const anyComments = fc.array(
  fc.string({ unit: 'grapheme' }).filter((text) => !text.endsWith('\0')),
  { maxLength: 3 },
);

function pingAt(seconds: number, nanos = 0): { bytes: Uint8Array; seconds: number; nanos: number; wireLength: number } {
  return { bytes: PING, seconds, nanos, wireLength: PING.length };
}

/** The file that the calls make. */
async function pcapng(calls: (writer: PcapngWriter) => void | Promise<void>): Promise<Uint8Array> {
  const sink = new MemorySink();
  const writer = new PcapngWriter(sink);
  await calls(writer);
  await writer.finish({ complete: true });
  return sink.bytes;
}

function drainedAfter(drained: (n: number) => boolean): Promise<Uint8Array> {
  return pcapng(async (writer) => {
    writer.addInterface({ name: 'p' });
    const reused = Buffer.alloc(1501);
    for (let n = 0; n < 300; n++) {
      reused.fill(n);
      writer.add(0, { ...pingAt(n), bytes: reused.subarray(n) }, { comments: [`frame ${n}`] });
      // oxlint-disable-next-line no-await-in-loop -- the moment of draining is what is tested
      if (drained(n)) await writer.drain();
    }
  });
}

/** The section's comments in a file that ended so. */
async function commentsAfter(end: Completion | 'killed'): Promise<readonly string[]> {
  const sink = new MemorySink();
  const writer = new PcapngWriter(sink, ['troupe replay lab.yaml']);
  const one = { ...pingAt(1), bytes: Buffer.alloc(200_000) };
  writer.addInterface({ name: 'p' });
  writer.add(0, one);
  if (end === 'killed') {
    writer.add(0, one);
    await writer.drain();
  } else await writer.finish(end);
  const decoder = new PcapngDecoder();
  decode(decoder, sink.bytes);
  const [section] = decoder.sections;
  equal(section?.application, 'troupe');
  return section.comments.map((comment) => comment.trimEnd());
}

async function writePings(sink: CaptureSink): Promise<void> {
  const writer = new PcapngWriter(sink);
  writer.addInterface({ name: 'p' });
  for (let n = 0; n < 5000; n++) writer.add(0, pingAt(n));
  await writer.drain();
  await writer.finish({ complete: true });
}

describe('a written pcapng file', () => {
  it('gives back the frames, interfaces and comments when it is read', () => {
    const anyNoted = fc.tuple(anyFrame, fc.nat(1), anyComments);
    return fc.assert(
      fc.asyncProperty(fc.array(anyNoted, { maxLength: 12 }), fc.boolean(), async (noted, coarse) => {
        const sink = new MemorySink();
        const writer = coarse ? new PcapngWriter(sink, [], 'microseconds') : new PcapngWriter(sink);
        equal(writer.addInterface({ name: 'bridge/br0:p1' }), 0);
        equal(writer.addInterface({ name: 'bridge/br0:p2', description: 'to the uplink' }), 1);
        for (const [frame, from, comments] of noted)
          writer.add(from, frame, { comments, direction: 'out', packetId: 7, verdict: 'forward' });
        await writer.finish({ complete: true });
        const decoder = new PcapngDecoder();
        deepEqual(decode(decoder, sink.bytes), {
          frames: noted.map(([{ bytes, seconds, nanos, wireLength }, from, comments], i) =>
            frameOf(bytes, {
              seconds,
              nanos: coarse ? nanos - (nanos % 1000) : nanos,
              wireLength: Math.max(wireLength, bytes.length),
              interfaceIndex: from,
              index: i + 1,
              comments,
            }),
          ),
          fault: undefined,
        });
        deepEqual(
          decoder.interfaces.map(({ name, description, resolution }) => [name, description, resolution.exponent]),
          [
            ['bridge/br0:p1', undefined, coarse ? 6 : 9],
            ['bridge/br0:p2', 'to the uplink', coarse ? 6 : 9],
          ],
        );
      }),
    );
  });

  it('has the same bytes however it is drained, and copies what it is given at once', async () => {
    const never = await drainedAfter(() => false);
    ok(never.length > 300 * 1200);
    deepEqual(await drainedAfter(() => true), never);
    deepEqual(await drainedAfter((n) => n % 97 === 0), never);
    deepEqual(
      decode(new PcapngDecoder(), never).frames.map(({ bytes }) => bytes[0]),
      Array.from({ length: 300 }, (_, n) => n % 256),
    );
  });

  it('says that it is complete only when it is', async () => {
    const command = 'troupe replay lab.yaml';
    deepEqual(await commentsAfter({ complete: true }), ['Complete: the run came to its end.', command]);
    deepEqual(await commentsAfter({ complete: false, reason: 'a.pcap: cut short, at byte 24' }), [
      'INCOMPLETE: a.pcap: cut short, at byte 24',
      command,
    ]);
    deepEqual(await commentsAfter('killed'), ['INCOMPLETE: the run has not come to its end.', command]);
    const [long] = await commentsAfter({ complete: false, reason: 'é'.repeat(300) });
    equal(long, `INCOMPLETE: ${'é'.repeat(120)}`);
  });

  it('holds times up to the year 2554, and takes the nearest it can hold for others', async () => {
    const file = await pcapng((writer) => {
      writer.addInterface({ name: 'p' });
      for (const [seconds, nanos] of [
        [18_446_744_073, 709_551_615],
        [18_446_744_074, 0],
        [-1, 999_999_999],
      ] as const)
        writer.add(0, pingAt(seconds, nanos));
    });
    deepEqual(
      decode(new PcapngDecoder(), file).frames.map(({ seconds, nanos }) => [seconds, nanos]),
      [
        [18_446_744_073, 709_551_615],
        [18_446_744_073, 709_551_615],
        [0, 0],
      ],
    );
  });

  it('cuts a comment that is too long for the format', async () => {
    const file = await pcapng((writer) => {
      writer.addInterface({ name: 'p'.repeat(70_000) });
      writer.add(0, pingAt(0), { comments: ['€'.repeat(50_000), 'next'] });
    });
    const [frame] = decode(new PcapngDecoder(), file).frames;
    deepEqual(frame?.comments, ['€'.repeat(21_844), 'next']);
  });

  it('is as precise as its input, and no more than to the nanosecond', () => {
    const precisions = ([10, 10, 10, 10, 2] as const).map((base, i) =>
      precisionFor({ base, exponent: [0, 6, 7, 12, 6][i] ?? 0 }),
    );
    deepEqual(precisions, ['microseconds', 'microseconds', 'nanoseconds', 'nanoseconds', 'nanoseconds']);
  });

  it('refuses a frame of an interface that was not added', () => {
    throws(() => new PcapngWriter(new MemorySink()).add(0, pingAt(0)), RangeError);
  });

  itWithTshark('shows its interfaces, directions, packet ids, verdicts and comments in tshark', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'troupe-'));
    const path = join(folder, 'out.pcapng');
    const writer = new PcapngWriter(await FileSink.open(path), ['seed 1']);
    const p1 = writer.addInterface({ name: 'bridge/br0:p1', description: 'web-1' });
    const p2 = writer.addInterface({ name: 'bridge/br0:p2' });
    const comments = ['bridge br0: forwarded', 'station 02:00:00:00:00:02 is at p2'];
    writer.add(p1, pingAt(1, 5), { direction: 'in', packetId: 2 ** 40 + 1 });
    writer.add(
      p2,
      { ...pingAt(1, 999_999_999), wireLength: 1500 },
      { direction: 'out', packetId: 2 ** 40 + 1, comments, verdict: 'fwd' },
    );
    await writer.finish({ complete: false, reason: 'in.pcap: cut short, at byte 24' });
    const fields = ['time_epoch', 'len', 'cap_len', 'interface_name', 'interface_description'];
    const noted = ['packet_flags_direction', 'packet_id', 'verdict.hw', 'comment'];
    const id = String(2 ** 40 + 1);
    deepEqual(
      tsharkFields(
        path,
        [...fields, ...noted].map((field) => `frame.${field}`),
      ),
      [
        ['1.000000005', '42', '42', 'bridge/br0:p1', 'web-1', '0x00000001', id, '', ''],
        ['1.999999999', '1500', '42', 'bridge/br0:p2', '', '0x00000002', id, '66 77 64', comments.join('|')],
      ],
    );
    const told = capinfos([path]);
    match(told, /INCOMPLETE: in\.pcap: cut short, at byte 24/);
    match(told, /seed 1/);
    match(told, /Capture application: +troupe/);
    match(told, /Time precision = nanoseconds/);
    await rm(folder, { recursive: true });
  });
});

function notes(verdict: string): FrameNotes {
  return { direction: 'in', packetId: 7, verdict, comments: [`so far: ${verdict}`] };
}

/** The comments of all frames. */
function commentsIn(bytes: Uint8Array): readonly (readonly string[])[] {
  return decode(new PcapngDecoder(), bytes).frames.map(({ comments }) => comments);
}

describe('the notes of a frame whose story is not over', () => {
  const open = notes('waits');
  const longest = notes('gave up for a very good reason');

  it('are those written last, wherever they lie by then: in a buffer, on their way, or in the file', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(120_000), fc.constantFrom('now', 'later', 'never'), fc.boolean()), { maxLength: 12 }),
        async (frames) => {
          const made = async (isDrained: boolean): Promise<Uint8Array> =>
            pcapng(async (writer) => {
              writer.addInterface({ name: 'p' });
              const later: NotesPlace[] = [];
              for (const [size, when, drains] of frames) {
                const place = writer.addOpen(0, { ...pingAt(1), bytes: Buffer.alloc(size) }, open, longest);
                if (when === 'now') writer.amend(place, notes('forwarded'));
                if (when === 'later') later.push(place);
                const drained = isDrained && drains ? writer.drain() : undefined;
                if (size % 2 === 0) await drained; // oxlint-disable-line no-await-in-loop -- the moment is what is tested
              }
              for (const place of later) writer.amend(place, longest);
            });
          const bytes = await made(true);
          const expected = { now: notes('forwarded'), later: longest, never: open };
          deepEqual(
            commentsIn(bytes),
            frames.map(([, when]) => expected[when].comments),
          );
          deepEqual(bytes, await made(false));
        },
      ),
      { numRuns: 30 },
    )).timeout(30_000);

  it('leave nothing of what stood there before', async () => {
    const bytes = await pcapng((writer) => {
      writer.addInterface({ name: 'p' });
      const place = writer.addOpen(0, pingAt(1), open, longest);
      writer.amend(place, notes('waited long'));
      writer.amend(place, notes('ok'));
    });
    for (const text of ['reason', 'waits', 'long']) equal(Buffer.from(bytes).includes(text), false, text);
  });

  it('are refused when they take more room than was kept', async () => {
    await pcapng((writer) => {
      writer.addInterface({ name: 'p' });
      const place = writer.addOpen(0, pingAt(1), open, longest);
      throws(() => writer.amend(place, notes('gave up for a very good reason indeed')), RangeError);
    });
  });

  itWithTshark('are all that tshark shows: nothing of the room that is left', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'troupe-'));
    const path = join(folder, 'out.pcapng');
    const writer = new PcapngWriter(await FileSink.open(path));
    writer.addInterface({ name: 'p' });
    const place = writer.addOpen(0, pingAt(1), open, longest);
    writer.add(0, pingAt(2), longest);
    writer.amend(place, notes('forwarded'));
    await writer.finish({ complete: true });
    const fields = ['packet_flags_direction', 'packet_id', 'verdict.hw', 'comment'].map((field) => `frame.${field}`);
    const hex = Buffer.from('forwarded')
      .toString('hex')
      .replaceAll(/..(?!$)/g, '$& ');
    deepEqual(tsharkFields(path, fields)[0], ['0x00000001', '7', hex, 'so far: forwarded']);
    deepEqual(tsharkFields(path, ['frame.comment'])[1], longest.comments);
    await rm(folder, { recursive: true });
  });
});

describe('a written pcap file', () => {
  it('gives back the frames when it is read', () =>
    fc.assert(
      fc.asyncProperty(fc.array(anyFrame, { maxLength: 12 }), fc.boolean(), async (frames, coarse) => {
        const sink = new MemorySink();
        const writer = coarse ? new PcapWriter(sink, 'microseconds') : new PcapWriter(sink);
        for (const frame of frames) writer.add(frame);
        await writer.finish();
        deepEqual(decode(new PcapDecoder(), sink.bytes), {
          frames: frames.map(({ bytes, seconds, nanos, wireLength }, i) =>
            frameOf(bytes, {
              seconds,
              nanos: coarse ? nanos - (nanos % 1000) : nanos,
              wireLength: Math.max(wireLength, bytes.length),
              index: i + 1,
            }),
          ),
          fault: undefined,
        });
      }),
    ));

  it('has these bytes, and a length on the wire that is no less than the length kept', async () => {
    const sink = new MemorySink();
    const writer = new PcapWriter(sink);
    writer.add({ bytes: Buffer.from('abcdef', 'hex'), seconds: 2 ** 32, nanos: 5, wireLength: 0 });
    writer.add({ bytes: Buffer.alloc(0), seconds: -1, nanos: 0, wireLength: 64 });
    await writer.finish();
    equal(
      Buffer.from(sink.bytes).toString('hex'),
      '4d3cb2a1020004000000000000000000000004000100000' +
        '0ffffffff050000000300000003000000abcdef' +
        '00000000000000000000000040000000',
    );
  });

  itWithTshark('is read by tshark to the nanosecond', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'troupe-'));
    const path = join(folder, 'out.pcap');
    const writer = new PcapWriter(await FileSink.open(path));
    writer.add({ ...pingAt(1, 5), wireLength: 1500 });
    await writer.finish();
    deepEqual(tsharkFields(path, ['frame.time_epoch', 'frame.len', 'icmp.type']), [['1.000000005', '1500', '8']]);
    await rm(folder, { recursive: true });
  });
});

describe('a file to be written', () => {
  it('arrives whole on the disk', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'troupe-'));
    const path = join(folder, 'out.pcapng');
    const memory = new MemorySink();
    await writePings(memory);
    await writePings(await FileSink.open(path));
    deepEqual(new Uint8Array(await readFile(path)), Uint8Array.from(memory.bytes));
    let frames = 0;
    for await (const batch of readCapture(path)) frames += batch.length;
    equal(frames, 5000);
    await rm(folder, { recursive: true });
  });

  it('that cannot be made is an error with its path and reason', async () => {
    const path = join(tmpdir(), 'no-such-folder', 'out.pcap');
    await rejects(FileSink.open(path), { name: 'CaptureWriteError', path, code: 'ENOENT' });
  });

  (existsSync('/dev/full') ? it : it.skip)(
    'that finds the disk full (/dev/full) is an error with its path and reason',
    async () => {
      const writer = new PcapWriter(await FileSink.open('/dev/full'));
      writer.add(pingAt(0));
      await rejects(writer.finish(), { name: 'CaptureWriteError', path: '/dev/full', code: 'ENOSPC' });
    },
  );

  it('stays failed once a write has failed, and is closed', async () => {
    let closed = 0;
    const sink: CaptureSink = {
      write: () =>
        Promise.reject(new CaptureWriteError('out', Object.assign(new Error('no room'), { code: 'ENOSPC' }))),
      patch: () => Promise.resolve(),
      close: () => Promise.resolve(void closed++),
    };
    const writer = new PcapngWriter(sink);
    writer.addInterface({ name: 'p' });
    writer.add(0, { ...pingAt(0), bytes: Buffer.alloc(200_000) });
    await rejects(writer.drain(), { code: 'ENOSPC' });
    await rejects(writer.drain(), { code: 'ENOSPC' });
    await rejects(writer.finish({ complete: true }), { message: 'out: cannot be written (ENOSPC)' });
    equal(closed, 1);
  });

  it('is written in order, one write at a time, though drained without waiting', async () => {
    const seen: number[] = [];
    let writing = 0;
    const memory = new MemorySink();
    const sink: CaptureSink = {
      write: async (bytes) => {
        equal(++writing, 1);
        await new Promise(setImmediate);
        seen.push(bytes.length);
        await memory.write(bytes);
        writing--;
      },
      patch: (offset, bytes) => memory.patch(offset, bytes),
      close: () => memory.close(),
    };
    const writer = new PcapWriter(sink);
    const drained: Promise<void>[] = [];
    for (let n = 0; n < 5; n++) {
      writer.add({ ...pingAt(n), bytes: Buffer.alloc(70_000, n) });
      drained.push(writer.drain());
    }
    await Promise.all(drained);
    await writer.finish();
    equal(seen.length, 6);
    deepEqual(
      decode(new PcapDecoder(), memory.bytes).frames.map(({ seconds }) => seconds),
      [0, 1, 2, 3, 4],
    );
  });
});
