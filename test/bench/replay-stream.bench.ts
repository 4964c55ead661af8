import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileSink } from '../../datapath/capture/capture-sink.ts';
import { PcapWriter } from '../../datapath/capture/pcap-writer.ts';
import { RECEIVERS, receiverAddress, routedFrame } from './bench-network.ts';
import type { BenchResult } from './bench-result.ts';
import { reportOf } from './child.ts';

const PACKETS = 1_000_000;
const CONVERSATIONS = 5000;
const NANOS_BETWEEN = 100_000;

/**
 * Packets a second of a replay from file to file, `frames.pcapng` with every frame in and out: a capture of a million packets, of
 * 5,000 conversations; with the peak memory of its process, beside that of a capture a tenth as long.
 */
export async function replayStream(): Promise<BenchResult> {
  const folder = await mkdtemp(join(tmpdir(), 'troupe-bench-'));
  try {
    const short = await replayed(folder, PACKETS / 10);
    const long = await replayed(folder, PACKETS);
    return {
      name: 'replay-stream',
      value: long['rate'] ?? NaN,
      unit: 'packets/s',
      against: [
        { name: 'peak (MB)', value: long['megabytes'] ?? NaN },
        { name: 'peak of a tenth as long (MB)', value: short['megabytes'] ?? NaN },
        { name: 'simulations', value: long['simulations'] ?? NaN },
      ],
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function replayed(folder: string, packets: number): Promise<Readonly<Record<string, number>>> {
  const path = join(folder, `${packets}.pcap`);
  await writeCapture(path, packets);
  const report = reportOf('replay-stream.child.js', [path, join(folder, `out-${packets}`)]);
  const { hits = 0, simulations = 0, complete } = report;
  if (complete !== 1 || hits + simulations !== packets) throw new Error(JSON.stringify(report));
  return report;
}

async function writeCapture(path: string, packets: number): Promise<void> {
  const frames = Array.from({ length: CONVERSATIONS }, (_, n) =>
    routedFrame(n, { from: 'left', to: receiverAddress(n % RECEIVERS) }),
  );
  const writer = new PcapWriter(await FileSink.open(path));
  for (let n = 0; n < packets; n++) {
    const bytes = frames[(n * 7919) % CONVERSATIONS] ?? new Uint8Array(60);
    const nanos = n * NANOS_BETWEEN;
    const seconds = Math.floor(nanos / 1e9);
    writer.add({ bytes, wireLength: bytes.length, seconds, nanos: nanos - seconds * 1e9 });
    // oxlint-disable-next-line eslint/no-await-in-loop -- lets the file catch up
    if (n % 10_000 === 0) await writer.drain();
  }
  await writer.finish();
}
