import type { Outcome } from '../../../simulation/outcome.ts';
import type { Uuid } from '../../../topology/model/ids.ts';
import type { DropExpectation } from '../scenario.ts';
import { compareDrop, isDropped, isDroppedSo } from './drop-fit.ts';
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
/** Dropped for another reason. */
const DROPPED_WEIGHT = 0.1;

/** A packet, and what became of it. */
export interface EndedFrame {
  readonly frame: SeenFrame;
  readonly outcome: Outcome;
}

/** Looks for the packet that came nearest to one whose drop is expected; among those dropped too often, for the first too many. */
export class DropSearch {
  readonly #expectation: DropExpectation;
  readonly #nameOf: (port: Uuid) => string;
  readonly #best: Best<EndedFrame>;
  /** Packets dropped as expected, so far. */
  #fitting = 0;

  constructor(expectation: DropExpectation, nameOf: (port: Uuid) => string) {
    this.#expectation = expectation;
    this.#nameOf = nameOf;
    // Where neither port nor field is named, any packet may have been meant.
    const isAny = expectation.match.size === 0 && expectation.port === undefined;
    this.#best = new Best(isAny ? -1 : PLAYED_WEIGHT);
  }

  get found(): EndedFrame | undefined {
    return this.#best.kept;
  }

  /** @param isPlayed by a capture, rather than sent by a station */
  ended(frame: SeenFrame, outcome: Outcome, isPlayed: boolean): void {
    const { match, count } = this.#expectation;
    const keep = (): EndedFrame => ({ frame: copyOf(frame), outcome });
    if (isDroppedSo(this.#expectation, frame.port, outcome) && fitsFields(match, frame.fields)) {
      this.#fitting += 1;
      if (this.#fitting === count.most + 1) this.#best.offer(Infinity, keep);
      return;
    }
    this.#best.offer(this.#score(frame, outcome) + (isPlayed ? PLAYED_WEIGHT : 0), keep);
  }

  #score(frame: SeenFrame, outcome: Outcome): number {
    const { match, port } = this.#expectation;
    const reasonWeight = match.size === 0 ? REASON_ALONE_WEIGHT : REASON_WEIGHT;
    let score = 0;
    for (const compared of compareDrop(this.#expectation, frame, outcome, this.#nameOf)) {
      const { field, isEqual } = compared;
      if (field === 'port') score += isEqual && port !== undefined ? IN_PORT_WEIGHT : 0;
      else if (field === 'reason') score += isEqual ? reasonWeight : isDropped(outcome) ? DROPPED_WEIGHT : 0;
      else score += weightOf(compared);
    }
    return score;
  }
}
