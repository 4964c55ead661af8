import type { Uuid } from '../../../topology/model/ids.ts';
import type { FrameExpectation } from '../scenario.ts';
import { copyOf, fitsFrame, type SeenFrame } from './frame-fit.ts';
import { Best, PORT_WEIGHT, scoreOfFrame } from './nearness.ts';

/** What is kept of the frame that came nearest. */
export interface Candidate {
  readonly frame: SeenFrame;
  readonly what: 'frame-out' | 'frame-in';
}

/** Looks for the frame that is nearest to one expected; among those that came too often, for the first too many. */
export class FrameSearch {
  readonly #expectation: FrameExpectation;
  readonly #nameOf: (port: Uuid) => string;
  readonly #best = new Best<Candidate>(PORT_WEIGHT);
  /** Frames that fit, so far. */
  #fitting = 0;

  constructor(expectation: FrameExpectation, nameOf: (port: Uuid) => string) {
    this.#expectation = expectation;
    this.#nameOf = nameOf;
  }

  get found(): Candidate | undefined {
    return this.#best.kept;
  }

  look(frame: SeenFrame, what: Candidate['what']): void {
    const { port, count } = this.#expectation;
    const keep = (): Candidate => ({ frame: copyOf(frame), what });
    if (what === 'frame-out' && frame.port === port && fitsFrame(this.#expectation, frame)) {
      this.#fitting += 1;
      // The first too many says more than whatever came near.
      if (this.#fitting === count.most + 1) this.#best.offer(Infinity, keep);
      return;
    }
    this.#best.offer(scoreOfFrame(this.#expectation, frame, this.#nameOf), keep);
  }
}
