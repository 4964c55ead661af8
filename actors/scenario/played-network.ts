import type { FlowActions } from '../../datapath/flow-actions.ts';
import type { FlowView } from '../../datapath/flow-table/flow.ts';
import type { PacketTrace } from '../../datapath/trace/packet-trace.ts';
import type { Topology } from '../../topology/file/topology.ts';
import type { Uuid } from '../../topology/model/ids.ts';
import { formatInstant } from '../../topology/model/time.ts';
import { EmbeddedDatabase } from '../../topology/nsdb/embedded/embedded-database.ts';
import type { Nsdb } from '../../topology/nsdb/nsdb.ts';
import { NsdbError } from '../../topology/nsdb/nsdb-error.ts';
import type { OpenRunDatabase, RunDatabase } from '../../topology/nsdb/run-database.ts';
import { Agent } from '../agent.ts';
import type { AgentListener, AgentOptions } from '../agent-options.ts';
import { applyTopology } from '../apply-topology.ts';
import { MailboxFull } from '../mailbox.ts';
import { hexOf } from '../trace-outputs.ts';
import { VirtualTime } from '../virtual-time.ts';
import { AnswerQueue } from './answer-queue.ts';
import { Entrance, type WantsStory } from './entrance.ts';
import { Exit } from './exit.ts';
import { happen } from './happenings.ts';
import { Hosts } from './hosts.ts';
import { readState, writeState, type NetworkState } from './network-state.ts';
import type { ReplayListener } from './replay-listener.ts';
import type { Happening, Scenario } from './scenario.ts';
import { Segments } from './segments.ts';
import { StationPlace } from './station-place.ts';

export interface NetworkOptions extends Pick<
  AgentOptions,
  'hasFlows' | 'flowCapacity' | 'flowWatcher' | 'namesFacts' | 'followsChanges' | 'tracesGenerated'
> {
  /** Which packets' stories are wanted: asked before each enters. */
  readonly wantsStory?: WantsStory;
  /** The database to play on; one in this process where nothing is said. The run has the same results on any. */
  readonly database?: OpenRunDatabase;
}

/** An error of our own, met while a packet was handled. */
export class EngineFault extends Error {
  override readonly name = 'EngineFault';
}

/** What a network is set up on. */
interface Base {
  readonly time: VirtualTime;
  readonly database: RunDatabase;
  /** The agent's handle. */
  readonly nsdb: Nsdb;
}

/** The network that a run is played in: one agent, a database, a virtual clock, hosts and stations. */
export class PlayedNetwork {
  readonly agent: Agent;
  readonly time: VirtualTime;
  readonly stations: StationPlace;
  readonly segments: Segments;
  /** What stations are about to say. */
  readonly answers = new AnswerQueue();
  readonly entrance: Entrance;
  /** What went wrong first: an error of our own, or the database was lost. */
  fault: EngineFault | NsdbError | undefined;
  readonly #topology: Topology;
  readonly #database: RunDatabase;
  readonly #nsdb: Nsdb;
  readonly #hosts = new Hosts();
  readonly #exit: Exit;

  private constructor(scenario: Scenario, listener: ReplayListener, options: NetworkOptions, base: Base) {
    const { topology, seed, stations } = scenario;
    const { hasFlows, flowCapacity, flowWatcher, namesFacts, followsChanges, tracesGenerated, wantsStory } = options;
    this.#topology = topology;
    this.time = base.time;
    this.#database = base.database;
    this.#nsdb = base.nsdb;
    this.stations = new StationPlace(stations);
    this.segments = new Segments(topology, stations);
    const around = { time: this.time, hosts: this.#hosts, stations: this.stations, listener };
    this.#exit = new Exit({ ...around, answers: this.answers });
    this.agent = new Agent({
      nsdb: this.#nsdb,
      time: this.time,
      seed,
      ...(hasFlows !== undefined && { hasFlows }),
      ...(flowCapacity !== undefined && { flowCapacity }),
      ...(flowWatcher && { flowWatcher }),
      ...(namesFacts !== undefined && { namesFacts }),
      ...(followsChanges !== undefined && { followsChanges }),
      ...(tracesGenerated !== undefined && { tracesGenerated }),
      listener: this.#ears(listener),
    });
    this.entrance = new Entrance({ ...around, agent: this.agent, segments: this.segments, wantsStory });
  }

  /**
   * Sets it up: the topology is in the database, its hosts are alive, the agent is ready.
   *
   * @throws NsdbError when the database cannot be reached, or refuses
   */
  static async open(scenario: Scenario, listener: ReplayListener, options: NetworkOptions): Promise<PlayedNetwork> {
    const time = new VirtualTime();
    const database = options.database?.(time) ?? new EmbeddedDatabase(time);
    try {
      const nsdb = await database.open('agent');
      const network = new PlayedNetwork(scenario, listener, options, { time, database, nsdb });
      await network.#setUp();
      return network;
    } catch (cause) {
      await database.close();
      throw cause;
    }
  }

  async #setUp(): Promise<void> {
    await applyTopology(this.#nsdb, this.#topology);
    for (const [id, name] of this.#topology.names.nameOf) this.agent.directory.call(id, name);
    await this.#hosts.open(this.#database, this.#topology);
    await this.agent.open();
    await this.agent.settled();
    this.#nsdb.observeConnection(({ kind }) => {
      if (kind === 'connected' || kind === 'closed') return;
      this.fault ??= new NsdbError('disconnected', 'the link to the database was lost during the run; start it again');
    });
  }

  /** What would become of a frame that enters at the port; nothing changes by it. */
  async whatIf(port: Uuid, bytes: Uint8Array, wireLength: number, text: string): Promise<PacketTrace> {
    const refusal = this.#hosts.refusalIn(port);
    const at = this.agent.portOf(port);
    if (refusal === undefined) return this.#exit.told(await this.agent.whatIf(bytes, wireLength, at, text));
    return this.agent.refused({ packet: 0, bytes, wireLength, port: at }, { kind: 'what-if', text }, refusal);
  }

  /** Makes an event happen. @throws NsdbError when the database refuses */
  happen(what: Happening): Promise<void> {
    return happen(what, {
      nsdb: this.#nsdb,
      hosts: this.#hosts,
      move: (station, to) => {
        for (const answer of this.stations.move(station, to)) this.answers.add(this.time.instant, answer);
      },
    });
  }

  /** Has every station say who it is, as if it had just spoken. */
  async introduceStations(): Promise<void> {
    for (const station of this.stations.all()) {
      for (const answer of this.stations.move(station.name, station.port)) this.entrance.say(answer);
      // oxlint-disable-next-line eslint/no-await-in-loop -- one after the other, as they would
      await this.agent.settled();
    }
  }

  /** The flows as they are now. */
  flows(): readonly FlowView<FlowActions>[] {
    return [...this.agent.flows.flows()];
  }

  /** What it has learned of its stations. */
  state(): Promise<NetworkState> {
    return readState(this.#nsdb, this.#topology);
  }

  /** Lets it know what another has learned. @throws StateProblem */
  async assume(state: NetworkState): Promise<void> {
    await writeState(this.#nsdb, this.#topology, state);
    await this.agent.settled();
  }

  /** All that it remembers, in lines: equal lines, equal memory. See {@link Agent.dump}. */
  *dump(): Generator<string, void> {
    yield* this.agent.dump();
    yield* this.#database.dump?.() ?? [];
    for (const { at, answer } of this.answers.all()) yield `answer at ${formatInstant(at)}: ${hexOf(answer.bytes)}`;
  }

  async close(): Promise<void> {
    await this.agent.close();
    await this.#database.close();
  }

  /** What the agent does with packets, as the listener of the run is to hear it. */
  #ears(listener: ReplayListener): AgentListener {
    const exit = this.#exit;
    return {
      frameOut: (id, bytes, length, wireLength, packet) => {
        const port = this.agent.directory.uuidOf(id);
        if (port !== undefined) exit.left(port, bytes, length, wireLength, packet);
      },
      decided: (packet, outcome) => exit.ended(packet, outcome, (...end) => listener.ended(packet, ...end)),
      generated: ({ packet = 0, made }, by) => listener.generated(packet, made.cause, by),
      generatedEnded: (packet, outcome) =>
        exit.ended(packet, outcome, (...end) => listener.generatedEnded(packet, ...end)),
      limited: ({ cause }, by) => listener.limited(cause, by),
      traced: (trace) => listener.traced(exit.told(trace)),
      changed: (trace) => listener.changed?.(trace),
      faulted: (actor, topic, cause) => {
        if (cause instanceof MailboxFull) return; // the packet was dropped by name
        this.fault ??= new EngineFault(`${actor} failed at "${topic}"`, { cause });
      },
    };
  }
}
