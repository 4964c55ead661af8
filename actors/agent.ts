import { ACTIONS_CODEC } from '../datapath/action-words.ts';
import { Datapath } from '../datapath/datapath.ts';
import type { FlowActions } from '../datapath/flow-actions.ts';
import { NO_FLOW, type FlowIndex, type FlowView, type Removal } from '../datapath/flow-table/flow.ts';
import { capacityFor, FlowTable } from '../datapath/flow-table/flow-table.ts';
import type { PacketOrigin, PacketTrace } from '../datapath/trace/packet-trace.ts';
import { WORD } from '../simulation/packet/key-layout.ts';
import type { Tag } from '../simulation/tag.ts';
import type { DropReason } from '../simulation/verdict.ts';
import type { PortId, Uuid } from '../topology/model/ids.ts';
import { formatInstant } from '../topology/model/time.ts';
import type { AgentOptions, Arrival, FlowWatcher } from './agent-options.ts';
import type { AgentParts } from './agent-parts.ts';
import { chanceFor } from './chance.ts';
import { ChangeLog } from './change-log.ts';
import { Stage } from './comedy.ts';
import { Courier } from './courier.ts';
import { Directory } from './directory.ts';
import { Door } from './door.ts';
import { dumpFlows } from './dump/dump-flows.ts';
import { ExpiryDeadline } from './expiry-deadline.ts';
import { TopologyFeed } from './feed/topology-feed.ts';
import { Intake } from './intake.ts';
import type { Run } from './journey.ts';
import { PathTexts } from './path-texts.ts';
import { Quiet } from './quiet.ts';
import { TagTexts } from './tag-texts.ts';
import { formatFlow, valuesOf } from './trace-flow.ts';
import { Workflow } from './workflow.ts';

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
  readonly #quiet: Quiet;
  /** Where packets wait that devices made, and those that had to wait and may go on. */
  readonly #door: Door;
  readonly #intake: Intake;
  readonly #expiry: ExpiryDeadline;
  readonly #pathTexts = new PathTexts(this.directory);
  readonly #tagTexts: TagTexts | undefined;
  readonly #changes: ChangeLog | undefined;
  #packets = 0;
  #installed = 0;

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
    this.#expiry = new ExpiryDeadline(this.flows, time);
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
      originate: (made) => this.#intake.generate({ packet: this.nextPacket(), made }, undefined),
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
        this.#expiry.mind();
        if (flowWatcher !== undefined) this.#tellOf(flow, by, flowWatcher);
      },
      want: (device) => this.#feed.want(device),
      number: () => this.nextPacket(),
      generate: (made, by) => this.#intake.generate(made, by),
      admit: (journeys, isFirst) => this.#door.admit(journeys, isFirst),
      limited: (made, by) => listener.limited(made, by.packet),
    });
    this.#quiet = new Quiet({ stage: this.#stage, feed: this.#feed, changes: this.#changes, nsdb });
    this.#door = new Door(this.#quiet, (journey) => this.#workflow.begin(journey));
    this.#intake = new Intake({
      options,
      directory: this.directory,
      flows: this.flows,
      datapath: this.#datapath,
      workflow: this.#workflow,
      door: this.#door,
    });
  }

  /** Takes its actors onto the stage. Before anything else. */
  async open(): Promise<void> {
    this.#courier.report(await this.#stage.start('workflow', this.#workflow, { limit: Infinity }));
    await this.#feed.open();
  }

  async close(): Promise<void> {
    this.#expiry.close();
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
    return this.#workflow.pending + this.#door.waiting.length;
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
    for (const journey of this.#door.waiting) yield `packet ${journey.packet} is at the door`;
    yield* this.#workflow.dump();
    yield* dumpFlows(this.flows, this.directory);
    for (const line of this.#feed.dump()) yield `up: ${line}`;
    for (const at of this.#options.time.pending) yield `deadline at ${formatInstant(at)}`;
  }

  /** True when nothing is under way: mailboxes empty, devices started, the database quiet. Packets may still wait for something. */
  get idle(): boolean {
    return this.#quiet.isReached && this.#door.opening === undefined;
  }

  /** Resolves when nothing is under way any more. */
  async settled(): Promise<void> {
    /* oxlint-disable eslint/no-await-in-loop -- each may start what another has to end */
    while (!this.idle) {
      await this.#quiet.reached();
      await this.#door.opening;
    }
    /* oxlint-enable eslint/no-await-in-loop */
  }

  /** Lets a frame in. A flow answers at once, or the actors do by and by. */
  receive(arrival: Arrival): void {
    this.#intake.receive(arrival);
  }

  /** The story of a frame that is not let in. */
  refused(arrival: Arrival, origin: PacketOrigin, reason: DropReason): PacketTrace {
    return this.#intake.refused(arrival, origin, reason);
  }

  /** What would become of a frame; nothing changes by it. Resolves when its simulation has ended. */
  async whatIf(bytes: Uint8Array, wireLength: number, port: PortId, text: string): Promise<PacketTrace> {
    return this.#intake.whatIf(bytes, wireLength, port, text);
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
}
