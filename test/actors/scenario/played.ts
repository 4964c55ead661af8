import { hexOf } from '../../../actors/trace-outputs.ts';
import { Replay, type ReplayEnd, type ReplayOptions } from '../../../actors/scenario/replay.ts';
import type { ReplayListener } from '../../../actors/scenario/replay-listener.ts';
import type { Input, Scenario } from '../../../actors/scenario/scenario.ts';
import { formatProblem } from '../../../topology/file/file-problem.ts';
import { loadTopology } from '../../../topology/file/load-topology.ts';
import type { Topology } from '../../../topology/file/topology.ts';
import { instantOf } from '../../../topology/model/time.ts';
import { databaseUnderTest } from '../../database-under-test.ts';
import { wordsOf } from '../network.ts';

/** Two bridges, a router between them, and an uplink behind which the rest of the world is. */
export const OFFICE = `
bridges: { lan: { ports: { in: , out: , third: } }, dmz: { ports: { server: } } }
routers:
  r:
    ports:
      to-lan: { address: 192.168.0.1/16, link: lan }
      to-dmz: { address: 10.0.0.1/8, link: dmz }
      uplink: { address: 203.0.113.2/24 }
    routes: [{ to: 0.0.0.0/0, via: 203.0.113.1 }]
`;

export function topologyOf(text: string): Topology {
  const loaded = loadTopology(text, { path: 'played.yaml' });
  if (!loaded.ok) throw new Error(loaded.errors.map(formatProblem).join('\n'));
  return loaded.topology;
}

/** A run without stations and events that plays one capture into a port. */
export function scenarioOf(topology: Topology, path: string, port: string, input: Partial<Input> = {}): Scenario {
  const otherwise = topology.names.ports.get(port);
  if (otherwise === undefined) throw new Error(`no port is called ${port}`);
  const start = instantOf(0, 0);
  return {
    topology,
    seed: 1,
    stations: [],
    inputs: [
      { name: path, path, selectors: [], otherwise, l2: 'keep', align: 'start', offset: start, speed: 1, ...input },
    ],
    events: [],
    expectations: undefined,
    until: undefined,
  };
}

/** All that was heard of a run. */
export interface Played {
  readonly events: readonly string[];
  readonly end: ReplayEnd;
  readonly framesIn: number;
  readonly framesOut: number;
  /** What is wrong with the sums: nothing, when every frame ended once and every frame out is accounted for. */
  readonly wrong: readonly string[];
}

export async function play(scenario: Scenario, options: ReplayOptions = {}): Promise<Played> {
  const events: string[] = [];
  const wrong: string[] = [];
  const open = new Set<number>();
  const made = new Set<number>();
  const copies = new Map<number, number>();
  let [framesIn, framesOut] = [0, 0];
  const ended = (who: Set<number>, packet: number, words: string, claimed: number): void => {
    if (!who.delete(packet)) wrong.push(`packet ${packet} ended though it was not under way`);
    const left = copies.get(packet) ?? 0;
    copies.delete(packet);
    if (left !== claimed) wrong.push(`packet ${packet}: ${left} copies left, ${claimed} were counted`);
    if (left > 0 !== (words === 'forwarded')) wrong.push(`packet ${packet} ${words}, and ${left} copies left`);
    events.push(`${packet} ${words} ${claimed}`);
  };
  const listener: ReplayListener = {
    frameIn: ({ packet }) => {
      framesIn++;
      open.add(packet);
    },
    unplayed: (_input, why, frames) => {
      framesIn += frames;
      events.push(`unplayed ${why} ${frames}`);
    },
    frameOut: (port, bytes, length, wireLength, packet, { seconds, nanos }) => {
      framesOut++;
      copies.set(packet, (copies.get(packet) ?? 0) + 1);
      events.push(`${seconds}.${nanos} ${port} ${packet} ${wireLength} ${hexOf(bytes.subarray(0, length))}`);
    },
    frameLost: (port, packet, reason) => void events.push(`${packet} lost behind ${port}: ${reason}`),
    ended: (packet, outcome, claimed) => ended(open, packet, wordsOf(outcome), claimed),
    generated: (packet, cause, by) => {
      made.add(packet);
      events.push(`${packet} made ${cause} by ${by}`);
    },
    generatedEnded: (packet, outcome, claimed) => ended(made, packet, wordsOf(outcome), claimed),
    limited: (cause, by) => void events.push(`limited ${cause} ${by}`),
    traced: (trace) => void events.push(JSON.stringify(trace)),
    room: () => undefined,
  };
  const replay = await Replay.open(scenario, listener, { ...(await databaseUnderTest()), ...options });
  try {
    const end = await replay.run();
    if (open.size > 0) wrong.push(`${open.size} frames have not ended: ${[...open].join(' ')}`);
    if (made.size > 0 && end.pending === 0) wrong.push(`${made.size} packets that devices made have not ended`);
    if (copies.size > 0) wrong.push(`copies left of packets that have not ended: ${[...copies.keys()].join(' ')}`);
    return { events, end, framesIn, framesOut, wrong };
  } finally {
    await replay.close();
  }
}
