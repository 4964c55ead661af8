import type { FieldMatch } from '../scenario.ts';
import { compareFields, copyOf, type SeenFrame } from './frame-fit.ts';
import { Best, weightOf } from './nearness.ts';

/** Looks for the packet that is nearest to one with these fields, as it came in. */
export class PacketSearch {
  readonly #match: FieldMatch;
  readonly #best = new Best<SeenFrame>(0);

  constructor(match: FieldMatch) {
    this.#match = match;
  }

  get found(): SeenFrame | undefined {
    return this.#best.kept;
  }

  look(frame: SeenFrame): void {
    const score = compareFields(this.#match, frame.fields).reduce((sum, compared) => sum + weightOf(compared), 0);
    this.#best.offer(score, () => copyOf(frame));
  }
}
