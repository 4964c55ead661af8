import { databaseUnderTest } from '../../database-under-test.ts';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { frameOf } from '../../../actors/frame-of.ts';
import { loadScenario } from '../../../actors/scenario/file/load-scenario.ts';
import type { PlayedNetwork } from '../../../actors/scenario/played-network.ts';
import { Replay, type ReplayEnd, type ReplayOptions } from '../../../actors/scenario/replay.ts';
import type { Input, Scenario } from '../../../actors/scenario/scenario.ts';
import { hexOf } from '../../../actors/trace-builder.ts';
import { FileSink } from '../../../datapath/capture/capture-sink.ts';
import { PcapWriter } from '../../../datapath/capture/pcap-writer.ts';
import { describeFrame } from '../../../simulation/packet/format-packet.ts';
import { formatProblem } from '../../../topology/file/file-problem.ts';
import type { Uuid } from '../../../topology/model/ids.ts';
import { instantAt, millisAt, millisOf } from '../../../topology/model/time.ts';
import { wordsOf } from '../network.ts';

/** A frame made by hand, and when it enters where; in seconds. */
export interface HandMade {
  readonly at: number;
  readonly port: string;
  readonly bytes: Uint8Array;
}

/** What became of a frame that was played in. */
interface ToldPacket {
  readonly at: number;
  readonly from: string;
  readonly summary: string;
  /** `forwarded`, `dropped no-route`; undefined while it is open. */
  end: string | undefined;
  /** The ports that it left by, in order. */
  readonly to: string[];
  /** The devices of its story, when it was asked for. */
  path: readonly string[];
}

/** A run, told from outside. */
export interface ToldRun {
  /** The frames that were played in, in order. */
  readonly packets: readonly ToldPacket[];
  /** All that left and all that ended, byte for byte. */
  readonly story: readonly string[];
  readonly end: ReplayEnd;
}

export interface Telling extends ReplayOptions {
  /** Called when the run is over, before its network is closed. */
  readonly after?: (network: PlayedNetwork, scenario: Scenario) => Promise<void>;
}

/** Plays frames made by hand through a scenario: its file as text, without inputs. */
export async function tellRun(text: string, frames: readonly HandMade[], telling: Telling = {}): Promise<ToldRun> {
  const loaded = await loadScenario(text, { path: 'told.yaml' });
  if (!loaded.ok) throw new Error(loaded.errors.map((problem) => formatProblem(problem)).join('\n'));
  const folder = mkdtempSync(join(tmpdir(), 'troupe-told-'));
  try {
    const inputs = await inputsOf(loaded.scenario, frames, folder);
    return await play({ ...loaded.scenario, inputs }, telling);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A capture for each port. */
async function inputsOf(scenario: Scenario, frames: readonly HandMade[], folder: string): Promise<readonly Input[]> {
  const ports = [...new Set(frames.map(({ port }) => port))];
  return Promise.all(
    ports.map(async (name, n): Promise<Input> => {
      const otherwise = scenario.topology.names.ports.get(name);
      if (otherwise === undefined) throw new Error(`no port is called ${name}`);
      const path = join(folder, `${n}.pcap`);
      const writer = new PcapWriter(await FileSink.open(path));
      const own = frames.filter(({ port }) => port === name).toSorted((a, b) => a.at - b.at);
      for (const { at, bytes } of own) writer.add({ bytes, wireLength: bytes.length, ...instantOfSeconds(at) });
      await writer.finish();
      const offset = instantOfSeconds(own[0]?.at ?? 0);
      return { name, path, selectors: [], otherwise, l2: 'keep', align: 'start', offset, speed: 1 };
    }),
  );
}

function instantOfSeconds(seconds: number) {
  return instantAt(millisOf(seconds * 1000));
}

async function play(scenario: Scenario, { after, ...options }: Telling): Promise<ToldRun> {
  const { nameOf } = scenario.topology.names;
  const portName = (port: Uuid): string => nameOf.get(port) ?? port;
  const packets = new Map<number, ToldPacket>();
  const story: string[] = [];
  const replay = await Replay.open(
    scenario,
    {
      frameIn: ({ packet, at, port, bytes, source }) => {
        if (source === undefined) return;
        const summary = describeFrame(frameOf(bytes));
        const told = { at: millisAt(at) / 1000, from: portName(port), summary, end: undefined, to: [], path: [] };
        packets.set(packet, told);
      },
      unplayed: (input, why, frames) => void story.push(`unplayed ${input} ${why} ${frames}`),
      frameOut: (port, bytes, length, _wireLength, packet, { seconds, nanos }) => {
        packets.get(packet)?.to.push(portName(port));
        story.push(`${seconds}.${nanos} ${packet} ${portName(port)} ${hexOf(bytes.subarray(0, length))}`);
      },
      ended: (packet, outcome, copies) => {
        const told = packets.get(packet);
        if (told !== undefined) told.end = wordsOf(outcome);
        story.push(`${packet} ${wordsOf(outcome)} ${copies}`);
      },
      generated: (packet, cause, by) => void story.push(`${packet} made ${cause} by ${by}`),
      generatedEnded: (packet, outcome, copies) => void story.push(`${packet} ${wordsOf(outcome)} ${copies}`),
      limited: (cause, by) => void story.push(`limited ${cause} ${by}`),
      traced: ({ packet, hops }) => {
        const told = packets.get(packet);
        if (told !== undefined) told.path = hops.map(({ device }) => device);
      },
      room: () => undefined,
    },
    { ...(await databaseUnderTest()), ...options },
  );
  try {
    const end = await replay.run();
    await after?.(replay.network, scenario);
    return { packets: [...packets.values()], story, end };
  } finally {
    await replay.close();
  }
}
