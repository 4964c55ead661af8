import type { PortId } from '../../topology/model/ids.ts';
import type { Ipv4 } from '../../topology/model/ipv4.ts';
import type { Mac } from '../../topology/model/mac.ts';
import { later, millisOf, type Millis } from '../../topology/model/time.ts';
import { ArpTarget, LONG_AGO, NEVER } from './arp-target.ts';
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

/** How long it is believed that nobody answers. */
const BELIEF = 5000;
/** How much later than stale, in parts of that time, an entry is asked for at most: spec 30 §5. */
const STALENESS_JITTER = 0.2;

const NOTHING: readonly ArpAct[] = [];

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
  readonly #targets = new Map<Ipv4, ArpTarget>();
  readonly #deadlines = new DeadlineHeap<ArpTarget>();

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
  targets(): IterableIterator<Readonly<ArpTarget>> {
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
      if (target.phase !== 'resolving') target.begin('resolving', now);
      this.#neighbours.tryAgain(address);
    } else {
      acts.push({ kind: 'wake', address });
      if (target.phase === 'idle') {
        target.refreshFrom(later(neighbour.stale, this.#refreshDelay));
        if (target.refreshAt <= now) target.begin('refreshing', now);
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
      if (neighbour === undefined) target.removed();
      else target.written(neighbour, later(neighbour.stale, this.#refreshDelay), now);
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

  #targetOf(address: Ipv4, port: PortId): ArpTarget {
    const known = this.#targets.get(address);
    if (known !== undefined) {
      known.port = port;
      return known;
    }
    const target = new ArpTarget(address, port);
    this.#targets.set(address, target);
    return target;
  }

  /** Does what is due for one target, and sees to it that it is looked at again in time. */
  #proceed(target: ArpTarget, now: Millis, acts: ArpAct[]): void {
    const { address } = target;
    if (target.removeAt <= now) {
      acts.push({ kind: 'remove', address });
      target.removed();
    }
    if (target.phase === 'idle' && target.refreshAt <= now) {
      target.refreshAt = NEVER;
      if (this.#isUsed(address)) target.begin('refreshing', now);
    }
    if (target.phase !== 'idle' && target.giveUpAt <= now) this.#giveUp(target, now, acts);
    if (target.phase !== 'idle' && target.requestAt <= now) this.#request(target, now, acts);
    this.#schedule(target, now);
  }

  #giveUp(target: ArpTarget, now: Millis, acts: ArpAct[]): void {
    const { address, phase } = target;
    target.failed(now);
    if (phase !== 'resolving') return;
    this.#neighbours.giveUp(address, later(now, BELIEF));
    acts.push({ kind: 'wake', address });
  }

  #request(target: ArpTarget, now: Millis, acts: ArpAct[]): void {
    const { address, port, phase, sent } = target;
    const to = phase === 'refreshing' && sent === 0 ? this.#neighbours.get(address)?.mac : undefined;
    acts.push({ kind: 'request', address, port, to });
    target.requested(now, this.#chance);
  }

  #schedule(target: ArpTarget, now: Millis): void {
    const { address } = target;
    let due = target.nextDue();
    if (due === NEVER && target.phase === 'idle' && this.#neighbours.get(address) === undefined) {
      due = target.forgettableAt();
      if (due <= now) {
        this.#targets.delete(address);
        target.due = NEVER;
        return;
      }
    }
    if (due === target.due) return;
    target.due = due;
    if (due !== NEVER) this.#deadlines.push(due, target);
  }
}
