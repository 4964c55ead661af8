import type { PacketTrace } from '../../datapath/trace/packet-trace.ts';
import type { Uuid } from '../../topology/model/ids.ts';
import type { Ipv4 } from '../../topology/model/ipv4.ts';
import type { Surroundings } from '../expression/surroundings.ts';
import { frameOf } from '../frame-of.ts';
import { adapt } from './adapt.ts';
import { plural } from './expectations/counts.ts';
import { learnedStations } from './learned-stations.ts';
import { Replay, type ReplayOptions } from './replay.ts';
import type { ReplayListener } from './replay-listener.ts';
import type { NetworkState } from './network-state.ts';
import type { Scenario, Station } from './scenario.ts';
import { Segments } from './segments.ts';
import { ANSWER_DELAY } from './station-place.ts';

/** What the network knows when a what-if begins. */
export type InitialState =
  /** As if every station had just spoken. */
  | { readonly kind: 'stations' }
  /** Nothing but the topology. */
  | { readonly kind: 'empty' }
  /** What another run has learned. */
  | { readonly kind: 'given'; readonly state: NetworkState }
  /** As after this frame of the scenario's first input; 0 is before the first. */
  | { readonly kind: 'after-frame'; readonly frame: number };

/** A station that nobody declared and that was taken for granted. */
export interface Assumption {
  readonly address: Ipv4;
  readonly port: Uuid;
}

/** A state that cannot be brought about: why, for people. */
export class WhatIfProblem extends Error {
  override readonly name = 'WhatIfProblem';
}

const SILENT: ReplayListener = {
  frameIn() {},
  unplayed() {},
  frameOut() {},
  frameLost() {},
  ended() {},
  generated() {},
  generatedEnded() {},
  limited() {},
  traced() {},
  room: () => undefined,
};

/**
 * A network in which one may ask what would become of packets. Asking changes nothing: each packet meets the state that was set up
 * at the beginning.
 */
export class WhatIf {
  readonly #replay: Replay;
  readonly #segments: Segments;
  readonly #declared: readonly Station[];
  readonly assumptions: readonly Assumption[];

  private constructor(
    replay: Replay,
    segments: Segments,
    declared: readonly Station[],
    assumptions: readonly Assumption[],
  ) {
    this.#replay = replay;
    this.#segments = segments;
    this.#declared = declared;
    this.assumptions = assumptions;
  }

  /**
   * Sets the network up.
   *
   * @param talking addresses that packets will be about: with the state `stations`, those that no station has are assumed to be
   *   plugged into their segment, as are the gateways that routes name
   * @param reading of the captures that are played for the state `after-frame`; its signal ends that
   * @throws WhatIfProblem when the scenario has no such frame, or the signal is raised; StateProblem when a given state does not fit
   */
  static async open(
    scenario: Scenario,
    state: InitialState,
    talking: readonly Ipv4[],
    at: Uuid,
    reading: Pick<ReplayOptions, 'readCapture' | 'signal'> = {},
  ): Promise<WhatIf> {
    const declared = new Segments(scenario.topology, scenario.stations);
    const assumed = state.kind === 'stations' ? assumedStations(declared, scenario.stations, talking, at) : [];
    const stations = [...scenario.stations, ...assumed];
    const replay = await Replay.open(
      { ...scenario, stations },
      SILENT,
      state.kind === 'after-frame' ? { stopAfterFrame: state.frame, ...reading } : {},
    );
    try {
      if (state.kind === 'stations') await replay.network.introduceStations();
      if (state.kind === 'after-frame') await playUpTo(state.frame, replay, scenario);
      if (state.kind === 'given') await replay.network.assume(state.state);
    } catch (cause) {
      await replay.close();
      throw cause;
    }
    const learned = state.kind === 'given' ? learnedStations(scenario.topology, state.state) : [];
    const assumptions = assumed.map(({ addresses: [address], port }) => ({ address, port }));
    return new WhatIf(
      replay,
      new Segments(scenario.topology, [...stations, ...learned]),
      scenario.stations,
      assumptions.flatMap(({ address, port }) => (address === undefined ? [] : [{ address, port }])),
    );
  }

  /** Who is around a port: for packets that leave things unsaid. */
  surroundingsOf(port: Uuid): Surroundings {
    return {
      macOf: (address) => this.#segments.macOf(port, address),
      stationMacFor: (address) => this.#stationAt(port, address)?.mac,
      nextHopMacFor: (source, destination) => this.#segments.nextHopFor(port, source, destination),
    };
  }

  /** A recorded frame with the MACs that this network expects at the port. */
  adapted(port: Uuid, bytes: Uint8Array, wireLength: number): Uint8Array {
    return adapt(frameOf(bytes, wireLength), port, this.#segments).bytes;
  }

  /** What would become of a frame that enters at the port. */
  trace(port: Uuid, bytes: Uint8Array, wireLength: number, text: string): Promise<PacketTrace> {
    return this.#replay.network.whatIf(port, bytes, wireLength, text);
  }

  #stationAt(port: Uuid, address: Ipv4): Station | undefined {
    const here = this.#declared.filter((station) => station.port === port);
    return here.find(({ addresses }) => addresses.includes(address)) ?? (here.length === 1 ? here[0] : undefined);
  }

  close(): Promise<void> {
    return this.#replay.close();
  }
}

async function playUpTo(frame: number, replay: Replay, { inputs: [input] }: Scenario): Promise<void> {
  if (input === undefined) throw new WhatIfProblem('the scenario has no input: there are no frames');
  if (frame === 0) return;
  const { isInterrupted, lastFrame, faults } = await replay.run();
  if (isInterrupted) throw new WhatIfProblem('interrupted');
  if (lastFrame >= frame) return;
  const fault = faults.find((one) => one.input === 0);
  if (fault !== undefined) throw fault.cause;
  throw new WhatIfProblem(`the run has ${lastFrame} ${plural('frame', lastFrame)} of ${input.name}`);
}

function assumedStations(
  segments: Segments,
  declared: readonly Station[],
  talking: readonly Ipv4[],
  at: Uuid,
): Station[] {
  const known = new Set(declared.flatMap(({ addresses }) => addresses));
  const assumed: Station[] = [];
  const [source, ...others] = talking;
  for (const address of new Set([...others, ...segments.gateways()])) {
    if (known.has(address) || address === source) continue;
    const home = segments.homeOf(address, at);
    if (home === undefined) continue;
    assumed.push({
      name: `assumed ${address}`,
      port: home.port,
      mac: home.speaker.mac,
      addresses: [address],
      addresses6: [],
      delay: ANSWER_DELAY,
    });
  }
  const speaker = source === undefined || known.has(source) ? undefined : segments.speakerFor(at, source);
  if (source !== undefined && speaker?.address === source && segments.mayBeAt(at, speaker.mac)) {
    assumed.push({
      name: `assumed ${source}`,
      port: at,
      mac: speaker.mac,
      addresses: [source],
      addresses6: [],
      delay: ANSWER_DELAY,
    });
  }
  return assumed;
}
