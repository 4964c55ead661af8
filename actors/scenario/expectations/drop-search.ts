import type { Outcome } from '../../../simulation/outcome.ts';
import type { Uuid } from '../../../topology/model/ids.ts';
import type { DropExpectation } from '../scenario.ts';
import { compareDrop, isDropped, isDroppedSo, type PacketEnd } from './drop-fit.ts';
import { copyOf, fitsFields, type SeenFrame } from './frame-fit.ts';
import { Best, weightOf } from './nearness.ts';

// The packet that was meant says more than another one's drop. All of these together are worth less than a field; then it tells most
// where it came in, and then what became of it.
const IN_PORT_WEIGHT = 0.4;
const REASON_WEIGHT = 0.3;
/** Where no field is named, many packets come in by the port: one dropped for the reason elsewhere is nearer than any that got through. */
const REASON_ALONE_WEIGHT = 0.45;
/** Among packets of which nothing else is to choose, a capture's is likelier meant than a station's answer. */
const PLAYED_WEIGHT = 0.001;
/** Forwarded, but for a copy that was lost for the reason. */
const LOST_WEIGHT = 0.2;
/** Dropped for another reason. */
const DROPPED_WEIGHT = 0.1;

/** A packet, and what became of it. */
export interface EndedFrame {
  readonly frame: SeenFrame;
  readonly outcome: Outcome;
}

/** The same, with what became of each copy. */
type NearDrop = EndedFrame & PacketEnd;

/** Looks for the packet that came nearest to one whose drop is expected; among those dropped too often, for the first too many. */
export class DropSearch {
  readonly #expectation: DropExpectation;
  readonly #nameOf: (port: Uuid) => string;
  readonly #best: Best<NearDrop>;
  /** Packets dropped as expected, so far. */
  #fitting = 0;

  constructor(expectation: DropExpectation, nameOf: (port: Uuid) => string) {
    this.#expectation = expectation;
    this.#nameOf = nameOf;
    // Where neither port nor field is named, any packet may have been meant.
    const isAny = expectation.match.size === 0 && expectation.port === undefined;
    this.#best = new Best(isAny ? -1 : PLAYED_WEIGHT);
  }

  get found(): NearDrop | undefined {
    return this.#best.kept;
  }

  /** @param isPlayed by a capture, rather than sent by a station */
  ended(frame: SeenFrame, end: PacketEnd, isPlayed: boolean): void {
    const { outcome } = end;
    const { match, count } = this.#expectation;
    const keep = (): NearDrop => ({ ...end, frame: copyOf(frame) });
    if (isDroppedSo(this.#expectation, frame.port, outcome) && fitsFields(match, frame.fields)) {
      this.#fitting += 1;
      if (this.#fitting === count.most + 1) this.#best.offer(Infinity, keep);
      return;
    }
    this.#best.offer(this.#score(frame, end) + (isPlayed ? PLAYED_WEIGHT : 0), keep);
  }

  #score(frame: SeenFrame, end: PacketEnd): number {
    const { match, port } = this.#expectation;
    const reasonWeight = match.size === 0 ? REASON_ALONE_WEIGHT : REASON_WEIGHT;
    let score = 0;
    for (const compared of compareDrop(this.#expectation, frame, end, this.#nameOf)) {
      const { field, isEqual } = compared;
      if (field === 'port') score += isEqual && port !== undefined ? IN_PORT_WEIGHT : 0;
      else if (field === 'reason') score += isEqual ? reasonWeight : this.#missWeight(end);
      else score += weightOf(compared);
    }
    return score;
  }

  /** What a packet is worth that was not dropped for the reason: a copy of it may have been. */
  #missWeight({ outcome, lost }: PacketEnd): number {
    if ([...lost].some((reason) => reason === this.#expectation.reason)) return LOST_WEIGHT;
    return isDropped(outcome) ? DROPPED_WEIGHT : 0;
  }
}
