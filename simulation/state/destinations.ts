import type { Ipv4 } from '../../topology/model/ipv4.ts';
import type { Millis } from '../../topology/model/time.ts';

/** No flow outlives this, in milliseconds: spec 00 §7. */
const LONGEST_FLOW = 60_000;
/** A destination that no route matched. */
export const UNROUTED = -1;

/**
 * The destinations that a router's flows have, and the shortest prefix length by which each was routed: what a new route must be compared
 * with (spec C8).
 *
 * Flows do not report their end. As none outlives a minute, a destination is kept for one to two minutes after it was last noted: in two
 * generations, of which the elder is dropped whole.
 */
export class Destinations {
  readonly #most: number;
  #young = new Map<Ipv4, number>();
  #old = new Map<Ipv4, number>();
  #youngSince: Millis | undefined;
  #overflowedAt: Millis | undefined;

  /** @param most destinations to keep for a minute; with more, {@link isComplete} turns false until they are over */
  constructor(most = 1_000_000) {
    this.#most = most;
  }

  /** Whether every destination that a flow may have at `now` is here. */
  isComplete(now: Millis): boolean {
    return this.#overflowedAt === undefined || now - this.#overflowedAt > LONGEST_FLOW;
  }

  /** A flow for `destination` begins, routed by a prefix of `length` bits or {@link UNROUTED}. */
  note(destination: Ipv4, length: number, now: Millis): void {
    this.#age(now);
    const known = this.#young.get(destination);
    if (known === undefined && this.#young.size >= this.#most) {
      this.#overflowedAt = now;
    } else if (known === undefined || length < known) {
      this.#young.set(destination, length);
    }
  }

  /** Each destination with a length it was routed by; some come twice. */
  *entries(): IterableIterator<[Ipv4, number]> {
    for (const generation of [this.#old, this.#young]) yield* generation;
  }

  #age(now: Millis): void {
    this.#youngSince ??= now;
    if (now - this.#youngSince <= LONGEST_FLOW) return;
    this.#old = this.#young;
    this.#young = new Map();
    this.#youngSince = now;
  }
}
