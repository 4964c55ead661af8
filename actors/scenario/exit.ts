import type { PacketTrace } from '../../datapath/trace/packet-trace.ts';
import type { Outcome } from '../../simulation/outcome.ts';
import type { DropReason } from '../../simulation/verdict.ts';
import type { Uuid } from '../../topology/model/ids.ts';
import { instantAt, later, millisAt } from '../../topology/model/time.ts';
import type { VirtualTime } from '../virtual-time.ts';
import type { AnswerQueue } from './answer-queue.ts';
import type { Hosts } from './hosts.ts';
import { withLosses } from './losses.ts';
import type { ReplayListener } from './replay-listener.ts';
import type { StationPlace } from './station-place.ts';

/** Whom frames meet on their way out. */
interface ExitParts {
  readonly time: VirtualTime;
  readonly hosts: Hosts;
  readonly stations: StationPlace;
  readonly answers: AnswerQueue;
  readonly listener: ReplayListener;
}

/** Where frames leave the network of a run: they are told of, and reach the stations there, who may answer. */
export class Exit {
  readonly #parts: ExitParts;
  /** Copies that have left of packets whose end is open. */
  readonly #copies = new Map<number, number>();
  /** Why copies reached nobody, of such packets. */
  readonly #refused = new Map<number, DropReason>();

  constructor(parts: ExitParts) {
    this.#parts = parts;
  }

  /** A frame leaves by a port; it may reach nobody there. */
  left(port: Uuid, bytes: Uint8Array, length: number, wireLength: number, packet: number): void {
    const { time, hosts, stations, answers, listener } = this.#parts;
    const refusal = hosts.refusalOut(port);
    if (refusal !== undefined) {
      this.#refused.set(packet, refusal);
      listener.frameLost(port, packet, refusal);
      return;
    }
    this.#copies.set(packet, (this.#copies.get(packet) ?? 0) + 1);
    listener.frameOut(port, bytes, length, wireLength, packet, time.instant);
    if (stations.size === 0) return;
    for (const answer of stations.reached(port, bytes, length)) {
      answers.add(instantAt(later(millisAt(time.instant), answer.station.delay)), answer);
    }
  }

  /** The story of a packet whose copies would leave, or left, just now: with those that reach nobody. */
  told(trace: PacketTrace): PacketTrace {
    return withLosses(trace, (port) => this.#parts.hosts.refusalOut(port));
  }

  /**
   * A packet has had its fate.
   *
   * @param tell is given it, with how many copies left: what was forwarded to nobody is not forwarded
   */
  ended(packet: number, outcome: Outcome, tell: (outcome: Outcome, copies: number) => void): void {
    const copies = this.#copies.get(packet) ?? 0;
    this.#copies.delete(packet);
    const reason = this.#refused.get(packet);
    if (reason !== undefined) this.#refused.delete(packet);
    tell(copies === 0 && reason !== undefined ? { kind: 'dropped', reason } : outcome, copies);
  }
}
