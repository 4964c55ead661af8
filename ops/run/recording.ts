import type { FrameIn, ReplayListener, Unplayed } from '../../actors/scenario/replay-listener.ts';
import { Accounting } from '../../datapath/trace/accounting.ts';
import type { ChangeTrace } from '../../datapath/trace/change-trace.ts';
import { formatEnd, NOT_SELECTED, type FrameDisposition } from '../../datapath/trace/dispositions.ts';
import type { PacketTrace, TraceHop } from '../../datapath/trace/packet-trace.ts';
import type { PortFrame, Room, RunOutput } from '../../datapath/trace/run-output.ts';
import type { Outcome } from '../../simulation/outcome.ts';
import type { DropReason } from '../../simulation/verdict.ts';
import type { Uuid } from '../../topology/model/ids.ts';
import { compareInstants, type Instant } from '../../topology/model/time.ts';

/** Where frames come from that no capture holds. */
export const STATIONS = '(stations)';

const UNPLAYED: Readonly<Record<Unplayed, FrameDisposition>> = {
  'not-selected': NOT_SELECTED,
  'after-the-end': NOT_SELECTED,
  'cut-short': { kind: 'unreadable', reason: 'cut-short' },
  'link-type': { kind: 'unreadable', reason: 'link-type' },
};

/** What a recording needs of the run it records. */
export interface Recorded {
  /** The names of the inputs, in the order of the scenario. */
  readonly inputs: readonly string[];
  nameOf(port: Uuid): string;
  /** The way of the packet whose frame is leaving right now: `web:web-1 > web > web:web-2`. */
  currentPath(): string;
  /** The instant of the run. */
  now(): Instant;
}

/** Others who want to hear of a run: expectations, a terminal. */
export interface Bystander {
  frameOut?(port: Uuid, bytes: Uint8Array, length: number, wireLength: number, packet: number, at: Instant): void;
  /** A copy of a packet whose end is open reached nobody. */
  frameLost?(packet: number, reason: DropReason): void;
  ended?(frame: FrameIn, outcome: Outcome): void;
  traced?(trace: PacketTrace): void;
  changed?(trace: ChangeTrace): void;
}

/**
 * Books what happens in a run and passes it to the outputs, in the order of time: an input frame as soon as it is known what becomes
 * of it, or when something later is to be written, then its copies.
 */
export class Recording implements ReplayListener {
  readonly accounting: Accounting;
  readonly #run: Recorded;
  readonly #output: RunOutput;
  readonly #bystanders: readonly Bystander[];
  /** Frames that are in and of which nothing has been written yet. */
  readonly #unwritten = new Map<number, FrameIn>();
  /** Frames whose end is open. */
  readonly #open = new Map<number, FrameIn>();
  /** Packets whose frame is written, and whose verdict is not. */
  readonly #undecided = new Set<number>();
  #room: Room;

  constructor(run: Recorded, output: RunOutput, bystanders: readonly Bystander[] = []) {
    this.#run = run;
    this.#output = output;
    this.#bystanders = bystanders;
    this.accounting = new Accounting(run.inputs);
  }

  frameIn(frame: FrameIn): void {
    this.accounting.arrived(this.#originOf(frame), frame.source?.isElse);
    this.#unwritten.set(frame.packet, frame);
    this.#open.set(frame.packet, frame);
  }

  unplayed(input: number, why: Unplayed, frames: number): void {
    this.accounting.setAside(this.#run.inputs[input] ?? '', UNPLAYED[why], frames);
  }

  frameOut(port: Uuid, bytes: Uint8Array, length: number, wireLength: number, packet: number, at: Instant): void {
    const name = this.#run.nameOf(port);
    this.accounting.frameOut(name, wireLength);
    this.#writeIn(packet, 'forwarded');
    this.#writeWhatPrecedes(packet, at);
    this.#write({
      port: name,
      event: 'out',
      bytes: bytes.subarray(0, length),
      wireLength,
      seconds: at.seconds,
      nanos: at.nanos,
      packet,
      verdict: 'forwarded',
      comments: [`path: ${this.#run.currentPath()}`],
    });
    for (const one of this.#bystanders) one.frameOut?.(port, bytes, length, wireLength, packet, at);
  }

  frameLost(port: Uuid, packet: number, reason: DropReason): void {
    this.accounting.frameLost(this.#run.nameOf(port), reason);
    if (!this.#open.has(packet)) return;
    for (const one of this.#bystanders) one.frameLost?.(packet, reason);
  }

  ended(packet: number, outcome: Outcome, copies: number): void {
    const frame = this.#open.get(packet);
    this.#open.delete(packet);
    if (frame === undefined) return;
    this.#writeIn(packet, formatEnd(outcome));
    this.accounting.ended(this.#originOf(frame), outcome, copies);
    for (const one of this.#bystanders) one.ended?.(frame, outcome);
  }

  generated(): void {
    this.accounting.generated();
  }

  generatedEnded(_packet: number, outcome: Outcome, copies: number): void {
    this.accounting.generatedEnded(outcome, copies);
  }

  limited(cause: string): void {
    this.accounting.limited(cause);
  }

  traced(trace: PacketTrace): void {
    this.#wait(this.#output.trace(trace));
    if (trace.hops.length > 0) this.#writeIn(trace.packet, formatEnd(trace.disposition));
    for (const hop of trace.hops) this.#writeHop(trace, hop);
    for (const one of this.#bystanders) one.traced?.(trace);
  }

  changed(trace: ChangeTrace): void {
    this.#wait(this.#output.change(trace));
    for (const one of this.#bystanders) one.changed?.(trace);
  }

  room(): Promise<void> | undefined {
    const room = this.#room;
    this.#room = undefined;
    return room;
  }

  /** A packet waits until the end of the run: it is booked as that. */
  close(): void {
    for (const packet of this.#open.keys()) this.ended(packet, { kind: 'gave-up', reason: 'waited-too-long' }, 0);
  }

  #originOf({ source }: FrameIn): string {
    return source === undefined ? STATIONS : (this.#run.inputs[source.input] ?? '');
  }

  /**
   * Writes a frame that is in: frames that came before it first, of which it is open what becomes. Of one that is written the verdict
   * is told, if it was open until now.
   */
  #writeIn(packet: number, verdict: string | undefined): void {
    const frame = this.#unwritten.get(packet);
    if (frame !== undefined) {
      this.#writeBefore(frame.at);
      this.#unwritten.delete(packet);
      this.#writeFrameIn(frame, verdict);
    } else if (verdict !== undefined && this.#undecided.delete(packet)) {
      this.#wait(this.#output.decided(packet, verdict));
    }
  }

  /** Nothing is written after what is later, nor after what a device made because of it: frames that still wait go out now. */
  #writeWhatPrecedes(packet: number, at: Instant): void {
    if (this.#open.has(packet)) this.#writeBefore(at);
    else this.#writeUntil(() => false);
  }

  #writeBefore(at: Instant): void {
    this.#writeUntil((frame) => compareInstants(frame.at, at) >= 0);
  }

  #writeUntil(isReached: (frame: FrameIn) => boolean): void {
    for (const [packet, frame] of this.#unwritten) {
      if (isReached(frame)) return;
      this.#unwritten.delete(packet);
      this.#writeFrameIn(frame, undefined);
    }
  }

  #writeFrameIn(frame: FrameIn, verdict: string | undefined): void {
    const { packet, bytes, wireLength, at, source } = frame;
    if (verdict === undefined) this.#undecided.add(packet);
    const from = source === undefined ? 'a station' : `${this.#originOf(frame)} frame ${source.frame}`;
    this.#write({
      port: this.#run.nameOf(frame.port),
      event: 'in',
      bytes,
      wireLength,
      seconds: at.seconds,
      nanos: at.nanos,
      packet,
      ...(verdict === undefined ? { verdict: 'waits', isOpen: true } : { verdict }),
      comments: [`from: ${from}`],
    });
  }

  /** What a port or a device decided about a packet: written only where the output wants hops and drops. */
  #writeHop({ packet, frame, wireLength }: PacketTrace, hop: TraceHop): void {
    const isDrop = hop.verdict.kind === 'drop';
    const now = this.#run.now();
    const { seconds, nanos } = now;
    this.#writeWhatPrecedes(packet, now);
    this.#write({
      port: hop.device,
      event: isDrop ? 'drop' : 'hop',
      bytes: Buffer.from(hop.frame ?? frame, 'hex'),
      wireLength,
      seconds,
      nanos,
      packet,
      verdict: formatEnd(hop.verdict),
      comments: [`${hop.point}: ${hop.because}`],
    });
  }

  #write(frame: PortFrame): void {
    this.#wait(this.#output.frame(frame));
  }

  /** Outputs that are behind are waited for together. */
  #wait(room: Room): void {
    if (room === undefined) return;
    const before = this.#room;
    this.#room = before === undefined ? room : before.then(() => room);
  }
}
