import type { DeviceId } from '../../topology/model/ids.ts';
import type { Ipv4 } from '../../topology/model/ipv4.ts';
import type { Mac } from '../../topology/model/mac.ts';
import type { Millis } from '../../topology/model/time.ts';
import { tagOf, type Tag } from '../tag.ts';

/** What a router's replicated table says of one neighbour. */
export interface Neighbour {
  readonly mac: Mac;
  /** Whoever wrote the entry removes it now. */
  readonly expiry: Millis;
  /** From now on a use asks for a refresh; the entry stays good. */
  readonly stale: Millis;
  /** When it was last asked for; 0 when it made itself known. */
  readonly lastArp: Millis;
}

/** An entry is refreshed when used after this long, and removed after that: spec 30 §5. */
export const STALE_AFTER = 60_000;
export const EXPIRES_AFTER = 90_000;

/**
 * This agent's copy of a router's table of neighbours (MidoNet's ARP table), and which of them lately answered nobody.
 *
 * An entry counts until it is removed, by whoever wrote it, when it expires: a flow and a simulation thus always agree.
 */
export class NeighbourTable {
  readonly #neighbours = new Map<Ipv4, Neighbour>();
  /** Addresses that did not answer, and until when that is taken for an answer: known to this agent alone. */
  readonly #unreachable = new Map<Ipv4, Millis>();

  get size(): number {
    return this.#neighbours.size;
  }

  get(address: Ipv4): Neighbour | undefined {
    return this.#neighbours.get(address);
  }

  entries(): IterableIterator<[Ipv4, Neighbour]> {
    return this.#neighbours.entries();
  }

  /** Addresses that resolution gave up on, and until when that counts. */
  unreachable(): IterableIterator<[Ipv4, Millis]> {
    return this.#unreachable.entries();
  }

  /** Whether resolution gave up on the address less than a drop flow's life ago. */
  isUnreachable(address: Ipv4, now: Millis): boolean {
    const until = this.#unreachable.get(address);
    return until !== undefined && now < until;
  }

  /** Takes over a change of the replicated table: an entry, or none any more. Returns what was there before. */
  change(address: Ipv4, neighbour: Neighbour | undefined): Neighbour | undefined {
    const before = this.#neighbours.get(address);
    if (neighbour === undefined) {
      this.#neighbours.delete(address);
    } else {
      this.#neighbours.set(address, neighbour);
      this.#unreachable.delete(address);
    }
    return before;
  }

  /** Takes the address for unreachable until then. */
  giveUp(address: Ipv4, until: Millis): void {
    this.#unreachable.set(address, until);
  }

  /** Forgets that resolution once gave up on it. */
  tryAgain(address: Ipv4): void {
    this.#unreachable.delete(address);
  }
}

/**
 * The tags that a change of one entry invalidates: none when the MAC stays the same (C38). An appearance ends the drops that stood in for
 * an unreachable neighbour (C17), a removal the flows that used it (C18).
 */
export function tagsOfNeighbourChange(
  router: DeviceId,
  address: Ipv4,
  before: Neighbour | undefined,
  after: Neighbour | undefined,
): Tag[] {
  return before?.mac === after?.mac ? [] : [tagOf('ArpEntry', router, address)];
}
