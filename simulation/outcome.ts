import type { Packet } from './packet/packet.ts';
import { DROP_REASONS, type ConsumedReason, type DropClass, type DropReason } from './verdict.ts';

/** What became of a packet. Every packet has exactly one. */
export type Outcome =
  | { readonly kind: 'forwarded'; readonly reason: undefined }
  | { readonly kind: 'consumed'; readonly reason: ConsumedReason }
  | { readonly kind: 'dropped'; readonly reason: DropReason }
  /** It waited for something that did not come. */
  | { readonly kind: 'gave-up'; readonly reason: DropReason };

export const FORWARDED: Outcome = { kind: 'forwarded', reason: undefined };

/** Branches of a simulation, or what they yielded, in the order of their forks, whichever ran first. */
export function inOrder<T extends { readonly lineage: readonly number[] }>(found: readonly T[]): readonly T[] {
  return found.length < 2 ? found : found.toSorted((a, b) => compareLineage(a.lineage, b.lineage));
}

/**
 * What all branches together came to: forwarded beats everything (C7), trouble beats the lesser drops and what was consumed, and of
 * two of those the later one counts.
 *
 * @param branches in order, all of them ended, none suspended
 * @see spec 00 §5.3 as changed by C7
 */
export function outcomeOf(branches: readonly Packet[]): Outcome {
  let outcome: Outcome | undefined;
  let isTrouble = false;
  for (const { verdict } of branches) {
    if (verdict?.kind === 'emit') return FORWARDED;
    if (isTrouble) continue;
    if (verdict?.kind === 'consumed') outcome = { kind: 'consumed', reason: verdict.reason };
    if (verdict?.kind === 'drop') {
      outcome = { kind: 'dropped', reason: verdict.reason };
      isTrouble = DROP_REASONS[verdict.reason] === 'error';
    }
  }
  return outcome ?? { kind: 'dropped', reason: 'no-flood-ports' };
}

/** How long the flow of these branches lives: as the shortest-lived among them would (C7). */
export function shortestClassOf(branches: readonly Packet[]): DropClass {
  let shortest: DropClass = 'permanent';
  for (const { verdict } of branches) {
    if (verdict?.kind !== 'drop') continue;
    const own = DROP_REASONS[verdict.reason];
    if (own === 'error') return own;
    if (own === 'short') shortest = own;
  }
  return shortest;
}

function compareLineage(a: readonly number[], b: readonly number[]): number {
  for (const [at, way] of a.entries()) {
    const other = b[at];
    if (other === undefined) return 1;
    if (way !== other) return way - other;
  }
  return a.length - b.length;
}
