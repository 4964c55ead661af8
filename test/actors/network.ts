import { Agent } from '../../actors/agent.ts';
import type { AgentOptions } from '../../actors/agent-options.ts';
import { applyTopology } from '../../actors/apply-topology.ts';
import { HostPresence } from '../../actors/host-presence.ts';
import type { Station } from '../../actors/scenario/scenario.ts';
import { StationPlace } from '../../actors/scenario/station-place.ts';
import { VirtualTime } from '../../actors/virtual-time.ts';
import { hexOf } from '../../actors/trace-outputs.ts';
import type { PacketTrace } from '../../datapath/trace/packet-trace.ts';
import type { Outcome } from '../../simulation/outcome.ts';
import { describeFrame } from '../../simulation/packet/format-packet.ts';
import { tagOf } from '../../simulation/tag.ts';
import { formatProblem } from '../../topology/file/file-problem.ts';
import { loadTopology } from '../../topology/file/load-topology.ts';
import type { Topology } from '../../topology/file/topology.ts';
import type { ClassName } from '../../topology/model/bindings.ts';
import type { Uuid } from '../../topology/model/ids.ts';
import type { Ipv4 } from '../../topology/model/ipv4.ts';
import type { JsonObject } from '../../topology/model/json.ts';
import type { Mac } from '../../topology/model/mac.ts';
import { compareInstants, instantAt, later, millisAt, millisOf } from '../../topology/model/time.ts';
import { EmbeddedDatabase } from '../../topology/nsdb/embedded/embedded-database.ts';
import type { EmbeddedNsdb } from '../../topology/nsdb/embedded/embedded-nsdb.ts';
import type { Nsdb } from '../../topology/nsdb/nsdb.ts';
import { frameOf } from '../../actors/frame-of.ts';

/** A host plugged in at a port: answers ARP and pings. */
export interface Plugged {
  readonly port: string;
  readonly mac: Mac;
  readonly addresses: readonly Ipv4[];
  /** In milliseconds; 1 where nothing is said. */
  readonly delay?: number;
}

export interface NetworkOptions extends Partial<Pick<AgentOptions, 'seed' | 'hasFlows' | 'flowCapacity'>> {
  readonly stations?: readonly Plugged[];
  /** Tells the stories of all packets. */
  readonly traced?: boolean;
}

/** A frame that left. */
export interface FrameOut {
  readonly port: string;
  readonly bytes: Uint8Array;
  readonly packet: number;
  /** In milliseconds of the virtual clock. */
  readonly at: number;
  /** The way it went, by name. */
  readonly path: string;
}

/** What became of one frame that was sent. */
export interface Sent {
  readonly packet: number;
  /** `forwarded`, or `dropped no-route`; undefined while it waits. */
  readonly end: string | undefined;
  /** The ports that it left by, sorted. */
  readonly to: readonly string[];
  readonly trace: PacketTrace | undefined;
}

/** A network out of a topology file, with one agent, an embedded database and a clock that stands still: for telling stories. */
export class Network {
  readonly topology: Topology;
  readonly time = new VirtualTime();
  readonly agent: Agent;
  readonly database = new EmbeddedDatabase(this.time);
  /** The agent's. */
  readonly nsdb: EmbeddedNsdb;
  /** Everything that left, in order. */
  readonly out: FrameOut[] = [];
  /** How packets ended, by their numbers; those that devices made too. */
  readonly ends = new Map<number, Outcome>();
  /** Packets that devices made, by their numbers: why, and what caused them. */
  readonly made = new Map<number, { readonly cause: string; readonly by: number | undefined }>();
  /** Answers that the limiter ate. */
  limited = 0;
  /** Observations and tables that the agent has open. */
  watches = 0;
  readonly traces: PacketTrace[] = [];
  readonly faults: string[] = [];
  readonly #hosts = new Map<Uuid, HostPresence>();
  readonly #stations: StationPlace;
  readonly #options: NetworkOptions;

  private constructor(topology: Topology, options: NetworkOptions) {
    this.topology = topology;
    this.#options = options;
    this.nsdb = this.database.open('agent');
    this.#stations = new StationPlace((options.stations ?? []).map((one) => this.#stationOf(one)));
    const { seed, hasFlows, flowCapacity } = options;
    this.agent = new Agent({
      nsdb: this.#counted(this.nsdb),
      time: this.time,
      ...(seed !== undefined && { seed }),
      ...(hasFlows !== undefined && { hasFlows }),
      ...(flowCapacity !== undefined && { flowCapacity }),
      ...(options.traced === true && { tracesGenerated: true }),
      listener: {
        frameOut: (port, bytes, length, _wire, packet) => {
          const id = this.agent.directory.uuidOf(port);
          const [at, path] = [this.time.now(), this.agent.currentPath()];
          this.out.push({ port: this.nameOf(id), bytes: bytes.slice(0, length), packet, at, path });
          if (id !== undefined) this.#reach(id, bytes, length);
        },
        decided: (packet, outcome) => this.#end(packet, outcome),
        generated: ({ packet = 0, made }, by) => this.made.set(packet, { cause: made.cause, by }),
        generatedEnded: (packet, outcome) => this.#end(packet, outcome),
        limited: () => void this.limited++,
        traced: (trace) => void this.traces.push(trace),
        faulted: (actor, topic, cause) =>
          void this.faults.push(
            `${actor} at ${topic}: ${cause instanceof Error ? (cause.stack ?? '') : String(cause)}`,
          ),
      },
    });
  }

  /** @throws Error when the text is no topology */
  static async of(text: string, options: NetworkOptions = {}): Promise<Network> {
    const loaded = loadTopology(text, { path: 'story.yaml' });
    if (!loaded.ok) throw new Error(loaded.errors.map(formatProblem).join('\n'));
    const network = new Network(loaded.topology, options);
    await applyTopology(network.nsdb, loaded.topology);
    for (const [name, id] of loaded.topology.names.hosts) {
      const presence = new HostPresence(id, network.database.open(name));
      presence.open();
      network.#hosts.set(id, presence);
    }
    await network.agent.open();
    await network.settled();
    return network;
  }

  /** The id of a port `bridge:port`, or of a bridge or router. */
  id(name: string): Uuid {
    const { ports, devices } = this.topology.names;
    const id = ports.get(name) ?? devices.get(name);
    if (id === undefined) throw new Error(`nothing is called ${name}; there are ${[...ports.keys()].join(' ')}`);
    return id;
  }

  nameOf(id: Uuid | undefined): string {
    for (const [name, one] of this.topology.names.ports) if (one === id) return name;
    return String(id);
  }

  /** Lets a frame in at a port, and waits until nothing is under way. */
  async send(port: string, bytes: Uint8Array, wireLength = bytes.length): Promise<Sent> {
    const [packet] = this.post(port, bytes, wireLength);
    await this.settled();
    return this.fateOf(packet);
  }

  /** Lets frames in without waiting for anything; returns their numbers. */
  post(port: string, bytes: Uint8Array, wireLength = bytes.length): readonly [number] {
    const packet = this.agent.nextPacket();
    const origin = { kind: 'capture', file: 'story', frame: packet } as const;
    this.agent.receive({
      packet,
      bytes,
      wireLength,
      port: this.agent.portOf(this.id(port)),
      ...(this.#options.traced === true && { story: origin }),
    });
    return [packet];
  }

  /** What has become of a packet until now. */
  fateOf(packet: number): Sent {
    const end = this.ends.get(packet);
    return {
      packet,
      end: end && wordsOf(end),
      to: this.out
        .filter((one) => one.packet === packet)
        .map(({ port }) => port)
        .toSorted(),
      trace: this.traces.findLast((trace) => trace.packet === packet),
    };
  }

  /** Moves the clock on by so many milliseconds, with all that falls due meanwhile. */
  async advance(milliseconds: number): Promise<void> {
    await this.advanceTo(this.time.now() + milliseconds);
  }

  async advanceTo(milliseconds: number): Promise<void> {
    const end = instantAt(millisOf(milliseconds));
    for (let next = this.time.next; next !== undefined && compareInstants(next, end) <= 0; next = this.time.next) {
      this.time.runNext();
      // oxlint-disable-next-line eslint/no-await-in-loop -- one after the other, as in a run
      await this.settled();
    }
    this.time.advanceTo(end);
  }

  /** Changes fields of a stored object. Null takes one away. */
  async update(cls: ClassName, name: string, fields: JsonObject): Promise<void> {
    await this.nsdb.transact((transaction) =>
      transaction.update(cls, this.id(name), (before) =>
        Object.fromEntries(Object.entries({ ...before, ...fields }).filter(([, value]) => value !== null)),
      ),
    );
    await this.settled();
  }

  async create(cls: ClassName, id: Uuid, fields: JsonObject): Promise<void> {
    await this.nsdb.transact((transaction) => transaction.create(cls, id, fields));
    await this.settled();
  }

  async delete(cls: ClassName, id: Uuid): Promise<void> {
    await this.nsdb.transact((transaction) => transaction.delete(cls, id));
    await this.settled();
  }

  /** The interface behind an exterior port loses or regains its link. */
  async link(port: string, isUp: boolean): Promise<void> {
    for (const presence of this.#hosts.values()) presence.link(this.id(port), isUp);
    await this.settled();
  }

  /** Resolves when nothing is under way. Throws what an actor threw. */
  async settled(): Promise<void> {
    await this.agent.settled();
    if (this.faults.length > 0) throw new Error(this.faults.join('\n'));
  }

  /** How many flows rest on a device or port. */
  flowsOf(name: string): number {
    return this.agent.flows.carriersOf(tagOf('Device', this.agent.directory.deviceOf(this.id(name))));
  }

  /** What would become of a frame. */
  whatIf(port: string, bytes: Uint8Array, wireLength = bytes.length): Promise<PacketTrace> {
    return this.agent.whatIf(bytes, wireLength, this.agent.portOf(this.id(port)), 'what if');
  }

  /** What left since, in words, and forgets it. */
  taken(): readonly string[] {
    const told = this.out.map(({ port, bytes }) => `${port} ${describeFrame(frameOf(bytes))}`);
    this.out.length = 0;
    return told;
  }

  /** All that can be told of a run, to be compared with another's. */
  story(): readonly string[] {
    return [
      ...this.out.map(({ port, bytes, packet, at }) => `${at} ${packet} ${port} ${hexOf(bytes)}`),
      ...[...this.ends].map(([packet, outcome]) => `${packet} ${wordsOf(outcome)}`),
    ];
  }

  /** All that is remembered, in lines: by the agent and in the database. */
  *dump(): Generator<string, void> {
    yield* this.agent.dump();
    yield* this.database.dump();
  }

  async close(): Promise<void> {
    await this.agent.close();
    for (const presence of this.#hosts.values()) presence.close();
  }

  #end(packet: number, outcome: Outcome): void {
    if (this.ends.has(packet)) this.faults.push(`packet ${packet} has ended twice`);
    this.ends.set(packet, outcome);
  }

  #reach(port: Uuid, bytes: Uint8Array, length: number): void {
    for (const { station, bytes: answer } of this.#stations.reached(port, bytes, length)) {
      this.time.at(later(millisAt(this.time.instant), station.delay), () => {
        const packet = this.agent.nextPacket();
        this.agent.receive({ packet, bytes: answer, wireLength: answer.length, port: this.agent.portOf(station.port) });
      });
    }
  }

  #stationOf({ port, mac, addresses, delay = 1 }: Plugged): Station {
    return { name: `${port} ${mac}`, port: this.id(port), mac, addresses, addresses6: [], delay };
  }

  /** The same database, with its observations counted. */
  #counted(nsdb: EmbeddedNsdb): Nsdb {
    const counted = <T extends { close(): void }>(watch: T): T => {
      this.watches++;
      const close = watch.close.bind(watch);
      let isOpen = true;
      watch.close = () => {
        if (isOpen) this.watches--;
        isOpen = false;
        close();
      };
      return watch;
    };
    const counting: Partial<Nsdb> = {
      observe: (...args) => counted(nsdb.observe(...args)),
      observeReferrers: (...args) => counted(nsdb.observeReferrers(...args)),
      observeState: (...args) => counted(nsdb.observeState(...args)),
      table: (...args) => counted(nsdb.table(...args)),
    };
    return new Proxy<Nsdb>(nsdb, {
      get: (target, name) => {
        const own: unknown = Reflect.get(counting, name);
        if (own !== undefined) return own;
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
  }
}

export function wordsOf({ kind, reason }: Outcome): string {
  return reason === undefined ? kind : `${kind} ${reason}`;
}

/** The tags that a packet gathered, in words, as its story has them. */
export function tagsOf({ trace }: Sent): readonly string[] {
  return trace?.flow?.tags ?? [];
}
