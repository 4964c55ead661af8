import type { FlowActions } from '../datapath/flow-actions.ts';
import { LIFETIME_MILLIS, type FlowView } from '../datapath/flow-table/flow.ts';
import type {
  FieldValue,
  PacketOrigin,
  PacketTrace,
  SuspendedRun,
  TraceFlow,
  TraceGenerated,
  TraceHop,
  TraceStep,
} from '../datapath/trace/packet-trace.ts';
import { inOrder, shortestClassOf } from '../simulation/outcome.ts';
import { describeFrame } from '../simulation/packet/format-packet.ts';
import { formatField, formatRewrite, nameOfField } from '../simulation/packet/format-field.ts';
import { IN_PORT, SPANS, WORD, type Fields } from '../simulation/packet/flow-key.ts';
import type { Frame } from '../simulation/packet/frame.ts';
import { copyOfKey } from '../simulation/packet/key-words.ts';
import type {
  HopRecorder,
  Oversize,
  Packet,
  Point,
  Simulation,
  SimulationOptions,
} from '../simulation/packet/packet.ts';
import { rewriteOf } from '../simulation/packet/rewrite.ts';
import { pathOf } from '../simulation/path.ts';
import { formatTunnel } from '../simulation/tunnel.ts';
import type { TagNote } from '../simulation/tag.ts';
import type { DropReason, Need, Verdict } from '../simulation/verdict.ts';
import type { DeviceId, PortId } from '../topology/model/ids.ts';
import type { Instant } from '../topology/model/time.ts';
import type { Directory } from './directory.ts';
import { frameOf } from './frame-of.ts';
import type { FlowFate, JourneyEnd, Run, Story } from './journey.ts';
import { formatNeed, formatTag, formatVerdict } from './names.ts';
import { hexOf, rewritten, traceOutputs } from './trace-outputs.ts';
import { traceWay } from './trace-way.ts';

/** A packet as it was when it left a hop. */
interface Step {
  readonly hop: number;
  readonly words: Uint32Array;
  readonly oversize: Oversize | undefined;
}

/** What a story begins with. */
export interface TraceStart {
  readonly packet: number;
  readonly origin: PacketOrigin;
  /** It may have no name yet: its device may have to be loaded first. */
  readonly port: PortId;
  readonly frame: Frame;
}

/** What there is to tell of a packet besides what the story began with. */
type Told = Pick<PacketTrace, 'way' | 'disposition'> &
  Partial<Pick<PacketTrace, 'hit' | 'suspended' | 'hops' | 'outputs' | 'flow' | 'generated'>>;

/**
 * Collects the story of one packet while it happens: hop by hop, over all its runs. Made only when somebody asks, so that tracing
 * costs nothing when nobody does.
 */
export class TraceBuilder implements HopRecorder, Story {
  readonly #start: TraceStart;
  readonly #directory: Directory;
  readonly #clock: () => Instant;
  readonly #at: string;
  readonly #suspended: (Omit<SuspendedRun, 'need'> & { readonly need: Need })[] = [];
  #hops: TraceHop[] = [];
  /** The way of the last run that was suspended. */
  #way: readonly TraceStep[] = [];
  #notes: TagNote[] = [];
  #noted = 0;
  #seen: Fields = 0;
  /** The last hop of each branch. */
  #branches = new Map<Packet, Step>();

  constructor(start: TraceStart, directory: Directory, clock: () => Instant) {
    this.#start = start;
    this.#directory = directory;
    this.#clock = clock;
    this.#at = formatInstant(clock());
  }

  /** A simulation begins: what it is to be given so that it tells its story here. */
  startRun(): SimulationOptions {
    this.#hops = [];
    this.#notes = [];
    this.#noted = 0;
    this.#seen = IN_PORT;
    this.#branches = new Map();
    return { notes: this.#notes, recorder: this };
  }

  hop(packet: Packet, device: DeviceId, point: Point, verdict: Verdict): void {
    const { simulation, key, because, oversize } = packet;
    const before = this.#branches.get(packet);
    const hop = this.#hops.length;
    const directory = this.#directory;
    const fresh = simulation.seen & ~this.#seen;
    this.#seen |= simulation.seen;
    this.#hops.push({
      hop,
      parent: before?.hop,
      device: directory.nameOf(device),
      id: directory.uuidOf(device),
      kind: directory.kindOf(device) ?? 'port',
      point,
      saw: this.#valuesOf(fresh, simulation.origin),
      because: because?.describe() ?? directory.nameOf(device),
      decider: because === undefined || because.number === 0 ? undefined : directory.uuidOf(because.number),
      verdict: formatVerdict(verdict, directory),
      rewrote: rewritesBetween(before?.words ?? simulation.origin, key.words, key.written),
      ...(oversize !== before?.oversize && oversizeAt(verdict, oversize, directory)),
      ...this.#frameAfter(packet),
      tags: this.#notes.slice(this.#noted).map((note) => formatTag(note, directory)),
    });
    this.#noted = this.#notes.length;
    this.#branches.set(packet, { hop, words: copyOfKey(key.words), oversize });
  }

  /** The frame as devices have made it so far; nothing while it is as it came. */
  #frameAfter({ key, simulation }: Packet): { readonly frame?: string } {
    const rewrite = key.written === 0 ? undefined : rewriteOf(simulation.origin, key.words, key.written, key.written);
    return rewrite === undefined ? {} : { frame: hexOf(rewritten(this.#start.frame, rewrite)) };
  }

  forked(packet: Packet, branches: readonly Packet[]): void {
    const last = this.#branches.get(packet);
    if (last !== undefined) for (const branch of branches) this.#branches.set(branch, last);
  }

  /** The run came to nothing yet: the packet waits. */
  suspended(need: Need, run: Simulation): void {
    this.#way = this.#wayOf(run);
    this.#suspended.push({
      for: need.kind,
      need,
      at: formatInstant(this.#clock()),
      hops: this.#hops,
    });
  }

  /** The packet's journey has ended. */
  finish({ outcome, run, actions, flow, generated }: JourneyEnd): PacketTrace {
    const { frame } = this.#start;
    const way = run === undefined ? this.#way : this.#wayOf(run);
    return this.#traceOf({
      suspended: this.#suspended.map((wait) => ({ ...wait, need: formatNeed(wait.need, this.#directory) })),
      hops: run?.need === undefined ? this.#hops : [],
      way,
      disposition: { kind: outcome.kind, reason: outcome.reason },
      outputs: actions === undefined ? [] : traceOutputs(actions, frame, this.#directory),
      flow: run === undefined || actions === undefined ? undefined : this.#flowOf(run, actions, flow, way),
      generated: generated.map(({ packet: number, made }): TraceGenerated => ({
        packet: number,
        cause: made.cause,
        egress: this.#directory.nameOf(made.egress),
        summary: describeFrame(frameOf(made.bytes)),
        frame: hexOf(made.bytes),
      })),
    });
  }

  /** The story of a packet that a flow answered. @param words its key */
  hit(view: FlowView<FlowActions>, words: Uint32Array): PacketTrace {
    const { actions } = view;
    const flow = formatFlow(view, words, this.#directory);
    return this.#traceOf({
      hit: true,
      way: flow.path,
      disposition: { kind: actions.outcome.kind, reason: actions.outcome.reason },
      outputs: traceOutputs(actions, this.#start.frame, this.#directory),
      flow,
    });
  }

  /** The story of a packet that was not let in. */
  refused(reason: DropReason): PacketTrace {
    const port = this.#directory.nameOf(this.#start.port);
    const at = { parent: undefined, device: port, id: this.#directory.uuidOf(this.#start.port), kind: 'port' } as const;
    const verdict = { kind: 'drop', to: [], reason } as const;
    const hop = {
      hop: 0,
      ...at,
      point: 'ingress',
      saw: [],
      because: port,
      decider: undefined,
      rewrote: [],
      tags: [],
    } as const;
    return this.#traceOf({
      hops: [{ ...hop, verdict }],
      way: [{ ...at, by: undefined, end: { kind: 'drop', reason } }],
      disposition: { kind: 'dropped', reason },
    });
  }

  #traceOf(told: Told): PacketTrace {
    const { packet, origin, port, frame } = this.#start;
    return {
      version: 1,
      packet,
      at: this.#at,
      origin,
      port: this.#directory.nameOf(port),
      summary: describeFrame(frame),
      frame: hexOf(frame.bytes),
      wireLength: frame.wireLength,
      hit: told.hit ?? false,
      suspended: told.suspended ?? [],
      hops: told.hops ?? [],
      way: told.way,
      disposition: told.disposition,
      outputs: told.outputs ?? [],
      flow: told.flow,
      generated: told.generated ?? [],
    };
  }

  #flowOf(run: Run, actions: FlowActions, fate: FlowFate, path: readonly TraceStep[]): TraceFlow {
    const shortest = actions.outcome.kind === 'gave-up' ? 'error' : shortestClassOf(run.ended);
    const mtu = Math.min(...actions.outputs.map((output) => output.mtu), Infinity);
    return {
      key: this.#valuesOf(run.origin[WORD.present] ?? 0, run.origin),
      match: this.#valuesOf(run.seen | IN_PORT, run.origin),
      actions: formatActions(actions, run.origin, this.#directory),
      tags: this.#notes.map((note) => formatTag(note, this.#directory)),
      lifetimeSeconds: LIFETIME_MILLIS[shortest === 'permanent' ? 'normal' : shortest] / 1000,
      mtu: mtu === Infinity ? undefined : mtu,
      state: fate === 'installed' || fate === 'exists' || fate === 'would-install' ? fate : 'not-installed',
      because: whyNot(run, fate),
      path,
    };
  }

  #wayOf(run: Simulation): readonly TraceStep[] {
    return traceWay(pathOf(inOrder(run.ended)), this.#directory);
  }

  #valuesOf(fields: Fields, words: Uint32Array): FieldValue[] {
    return valuesOf(fields, words, this.#directory);
  }
}

/**
 * Fields of a key with their values; `absent` for one that the packet has not.
 *
 * @param directory knows the port by which the packet came in
 */
export function valuesOf(fields: Fields, words: Uint32Array, directory: Pick<Directory, 'nameOf'>): FieldValue[] {
  const present = words[WORD.present] ?? 0;
  const values: FieldValue[] = [];
  for (const { bit } of SPANS) {
    if ((fields & bit) === 0) continue;
    const text = bit === IN_PORT ? directory.nameOf(words[WORD.inPort] ?? 0) : formatField(bit, words);
    values.push({ field: nameOfField(bit, words), value: (present & bit) === 0 ? 'absent' : text });
  }
  return values;
}

/** What a flow does, in order: the rewrites of each copy before its output. */
export function formatActions(actions: FlowActions, words: Uint32Array, directory: Directory): string[] {
  const { outcome } = actions;
  if (actions.outputs.length === 0) return [outcome.reason === undefined ? 'drop' : `drop(${outcome.reason})`];
  return actions.outputs.flatMap(({ port, rewrite, tunnel }) => [
    ...(rewrite === undefined ? [] : formatRewrite(rewrite, words).map((one) => `set(${one})`)),
    ...(tunnel === undefined ? [] : [`set(${formatTunnel(tunnel)})`]),
    `output(${directory.nameOf(port)})`,
  ]);
}

/** Seconds with nine decimals. */
export function formatInstant({ seconds, nanos }: Instant): string {
  return `${seconds}.${String(nanos).padStart(9, '0')}`;
}

/** What an MTU made of a packet at the device that asked; nothing where the packet then did not leave for another reason. */
function oversizeAt(
  { kind }: Verdict,
  oversize: Oversize | undefined,
  directory: Directory,
): Pick<TraceHop, 'oversize'> {
  const isStopped = kind === 'drop' || kind === 'suspend';
  if (oversize === undefined || isStopped !== (oversize.fragments === 0)) return {};
  return { oversize: { ...oversize, port: directory.nameOf(oversize.port) } };
}

function rewritesBetween(
  before: Uint32Array,
  after: Uint32Array,
  written: Fields,
): readonly { field: string; from: string; to: string }[] {
  const rewrites: { field: string; from: string; to: string }[] = [];
  for (const { bit } of SPANS) {
    if ((written & bit) === 0) continue;
    const [from, to] = [formatField(bit, before), formatField(bit, after)];
    if (from !== to) rewrites.push({ field: nameOfField(bit, after), from, to });
  }
  return rewrites;
}

function whyNot(run: Run, fate: FlowFate): string | undefined {
  switch (fate) {
    case 'installed':
    case 'exists':
    case 'would-install':
      return undefined;
    case 'stale-tag':
      return 'a fact it rests on changed meanwhile';
    case 'full':
      return 'the flow table is full';
    case 'unkeyed':
      return 'it rests on what is not in the key';
    case 'not-installed':
      if (run.need !== undefined) return 'it waits';
      if (run.isGenerated) return 'no flow comes of a packet that a device made';
      return 'each such packet is simulated';
  }
}

/** A flow of the table with names for numbers, as a packet of that key meets it: with the provenance it was installed with. */
export function formatFlow(view: FlowView<FlowActions>, words: Uint32Array, directory: Directory): TraceFlow {
  return {
    key: valuesOf(words[WORD.present] ?? 0, words, directory),
    match: valuesOf(view.fields | IN_PORT, words, directory),
    actions: formatActions(view.actions, words, directory),
    tags: [],
    lifetimeSeconds: LIFETIME_MILLIS[view.lifetime] / 1000,
    mtu: view.mtu === Infinity ? undefined : view.mtu,
    state: 'exists',
    because: undefined,
    path: traceWay(view.path, directory),
  };
}
