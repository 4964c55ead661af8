import { deepEqual, match, ok, rejects } from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCapture } from '../../../datapath/capture/capture-file.ts';
import { CaptureWriteError } from '../../../datapath/capture/capture-sink.ts';
import { Accounting } from '../../../datapath/trace/accounting.ts';
import type { PacketTrace } from '../../../datapath/trace/packet-trace.ts';
import { MemoryRunOutput, type RunEnd, type RunOutput } from '../../../datapath/trace/run-output.ts';
import { RunRecorder, type RecorderOptions } from '../../../datapath/trace/run-recorder.ts';
import { FORWARDED } from '../../../simulation/outcome.ts';
import { equalsGolden } from '../../golden.ts';
import { capinfos, itWithTshark, tsharkFields } from '../capture/tshark.ts';
import { SAMPLES } from '../../ops/render/sample-traces.ts';

const ALL: RecorderOptions = { frames: 'pcapng', traces: true, flows: true, ports: ['web:web-1', 'db:db-1'] };

async function record(output: RunOutput, end: Partial<RunEnd> = {}): Promise<void> {
  const accounting = new Accounting();
  let number = 0;
  for (const [, trace] of SAMPLES) {
    accounting.arrived('web-1.pcap');
    const isForwarded = trace.disposition.kind === 'forwarded';
    accounting.ended(
      'web-1.pcap',
      isForwarded ? FORWARDED : { kind: 'dropped', reason: 'ttl-expired' },
      trace.outputs.length,
    );
    for (const { port, frame } of [trace, ...trace.outputs]) {
      const isIn = port === trace.port && frame === trace.frame;
      const bytes = Buffer.from(frame, 'hex');
      if (!isIn) accounting.frameOut(port, bytes.length);
      // oxlint-disable-next-line no-await-in-loop -- as an engine writes
      await output.frame({ ...AT, port, event: isIn ? 'in' : 'out', bytes, wireLength: 1000, ...about(trace) });
    }
    // oxlint-disable-next-line no-await-in-loop -- as an engine writes
    await output.trace(trace);
    // oxlint-disable-next-line no-await-in-loop -- as an engine writes
    if (trace.flow !== undefined) await output.flow({ ...trace.flow, number: ++number, packets: 1, octets: 60 });
  }
  const flows = { installed: 4, hits: 1, simulations: 5 };
  const whole = {
    complete: true,
    problems: [],
    seed: '1',
    duration: '2.000001000',
    accounting: accounting.report(),
    flows,
  };
  await output.finish({ ...whole, ...end });
}

const AT = { seconds: 1, nanos: 5 };

function about({ packet, disposition }: PacketTrace): { packet: number; verdict: string; comments: readonly string[] } {
  return { packet, verdict: disposition.reason ?? disposition.kind, comments: ['web → edge → db'] };
}

async function contents(folder: string): Promise<ReadonlyMap<string, Buffer>> {
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.includes('.')).toSorted();
  return new Map(await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name))] as const)));
}

describe('what a run leaves behind', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'run-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('is a capture of all ports, the stories, the flows, and an account', async () => {
    await record(await RunRecorder.open(folder, ALL));
    const files = await contents(folder);
    deepEqual([...files.keys()], ['flows.json', 'frames.pcapng', 'run.json', 'traces.ndjson']);
    for (const name of ['flows.json', 'run.json', 'traces.ndjson'])
      equalsGolden(String(files.get(name)), `test/datapath/trace/golden/${name}`);
    const lines = String(files.get('traces.ndjson')).trimEnd().split('\n');
    const samples = [...SAMPLES.values()];
    deepEqual(
      lines.slice(0, -1).map((line) => JSON.parse(line) as unknown),
      samples.map((trace) => JSON.parse(JSON.stringify(trace)) as unknown),
    );
    const { flows, complete } = JSON.parse(String(files.get('flows.json'))) as { flows: unknown[]; complete: boolean };
    deepEqual([flows.length, complete], [samples.length, true]);
  });

  it('is the same octets each time', async () => {
    await record(await RunRecorder.open(join(folder, 'one'), ALL));
    await record(await RunRecorder.open(join(folder, 'two'), ALL));
    deepEqual(await contents(join(folder, 'one')), await contents(join(folder, 'two')));
  });

  it('has the interfaces, packet numbers and verdicts in its capture', async () => {
    await record(await RunRecorder.open(folder, ALL));
    const capture = (await readFile(join(folder, 'frames.pcapng'))).toString('latin1');
    ok(capture.includes('Complete: '));
    for (const text of ['web:web-1', 'db:db-1', 'packet 31 in: ttl-expired', 'packet 1 out: forwarded'])
      ok(capture.includes(text), text);
  });

  itWithTshark('is shown by Wireshark with port, direction, packet number, verdict and path', async () => {
    await record(await RunRecorder.open(folder, ALL));
    const fields = [
      'frame.interface_name',
      'frame.packet_flags_direction',
      'frame.packet_id',
      'frame.len',
      'frame.comment',
    ];
    const [first, second] = tsharkFields(join(folder, 'frames.pcapng'), fields);
    deepEqual(first, ['web:web-1', '0x00000001', '1', '1000', 'packet 1 in: forwarded|web → edge → db']);
    deepEqual(second, ['db:db-1', '0x00000002', '1', '1000', 'packet 1 out: forwarded|web → edge → db']);
    match(capinfos([join(folder, 'frames.pcapng')]), /Complete: the run came to its end/);
  });

  it('tells of a packet that waited what became of it in the end, in the place where it came', async () => {
    const recorder = await RunRecorder.open(folder, ALL);
    const frame = { port: 'web:web-1', event: 'in', bytes: new Uint8Array(60), wireLength: 60, comments: [] } as const;
    await recorder.frame({ ...frame, ...AT, packet: 1, verdict: 'waits', isOpen: true });
    await recorder.frame({ ...frame, ...AT, packet: 2, verdict: 'waits', isOpen: true });
    for (let packet = 3; packet < 5000; packet++) {
      // oxlint-disable-next-line no-await-in-loop -- as an engine writes
      await recorder.frame({ ...frame, ...AT, packet, verdict: 'forwarded' });
    }
    await recorder.decided(1, 'gave-up: neighbour-unreachable');
    await recorder.decided(3, 'dropped: no-route'); // whose end was told with its frame
    await record(recorder);
    const comments: string[] = [];
    for await (const frames of readCapture(join(folder, 'frames.pcapng')))
      for (const one of frames) comments.push(...one.comments);
    deepEqual(comments.slice(0, 3), [
      'packet 1 in: gave-up: neighbour-unreachable',
      'packet 2 in: waits',
      'packet 3 in: forwarded',
    ]);
  });

  it('says in every file that it is not complete, when it is not', async () => {
    const problems = ['web-1.pcap: cut short at octet 1234'];
    await record(await RunRecorder.open(folder, ALL), { complete: false, problems });
    const files = await contents(folder);
    ok(files.get('frames.pcapng')?.includes('INCOMPLETE: web-1.pcap: cut short at octet 1234'));
    ok(files.get('run.json')?.includes('"complete": false'));
    for (const name of ['flows.json', 'traces.ndjson']) ok(files.get(name)?.includes('"complete":false'));
  });

  it('says so, too, when it was cut down in the middle', async () => {
    const recorder = await RunRecorder.open(folder, ALL);
    deepEqual(JSON.parse(await readFile(join(folder, 'run.json'), 'utf8')), {
      version: 1,
      complete: false,
      problems: ['the run has not come to its end'],
    });
    await record(recorder);
  });

  it('is a pcap of what left each port, on request, and nothing of a run before', async () => {
    await record(await RunRecorder.open(folder, ALL));
    await record(await RunRecorder.open(folder, { frames: 'pcap', traces: false, flows: false }));
    const names = [...(await contents(folder)).keys()];
    ok(names.includes('ports/db.db-1.pcap') && !names.includes('ports/web.web-1.pcap'));
    ok(!names.includes('frames.pcapng') && !names.includes('traces.ndjson'));
    const { files } = JSON.parse(await readFile(join(folder, 'run.json'), 'utf8')) as { files: string[] };
    deepEqual(['run.json', ...files].toSorted(), names);
    await record(await RunRecorder.open(folder, ALL));
    deepEqual([...(await contents(folder)).keys()], ['flows.json', 'frames.pcapng', 'run.json', 'traces.ndjson']);
  });

  it('gives ports whose names look alike files of their own', async () => {
    const recorder = await RunRecorder.open(folder, { frames: 'pcap', traces: false, flows: false });
    const frame = {
      ...AT,
      event: 'out',
      bytes: new Uint8Array(60),
      wireLength: 60,
      packet: 1,
      verdict: '',
      comments: [],
    } as const;
    for (const port of ['a/b', 'a b', '..', 'A_B']) await recorder.frame({ ...frame, port }); // oxlint-disable-line no-await-in-loop -- in order
    const end = { complete: true, problems: [], seed: '', duration: '', accounting: new Accounting().report() };
    const { files } = await recorder.finish({ ...end, flows: { installed: 0, hits: 0, simulations: 0 } });
    deepEqual(files, ['ports/A_B-3.pcap', 'ports/_..pcap', 'ports/a_b-2.pcap', 'ports/a_b.pcap']);
  });

  it('can be kept in memory', async () => {
    const output = new MemoryRunOutput();
    await record(output);
    deepEqual(output.traces, [...SAMPLES.values()]);
    deepEqual(output.frames[1]?.bytes, Uint8Array.from(Buffer.from(output.traces[0]?.outputs[0]?.frame ?? '', 'hex')));
    ok(output.report?.complete === true && output.flows.length === SAMPLES.size);
  });

  it('tells where it cannot be written', async () => {
    await writeFile(join(folder, 'file'), '');
    await rejects(RunRecorder.open(join(folder, 'file'), ALL), (error) => error instanceof CaptureWriteError);
  });

  it('ends, and tells of it, where a folder takes no other', async function () {
    if (!existsSync('/proc/self')) this.skip(); // Linux alone has one
    await rejects(RunRecorder.open('/proc/run/1', ALL), (error) => error instanceof CaptureWriteError);
  });
});
