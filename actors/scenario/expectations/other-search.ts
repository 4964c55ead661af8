import type { Uuid } from '../../../topology/model/ids.ts';
import type { FrameExpectation } from '../scenario.ts';
import { copyOf, fitsFrame, type SeenFrame } from './frame-fit.ts';
import { Best, PORT_WEIGHT, scoreOfFrame } from './nearness.ts';

/** A frame that nobody expected, and the expectation that it nearly met. */
interface NearMiss {
  readonly frame: SeenFrame;
  readonly expectation: FrameExpectation;
}

/** Looks, among the frames that nobody expected at a port, for the one that is nearest to any expectation. */
export class OtherSearch {
  readonly #here: readonly FrameExpectation[];
  readonly #aims: readonly FrameExpectation[];
  readonly #nameOf: (port: Uuid) => string;
  readonly #best = new Best<NearMiss>(PORT_WEIGHT);

  /** @param expectations of all ports */
  constructor(port: Uuid, expectations: readonly FrameExpectation[], nameOf: (port: Uuid) => string) {
    this.#here = expectations.filter((expectation) => expectation.port === port);
    // What is never to come is no aim that a frame could miss.
    this.#aims = expectations.filter(({ count }) => count.most > 0);
    this.#nameOf = nameOf;
  }

  get found(): NearMiss | undefined {
    return this.#best.kept;
  }

  /** A frame that left by the port. */
  look(frame: SeenFrame): void {
    if (this.#here.some((expectation) => fitsFrame(expectation, frame))) return;
    for (const expectation of this.#aims) {
      const score = scoreOfFrame(expectation, frame, this.#nameOf);
      this.#best.offer(score, () => ({ frame: copyOf(frame), expectation }));
    }
  }
}
