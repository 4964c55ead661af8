import type { PortId } from '../../topology/model/ids.ts';
import type { Ipv4 } from '../../topology/model/ipv4.ts';
import type { Mac } from '../../topology/model/mac.ts';
import { later, millisOf, type Millis } from '../../topology/model/time.ts';
import { DeadlineHeap } from './deadline-heap.ts';
import { EXPIRES_AFTER, STALE_AFTER, type Neighbour, type NeighbourTable } from './neighbour-table.ts';

/**
 * What the broker asks of the engine.
 *
 * - `request`: send an ARP request out of `port`; to `to` alone when given, else to all
 * - `write`, `remove`: change the replicated table; the change comes back by {@link ArpBroker.changed}
 * - `wake`: simulate the packets that wait for the address anew: there is an entry now, or it counts as unreachable
 */
export type ArpAct =
  | { readonly kind: 'request'; readonly address: Ipv4; readonly port: PortId; readonly to: Mac | undefined }
  | { readonly kind: 'write'; readonly address: Ipv4; readonly neighbour: Neighbour }
  | { readonly kind: 'remove'; readonly address: Ipv4 }
  | { readonly kind: 'wake'; readonly address: Ipv4 };

export interface ArpBrokerParts {
  /** This agent's copy, changed by {@link ArpBroker.changed} alone. */
  readonly neighbours: NeighbourTable;
  /** Whether a flow is tagged ArpEntry(router, address). */
  readonly isUsed: (address: Ipv4) => boolean;
  /** The port whose segment holds the address: for entries that other agents wrote. */
  readonly portTowards: (address: Ipv4) => PortId | undefined;
  /** A number in [0, 1), another each time, out of this router's own stream. */
  readonly chance: () => number;
}

/** Requests of one attempt, the first included: spec C17. */
const MOST_REQUESTS = 5;
/** The shortest time between two requests for a target (RFC 1122, section 2.3.2.1), and what chance adds to it at most. */
const GAP = 1000;
const GAP_JITTER = 100;
/** How long an attempt lasts, how long its failure is believed, and how long a refresh that failed rests. */
const PATIENCE = 5000;
const BELIEF = 5000;
const REST = 5000;
/** How much later than stale, in parts of that time, an entry is asked for at most: spec 30 §5. */
const STALENESS_JITTER = 0.2;

const NEVER = millisOf(Infinity);
const LONG_AGO = millisOf(-Infinity);
const NOTHING: readonly ArpAct[] = [];

/** `resolving`: there is no entry, packets wait. `refreshing`: there is one, soon to expire. */
type Phase = 'idle' | 'resolving' | 'refreshing';

interface Target {
  readonly address: Ipv4;
  port: PortId;
  phase: Phase;
  /** Requests of this attempt so far. */
  sent: number;
  lastRequest: Millis;
  /** The next request of this attempt. */
  requestAt: Millis;
  giveUpAt: Millis;
  /** When to see whether the entry is used and to be refreshed. */
  refreshAt: Millis;
  /** When a refresh may start again. */
  restUntil: Millis;
  /** The expiry of the entry that this broker wrote last. */
  writtenExpiry: Millis;
  /** When to remove the entry, if it is this broker's. */
  removeAt: Millis;
  /** Its place in the queue of deadlines. */
  due: Millis;
}

/**
 * Finds the MAC addresses of a router's neighbours, and keeps those in use known: who is asked, when, and until when.
 *
 * A state machine without a clock: it is told the time and says what is to be done. Every attempt ends, with an entry or without.
 *
 * @see spec 30 §5, C17, C18; RFC 826; RFC 1122, section 2.3.2
 */
export class ArpBroker {
  readonly #neighbours: NeighbourTable;
  readonly #isUsed: (address: Ipv4) => boolean;
  readonly #portTowards: (address: Ipv4) => PortId | undefined;
  readonly #chance: () => number;
  readonly #refreshDelay: number;
  readonly #targets = new Map<Ipv4, Target>();
  readonly #deadlines = new DeadlineHeap<Target>();

  constructor({ neighbours, isUsed, portTowards, chance }: ArpBrokerParts) {
    this.#neighbours = neighbours;
    this.#isUsed = isUsed;
    this.#portTowards = portTowards;
    this.#chance = chance;
    this.#refreshDelay = chance() * STALENESS_JITTER * STALE_AFTER;
  }

  /** Addresses it minds: those with an entry, those being asked for, those asked for within the last second. */
  get size(): number {
    return this.#targets.size;
  }

  /** What it minds, and how far each attempt has come. */
  targets(): IterableIterator<Readonly<Target>> {
    return this.#targets.values();
  }

  /** When {@link tick} is due next; undefined when never. */
  nextDeadline(): Millis | undefined {
    for (;;) {
      const first = this.#deadlines.peek();
      if (first === undefined || first.item.due === first.at) return first?.at;
      this.#deadlines.pop();
    }
  }

  /** A packet needs the address, which lies behind `port`: it waits for the entry, or has just used one that is stale. */
  want(address: Ipv4, port: PortId, now: Millis): readonly ArpAct[] {
    const acts: ArpAct[] = [];
    const target = this.#targetOf(address, port);
    const neighbour = this.#neighbours.get(address);
    if (neighbour === undefined) {
      if (target.phase !== 'resolving') begin(target, 'resolving', now);
      this.#neighbours.tryAgain(address);
    } else {
      acts.push({ kind: 'wake', address });
      if (target.phase === 'idle') {
        target.refreshAt = latest(later(neighbour.stale, this.#refreshDelay), target.restUntil);
        if (target.refreshAt <= now) begin(target, 'refreshing', now);
      }
    }
    this.#proceed(target, now, acts);
    return acts;
  }

  /** An ARP message that came in by `port` says that `address` is at `mac`. */
  learned(address: Ipv4, mac: Mac, port: PortId, now: Millis): readonly ArpAct[] {
    const known = this.#neighbours.get(address);
    if (known?.mac === mac && now < known.stale) return NOTHING;
    const target = this.#targetOf(address, port);
    const lastArp = target.lastRequest === LONG_AGO ? millisOf(0) : target.lastRequest;
    const neighbour = { mac, expiry: later(now, EXPIRES_AFTER), stale: later(now, STALE_AFTER), lastArp };
    target.writtenExpiry = neighbour.expiry;
    this.#schedule(target, now);
    return [{ kind: 'write', address, neighbour }];
  }

  /** The replicated table changed, by this broker's wish or another agent's. Brings the copy up to date. */
  changed(address: Ipv4, neighbour: Neighbour | undefined, now: Millis): readonly ArpAct[] {
    const before = this.#neighbours.change(address, neighbour);
    const port = this.#portTowards(address);
    const target = this.#targets.get(address) ?? (port === undefined ? undefined : this.#targetOf(address, port));
    if (target !== undefined) {
      this.#heed(target, neighbour, now);
      this.#schedule(target, now);
    }
    return neighbour === undefined || before?.mac === neighbour.mac ? NOTHING : [{ kind: 'wake', address }];
  }

  /** Does what is due at `now`. */
  tick(now: Millis): readonly ArpAct[] {
    const acts: ArpAct[] = [];
    for (let due = this.nextDeadline(); due !== undefined && due <= now; due = this.nextDeadline()) {
      const target = this.#deadlines.pop();
      if (target === undefined) break;
      target.due = NEVER;
      this.#proceed(target, now, acts);
    }
    return acts;
  }

  #targetOf(address: Ipv4, port: PortId): Target {
    const known = this.#targets.get(address);
    if (known !== undefined) {
      known.port = port;
      return known;
    }
    const target: Target = {
      address,
      port,
      phase: 'idle',
      sent: 0,
      lastRequest: LONG_AGO,
      requestAt: NEVER,
      giveUpAt: NEVER,
      refreshAt: NEVER,
      restUntil: LONG_AGO,
      writtenExpiry: LONG_AGO,
      removeAt: NEVER,
      due: NEVER,
    };
    this.#targets.set(address, target);
    return target;
  }

  /** Follows what the table now says of a target. */
  #heed(target: Target, neighbour: Neighbour | undefined, now: Millis): void {
    if (neighbour === undefined) {
      if (target.phase === 'refreshing') target.phase = 'idle';
      target.refreshAt = NEVER;
      target.removeAt = NEVER;
      return;
    }
    target.removeAt = target.writtenExpiry === neighbour.expiry ? neighbour.expiry : NEVER;
    if (target.phase === 'resolving' || now < neighbour.stale) target.phase = 'idle';
    target.refreshAt = later(neighbour.stale, this.#refreshDelay);
  }

  /** Does what is due for one target, and sees to it that it is looked at again in time. */
  #proceed(target: Target, now: Millis, acts: ArpAct[]): void {
    const { address } = target;
    if (target.removeAt <= now) {
      acts.push({ kind: 'remove', address });
      target.removeAt = NEVER;
      target.refreshAt = NEVER;
      if (target.phase === 'refreshing') target.phase = 'idle';
    }
    if (target.phase === 'idle' && target.refreshAt <= now) {
      target.refreshAt = NEVER;
      if (this.#isUsed(address)) begin(target, 'refreshing', now);
    }
    if (target.phase !== 'idle' && target.giveUpAt <= now) this.#giveUp(target, now, acts);
    if (target.phase !== 'idle' && target.requestAt <= now) this.#request(target, now, acts);
    this.#schedule(target, now);
  }

  #giveUp(target: Target, now: Millis, acts: ArpAct[]): void {
    const { address, phase } = target;
    target.phase = 'idle';
    if (phase === 'resolving') {
      this.#neighbours.giveUp(address, later(now, BELIEF));
      acts.push({ kind: 'wake', address });
    } else {
      target.restUntil = later(now, REST);
      target.refreshAt = target.restUntil;
    }
  }

  #request(target: Target, now: Millis, acts: ArpAct[]): void {
    const { address, port, phase, sent } = target;
    const to = phase === 'refreshing' && sent === 0 ? this.#neighbours.get(address)?.mac : undefined;
    acts.push({ kind: 'request', address, port, to });
    target.sent = sent + 1;
    target.lastRequest = now;
    target.requestAt = target.sent < MOST_REQUESTS ? later(now, GAP + Math.round(GAP_JITTER * this.#chance())) : NEVER;
  }

  #schedule(target: Target, now: Millis): void {
    const { phase, requestAt, giveUpAt, refreshAt, removeAt, lastRequest, writtenExpiry, address } = target;
    let due = Math.min(removeAt, phase === 'idle' ? refreshAt : Math.min(requestAt, giveUpAt));
    if (due === NEVER && phase === 'idle' && this.#neighbours.get(address) === undefined) {
      // Forgotten when asking again would not be too soon.
      due = Math.max(lastRequest + GAP, writtenExpiry);
      if (due <= now) {
        this.#targets.delete(address);
        target.due = NEVER;
        return;
      }
    }
    if (due === target.due) return;
    target.due = millisOf(due);
    if (due !== NEVER) this.#deadlines.push(target.due, target);
  }
}

/** Starts an attempt; its first request goes at once, or a second after the last one for this target. */
function begin(target: Target, phase: Phase, now: Millis): void {
  target.phase = phase;
  target.sent = 0;
  target.requestAt = latest(now, later(target.lastRequest, GAP));
  target.giveUpAt = later(now, PATIENCE);
}

function latest(a: Millis, b: Millis): Millis {
  return a > b ? a : b;
}
