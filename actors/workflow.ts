import { actionsOf, type FlowActions } from '../datapath/flow-actions.ts';
import type { Datapath } from '../datapath/datapath.ts';
import type { FlowIndex } from '../datapath/flow-table/flow.ts';
import type { FlowTable } from '../datapath/flow-table/flow-table.ts';
import { UNKEYED } from '../simulation/packet/fields.ts';
import { WORD } from '../simulation/packet/key-layout.ts';
import { Packet, type Generated } from '../simulation/packet/packet.ts';
import { inOrder, outcomeOf, shortestClassOf } from '../simulation/outcome.ts';
import { pathOf } from '../simulation/path.ts';
import type { DropClass, DropReason, Need } from '../simulation/verdict.ts';
import type { DeviceId } from '../topology/model/ids.ts';
import { later } from '../topology/model/time.ts';
import type { Timers } from '../topology/model/timers.ts';
import type { Courier } from './courier.ts';
import { Run, type FlowFate, type Journey, type Made } from './journey.ts';
import type { WorkflowProtocol } from './protocol.ts';
import type { TagTexts } from './tag-texts.ts';
import { WaitingRoom, type Awaited } from './waiting-room.ts';

/** How long a packet waits for a device: spec 00 §6.2. For a next hop the router says when to give up (C17). */
const PATIENCE = 5000;
/** More tags than a key holds: simulated, never installed (C37). */
const KEYED_VLANS = 2;

/** What the workflow needs from the agent it works in. */
export interface WorkflowParts {
  readonly timers: Timers;
  readonly courier: Courier;
  readonly flows: FlowTable<FlowActions>;
  readonly datapath: Datapath;
  /** Given: simulations note what their tags are about, and the notes of installed flows go here. */
  readonly tagTexts: TagTexts | undefined;
  /** A device is needed that has not started: load and start it, then say `started` or `missing`. */
  readonly want: (device: DeviceId) => void;
  /** A flow was installed, by this simulation: the next expiry may be sooner than before. */
  readonly installed: (flow: FlowIndex, by: Run) => void;
  /** A number for a packet that a device makes. */
  readonly number: () => number;
  /** Lets a packet start that a device made. */
  readonly generate: (made: Made, by: Journey) => void;
  /**
   * Has packets begin, anew or at all, each when all before is settled.
   *
   * `isFirst`: before any others; they go on where they were, as if nothing had been amiss.
   */
  readonly admit: (journeys: readonly Journey[], isFirst: boolean) => void;
  /** A packet that a device wanted to make was one too many for its limiter (C12). */
  readonly limited: (generated: Generated, by: Journey) => void;
}

/**
 * Lets packets into the network of actors, hears how their branches ended, and makes of each whole simulation what it is worth: a
 * flow, proposals carried out, packets out. Nothing of a simulation counts before that.
 */
export class Workflow implements WorkflowProtocol {
  readonly #parts: WorkflowParts;
  readonly #waiting = new WaitingRoom();
  #underWay = 0;
  /** The simulation whose packet is leaving right now. */
  leaving: Run | undefined;
  /** Simulations that came to an end. */
  simulations = 0;

  constructor(parts: WorkflowParts) {
    this.#parts = parts;
  }

  /** Packets whose end is still open: under simulation, or waiting. */
  get pending(): number {
    return this.#underWay + this.#waiting.size;
  }

  /** The packets that wait, in lines. */
  *dump(): Generator<string, void> {
    for (const { need, journey } of this.#waiting.waiting()) {
      yield `packet ${journey.packet} waits for ${need} since ${journey.suspendedAt}`;
    }
  }

  begin(journey: Journey): void {
    const { courier, timers, flows, tagTexts } = this.#parts;
    this.#underWay++;
    const { point, port } = journey.start;
    const isGenerated = point === 'egress';
    const isWhatIf = journey.purpose === 'what-if';
    const story = journey.trace?.startRun() ?? (tagTexts === undefined || isWhatIf ? undefined : { notes: [] });
    const run = new Run(journey, timers.now(), flows.beginSimulation(), { isGenerated, isWhatIf, ...story });
    if (isGenerated) {
      courier.leave(port, new Packet(run, undefined));
    } else {
      run.facts.dpPort(port);
      courier.enter(port, new Packet(run, port));
    }
  }

  judged(packet: Packet): void {
    const run = packet.simulation;
    if (!(run instanceof Run)) return;
    run.ended.push(packet);
    if (packet.verdict?.kind === 'suspend') run.need ??= packet.verdict.need;
    if (--run.branches > 0) return;
    this.#underWay--;
    if (run.need === undefined) this.#conclude(run);
    else this.#suspend(run, run.need);
  }

  found(what: Awaited): void {
    const released = this.#waiting.release(what);
    for (const journey of released) {
      journey.patience?.();
      journey.patience = undefined;
    }
    this.#parts.admit(released, what.kind === 'device');
  }

  started(device: DeviceId): void {
    this.found({ kind: 'device', device });
  }

  missing(device: DeviceId): void {
    for (const journey of this.#waiting.release({ kind: 'device', device })) this.#giveUp(journey, 'no-such-device');
  }

  #suspend(run: Run, need: Need): void {
    const { journey } = run;
    const { timers, courier, want } = this.#parts;
    const now = timers.now();
    journey.suspendedAt ??= now;
    journey.trace?.suspended(need, run);
    if (need.kind === 'next-hop' && journey.purpose === 'what-if') {
      this.#end(run, actionsOf(run, [], { kind: 'gave-up', reason: 'next-hop-unknown' }), 'not-installed');
      return;
    }
    const turnedOut = this.#waiting.park(journey, need);
    if (turnedOut !== undefined) this.#giveUp(turnedOut, 'waiting-room-full');
    if (turnedOut === journey) return;
    if (need.kind === 'device') {
      journey.patience ??= timers.at(later(journey.suspendedAt, PATIENCE), () => {
        if (this.#waiting.leave(journey, need)) this.#abandon(run);
      });
      want(need.device);
    } else {
      courier.device(need.router)?.tell('wanted', need);
    }
  }

  /** What waited for a device too long is dropped, and a flow of 5 s drops what is like it (spec 00 §6.4). */
  #abandon(run: Run): void {
    const actions = actionsOf(run, [], { kind: 'gave-up', reason: 'waited-too-long' });
    const flow = this.#isKeepable(run) ? this.#install(run, actions, 'error') : 'not-installed';
    this.#end(run, actions, flow);
  }

  #giveUp(journey: Journey, reason: DropReason): void {
    journey.ended({
      journey,
      outcome: { kind: 'gave-up', reason },
      run: undefined,
      actions: undefined,
      flow: 'not-installed',
      generated: [],
    });
  }

  #conclude(run: Run): void {
    const branches = inOrder(run.ended);
    const actions = actionsOf(run, inOrder(run.emissions), outcomeOf(branches));
    const isKeepable = this.#isKeepable(run);
    if (run.journey.purpose === 'what-if') {
      const made = run.generated.map((one) => ({ packet: undefined, made: one }));
      this.#end(run, actions, isKeepable ? 'would-install' : 'not-installed', made);
      return;
    }
    const flow = isKeepable ? this.#install(run, actions, shortestClassOf(branches)) : 'not-installed';
    for (const proposal of run.proposals) proposal.carryOut(run.now);
    const made = run.journey.isStoodFor ? [] : run.generated.flatMap((one) => this.#grant(one, run) ?? []);
    this.leaving = run;
    this.#parts.datapath.carryOut(actions, run.frame, run.journey.packet);
    this.leaving = undefined;
    this.simulations++;
    this.#end(run, actions, flow, made);
    for (const one of made) this.#parts.generate(one, run.journey);
  }

  /** A packet that a device made gets its number, unless it is one too many. */
  #grant(generated: Generated, run: Run): Made | undefined {
    if (generated.limiter?.take(run.now) === false) {
      this.#parts.limited(generated, run.journey);
      return undefined;
    }
    generated.finish?.();
    return { packet: this.#parts.number(), made: generated };
  }

  /** Whether a flow may stand for packets like this one (spec 00 §5.1, C12, C37). */
  #isKeepable(run: Run): boolean {
    const vlans = (run.origin[WORD.vlansProtoTtlTos] ?? 0) >>> 24;
    return (
      !run.isGenerated &&
      !run.isFlowless &&
      (run.seen & UNKEYED) === 0 &&
      vlans <= KEYED_VLANS &&
      run.ended.every(({ verdict }) => verdict?.kind !== 'consumed')
    );
  }

  #install(run: Run, actions: FlowActions, shortest: DropClass): FlowFate {
    let mtu = Infinity;
    for (const output of actions.outputs) mtu = Math.min(mtu, output.mtu);
    const insertion = this.#parts.flows.insert(
      {
        key: run.origin,
        seen: run.seen,
        actions,
        tags: run.facts.tags,
        path: pathOf(inOrder(run.ended)),
        lifetime: shortest === 'permanent' ? 'normal' : shortest,
        mtu,
        epoch: run.epoch,
      },
      this.#parts.timers.now(),
    );
    if (insertion.kind === 'installed') {
      this.#parts.installed(insertion.flow, run);
      this.#parts.tagTexts?.keep(run.facts);
    }
    return insertion.kind;
  }

  #end(run: Run, actions: FlowActions, flow: FlowFate, generated: readonly Made[] = []): void {
    const { journey } = run;
    journey.ended({ journey, run, outcome: actions.outcome, actions, flow, generated });
  }
}
