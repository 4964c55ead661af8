import { compareInstants, type Instant } from '../../topology/model/time.ts';
import { Agenda } from './agenda.ts';
import { Inputs, type InputFault, type UnreadableInterface } from './inputs.ts';
import type { Reading } from './input-stream.ts';
import { PlayedNetwork, type NetworkOptions } from './played-network.ts';
import type { ReplayListener } from './replay-listener.ts';
import type { Scenario, ScenarioEvent } from './scenario.ts';
import { hearCaptures } from './spoken-for.ts';

/** Steps after which the event loop gets a turn: an interruption is heard within milliseconds. */
const STEPS_A_TURN = 256;

/** What is said of the reading of captures changes nothing in the run. */
export interface ReplayOptions extends NetworkOptions, Omit<Reading, 'signal'> {
  /** Called between two packets, when all is settled. */
  readonly afterPacket?: (packet: number) => Promise<void> | undefined;
  /** The run stops after this frame of the first input has settled. */
  readonly stopAfterFrame?: number;
  /** The run stops between two packets once it is raised, or where it waits for an input. */
  readonly signal?: AbortSignal;
}

/** How a run ended. */
export interface ReplayEnd {
  readonly faults: readonly InputFault[];
  /** Interfaces of captures that are not Ethernet: their frames were counted, not played. */
  readonly unreadable: readonly UnreadableInterface[];
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

/** Plays a scenario, in the order of its {@link Agenda}: one thing happens, and when all is settled the next. */
export class Replay {
  readonly network: PlayedNetwork;
  readonly #scenario: Scenario;
  readonly #listener: ReplayListener;
  readonly #options: ReplayOptions;
  readonly #inputs: Inputs;
  readonly #agenda: Agenda;
  readonly #refused: { event: ScenarioEvent; cause: Error }[] = [];
  #lastFrame = 0;
  #isInterrupted = false;
  #steps = 0;

  private constructor(scenario: Scenario, listener: ReplayListener, options: ReplayOptions, network: PlayedNetwork) {
    this.#scenario = scenario;
    this.#listener = listener;
    this.#options = options;
    this.network = network;
    this.#inputs = new Inputs(scenario.inputs, readingOf(options));
    this.#agenda = new Agenda(scenario.events, network.time, this.#inputs, network.answers);
  }

  /** Sets the network up. @throws NsdbError when the database cannot be reached, or refuses */
  static async open(scenario: Scenario, listener: ReplayListener, options: ReplayOptions = {}): Promise<Replay> {
    return new Replay(scenario, listener, options, await PlayedNetwork.open(scenario, listener, options));
  }

  /** Plays everything. @throws EngineFault, or NsdbError when the database was lost */
  async run(): Promise<ReplayEnd> {
    const { stations, segments, time, agent } = this.network;
    await hearCaptures(this.#scenario, stations, segments, readingOf(this.#options));
    await this.#inputs.open();
    await this.#play();
    if (this.network.fault !== undefined) throw this.network.fault;
    const { unreadable } = this.#inputs;
    for (const { input, frames } of unreadable) this.#listener.unplayed(input, 'link-type', frames);
    return {
      faults: this.#inputs.faults,
      unreadable,
      refused: this.#refused,
      at: time.instant,
      pending: agent.pending,
      lastFrame: this.#lastFrame,
      isInterrupted: this.#isStopped(),
    };
  }

  async close(): Promise<void> {
    await this.#inputs.close();
    await this.network.close();
  }

  /* oxlint-disable eslint/no-await-in-loop -- one thing after the other is what a run is */
  async #play(): Promise<void> {
    const { until } = this.#scenario;
    const { afterPacket, stopAfterFrame } = this.#options;
    const { agent, time, answers, entrance } = this.network;
    while (this.network.fault === undefined) {
      if (this.#steps++ % STEPS_A_TURN === 0) await turn();
      if (this.#isStopped()) return;
      const due = this.#agenda.next;
      if (due === undefined) return;
      const isHousekeeping = due.kind === 'timer' && this.#agenda.hasOnlyTimers && agent.pending === 0;
      if (isHousekeeping && until === undefined) return;
      if (until !== undefined && compareInstants(due.at, until) > 0) {
        time.advanceTo(until);
        await this.#countRest();
        return;
      }
      time.advanceTo(due.at);
      switch (due.kind) {
        case 'event':
          this.#agenda.strike();
          await this.#happen(due.event);
          break;
        case 'timer':
          time.runNext();
          break;
        case 'frame': {
          const { input, frame } = due;
          const packet = entrance.play(input);
          const more = input.advance();
          if (more !== undefined) await more;
          if (!agent.idle) await agent.settled();
          if (packet !== undefined && afterPacket !== undefined) await afterPacket(packet);
          if (input.number === 0) this.#lastFrame = frame.index;
          if (input.number === 0 && frame.index === stopAfterFrame) return;
          break;
        }
        case 'answer':
          answers.strike();
          entrance.say(due.answer);
      }
      if (!agent.idle) await agent.settled();
      const room = this.#listener.room();
      if (room !== undefined) await room;
    }
  }
  /* oxlint-enable eslint/no-await-in-loop */

  /** An event that the database refuses changes nothing; the run goes on, and tells of it in the end. */
  async #happen(event: ScenarioEvent): Promise<void> {
    try {
      await this.network.happen(event.what);
    } catch (cause) {
      if (!(cause instanceof Error)) throw cause;
      this.#refused.push({ event, cause });
    }
  }

  /** Counts the frames that would have come after the end. */
  async #countRest(): Promise<void> {
    for await (const input of this.#inputs.rest()) {
      if (this.#steps++ % STEPS_A_TURN === 0) await turn();
      if (this.#isStopped()) return;
      this.#listener.unplayed(input, 'after-the-end', 1);
    }
  }

  #isStopped(): boolean {
    this.#isInterrupted ||= this.#options.signal?.aborted === true;
    return this.#isInterrupted;
  }
}

function readingOf({ chunkBytes, readCapture, signal }: ReplayOptions): Reading {
  return {
    ...(chunkBytes !== undefined && { chunkBytes }),
    ...(readCapture && { readCapture }),
    ...(signal && { signal }),
  };
}

/** Lets the event loop go round once. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
