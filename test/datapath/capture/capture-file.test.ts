import { deepEqual, doesNotMatch, equal, ok, rejects } from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CaptureError } from '../../../datapath/capture/capture-error.ts';
import { type CaptureFile, readCapture } from '../../../datapath/capture/capture-file.ts';
import type { CapturedFrame } from '../../../datapath/capture/captured-frame.ts';
import { capturePath, KNOWN } from '../../captures/known.ts';
import { Blocks, sampler } from './blocks.ts';
import { capinfos, itWithTshark, tsharkFields } from './tshark.ts';

async function framesOf(file: CaptureFile): Promise<readonly CapturedFrame[]> {
  const frames: CapturedFrame[] = [];
  for await (const batch of file) {
    ok(batch.length > 0);
    for (const frame of batch) frames.push(frame);
  }
  return frames;
}

describe('a capture file', () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'troupe-'));
  });
  after(() => rm(folder, { recursive: true }));

  it('is one of those that are known, in test/captures', async () => {
    const files = await readdir(capturePath(''), { recursive: true });
    deepEqual(files.filter((name) => /\.pcap(ng)?$/.test(name)).toSorted(), Object.keys(KNOWN).toSorted());
  });

  for (const [name, known] of Object.entries(KNOWN)) {
    const path = capturePath(name);
    if ('frames' in known)
      it(`${name} has ${known.frames} frames`, async () => {
        const capture = readCapture(path);
        const frames = await framesOf(capture);
        equal(frames.length, known.frames);
        equal(
          capture.interfaces.reduce((sum, { frames: n }) => sum + n, 0),
          known.frames,
        );
      });
    else
      it(`${name} is refused: ${known.fault} at byte ${known.offset}`, async () => {
        await rejects(framesOf(readCapture(path)), (error) => {
          ok(error instanceof CaptureError);
          deepEqual([error.fault, error.offset, error.path], [known.fault, known.offset, path]);
          ok(error.message.startsWith(`${path}: link type `), error.message);
          return true;
        });
      });
  }

  itWithTshark('has as many frames, as long and as late, as capinfos counts', async () => {
    const names = Object.entries(KNOWN).flatMap(([name, known]) =>
      'frames' in known && known.frames > 0 ? [name] : [],
    );
    const table = capinfos(['-TrmScdae', ...names.map(capturePath)]);
    const told = new Map(
      table
        .trim()
        .split('\n')
        .map((line) => line.replaceAll('"', '').split(','))
        .map(([path, ...rest]) => [path, rest]),
    );
    const read = await Promise.all(names.map((name) => framesOf(readCapture(capturePath(name)))));
    for (const [i, name] of names.entries()) {
      const frames = read[i] ?? [];
      const times = frames.map(({ seconds, nanos }) => `${seconds}.${String(nanos).padStart(9, '0')}`).toSorted();
      const octets = frames.reduce((sum, { wireLength }) => sum + wireLength, 0);
      const [count, size, first, last] = told.get(capturePath(name)) ?? [];
      deepEqual([count, size], [String(frames.length), String(octets)], name);
      ok(first && times.at(0)?.startsWith(first), `${name}: ${first} ${times.at(0)}`);
      ok(last && times.at(-1)?.startsWith(last), `${name}: ${last} ${times.at(-1)}`);
    }
  });

  itWithTshark('is refused for its link type only where capinfos sees another one', () => {
    const refused = Object.entries(KNOWN).flatMap(([name, known]) => ('fault' in known ? [name] : []));
    const rows = capinfos(['-TrmE', ...refused.map(capturePath)])
      .trim()
      .split('\n');
    equal(rows.length, refused.length);
    for (const row of rows) doesNotMatch(row, /,ether/i);
  });

  for (const name of [
    'zeek/pcapng-multi-interface.pcapng',
    'tcpdump/time_2106_overflow.pcapng',
    'zeek/irc-dcc-send.pcapng',
  ])
    itWithTshark(`${name} has the frames, times and interfaces that tshark shows`, async () => {
      const fields = ['frame.number', 'frame.time_epoch', 'frame.cap_len', 'frame.len', 'frame.interface_name'];
      const capture = readCapture(capturePath(name));
      const frames = await framesOf(capture);
      deepEqual(
        frames.map((frame) => [
          String(frame.index),
          `${frame.seconds}.${String(frame.nanos).padStart(9, '0')}`,
          String(frame.bytes.length),
          String(frame.wireLength),
          capture.interfaces[frame.interfaceIndex]?.name ?? 'unknown',
        ]),
        tsharkFields(capturePath(name), fields),
      );
    });

  for (const name of ['zeek/pcapng-multi-interface.pcapng', 'zeek/q-in-q.pcap', 'tcpdump/OSPFv2_Capture_FINAL.pcapng'])
    it(`${name} has the same frames whatever is read at a time`, async () => {
      const whole = await framesOf(readCapture(capturePath(name)));
      const sizes = [1, 13, 4096];
      const cut = await Promise.all(
        sizes.map((chunkBytes) => framesOf(readCapture(capturePath(name), { chunkBytes }))),
      );
      for (const frames of cut) deepEqual(frames, whole);
    });

  for (const littleEndian of [true, false])
    itWithTshark(
      `has the frames that tshark shows, ${littleEndian ? 'little' : 'big'}-endian, of each kind of block`,
      async () => {
        const path = join(folder, `sampler-${littleEndian}.pcapng`);
        await writeFile(path, sampler(new Blocks(littleEndian)));
        const seen = await framesOf(readCapture(path));
        const all = tsharkFields(path, [
          'frame.number',
          'frame.encap_type',
          'frame.time_epoch',
          'frame.len',
          'frame.comment',
        ]);
        const FCS = 4; // declared by the first interface
        const ethernet = all.filter(([, type]) => type === '1');
        equal(all.length, 5);
        deepEqual(
          seen.map(({ index, wireLength, comments }) => [
            String(index),
            String(wireLength + (index < 5 ? FCS : 0)),
            comments.join('|'),
          ]),
          ethernet.map(([number, , , length, comments]) => [number, length, comments]),
        );
        // A simple packet block has no time, and tshark shows none.
        const timed = ethernet.flatMap(([number, , time]) => (number === '3' ? [] : [time]));
        deepEqual(
          seen.flatMap(({ index, seconds, nanos }) =>
            index === 3 ? [] : [`${seconds}.${String(nanos).padStart(9, '0')}`],
          ),
          timed,
        );
      },
    );

  it('gives its sound frames, then the place where it breaks, named after the file', async () => {
    const path = join(folder, 'cut.pcap');
    const file = await readFile(capturePath('zeek/web.pcap'));
    await writeFile(path, file.subarray(0, -1));
    const seen: CapturedFrame[] = [];
    const read = async () => {
      for await (const batch of readCapture(path)) for (const frame of batch) seen.push(frame);
    };
    const offset = file.length - 16 - (seen.at(-1)?.bytes.length ?? 0);
    await rejects(
      read,
      (error) => error instanceof CaptureError && error.fault === 'cut-short' && error.offset < offset,
    );
    equal(seen.length, 23);
  });

  it('lists an interface before the first of its frames comes out', async () => {
    const capture = readCapture(capturePath('zeek/pcapng-multi-interface.pcapng'), { chunkBytes: 1 });
    for await (const [frame] of capture) ok(frame && frame.interfaceIndex < capture.interfaces.length);
  });

  it('that is not there, or is a folder, is an error of the system', async () => {
    await rejects(framesOf(readCapture(join(folder, 'nope'))), { code: 'ENOENT' });
    await rejects(framesOf(readCapture(folder)), { code: 'EISDIR' });
  });

  it('that is empty is refused by that name', async () => {
    const path = join(folder, 'nothing');
    await writeFile(path, '');
    await rejects(framesOf(readCapture(path)), {
      fault: 'empty',
      offset: 0,
      message: `${path}: the file is empty, at byte 0`,
    });
  });

  it('is left when the signal says so', async () => {
    const abort = new AbortController();
    const capture = readCapture(capturePath('zeek/ssh/ssh.pcap'), { signal: abort.signal, chunkBytes: 1000 });
    let batches = 0;
    await rejects(
      async () => {
        for await (const _ of capture) if (++batches === 3) abort.abort();
      },
      { name: 'AbortError' },
    );
    equal(batches, 3);
  });
});
