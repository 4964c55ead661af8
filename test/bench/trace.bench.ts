import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { WhatIf } from '../../actors/scenario/what-if.ts';
import { loadTopology } from '../../topology/file/load-topology.ts';
import { ipv4Of } from '../../topology/model/ipv4.ts';
import { macOf } from '../../topology/model/mac.ts';
import { tcpFrame } from '../simulation/packets.ts';
import { generateTopology } from '../topology/file/generate.ts';
import { bestNanosOfEach, type BenchResult } from './bench-result.ts';

const COMMAND = fileURLToPath(new URL('../../ops/main.js', import.meta.url));
const TOPOLOGY = fileURLToPath(new URL('../../../examples/two-bridges.yaml', import.meta.url));
const PACKET = 'tcp 10.0.1.10:4000 > 10.0.2.20:80';

/** Milliseconds of `troupe trace` from start to end, best of five; beside it, Node that does nothing. */
export function traceCold(): Promise<BenchResult> {
  const value = bestMillis([COMMAND, 'trace', TOPOLOGY, '--in', 'web-1', PACKET], 'Datapath actions:');
  const node = bestMillis(['--eval', '0'], '');
  return Promise.resolve({ name: 'trace-cold', value, unit: 'ms', against: [{ name: 'node alone', value: node }] });
}

function bestMillis(words: readonly string[], expected: string): number {
  let best = Infinity;
  for (let round = 0; round < 5; round++) {
    const start = performance.now();
    const { status, stdout, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' });
    best = Math.min(best, performance.now() - start);
    if (status !== 0 || !stdout.includes(expected)) throw new Error(`${words.join(' ')}: ${stdout}${stderr}`);
  }
  return best;
}

const PORTS = 500;
const PIECES = 10;
const PIECE = 200;

/**
 * Milliseconds for one more what-if in a running process, from the frame to the finished story: over two bridges and a router, in a
 * topology of 500 ports. Beside it, the setting up, and the first what-if.
 */
export async function traceWarm(): Promise<BenchResult> {
  const loaded = loadTopology(generateTopology(PORTS), { path: 'generated.yaml' });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.errors));
  const { topology } = loaded;
  const port = topology.names.ports.get('net-0:vm-0-0');
  if (port === undefined) throw new Error('no port net-0:vm-0-0');
  const scenario = {
    topology,
    seed: 0,
    stations: [],
    inputs: [],
    events: [],
    expectations: undefined,
    until: undefined,
  };
  const [src, dst] = [ipv4Of(0x0a00_000a), ipv4Of(0x0a00_010a)];
  let start = performance.now();
  const whatIf = await WhatIf.open(scenario, { kind: 'stations' }, [src, dst], port);
  const opening = performance.now() - start;
  const surroundings = whatIf.surroundingsOf(port);
  const ethSrc = surroundings.macOf(src) ?? macOf(0x0200, 1);
  const ethDst = surroundings.nextHopMacFor(src, dst);
  if (ethDst === undefined) throw new Error('no gateway');
  const bytes = tcpFrame({ ethSrc, ethDst, src, dst });
  const ask = async (): Promise<void> => {
    const { disposition } = await whatIf.trace(port, bytes, bytes.length, PACKET);
    if (disposition.kind !== 'forwarded') throw new Error(`${disposition.kind}: ${disposition.reason}`);
  };
  start = performance.now();
  await ask();
  const first = performance.now() - start;
  const work = async (): Promise<void> => {
    // oxlint-disable-next-line eslint/no-await-in-loop -- one more, and one more
    for (let n = 0; n < PIECE; n++) await ask();
  };
  const [value = NaN] = await bestNanosOfEach({ count: PIECES, times: PIECE }, [work]);
  await whatIf.close();
  return {
    name: 'trace-warm',
    value: value / 1e6,
    unit: 'ms',
    against: [
      { name: 'setting up', value: opening },
      { name: 'the first', value: first },
    ],
  };
}
