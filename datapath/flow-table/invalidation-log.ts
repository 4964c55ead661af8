import type { Tag } from '../../simulation/tag.ts';
import type { Epoch } from './flow.ts';

/** Whether a flow may rest on what its simulation believed; and which tag says no, when that is still known. */
export type Freshness = { readonly kind: 'fresh' } | { readonly kind: 'stale'; readonly tag: Tag | undefined };

const FRESH: Freshness = { kind: 'fresh' };
const FORGOTTEN: Freshness = { kind: 'stale', tag: undefined };

/**
 * The tags invalidated lately, so that no flow is installed that rests on a fact changed since its simulation began.
 *
 * Bounded: of more tags than it holds it forgets the one invalidated longest ago, and from then on calls every simulation
 * stale that began before that.
 */
export class InvalidationLog {
  readonly #limit: number;
  /** When each tag was last invalidated; the longest ago first. */
  readonly #epochs = new Map<Tag, number>();
  #epoch = 0;
  #forgotten = 0;

  /** @param limit how many tags it remembers at most */
  constructor(limit = 4096) {
    this.#limit = limit;
  }

  /** How many invalidations there have been. */
  get epoch(): Epoch {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- epochs are minted here only
    return this.#epoch as Epoch;
  }

  note(tag: Tag): void {
    this.#epochs.delete(tag);
    this.#epochs.set(tag, ++this.#epoch);
    if (this.#epochs.size <= this.#limit) return;
    for (const [oldest, epoch] of this.#epochs) {
      this.#epochs.delete(oldest);
      this.#forgotten = epoch;
      return;
    }
  }

  /** Whether none of the tags was invalidated after the epoch. */
  judge(tags: readonly Tag[], since: Epoch): Freshness {
    if (since === this.#epoch) return FRESH;
    for (const tag of tags) {
      if ((this.#epochs.get(tag) ?? 0) > since) return { kind: 'stale', tag };
    }
    return since < this.#forgotten ? FORGOTTEN : FRESH;
  }
}
