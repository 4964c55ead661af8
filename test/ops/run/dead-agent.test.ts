import { deepEqual, equal, ok } from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadScenario } from '../../../actors/scenario/file/load-scenario.ts';
import { WhatIf } from '../../../actors/scenario/what-if.ts';
import { FileSink } from '../../../datapath/capture/capture-sink.ts';
import { PcapWriter } from '../../../datapath/capture/pcap-writer.ts';
import { formatEnd } from '../../../datapath/trace/dispositions.ts';
import { MemoryRunOutput } from '../../../datapath/trace/run-output.ts';
import { PLAIN_LOOK } from '../../../ops/render/look.ts';
import { formatPaths, PathGroups } from '../../../ops/render/trace-paths.ts';
import { formatSummary } from '../../../ops/render/summary.ts';
import { formatWay } from '../../../ops/render/way-tree.ts';
import { playAndCheck, type Checked } from '../../../ops/run/play-and-check.ts';
import { ip, mac, udpFrame } from '../../simulation/packets.ts';
import { databaseUnderTest } from '../../database-under-test.ts';

/** The agent of h1 dies at 5 s; for 30 s more the network takes vm-1 and vm-3 for active. */
const NETWORK = `
topology:
  hosts: { h1: , h2: }
  bridges:
    red:
      macs: { 02:00:00:00:00:01: vm-1 }
      ports: { vm-1: { bind: h1/vm1 }, vm-2: { bind: h2/vm2 }, vm-3: { bind: h1/vm3 }, vm-4: { bind: h2/vm4 } }
inputs:
  - { capture: in.pcap, into: 'red:vm-2' }
  - { capture: dead.pcap, into: 'red:vm-1' }
events:
  - { at: 5, kill: h1 }
until: 20
`;
const SENDER = mac`02:00:00:00:00:02`;
const [KNOWN, UNKNOWN] = [
  { ethSrc: SENDER, ethDst: mac`02:00:00:00:00:01`, dstPort: 1 },
  { ethSrc: SENDER, ethDst: mac`02:00:00:00:00:99`, dstPort: 2 },
];
const BETWEEN = { src: ip`10.0.0.2`, dst: ip`10.0.0.1` };
const FROM_DEAD = { ethSrc: mac`02:00:00:00:00:01`, ethDst: SENDER, dstPort: 3 };

interface Run {
  readonly checked: Checked;
  readonly output: MemoryRunOutput;
  readonly paths: PathGroups;
}

describe('Between the death of an agent and the end of its session', () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'troupe-dead-'));
    const captures = { in: [KNOWN, UNKNOWN], dead: [FROM_DEAD] };
    const write = async ([name, frames]: readonly [string, readonly (typeof KNOWN)[]]): Promise<void> => {
      const writer = new PcapWriter(await FileSink.open(join(folder, `${name}.pcap`)));
      for (const seconds of [0, 10, 15]) {
        for (const [n, ends] of frames.entries()) {
          const bytes = udpFrame({ ...BETWEEN, ...ends });
          writer.add({ bytes, seconds, nanos: n * 1000, wireLength: bytes.length });
        }
      }
      await writer.finish();
    };
    await Promise.all(Object.entries(captures).map(write));
  });
  after(() => rm(folder, { recursive: true }));

  async function run(hasFlows: boolean, expected = ''): Promise<Run> {
    const loaded = await loadScenario(`${NETWORK}${expected}`, { path: join(folder, 'dead.yaml') });
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.errors));
    const [output, paths] = [new MemoryRunOutput(), new PathGroups()];
    const options = { hasFlows, wantsStory: () => true };
    const checked = await playAndCheck(loaded.scenario, output, { ...(await databaseUnderTest()), ...options }, [
      { traced: (trace) => paths.add(trace) },
    ]);
    return { checked, output, paths };
  }

  for (const [hasFlows, how] of [
    [true, 'with flows'],
    [false, 'without flows'],
  ] as const) {
    it(`a copy that reaches nobody is dropped, as all say that tell of its packet, ${how}`, async () => {
      const { checked, output, paths } = await run(hasFlows);
      const traces = output.traces.filter(({ at }) => at.startsWith('15.'));
      deepEqual(
        traces.map(({ hit, disposition, way, outputs }) => ({
          hit,
          end: formatEnd(disposition),
          way: formatWay(way, PLAIN_LOOK),
          to: outputs.map(({ port }) => port),
        })),
        [
          { hit: hasFlows, end: 'dropped: agent-dead', way: 'red:vm-2 → red → red:vm-1 ✗ agent-dead', to: [] },
          { hit: false, end: 'dropped: agent-dead', way: 'red:vm-1 ✗ agent-dead', to: [] },
          {
            hit: hasFlows,
            end: 'forwarded',
            way: 'red:vm-2 → red → (red:vm-1 ✗ agent-dead | red:vm-4 | red:vm-3 ✗ agent-dead | red:vm-2 ✗ ingress-port)',
            to: ['red:vm-4'],
          },
        ],
      );
      const rows = formatPaths(paths.paths, PLAIN_LOOK).split('\n').slice(1, -1);
      deepEqual(rows.map((row) => row.replace(/^ +\d+ +\d+ +#/, '')).toSorted(), [
        '1  ✓ forwarded   red:vm-2 → red → red:vm-1',
        '2  ✓ forwarded   red:vm-1 → red → red:vm-2',
        '3  ✓ forwarded   red:vm-2 → red → (red:vm-1 | red:vm-4 | red:vm-3)',
        '4  ✗ agent-dead  red:vm-2 → red → red:vm-1',
        '5  ✗ agent-dead  red:vm-1',
        '6  ✓ forwarded   red:vm-2 → red → red:vm-4',
      ]);
      const ends = new Map(output.traces.map(({ packet, disposition }) => [packet, formatEnd(disposition)]));
      const came = output.frames.filter(({ event }) => event === 'in');
      deepEqual(
        came.map(({ packet, verdict }) => [packet, verdict]),
        [...ends],
      );
      const told = output.traces.flatMap((trace) => trace.outputs.map(({ port }) => `${trace.packet} ${port}`));
      const left = output.frames.filter(({ event }) => event === 'out');
      deepEqual(
        left.map(({ packet, port }) => `${packet} ${port}`),
        told,
      );
      const { accounting } = checked.played.report;
      deepEqual(
        accounting.inputs.map(({ ended }) => ended.map(({ reason = 'forwarded', frames }) => `${frames} ${reason}`)),
        [
          ['4 forwarded', '2 agent-dead'],
          ['1 forwarded', '2 agent-dead'],
        ],
      );
    });

    it(`each copy that reaches nobody is counted, whether others of its packet left or not, ${how}`, async () => {
      const { report } = (await run(hasFlows)).checked.played;
      deepEqual(report.accounting.lost, [
        { port: 'red:vm-1', reason: 'agent-dead', frames: 4 },
        { port: 'red:vm-3', reason: 'agent-dead', frames: 2 },
      ]);
      const text = formatSummary(report.accounting, { flows: 0, hits: 0, simulations: 0 }, PLAIN_LOOK);
      ok(
        text.includes('Lost behind red:vm-1: 4 frames, agent-dead\nLost behind red:vm-3: 2 frames, agent-dead\n'),
        text,
      );
    });

    it(`expected drops and ways are held against what became of each copy, ${how}`, async () => {
      const { checked } = await run(
        hasFlows,
        `
expect:
  allow_other: true
  drops:
    - { reason: agent-dead, match: { udp.dstport: 1 }, count: 2 }
    - { reason: agent-dead, match: { udp.dstport: 3 }, count: 2 }
    - { reason: agent-dead, match: { udp.dstport: 2 }, count: 2 }
    - { reason: agent-dead, match: { udp.dstport: 1 }, count: 3 }
  paths:
    - { match: { udp.dstport: 1 }, path: [red:vm-2, red, red:vm-1] }
    - { match: { udp.dstport: 3 }, path: [red:vm-1, red, red:vm-2] }
`,
      );
      const { results = [] } = checked;
      deepEqual(
        results.map(({ failure }) => failure === undefined),
        [true, true, false, false, true, false],
      );
      const nearest = results.map(({ failure }) => [
        failure?.received,
        failure?.trace?.packet,
        failure?.nearest?.fields.find(({ field }) => field === 'reason' || field === 'path')?.received,
      ]);
      deepEqual(nearest.slice(2), [
        ['0', 6, 'forwarded, but for copies lost: agent-dead'],
        ['2', 1, 'forwarded'],
        [undefined, undefined, undefined],
        ['2 of 3 on another way', 5, 'red:vm-1'],
      ]);
    });
  }

  it('a what-if says so, too', async () => {
    const loaded = await loadScenario(NETWORK, { path: join(folder, 'dead.yaml') });
    ok(loaded.ok);
    const { scenario } = loaded;
    const [from, dead] = ['red:vm-2', 'red:vm-1'].map((name) => scenario.topology.names.ports.get(name));
    ok(from);
    ok(dead);
    const network = await WhatIf.open(scenario, { kind: 'after-frame', frame: 6 }, [], from);
    const bytes = udpFrame({ ...BETWEEN, ...KNOWN });
    const [out, into] = [from, dead].map((port) => network.trace(port, bytes, bytes.length, 'what if'));
    equal(formatWay((await out)?.way ?? [], PLAIN_LOOK), 'red:vm-2 → red → red:vm-1 ✗ agent-dead');
    equal(formatWay((await into)?.way ?? [], PLAIN_LOOK), 'red:vm-1 ✗ agent-dead');
    await network.close();
  });
});
