import { deepEqual, equal, ok } from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadScenario, readScenario } from '../../../actors/scenario/file/load-scenario.ts';
import type { Scenario } from '../../../actors/scenario/scenario.ts';
import { FileSink } from '../../../datapath/capture/capture-sink.ts';
import { PcapWriter } from '../../../datapath/capture/pcap-writer.ts';
import { formatEnd } from '../../../datapath/trace/dispositions.ts';
import { MemoryRunOutput, type PortFrame, type Room } from '../../../datapath/trace/run-output.ts';
import { RunRecorder } from '../../../datapath/trace/run-recorder.ts';
import { play } from '../../../ops/run/play.ts';
import { compareInstants } from '../../../topology/model/time.ts';
import { itWithTshark, tsharkFields } from '../../datapath/capture/tshark.ts';
import { databaseUnderTest } from '../../database-under-test.ts';
import { ip, mac, udpFrame } from '../../simulation/packets.ts';

const EXAMPLE = 'examples/bro-org/scenario.yaml';

/** `near` answers, `gone` is at a host whose agent dies, nobody has another address of either segment. */
const WAITING = `
topology:
  hosts: { h1: , h2: }
  routers:
    r:
      ports:
        in: { address: 10.0.1.1/24, mac: 02:00:00:00:00:01, bind: h1/in }
        near: { address: 10.0.2.1/24, bind: h1/near }
        gone: { address: 10.0.3.1/24, bind: h2/gone }
stations:
  near: { port: near, address: 10.0.2.20 }
  gone: { port: gone, address: 10.0.3.20 }
inputs:
  - { capture: in.pcap, into: in }
events:
  - { at: 2, kill: h2 }
`;

/** When, to whom, and how a packet to him ends that comes then; those of 8 s and later are still waiting at the end. */
const SENT = [
  [0, ip`10.0.2.20`, 'forwarded'],
  [0.5, ip`10.0.2.99`, 'dropped: neighbour-unreachable'],
  [1, ip`10.0.3.20`, 'forwarded'],
  [1.5, ip`10.0.2.20`, 'forwarded'],
  [3, ip`10.0.3.20`, 'dropped: agent-dead'],
  [6, ip`10.7.7.7`, 'dropped: no-route'],
  [8, ip`10.0.2.98`, 'gave-up: waited-too-long'],
  [8.5, ip`10.0.2.20`, 'forwarded'],
] as const;

/** Notes which frames were written before it was known what becomes of their packets. */
class WatchedOutput extends MemoryRunOutput {
  readonly open: number[] = [];

  override frame(frame: PortFrame): Room {
    if (frame.isOpen === true) this.open.push(frame.packet);
    return super.frame(frame);
  }
}

async function exampleScenario(): Promise<Scenario> {
  const loaded = await readScenario(EXAMPLE);
  ok(loaded.ok);
  return loaded.scenario;
}

describe('The frames that a run writes', () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'troupe-recording-'));
    const writer = new PcapWriter(await FileSink.open(join(folder, 'in.pcap')));
    for (const [n, [at, dst]] of SENT.entries()) {
      // Each with another TTL: no flow answers any of them.
      const bytes = udpFrame({ src: ip`10.0.1.10`, dst, ttl: 64 - n, ethDst: mac`02:00:00:00:00:01` });
      writer.add({ bytes, seconds: Math.floor(at), nanos: (at % 1) * 1e9, wireLength: bytes.length });
    }
    await writer.finish();
  });
  after(() => rm(folder, { recursive: true }));

  async function waitingScenario(): Promise<Scenario> {
    const loaded = await loadScenario(WAITING, { path: join(folder, 'waiting.yaml') });
    ok(loaded.ok);
    return { ...loaded.scenario, until: { seconds: 9, nanos: 0 } };
  }

  it('are in the order of time, hops and frames that waited too', async () => {
    for (const scenario of [await exampleScenario(), await waitingScenario()]) {
      const output = new WatchedOutput();
      // oxlint-disable-next-line no-await-in-loop -- one run after the other
      await play(scenario, output, { ...(await databaseUnderTest()), wantsStory: () => true, tracesGenerated: true });
      const back = output.frames.filter(
        (frame, at) => at > 0 && compareInstants(output.frames[at - 1] ?? frame, frame) > 0,
      );
      deepEqual(back, []);
      ok(output.open.length > 0);
      ok(output.frames.some(({ event }) => event === 'hop'));
    }
  });

  for (const wantsStory of [false, true]) {
    it(`stand behind what they answer or serve, though that waits, ${wantsStory ? 'with' : 'without'} hops`, async () => {
      const output = new MemoryRunOutput();
      await play(await waitingScenario(), output, {
        ...(await databaseUnderTest()),
        wantsStory: () => wantsStory,
        tracesGenerated: wantsStory,
      });
      // Each of these is the first to ask for its next hop.
      for (const instant of [0, 0.5, 1]) {
        const first = output.frames.find(({ seconds, nanos }) => seconds + nanos / 1e9 === instant);
        deepEqual([first?.event, first?.port], ['in', 'r:in'], `at ${instant}`);
      }
    });
  }

  it('are those of every hop, of bridges and routers too, for who wants hops', async () => {
    const output = new MemoryRunOutput();
    await play(await exampleScenario(), output, {
      ...(await databaseUnderTest()),
      wantsStory: () => true,
      tracesGenerated: true,
      hasFlows: false,
    });
    const stories = output.traces.flatMap(({ packet, hops }) =>
      hops.map(({ device, because }) => [packet, device, because]),
    );
    const hops = output.frames.filter(({ event }) => event === 'hop' || event === 'drop');
    deepEqual(
      hops.map(({ packet, port, comments }) => [packet, port, comments[0]?.replace(/^(ingress|device|egress): /, '')]),
      stories,
    );
    ok(hops.some(({ port }) => port === 'edge') && hops.some(({ port }) => port === 'wan:uplink'));
    equal(new Set(hops.map(({ packet }) => packet)).size, output.traces.length);
  });

  for (const wantsStory of [false, true]) {
    const hops = wantsStory ? 'with' : 'without';

    it(`say at last what became of each packet, of those too that waited, ${hops} hops`, async () => {
      const output = new WatchedOutput();
      await play(await waitingScenario(), output, { ...(await databaseUnderTest()), wantsStory: () => wantsStory });
      const verdicts = output.frames.flatMap(({ event, comments, verdict }) =>
        event === 'in' && comments[0]?.startsWith('from: in.pcap') === true ? [verdict] : [],
      );
      deepEqual(
        verdicts,
        SENT.map(([, , verdict]) => verdict),
      );
      ok(output.open.length >= 3, output.open.join());
    });

    it(`say of each packet what its story says, ${hops} hops in the capture`, async () => {
      const [told, output] = [new MemoryRunOutput(), new MemoryRunOutput()];
      await play(await exampleScenario(), told, { ...(await databaseUnderTest()), wantsStory: () => true });
      await play(await exampleScenario(), output, { ...(await databaseUnderTest()), wantsStory: () => wantsStory });
      const ends = new Map(told.traces.map(({ packet, disposition }) => [packet, formatEnd(disposition)]));
      const frames = output.frames.filter(({ event }) => event === 'in');
      equal(frames.length, 753);
      for (const { packet, verdict } of frames) equal(verdict, ends.get(packet), `packet ${packet}`);
    });

    itWithTshark(`tell the verdicts to Wireshark, ${hops} hops`, async () => {
      const events: PortFrame['event'][] = wantsStory ? ['in', 'hop', 'drop', 'out'] : ['in', 'out'];
      const recorder = await RunRecorder.open(folder, { frames: 'pcapng', traces: false, flows: false, events });
      await play(await waitingScenario(), recorder, { ...(await databaseUnderTest()), wantsStory: () => wantsStory });
      const comments = tsharkFields(join(folder, 'frames.pcapng'), ['frame.comment']).flat();
      deepEqual(
        comments
          .filter((text) => text.includes('from: in.pcap'))
          .map((text) => text.replace(/^packet \d+ in: (.*)\|.*$/, '$1')),
        SENT.map(([, , verdict]) => verdict),
      );
    });
  }
});
