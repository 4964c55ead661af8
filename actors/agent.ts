import { Datapath, type FrameSink } from '../datapath/datapath.ts';
import { ACTIONS_CODEC } from '../datapath/action-words.ts';
import type { FlowActions } from '../datapath/flow-actions.ts';
import { NO_FLOW, type FlowIndex, type FlowView, type Removal } from '../datapath/flow-table/flow.ts';
import { capacityFor, FlowTable } from '../datapath/flow-table/flow-table.ts';
import type { Outcome } from '../simulation/outcome.ts';
import type { Generated } from '../simulation/packet/packet.ts';
import type { DropReason } from '../simulation/verdict.ts';
import type { Tag } from '../simulation/tag.ts';
import type { PortId, Uuid } from '../topology/model/ids.ts';
import type { Instant } from '../topology/model/time.ts';
import type { Cancel } from '../topology/model/timers.ts';
import type { Nsdb } from '../topology/nsdb/nsdb.ts';
import { WORD } from '../simulation/packet/flow-key.ts';
import { Layers } from '../simulation/packet/frame.ts';
import { copyOfKey } from '../simulation/packet/key-words.ts';
import type { ChangeTrace } from '../datapath/trace/change-trace.ts';
import type { PacketOrigin, PacketTrace, TraceFlow } from '../datapath/trace/packet-trace.ts';
import type { AgentParts } from './agent-parts.ts';
import { chanceFor } from './chance.ts';
import { ChangeLog, type ChangeSurroundings } from './change-log.ts';
import { Stage } from './comedy.ts';
import { Courier } from './courier.ts';
import { Directory } from './directory.ts';
import { dumpFlows } from './dump/dump-flows.ts';
import { TopologyFeed } from './feed/topology-feed.ts';
import { frameOf } from './frame-of.ts';
import type { Journey, Made, Run } from './journey.ts';
import { PathTexts } from './path-texts.ts';
import { TagTexts } from './tag-texts.ts';
import { formatFlow, formatInstant, TraceBuilder, valuesOf } from './trace-builder.ts';
import type { VirtualTime } from './virtual-time.ts';
import { Workflow } from './workflow.ts';

/** Who hears what an agent does with packets, and takes the frames that leave. */
export interface AgentListener extends FrameSink {
  /** A packet that came in has had its fate: from a flow, or from a simulation. */
  decided(packet: number, outcome: Outcome): void;
  /** A device made a packet; `by` is the number of the one that caused it, undefined for a router's own ARP. */
  generated(made: Made, by: number | undefined): void;
  /** A packet that a device made has had its fate. */
  generatedEnded(packet: number, outcome: Outcome): void;
  /** A device would have answered, but its limiter had no token left (C12). */
  limited(generated: Generated, by: number): void;
  /** The story of a packet, when it was asked for. */
  traced(trace: PacketTrace): void;
  /** A change of the database made a device anew, or removed flows; told where changes are followed. */
  changed?(trace: ChangeTrace): void;
  /** An error of our own: an actor's handler threw. */
  faulted(actor: string, topic: string, cause: unknown): void;
}

/** Who hears of flows as they come and go. Naming each costs: nothing is named while nobody watches. */
export interface FlowWatcher {
  /** A flow was installed by the simulation of a packet. `flow` as at the end of a run, with that packet's key. */
  flowInstalled(flow: TraceFlow, index: FlowIndex, packet: number): void;
  /** A flow goes. Another one may come to have its index. */
  flowRemoved(index: FlowIndex, why: Removal['kind'], at: Instant): void;
}

export interface AgentOptions {
  readonly nsdb: Nsdb;
  readonly time: VirtualTime;
  readonly listener: AgentListener;
  /** Of all chance: the same seed gives the same run. */
  readonly seed?: number;
  /** Flows the table holds at most. */
  readonly flowCapacity?: number;
  /** False: every packet is simulated, though flows are kept as ever; for comparison with a run where flows answer. */
  readonly hasFlows?: boolean;
  /** Whether the facts that flows rest on can be told in words: see {@link Agent.factsOf}. Costs something for each simulation. */
  readonly namesFacts?: boolean;
  /** Given: changes of the database are followed, and told with their facts in words; with a clock, with times of the world. */
  readonly followsChanges?: Pick<ChangeSurroundings, 'clock' | 'isDatabaseTimed'>;
  /** Whether generated packets tell their stories too. */
  readonly tracesGenerated?: boolean;
  readonly flowWatcher?: FlowWatcher;
}

/** A frame let in from outside. */
export interface Arrival {
  readonly packet: number;
  readonly bytes: Uint8Array;
  readonly wireLength: number;
  readonly port: PortId;
  /** Given: the packet's story is wanted, and begins so. */
  readonly story?: PacketOrigin;
}

const UNSUSPENDED = { suspendedAt: undefined, patience: undefined, isStoodFor: false };

/**
 * The agent: a datapath in front, a network of actors behind it, fed by the database. Everything that differs between a replay and a
 * live host is handed to it.
 */
export class Agent {
  readonly directory = new Directory();
  readonly flows: FlowTable<FlowActions>;
  readonly #options: AgentOptions;
  readonly #stage: Stage;
  readonly #courier = new Courier();
  readonly #datapath: Datapath;
  readonly #workflow: Workflow;
  readonly #feed: TopologyFeed;
  /** Packets that devices made, and those that waited and may go on: they begin one after the other, when all before is settled. */
  readonly #door: Journey[] = [];
  #admission: Promise<void> | undefined;
  readonly #pathTexts = new PathTexts(this.directory);
  readonly #tagTexts: TagTexts | undefined;
  readonly #changes: ChangeLog | undefined;
  #packets = 0;
  #installed = 0;
  #expiry: { readonly at: number; readonly cancel: Cancel } | undefined;

  constructor(options: AgentOptions) {
    const { nsdb, time, listener, seed = 0, flowWatcher } = options;
    this.#options = options;
    this.#stage = new Stage((actor, topic, cause) => listener.faulted(actor, topic, cause));
    this.flows = new FlowTable({
      capacity: options.flowCapacity ?? capacityFor(),
      actions: ACTIONS_CODEC,
      ...((flowWatcher ?? options.followsChanges) && {
        onRemoved: (flow: FlowIndex, why: Removal) => {
          this.#changes?.removed(this.flows.view(flow), why);
          flowWatcher?.flowRemoved(flow, why.kind, time.instant);
        },
      }),
    });
    this.#datapath = new Datapath(this.flows, listener);
    if (options.namesFacts === true || options.followsChanges !== undefined)
      this.#tagTexts = new TagTexts(this.directory, (tag) => this.flows.carries(tag));
    if (options.followsChanges !== undefined) this.#changes = this.#changeLog(options.followsChanges);
    const parts: AgentParts = {
      nsdb,
      timers: time,
      stage: this.#stage,
      courier: this.#courier,
      directory: this.directory,
      flows: this.flows,
      chance: (asker) => chanceFor(seed, asker),
      invalidate: (tags) => this.#invalidate(tags),
      originate: (made) => this.#generate({ packet: this.nextPacket(), made }, undefined),
      changes: this.#changes,
      found: (what) => this.#workflow.found(what),
    };
    this.#feed = new TopologyFeed(parts, {
      started: (device) => this.#workflow.started(device),
      missing: (device) => this.#workflow.missing(device),
    });
    this.#workflow = new Workflow({
      timers: time,
      courier: this.#courier,
      flows: this.flows,
      datapath: this.#datapath,
      tagTexts: this.#tagTexts,
      installed: (flow, by) => {
        this.#installed++;
        this.#mindExpiry();
        if (flowWatcher !== undefined) this.#tellOf(flow, by, flowWatcher);
      },
      want: (device) => this.#feed.want(device),
      number: () => this.nextPacket(),
      generate: (made, by) => this.#generate(made, by),
      admit: (journeys, isFirst) => this.#admit(journeys, isFirst),
      limited: (made, by) => listener.limited(made, by.packet),
    });
  }

  /** Takes its actors onto the stage. Before anything else. */
  async open(): Promise<void> {
    this.#courier.report(await this.#stage.start('workflow', this.#workflow, { limit: Infinity }));
    await this.#feed.open();
  }

  async close(): Promise<void> {
    this.#expiry?.cancel();
    this.#feed.close();
    await this.#stage.close();
  }

  /** A number for a packet. */
  nextPacket(): number {
    return ++this.#packets;
  }

  /** The number by which frames enter at a port. */
  portOf(id: Uuid): PortId {
    return this.directory.portOf(id);
  }

  /** Actors on the stage. */
  get actors(): number {
    return this.#stage.size;
  }

  /** Packets under way or waiting. */
  get pending(): number {
    return this.#workflow.pending + this.#door.length;
  }

  /** What the flow table and the actors have done so far. */
  get counts(): { readonly hits: number; readonly simulations: number; readonly installed: number } {
    return { hits: this.#datapath.hits, simulations: this.#workflow.simulations, installed: this.#installed };
  }

  /** The way of the copy that is leaving right now, by name: `web:web-1 > web > web:web-2`; for listeners of `frameOut`. */
  currentPath(): string {
    return this.#waysOut()[this.#datapath.copy] ?? '';
  }

  #waysOut(): readonly string[] {
    const { leaving } = this.#workflow;
    if (leaving !== undefined) return this.#pathTexts.ofSimulation(leaving);
    const { servedBy } = this.#datapath;
    if (servedBy === NO_FLOW) return [];
    return this.#pathTexts.ofFlow(this.flows.pathNumberOf(servedBy), this.flows.pathOf(servedBy));
  }

  /** The facts that a flow rests on, in words; none unless they were asked for from the beginning. */
  factsOf({ tags }: FlowView<FlowActions>): readonly string[] {
    return this.#tagTexts?.of(tags) ?? [];
  }

  /**
   * All that it remembers, in lines: flows, packets that wait, the devices that are up with what they learned, deadlines. Equal
   * lines, equal memory.
   */
  *dump(): Generator<string, void> {
    const { hits, simulations, installed } = this.counts;
    yield `${this.#packets} packets, ${hits} hits, ${simulations} simulations, ${installed} flows installed`;
    for (const journey of this.#door) yield `packet ${journey.packet} is at the door`;
    yield* this.#workflow.dump();
    yield* dumpFlows(this.flows, this.directory);
    for (const line of this.#feed.dump()) yield `up: ${line}`;
    for (const at of this.#options.time.pending) yield `deadline at ${formatInstant(at)}`;
  }

  /** True when nothing is under way: mailboxes empty, devices started, the database quiet. Packets may still wait for something. */
  get idle(): boolean {
    return this.#isQuiet && this.#admission === undefined;
  }

  /** Resolves when nothing is under way any more. */
  async settled(): Promise<void> {
    /* oxlint-disable eslint/no-await-in-loop -- each may start what another has to end */
    while (!this.idle) {
      await this.#quiet();
      await this.#admission;
    }
    /* oxlint-enable eslint/no-await-in-loop */
  }

  get #isQuiet(): boolean {
    return this.#stage.idle && this.#feed.idle && this.#changes?.idle !== false && this.#options.nsdb.idle;
  }

  async #quiet(): Promise<void> {
    /* oxlint-disable eslint/no-await-in-loop -- each may start what another has to end */
    while (!this.#isQuiet) {
      await this.#stage.whenIdle();
      await this.#options.nsdb.settled();
      if (!this.#feed.idle || this.#changes?.idle === false) await new Promise((resolve) => setImmediate(resolve));
    }
    /* oxlint-enable eslint/no-await-in-loop */
  }

  /**
   * Has packets begin when all before is settled, so that it makes no difference which devices happen to be up already: what the one
   * before has taught the tables is there when the next one begins.
   */
  #admit(journeys: readonly Journey[], isFirst: boolean): void {
    if (journeys.length === 0) return;
    if (isFirst) this.#door.unshift(...journeys);
    else this.#door.push(...journeys);
    this.#admission ??= this.#openDoor();
  }

  async #openDoor(): Promise<void> {
    /* oxlint-disable eslint/no-await-in-loop -- one after the other is the point */
    while (this.#door.length > 0) {
      await this.#quiet();
      const journey = this.#door.shift();
      if (journey !== undefined) this.#workflow.begin(journey);
    }
    /* oxlint-enable eslint/no-await-in-loop */
    this.#admission = undefined;
  }

  /** Lets a frame in. A flow answers at once, or the actors do by and by. */
  receive(arrival: Arrival): void {
    const { packet, bytes, wireLength, port, story } = arrival;
    const { listener, time, hasFlows } = this.#options;
    const now = time.now();
    if (story !== undefined || hasFlows === false) {
      this.#receiveAtLength(arrival, story);
      return;
    }
    const outcome = this.#datapath.receive(bytes, wireLength, port, now, packet);
    if (outcome !== undefined) {
      listener.decided(packet, outcome);
      return;
    }
    const layers = new Layers();
    layers.set(this.#datapath.layers);
    this.#workflow.begin({
      packet,
      frame: { bytes, wireLength, layers },
      words: copyOfKey(this.#datapath.words),
      start: { point: 'ingress', port },
      purpose: 'real',
      trace: undefined,
      ended: (end) => listener.decided(packet, end.outcome),
      ...UNSUSPENDED,
    });
  }

  /** The story of a frame that is not let in. */
  refused({ packet, bytes, wireLength, port }: Arrival, origin: PacketOrigin, reason: DropReason): PacketTrace {
    return this.#traceOf({ packet, origin, port, frame: frameOf(bytes, wireLength, port) }).refused(reason);
  }

  /** What would become of a frame; nothing changes by it. Resolves when its simulation has ended. */
  async whatIf(bytes: Uint8Array, wireLength: number, port: PortId, text: string): Promise<PacketTrace> {
    const frame = frameOf(bytes, wireLength, port);
    const origin: PacketOrigin = { kind: 'what-if', text };
    const trace = this.#traceOf({ packet: 0, origin, port, frame });
    return new Promise((resolve) => {
      this.#workflow.begin({
        packet: 0,
        frame,
        words: frame.words,
        start: { point: 'ingress', port },
        purpose: 'what-if',
        trace,
        ended: (end) => resolve(trace.finish(end)),
        ...UNSUSPENDED,
      });
    });
  }

  /** Lets a frame in whose story is wanted, or that no flow may answer. */
  #receiveAtLength({ packet, bytes, wireLength, port }: Arrival, origin: PacketOrigin | undefined): void {
    const { listener, time, hasFlows } = this.#options;
    const frame = frameOf(bytes, wireLength, port);
    const trace = origin === undefined ? undefined : this.#traceOf({ packet, origin, port, frame });
    let standIn: FlowIndex | typeof NO_FLOW = NO_FLOW;
    if (hasFlows === false) {
      standIn = this.flows.peek(frame.words, 0, frame.layers.ipLength, time.now());
      if (standIn !== NO_FLOW) this.flows.hit(standIn, wireLength);
    } else {
      const outcome = this.#datapath.receive(bytes, wireLength, port, time.now(), packet);
      const { servedBy } = this.#datapath;
      if (outcome !== undefined && servedBy !== NO_FLOW) {
        if (trace !== undefined) listener.traced(trace.hit(this.flows.view(servedBy), frame.words));
        listener.decided(packet, outcome);
        return;
      }
    }
    this.#workflow.begin({
      packet,
      frame,
      words: frame.words,
      start: { point: 'ingress', port },
      purpose: 'real',
      trace,
      ended: (end) => {
        if (trace !== undefined) listener.traced(trace.finish(end));
        listener.decided(packet, end.outcome);
      },
      ...UNSUSPENDED,
      isStoodFor: standIn !== NO_FLOW,
    });
  }

  #generate(made: Made, by: Journey | undefined): void {
    const { listener, tracesGenerated } = this.#options;
    const { packet = 0, made: generated } = made;
    const { bytes, egress, cause } = generated;
    const frame = frameOf(bytes, bytes.length, egress);
    const origin: PacketOrigin = {
      kind: 'generated',
      by: this.directory.nameOf(egress),
      cause,
      packet: by?.packet,
    };
    const trace = tracesGenerated === true ? this.#traceOf({ packet, origin, port: egress, frame }) : undefined;
    listener.generated(made, by?.packet);
    const journey: Journey = {
      packet,
      frame,
      words: frame.words,
      start: { point: 'egress', port: egress },
      purpose: 'real',
      trace,
      ended: (end) => {
        if (trace !== undefined) listener.traced(trace.finish(end));
        listener.generatedEnded(packet, end.outcome);
      },
      ...UNSUSPENDED,
    };
    this.#admit([journey], false);
  }

  #traceOf(start: ConstructorParameters<typeof TraceBuilder>[0]): TraceBuilder {
    return new TraceBuilder(start, this.directory, () => this.#options.time.instant);
  }

  #changeLog(options: NonNullable<AgentOptions['followsChanges']>): ChangeLog {
    const { nsdb, time, listener } = this.#options;
    return new ChangeLog({
      nsdb,
      directory: this.directory,
      now: () => time.instant,
      factOf: (tag) => this.#tagTexts?.of([tag])[0] ?? '',
      told: (trace) => listener.changed?.(trace),
      ...options,
    });
  }

  #tellOf(flow: FlowIndex, { origin, journey }: Run, watcher: FlowWatcher): void {
    const view = this.flows.view(flow);
    const key = valuesOf(origin[WORD.present] ?? 0, origin, this.directory);
    watcher.flowInstalled({ ...formatFlow(view, view.match, this.directory), key }, flow, journey.packet);
  }

  #invalidate(tags: readonly Tag[]): void {
    const now = this.#options.time.now();
    for (const tag of tags) this.flows.invalidate(tag, now);
  }

  /** Keeps one deadline for the flow that expires next. */
  #mindExpiry(): void {
    const { time } = this.#options;
    const at = this.flows.nextExpiry();
    if (at === undefined || (this.#expiry !== undefined && this.#expiry.at <= at)) return;
    this.#expiry?.cancel();
    const cancel = time.at(at, () => {
      this.#expiry = undefined;
      this.flows.expire(time.now());
      this.#mindExpiry();
    });
    this.#expiry = { at, cancel };
  }
}
