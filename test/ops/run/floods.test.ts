import { deepEqual, equal, ok } from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadScenario } from '../../../actors/scenario/file/load-scenario.ts';
import { FileSink } from '../../../datapath/capture/capture-sink.ts';
import { PcapWriter } from '../../../datapath/capture/pcap-writer.ts';
import { MemoryRunOutput } from '../../../datapath/trace/run-output.ts';
import { PLAIN_LOOK } from '../../../ops/render/look.ts';
import { formatPaths, PathGroups } from '../../../ops/render/trace-paths.ts';
import { formatTrace } from '../../../ops/render/trace-text.ts';
import { formatWay } from '../../../ops/render/way-tree.ts';
import { playAndCheck } from '../../../ops/run/play-and-check.ts';
import { ip, mac, udpFrame } from '../../simulation/packets.ts';
import { databaseUnderTest } from '../../database-under-test.ts';

/** `outer` knows that the receiver is behind `inner`, where nobody has heard of it: that one floods. A port there is down. */
const NESTED = `
topology:
  bridges:
    front: { ports: { in: } }
    outer:
      arp: { 10.0.2.20: 02:00:00:00:02:14 }
      macs: { 02:00:00:00:02:14: to-inner }
      ports: { p1: , to-inner: { link: 'inner:to-outer' } }
    inner: { ports: { p1: , p2: { up: false }, p3: , to-outer: } }
  routers:
    r:
      ports:
        to-front: { address: 10.0.1.1/24, link: front, mac: 02:00:00:00:01:01 }
        to-outer: { address: 10.0.2.1/24, link: outer, mac: 02:00:00:00:02:01 }
inputs:
  - { capture: in.pcap, into: 'front:in' }
expect:
  allow_other: true
  paths:
    - { match: { udp.dstport: 53 }, path: [front:in, front, r, outer, inner, inner:p1] }
    - { match: { udp.dstport: 53 }, path: [front:in, ..., inner, inner:p3] }
    - { match: { udp.dstport: 53 }, path: [front:in, front, r, outer, inner, inner:p2] }
    - { match: { udp.dstport: 53 }, path: [front:in, front, r, outer, inner, inner:p1, inner:p2, inner:p3] }
    - { match: { udp.dstport: 53 }, path: [front:in, ..., inner:p1, inner:p3] }
    - { match: { udp.dstport: 53 }, path: [front:in, ..., inner:p1, ...] }
    - { match: { udp.dstport: 53 }, path: [front:in, ..., inner:p1, ..., inner:p3] }
`;
/** Whether each holds: a way is that of one copy that leaves. */
const HELD = [true, true, false, false, false, true, false];

const TO_OUTER =
  'front:in > front by front:r.to-front > front:r.to-front > r:to-front > r by r route 10.0.2.0/24 port to-outer';
const WAY = `${TO_OUTER} > r:to-outer > outer:r.to-outer > outer > outer:to-inner > inner:to-outer > inner`;

describe('A packet that is flooded behind a router, and behind the link of two bridges', () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'troupe-floods-'));
    const writer = new PcapWriter(await FileSink.open(join(folder, 'in.pcap')));
    const ends = { ethSrc: mac`02:00:00:00:01:0a`, src: ip`10.0.1.10`, dst: ip`10.0.2.20` };
    const bytes = udpFrame({ ...ends, ethDst: mac`02:00:00:00:01:01`, dstPort: 53 });
    for (const seconds of [0, 1, 2]) writer.add({ bytes, seconds, nanos: 0, wireLength: bytes.length });
    await writer.finish();
  });
  after(() => rm(folder, { recursive: true }));

  for (const [hasFlows, how] of [
    [true, 'answered by a flow'],
    [false, 'simulated'],
  ] as const) {
    it(`went the same ways, ${how}: expected, in the capture, in the table of paths, in its story`, async () => {
      const loaded = await loadScenario(NESTED, { path: join(folder, 'nested.yaml') });
      if (!loaded.ok) throw new Error(JSON.stringify(loaded.errors));
      const [output, paths] = [new MemoryRunOutput(), new PathGroups()];
      const options = { hasFlows, wantsStory: () => true };
      const { results = [] } = await playAndCheck(
        loaded.scenario,
        output,
        { ...(await databaseUnderTest()), ...options },
        [{ traced: (trace) => paths.add(trace) }],
      );
      const traces = output.traces.filter(({ origin }) => origin.kind === 'capture');
      deepEqual(
        traces.map(({ hit }) => hit),
        [false, hasFlows, hasFlows],
      );
      deepEqual(
        results.map(({ failure }) => failure === undefined),
        HELD,
      );
      const played = new Set(traces.map(({ packet }) => packet));
      deepEqual(
        output.frames
          .filter(({ event, packet }) => event === 'out' && played.has(packet))
          .map(({ port, comments }) => [port, ...comments]),
        traces.flatMap(() => ['inner:p1', 'inner:p3'].map((port) => [port, `path: ${WAY} > ${port}`])),
      );
      const [first] = paths.paths;
      deepEqual([first?.packets, first?.hits], [3, hasFlows ? 2 : 0]);
      const [, row = ''] = formatPaths(paths.paths, PLAIN_LOOK).split('\n');
      equal(row.replace(/^.*forwarded +/, ''), 'front:in → front → r → outer → inner → (inner:p1 | inner:p3)');
      const tree = `${WAY.replaceAll('>', '→')} → (inner:p2 ✗ port-down | inner:p1 | inner:p3)`;
      for (const { way, flow } of traces) {
        equal(formatWay(way, PLAIN_LOOK), tree);
        equal(formatWay(flow?.path ?? [], PLAIN_LOOK), tree);
      }
      const last = traces.at(-1);
      ok(last);
      const story = formatTrace(last, 'summary', PLAIN_LOOK);
      equal(story.includes(`a flow answered, decided before by ${tree}\n`), hasFlows);
    });
  }
});
