import { compareInstants, EPOCH, type Instant } from '../../topology/model/time.ts';
import type { StationFrame } from './station-place.ts';

interface DueAnswer {
  readonly at: Instant;
  readonly answer: StationFrame;
}

/** Frames that stations are about to send: soonest first, those of one instant in the order in which they were put in. */
export class AnswerQueue {
  readonly #answers: DueAnswer[] = [];

  /** The next one, and when it is due; it stays here until it is sent. */
  get next(): DueAnswer | undefined {
    return this.#answers[0];
  }

  all(): readonly DueAnswer[] {
    return this.#answers;
  }

  add(at: Instant, answer: StationFrame): void {
    let place = this.#answers.length;
    while (place > 0 && compareInstants(this.#answers[place - 1]?.at ?? EPOCH, at) > 0) place--;
    this.#answers.splice(place, 0, { at, answer });
  }

  /** The next one is being sent. */
  strike(): void {
    this.#answers.shift();
  }
}
