import type { FlowActions } from '../datapath/flow-actions.ts';
import type { Epoch, Insertion } from '../datapath/flow-table/flow.ts';
import type { Frame } from '../simulation/packet/frame.ts';
import { Simulation, type Generated, type SimulationOptions } from '../simulation/packet/packet.ts';
import type { Outcome } from '../simulation/outcome.ts';
import type { Need } from '../simulation/verdict.ts';
import type { PortId } from '../topology/model/ids.ts';
import type { Millis } from '../topology/model/time.ts';
import type { Cancel } from '../topology/model/timers.ts';

/** Where a packet's simulation starts: into a port from outside, or out by one for a packet that a device made. */
interface Start {
  readonly point: 'ingress' | 'egress';
  readonly port: PortId;
}

/** Collects what happens to a packet, from run to run. */
export interface Story {
  /** A simulation begins: what it is to be given so that it tells its story here. */
  startRun(): SimulationOptions;
  /** The run came to nothing yet: the packet waits. */
  suspended(need: Need, run: Simulation): void;
}

/**
 * - `real`: what it finds counts
 * - `what-if`: everything it found is thrown away
 */
type Purpose = 'real' | 'what-if';

/** One packet's way through the agent, over all its simulations: a suspended one is followed by another. */
export interface Journey {
  /** The packet's number in its run. */
  readonly packet: number;
  readonly frame: Frame;
  /** The key as extracted. */
  readonly words: Uint32Array;
  readonly start: Start;
  readonly purpose: Purpose;
  /** Collects the story, when somebody asked for it. */
  readonly trace: Story | undefined;
  /** Called once, when it has ended. */
  readonly ended: (end: JourneyEnd) => void;
  /** A flow would have answered it, had flows been asked: what devices would make of it besides is not made. */
  readonly isStoodFor: boolean;
  /** When it first had to wait. */
  suspendedAt: Millis | undefined;
  /** Ends its patience, while it waits for a device. */
  patience: Cancel | undefined;
}

/** What the flow table made of a simulation. */
export type FlowFate = Insertion['kind'] | 'would-install' | 'not-installed';

export interface JourneyEnd {
  readonly journey: Journey;
  readonly outcome: Outcome;
  /** The simulation that decided; undefined when it gave up before one could. */
  readonly run: Run | undefined;
  readonly actions: FlowActions | undefined;
  readonly flow: FlowFate;
  /** The packets that devices made of it and that are now on their way. */
  readonly generated: readonly Made[];
}

/** A packet that a device made. */
export interface Made {
  /** Its number in the run; undefined when it stays a wish, in a what-if. */
  readonly packet: number | undefined;
  readonly made: Generated;
}

/** One simulation of a journey. */
export class Run extends Simulation {
  readonly journey: Journey;
  /** The flow table's clock of invalidations when it began: facts that fell since cannot make a flow. */
  readonly epoch: Epoch;
  need: Need | undefined;

  constructor(journey: Journey, now: Millis, epoch: Epoch, options: SimulationOptions) {
    super(journey.frame, journey.words, now, options);
    this.journey = journey;
    this.epoch = epoch;
  }
}
