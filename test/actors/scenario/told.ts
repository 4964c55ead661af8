import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { frameOf } from '../../../actors/frame-of.ts';
import { loadScenario } from '../../../actors/scenario/file/load-scenario.ts';
import type { PlayedNetwork } from '../../../actors/scenario/played-network.ts';
import { Replay, type ReplayEnd, type ReplayOptions } from '../../../actors/scenario/replay.ts';
import type { Input, Scenario } from '../../../actors/scenario/scenario.ts';
import { hexOf } from '../../../actors/trace-outputs.ts';
import { FileSink } from '../../../datapath/capture/capture-sink.ts';
import { PcapWriter } from '../../../datapath/capture/pcap-writer.ts';
import type { ChangeTrace } from '../../../datapath/trace/change-trace.ts';
import { describeFrame } from '../../../simulation/packet/format-packet.ts';
import { formatProblem } from '../../../topology/file/file-problem.ts';
import type { Uuid } from '../../../topology/model/ids.ts';
import { formatInstant, instantAt, millisAt, millisOf, type Instant } from '../../../topology/model/time.ts';
import { databaseUnderTest } from '../../database-under-test.ts';
import { wordsOf } from '../network.ts';

/** A frame made by hand, and when it enters where; in seconds. */
export interface HandMade {
  readonly at: number;
  readonly port?: string;
  /** The capture that it is in: `talk.pcap` unless said otherwise. */
  readonly file?: string;
  readonly bytes: Uint8Array;
}

/** What became of a frame that came in. */
interface ToldPacket {
  readonly at: number;
  readonly from: string;
  readonly bytes: Uint8Array;
  readonly summary: string;
  /** `forwarded`, `dropped no-route`; undefined while it is open. */
  end: string | undefined;
  /** The ports that it left by, in order. */
  readonly to: string[];
  /** The devices of its story, when it was asked for. */
  path: readonly string[];
}

/** A frame that left; in seconds. */
interface ToldFrame {
  readonly at: number;
  readonly port: string;
  readonly bytes: Uint8Array;
  readonly summary: string;
}

/** A run, told from outside. */
export interface ToldRun {
  /** The frames that captures played in, in order. */
  readonly packets: readonly ToldPacket[];
  /** The frames that stations sent, in order. */
  readonly said: readonly ToldPacket[];
  /** The frames that left, in order. */
  readonly left: readonly ToldFrame[];
  /** Frames of captures that did not come in, by why. */
  readonly unplayed: ReadonlyMap<string, number>;
  /** All that left and all that ended, byte for byte. */
  readonly story: readonly string[];
  /** How changes of the network went, when they were followed. */
  readonly changes: readonly ChangeTrace[];
  readonly end: ReplayEnd;
}

export interface Telling extends Omit<ReplayOptions, 'afterPacket'> {
  /** Called between two packets, with those that were played in so far. */
  readonly during?: (network: PlayedNetwork, packets: readonly ToldPacket[]) => Promise<void>;
  /** Called when the run is over, before its network is closed. */
  readonly after?: (network: PlayedNetwork, scenario: Scenario) => Promise<void>;
}

/**
 * Plays frames made by hand through a scenario.
 *
 * @param text its file. The frames are the captures of its inputs; where it has none, each enters at the port that it names
 */
export async function tellRun(text: string, frames: readonly HandMade[], telling: Telling = {}): Promise<ToldRun> {
  const folder = mkdtempSync(join(tmpdir(), 'troupe-told-'));
  try {
    const files = new Map([['talk.pcap', [] as HandMade[]]]);
    for (const frame of frames) {
      const { file = 'talk.pcap' } = frame;
      files.set(file, [...(files.get(file) ?? []), frame]);
    }
    await Promise.all([...files].map(([file, own]) => writeCapture(join(folder, file), own)));
    const loaded = await loadScenario(text, { path: join(folder, 'told.yaml') });
    if (!loaded.ok) throw new Error(loaded.errors.map((problem) => formatProblem(problem)).join('\n'));
    const { scenario } = loaded;
    const inputs = scenario.inputs.length > 0 ? scenario.inputs : await inputsOf(scenario, frames, folder);
    return await tellScenario({ ...scenario, inputs }, telling);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A capture for each port. */
async function inputsOf(scenario: Scenario, frames: readonly HandMade[], folder: string): Promise<readonly Input[]> {
  const ports = [...new Set(frames.map(({ port = '' }) => port))];
  return Promise.all(
    ports.map(async (name, n): Promise<Input> => {
      const otherwise = scenario.topology.names.ports.get(name);
      if (otherwise === undefined) throw new Error(`no port is called ${name}`);
      const path = join(folder, `${n}.pcap`);
      const own = frames.filter(({ port }) => port === name).toSorted((a, b) => a.at - b.at);
      await writeCapture(path, own);
      const offset = instantOfSeconds(own[0]?.at ?? 0);
      return { name, path, selectors: [], otherwise, l2: 'keep', align: 'start', offset, speed: 1 };
    }),
  );
}

async function writeCapture(path: string, frames: readonly HandMade[]): Promise<void> {
  const writer = new PcapWriter(await FileSink.open(path));
  for (const { at, bytes } of frames) writer.add({ bytes, wireLength: bytes.length, ...instantOfSeconds(at) });
  await writer.finish();
}

function instantOfSeconds(seconds: number): Instant {
  return instantAt(millisOf(seconds * 1000));
}

/** Plays a scenario, and tells of it. */
export async function tellScenario(scenario: Scenario, telling: Telling = {}): Promise<ToldRun> {
  const { during, after, ...options } = telling;
  const { nameOf } = scenario.topology.names;
  const portName = (port: Uuid): string => nameOf.get(port) ?? port;
  const packets = new Map<number, ToldPacket>();
  const said = new Map<number, ToldPacket>();
  const left: ToldFrame[] = [];
  const unplayed = new Map<string, number>();
  const story: string[] = [];
  const changes: ChangeTrace[] = [];
  const toldOf = (packet: number): ToldPacket | undefined => packets.get(packet) ?? said.get(packet);
  const replay = await Replay.open(
    scenario,
    {
      frameIn: ({ packet, at, port, bytes, source }) => {
        const told = { at: secondsOf(at), from: portName(port), bytes, summary: describeFrame(frameOf(bytes)) };
        (source === undefined ? said : packets).set(packet, { ...told, end: undefined, to: [], path: [] });
      },
      unplayed: (input, why, frames) => {
        unplayed.set(why, (unplayed.get(why) ?? 0) + frames);
        story.push(`unplayed ${input} ${why} ${frames}`);
      },
      frameOut: (id, taken, length, _wireLength, packet, at) => {
        const [port, bytes] = [portName(id), taken.slice(0, length)];
        toldOf(packet)?.to.push(port);
        left.push({ at: secondsOf(at), port, bytes, summary: describeFrame(frameOf(bytes)) });
        story.push(`${formatInstant(at)} ${packet} ${port} ${hexOf(bytes)}`);
      },
      frameLost: (port, packet, reason) => void story.push(`${packet} lost behind ${portName(port)}: ${reason}`),
      ended: (packet, outcome, copies) => {
        const told = toldOf(packet);
        if (told !== undefined) told.end = wordsOf(outcome);
        story.push(`${packet} ${wordsOf(outcome)} ${copies}`);
      },
      generated: (packet, cause, by) => void story.push(`${packet} made ${cause} by ${by}`),
      generatedEnded: (packet, outcome, copies) => void story.push(`${packet} ${wordsOf(outcome)} ${copies}`),
      limited: (cause, by) => void story.push(`limited ${cause} ${by}`),
      traced: ({ packet, hops }) => {
        const told = toldOf(packet);
        if (told !== undefined) told.path = hops.map(({ device }) => device);
      },
      changed: (trace) => void changes.push(trace),
      room: () => undefined,
    },
    {
      ...(await databaseUnderTest()),
      ...options,
      ...(during && { afterPacket: () => during(replay.network, [...packets.values()]) }),
    },
  );
  try {
    const end = await replay.run();
    await after?.(replay.network, scenario);
    return { packets: [...packets.values()], said: [...said.values()], left, unplayed, story, changes, end };
  } finally {
    await replay.close();
  }
}

function secondsOf(at: Instant): number {
  return millisAt(at) / 1000;
}
