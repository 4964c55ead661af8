import type { FlowView } from '../../datapath/flow-table/flow.ts';
import type { FlowActions } from '../../datapath/flow-actions.ts';
import { readCapture } from '../../datapath/capture/capture-file.ts';
import { ETHERNET } from '../../datapath/capture/link-type.ts';
import type { PacketOrigin, PacketTrace } from '../../datapath/trace/packet-trace.ts';
import { readMac } from '../../simulation/packet/arp.ts';
import type { Outcome } from '../../simulation/outcome.ts';
import type { PortId, Uuid } from '../../topology/model/ids.ts';
import type { Mac } from '../../topology/model/mac.ts';
import { compareInstants, EPOCH, instantAt, later, millisAt, type Instant } from '../../topology/model/time.ts';
import { EmbeddedDatabase } from '../../topology/nsdb/embedded/embedded-database.ts';
import type { EmbeddedNsdb } from '../../topology/nsdb/embedded/embedded-nsdb.ts';
import { Agent, type FlowWatcher } from '../agent.ts';
import { applyTopology } from '../apply-topology.ts';
import { MailboxFull } from '../comedy.ts';
import { HostPresence } from '../host-presence.ts';
import { VirtualTime } from '../virtual-time.ts';
import { adapt } from './adapt.ts';
import { happen } from './happenings.ts';
import { InputStream, isCaptureFault, type DueFrame } from './input-stream.ts';
import type { Scenario, ScenarioEvent } from './scenario.ts';
import { readState, writeState, type NetworkState } from './network-state.ts';
import { Segments } from './segments.ts';
import { StationPlace, type StationFrame } from './station-place.ts';
import { frameOf } from '../frame-of.ts';
import { selectorFor } from './selector-for.ts';

const AGENT_DEAD: Outcome = { kind: 'dropped', reason: 'agent-dead' };
/** The shortest frame that has a header whole. */
const ETHERNET_HEADER = 14;
/** Steps after which the event loop gets a turn: an interruption is heard within milliseconds. */
const STEPS_A_TURN = 256;

/** Where a frame of a capture comes from. */
interface FrameSource {
  /** Its input, by its place in the scenario. */
  readonly input: number;
  /** Its number in the capture. */
  readonly frame: number;
  /** No selector took it: it enters where the others go. */
  readonly isElse: boolean;
}

/** A frame on its way into the network. */
export interface FrameIn {
  readonly packet: number;
  readonly at: Instant;
  readonly port: Uuid;
  readonly bytes: Uint8Array;
  readonly wireLength: number;
  /** Undefined for a station's frame. */
  readonly source: FrameSource | undefined;
}

/** Why a frame of a capture never entered. */
export type Unplayed = 'not-selected' | 'cut-short' | 'link-type' | 'after-the-end';

/** Hears all that happens in a run, as it happens. */
export interface ReplayListener {
  /** An input's frame, or a station's, enters. Its bytes are good as long as the run. */
  frameIn(frame: FrameIn): void;
  /** Frames of an input that do not enter: one, or several of a link type. */
  unplayed(input: number, why: Unplayed, frames: number): void;
  /** A frame left by a port; its bytes, from 0 to `length`, are good until the call returns. */
  frameOut(port: Uuid, bytes: Uint8Array, length: number, wireLength: number, packet: number, at: Instant): void;
  /** A packet that {@link frameIn} told of has had its fate. `copies` of it left. */
  ended(packet: number, outcome: Outcome, copies: number): void;
  /** A device made a packet, because of packet `by`, or of its own accord. */
  generated(packet: number, cause: string, by: number | undefined): void;
  /** A packet that a device made has had its fate. */
  generatedEnded(packet: number, outcome: Outcome, copies: number): void;
  /** A device would have made a packet, but it was one too many (C12). */
  limited(cause: string, by: number): void;
  /** The story of a packet that was asked for. */
  traced(trace: PacketTrace): void;
  /** Asked between two packets: a promise when the outputs are behind, to be waited for. */
  room(): Promise<void> | undefined;
}

export interface ReplayOptions {
  /** Which packets' stories are wanted: asked before each enters. */
  readonly wantsStory?: (packet: number, bytes: Uint8Array, wireLength: number) => boolean;
  readonly tracesGenerated?: boolean;
  readonly flowWatcher?: FlowWatcher;
  /** False: every packet is simulated. */
  readonly hasFlows?: boolean;
  readonly flowCapacity?: number;
  /** How much of a capture is read at a time; changes nothing. */
  readonly chunkBytes?: number;
  /** Called between two packets, when all is settled. */
  readonly afterPacket?: (packet: number) => Promise<void> | undefined;
  /** The run stops after this frame of the first input has settled. */
  readonly stopAfterFrame?: number;
  /** The run stops between two packets once it is raised. */
  readonly signal?: AbortSignal;
}

/** How a run ended. */
export interface ReplayEnd {
  /** Captures that could not be read to their end, by the place of their input. */
  readonly faults: readonly { readonly input: number; readonly cause: Error }[];
  /** Events that the database refused. */
  readonly refused: readonly { readonly event: ScenarioEvent; readonly cause: Error }[];
  readonly at: Instant;
  /** Packets that were still waiting at the end. */
  readonly pending: number;
  /** The number of the last frame of the first input that was met; 0 when there was none. */
  readonly lastFrame: number;
  /** The signal was raised before the run was over. */
  readonly isInterrupted: boolean;
}

/** An error of our own, met while a packet was handled. */
export class EngineFault extends Error {
  override readonly name = 'EngineFault';
}

/** A host's side of the run. */
interface Host {
  readonly presence: HostPresence;
  readonly nsdb: EmbeddedNsdb;
  isDead: boolean;
}

/**
 * Plays a scenario: one agent, an embedded database, a virtual clock. What happens is ordered by time; at one instant events come
 * before timers and timers before frames, these in the order of their inputs (C9). The next is let in when all is settled.
 */
export class Replay {
  readonly agent: Agent;
  readonly time = new VirtualTime();
  readonly #scenario: Scenario;
  readonly #listener: ReplayListener;
  readonly #options: ReplayOptions;
  readonly #database = new EmbeddedDatabase(this.time);
  readonly #nsdb: EmbeddedNsdb;
  readonly #hosts = new Map<Uuid, Host>();
  readonly #stations: StationPlace;
  readonly #segments: Segments;
  readonly #inputs: InputStream[];
  /** Frames that stations will send, soonest first. */
  readonly #answers: { readonly at: Instant; readonly answer: StationFrame }[] = [];
  readonly #hostOf = new Map<Uuid, Uuid>();
  readonly #copies = new Map<number, number>();
  readonly #refused: { event: ScenarioEvent; cause: Error }[] = [];
  #events: readonly ScenarioEvent[];
  #fault: EngineFault | undefined;
  #lastFrame = 0;
  #isInterrupted = false;
  #steps = 0;

  constructor(scenario: Scenario, listener: ReplayListener, options: ReplayOptions = {}) {
    this.#scenario = scenario;
    this.#listener = listener;
    this.#options = options;
    this.#nsdb = this.#database.open('agent');
    this.#stations = new StationPlace(scenario.stations);
    this.#segments = new Segments(scenario.topology, scenario.stations);
    this.#inputs = scenario.inputs.map((input) => new InputStream(input, options.chunkBytes));
    this.#events = scenario.events.toSorted((a, b) => compareInstants(a.at, b.at));
    for (const { class: cls, object } of scenario.topology.objects) {
      if (cls === 'Port' && object.hostId !== undefined) this.#hostOf.set(object.id, object.hostId);
    }
    const { hasFlows, flowCapacity, tracesGenerated, flowWatcher } = options;
    this.agent = new Agent({
      nsdb: this.#nsdb,
      time: this.time,
      seed: scenario.seed,
      ...(hasFlows !== undefined && { hasFlows }),
      ...(flowCapacity !== undefined && { flowCapacity }),
      ...(tracesGenerated !== undefined && { tracesGenerated }),
      ...(flowWatcher && { flowWatcher }),
      listener: {
        frameOut: (port, bytes, length, wireLength, packet) => this.#frameOut(port, bytes, length, wireLength, packet),
        decided: (packet, outcome) => this.#ended(packet, outcome, (...end) => listener.ended(packet, ...end)),
        generated: ({ packet = 0, made }, by) => listener.generated(packet, made.cause, by),
        generatedEnded: (packet, outcome) =>
          this.#ended(packet, outcome, (...end) => listener.generatedEnded(packet, ...end)),
        limited: ({ cause }, by) => listener.limited(cause, by),
        traced: (trace) => listener.traced(trace),
        faulted: (actor, topic, cause) => {
          if (cause instanceof MailboxFull) return; // the packet was dropped by name
          this.#fault ??= new EngineFault(`${actor} failed at "${topic}"`, { cause });
        },
      },
    });
  }

  /** Sets the network up: the topology is in the database, its hosts are alive, the agent is ready. */
  async open(): Promise<void> {
    const { names } = this.#scenario.topology;
    await applyTopology(this.#nsdb, this.#scenario.topology);
    for (const [id, name] of names.nameOf) this.agent.directory.call(id, name);
    for (const [name, id] of names.hosts) {
      const nsdb = this.#database.open(name);
      const presence = new HostPresence(id, nsdb);
      presence.open();
      this.#hosts.set(id, { presence, nsdb, isDead: false });
    }
    await this.agent.open();
    await this.agent.settled();
  }

  /** Plays everything. */
  async run(): Promise<ReplayEnd> {
    await this.#openInputs();
    await this.#play();
    if (this.#fault !== undefined) throw this.#fault;
    for (const [input, { interfaces }] of this.#inputs.entries()) {
      for (const { linkType, frames } of interfaces) {
        if (linkType !== ETHERNET && frames > 0) this.#listener.unplayed(input, 'link-type', frames);
      }
    }
    const faults = this.#inputs.flatMap(({ fault }, input) => (fault === undefined ? [] : [{ input, cause: fault }]));
    return {
      faults,
      refused: this.#refused,
      at: this.time.instant,
      pending: this.agent.pending,
      lastFrame: this.#lastFrame,
      isInterrupted: this.#isInterrupted,
    };
  }

  /** Has every station say who it is, as if it had just spoken. */
  async introduceStations(): Promise<void> {
    for (const station of this.#stations.all()) {
      for (const answer of this.#stations.move(station.name, station.port)) this.#enterStation(answer);
      // oxlint-disable-next-line eslint/no-await-in-loop -- one after the other, as they would
      await this.agent.settled();
    }
  }

  /** What the network has learned of its stations. */
  state(): Promise<NetworkState> {
    return readState(this.#nsdb, this.#scenario.topology);
  }

  /** Lets the network know what another has learned. @throws StateProblem */
  async assume(state: NetworkState): Promise<void> {
    await writeState(this.#nsdb, this.#scenario.topology, state);
    await this.agent.settled();
  }

  /** The flows as they are now. */
  flows(): readonly FlowView<FlowActions>[] {
    return [...this.agent.flows.flows()];
  }

  async close(): Promise<void> {
    await Promise.all(this.#inputs.map((input) => input.close()));
    await this.agent.close();
  }

  async #openInputs(): Promise<void> {
    await this.#findPlayed();
    this.#impliedGateways();
    const firsts = await Promise.all(this.#inputs.map((input) => input.open()));
    let earliest: Instant | undefined;
    for (const [at, { input }] of this.#inputs.entries()) {
      const first = firsts[at];
      if (first === undefined || input.align !== 'capture') continue;
      if (earliest === undefined || compareInstants(first, earliest) < 0) earliest = first;
    }
    for (const [at, stream] of this.#inputs.entries()) {
      const first = firsts[at];
      if (first !== undefined) stream.startAt(stream.input.align === 'capture' ? (earliest ?? first) : first);
    }
  }

  /** Where an adapted capture is played, the gateways that routers expect there are at home. */
  #impliedGateways(): void {
    const known = new Set<Mac>();
    for (const { l2, selectors, otherwise } of this.#scenario.inputs) {
      if (l2 !== 'adapt') continue;
      const ports = [...selectors.map(({ port }) => port), ...(otherwise === undefined ? [] : [otherwise])];
      for (const port of ports) {
        for (const gateway of this.#segments.gatewaysAt(port)) {
          if (!known.has(gateway.mac)) this.#stations.spoken(port, gateway);
          known.add(gateway.mac);
        }
      }
    }
  }

  /** Finds the stations whose MAC a capture plays as recorded: they keep silent from the start. */
  async #findPlayed(): Promise<void> {
    const macs = new Set(this.#scenario.stations.map(({ mac }) => mac));
    const kept = this.#scenario.inputs.filter(({ l2 }) => l2 === 'keep');
    if (macs.size === 0) return;
    await Promise.all(
      kept.map(async ({ path }) => {
        try {
          for await (const frames of readCapture(path)) {
            if (this.#isStopped()) return;
            for (const { bytes } of frames) {
              if (bytes.length < ETHERNET_HEADER) continue;
              const source = readMac(bytes, 6);
              if (macs.has(source)) this.#stations.played(source);
            }
          }
        } catch (cause) {
          if (!isCaptureFault(cause)) throw cause; // the run itself meets the fault again, and tells it
        }
      }),
    );
  }

  /* oxlint-disable eslint/no-await-in-loop -- one thing after the other is what a run is */
  async #play(): Promise<void> {
    const { until } = this.#scenario;
    while (this.#fault === undefined) {
      if (this.#steps++ % STEPS_A_TURN === 0) await turn();
      if (this.#isStopped()) return;
      const event = this.#events[0];
      const timer = this.time.next;
      const input = this.#nextInput();
      const [answer] = this.#answers;
      const frameAt = earlier(input?.next?.at, answer?.at);
      if (event === undefined && frameAt === undefined && this.agent.pending === 0 && until === undefined) return;
      const next = earlier(earlier(event?.at, timer), frameAt);
      if (next === undefined) return;
      if (until !== undefined && compareInstants(next, until) > 0) {
        this.time.advanceTo(until);
        await this.#dropRest();
        return;
      }
      if (event !== undefined && isAt(event.at, next)) {
        this.time.advanceTo(next);
        this.#events = this.#events.slice(1);
        await this.#happen(event);
      } else if (timer !== undefined && isAt(timer, next)) {
        this.time.runNext();
      } else if (input?.next !== undefined && isAt(input.next.at, next)) {
        this.time.advanceTo(next);
        const at = this.#inputs.indexOf(input);
        const { frame } = input.next;
        if (at === 0) this.#lastFrame = frame.index;
        const packet = this.#enterFrame(at, input, input.next);
        const more = input.advance();
        if (more !== undefined) await more;
        if (!this.agent.idle) await this.agent.settled();
        if (packet !== undefined && this.#options.afterPacket !== undefined) await this.#options.afterPacket(packet);
        if (at === 0 && frame.index === this.#options.stopAfterFrame) return;
      } else if (answer !== undefined) {
        this.time.advanceTo(next);
        this.#answers.shift();
        this.#enterStation(answer.answer);
      }
      if (!this.agent.idle) await this.agent.settled();
      const room = this.#listener.room();
      if (room !== undefined) await room;
    }
  }
  /* oxlint-enable eslint/no-await-in-loop */

  #isStopped(): boolean {
    this.#isInterrupted ||= this.#options.signal?.aborted === true;
    return this.#isInterrupted;
  }

  /** The input whose frame is due first; of equals the one declared first. */
  #nextInput(): InputStream | undefined {
    let first: InputStream | undefined;
    for (const input of this.#inputs) {
      if (input.next === undefined) continue;
      if (first?.next === undefined || compareInstants(input.next.at, first.next.at) < 0) first = input;
    }
    return first;
  }

  /** Counts the frames that would have come after the end. */
  async #dropRest(): Promise<void> {
    /* oxlint-disable eslint/no-await-in-loop -- a file is read in order */
    for (const [at, input] of this.#inputs.entries()) {
      while (input.next !== undefined) {
        if (this.#steps++ % STEPS_A_TURN === 0) await turn();
        if (this.#isStopped()) return;
        this.#listener.unplayed(at, 'after-the-end', 1);
        await input.advance();
      }
    }
    /* oxlint-enable eslint/no-await-in-loop */
  }

  /** Lets a frame of a capture in; returns its number, or undefined when it does not enter. */
  #enterFrame(at: number, stream: InputStream, { frame }: DueFrame): number | undefined {
    const { input } = stream;
    if (frame.bytes.length < ETHERNET_HEADER) {
      this.#listener.unplayed(at, 'cut-short', 1);
      return undefined;
    }
    const read =
      input.selectors.length > 0 || input.l2 === 'adapt' ? frameOf(frame.bytes, frame.wireLength) : undefined;
    const selector = selectorFor(input, frame, read?.words, stream.interfaces);
    const port = selector?.port ?? input.otherwise;
    if (port === undefined) {
      this.#listener.unplayed(at, 'not-selected', 1);
      return undefined;
    }
    let { bytes } = frame;
    if (input.l2 === 'adapt' && read !== undefined) {
      const adapted = adapt(read, port, this.#segments);
      ({ bytes } = adapted);
      if (adapted.speaker !== undefined) this.#stations.spoken(port, adapted.speaker);
    }
    const origin: PacketOrigin = { kind: 'capture', file: input.name, frame: frame.index };
    return this.#enter(port, bytes, frame.wireLength, origin, {
      input: at,
      frame: frame.index,
      isElse: selector === undefined && input.selectors.length > 0,
    });
  }

  #enterStation({ station, bytes, because }: StationFrame): void {
    const port = this.#stations.portOf(station);
    if (port === undefined) return;
    this.#enter(port, bytes, bytes.length, { kind: 'station', station: station.name, because }, undefined);
  }

  #enter(port: Uuid, bytes: Uint8Array, wireLength: number, origin: PacketOrigin, source: FrameIn['source']): number {
    const packet = this.agent.nextPacket();
    this.#listener.frameIn({ packet, at: this.time.instant, port, bytes, wireLength, source });
    if (this.#isDead(port)) {
      this.#listener.ended(packet, AGENT_DEAD, 0);
      return packet;
    }
    const story = this.#options.wantsStory?.(packet, bytes, wireLength) === true ? { story: origin } : {};
    this.agent.receive({ packet, bytes, wireLength, port: this.agent.portOf(port), ...story });
    return packet;
  }

  #frameOut(id: PortId, bytes: Uint8Array, length: number, wireLength: number, packet: number): void {
    const port = this.agent.directory.uuidOf(id);
    if (port === undefined) return;
    if (this.#isDead(port)) {
      return; // nobody has it
    }
    this.#copies.set(packet, (this.#copies.get(packet) ?? 0) + 1);
    this.#listener.frameOut(port, bytes, length, wireLength, packet, this.time.instant);
    if (this.#stations.size === 0) return;
    for (const answer of this.#stations.reached(port, bytes, length)) {
      this.#schedule(instantAt(later(millisAt(this.time.instant), answer.station.delay)), answer);
    }
  }

  /** Puts an answer behind those that are due no later. */
  #schedule(at: Instant, answer: StationFrame): void {
    let place = this.#answers.length;
    while (place > 0 && compareInstants(this.#answers[place - 1]?.at ?? EPOCH, at) > 0) place--;
    this.#answers.splice(place, 0, { at, answer });
  }

  /** What was forwarded to dead agents only has reached nobody. */
  #ended(packet: number, outcome: Outcome, tell: (outcome: Outcome, copies: number) => void): void {
    const copies = this.#copies.get(packet) ?? 0;
    this.#copies.delete(packet);
    tell(outcome.kind === 'forwarded' && copies === 0 ? AGENT_DEAD : outcome, copies);
  }

  #isDead(port: Uuid): boolean {
    const host = this.#hostOf.get(port);
    return host !== undefined && this.#hosts.get(host)?.isDead === true;
  }

  async #happen(event: ScenarioEvent): Promise<void> {
    try {
      await happen(event.what, {
        nsdb: this.#nsdb,
        link: (port, isUp) => this.#hostFor(port)?.presence.link(port, isUp),
        move: (station, to) => {
          for (const answer of this.#stations.move(station, to)) this.#schedule(this.time.instant, answer);
        },
        kill: (host) => {
          const one = this.#hosts.get(host);
          if (one === undefined) return;
          one.isDead = true;
          one.nsdb.cutLink();
        },
        partition: (host, isCut) => {
          const one = this.#hosts.get(host);
          if (isCut) one?.nsdb.cutLink();
          else one?.nsdb.restoreLink();
        },
      });
    } catch (cause) {
      if (!(cause instanceof Error)) throw cause;
      this.#refused.push({ event, cause });
    }
  }

  #hostFor(port: Uuid): Host | undefined {
    const host = this.#hostOf.get(port);
    return host === undefined ? undefined : this.#hosts.get(host);
  }
}

function earlier(a: Instant | undefined, b: Instant | undefined): Instant | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return compareInstants(b, a) < 0 ? b : a;
}

function isAt(a: Instant, b: Instant): boolean {
  return compareInstants(a, b) === 0;
}

/** Lets the event loop go round once. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
