import type { PortId } from '../../topology/model/ids.ts';
import type { Ipv4 } from '../../topology/model/ipv4.ts';
import { later, millisOf, type Millis } from '../../topology/model/time.ts';
import type { Neighbour } from './neighbour-table.ts';

/** Requests of one attempt, the first included: spec C17. */
const MOST_REQUESTS = 5;
/** The shortest time between two requests for a target (RFC 1122, section 2.3.2.1), and what chance adds to it at most. */
const GAP = 1000;
const GAP_JITTER = 100;
/** How long an attempt lasts, and how long a refresh that failed rests. */
const PATIENCE = 5000;
const REST = 5000;

export const NEVER = millisOf(Infinity);
export const LONG_AGO = millisOf(-Infinity);

/** `resolving`: there is no entry, packets wait. `refreshing`: there is one, soon to expire. */
type Phase = 'idle' | 'resolving' | 'refreshing';

/** An address that a broker minds: how far the attempt to find its MAC address has come, and what is due for it when. */
export class ArpTarget {
  readonly address: Ipv4;
  /** The port that the address lies behind. */
  port: PortId;
  phase: Phase = 'idle';
  /** Requests of this attempt so far. */
  sent = 0;
  lastRequest = LONG_AGO;
  /** The next request of this attempt. */
  requestAt = NEVER;
  giveUpAt = NEVER;
  /** When to see whether the entry is used and to be refreshed. */
  refreshAt = NEVER;
  /** When a refresh may start again. */
  restUntil = LONG_AGO;
  /** The expiry of the entry that this broker wrote last. */
  writtenExpiry = LONG_AGO;
  /** When to remove the entry, if it is this broker's. */
  removeAt = NEVER;
  /** Its place in the queue of deadlines. */
  due = NEVER;

  constructor(address: Ipv4, port: PortId) {
    this.address = address;
    this.port = port;
  }

  /** Starts an attempt; its first request goes at once, or a second after the last one for this target. */
  begin(phase: Phase, now: Millis): void {
    this.phase = phase;
    this.sent = 0;
    this.requestAt = latest(now, later(this.lastRequest, GAP));
    this.giveUpAt = later(now, PATIENCE);
  }

  /** A request goes. @param chance says how long after the shortest time the next one goes */
  requested(now: Millis, chance: () => number): void {
    this.sent++;
    this.lastRequest = now;
    this.requestAt = this.sent < MOST_REQUESTS ? later(now, GAP + Math.round(GAP_JITTER * chance())) : NEVER;
  }

  /** The attempt came to nothing. A refresh may be tried again after a rest: its entry stays good until it expires. */
  failed(now: Millis): void {
    if (this.phase === 'refreshing') {
      this.restUntil = later(now, REST);
      this.refreshAt = this.restUntil;
    }
    this.phase = 'idle';
  }

  /** Its entry is in use: to be refreshed from `at` on, but no sooner than a refresh that failed has rested. */
  refreshFrom(at: Millis): void {
    this.refreshAt = latest(at, this.restUntil);
  }

  /** The table says anew what it has of it. @param refreshAt when to see whether it is used */
  written({ expiry, stale }: Neighbour, refreshAt: Millis, now: Millis): void {
    this.removeAt = this.writtenExpiry === expiry ? expiry : NEVER;
    if (this.phase === 'resolving' || now < stale) this.phase = 'idle';
    this.refreshAt = refreshAt;
  }

  /** The table has no entry any more. */
  removed(): void {
    if (this.phase === 'refreshing') this.phase = 'idle';
    this.refreshAt = NEVER;
    this.removeAt = NEVER;
  }

  /** When something is to be done for it; {@link NEVER} when nothing is. */
  nextDue(): Millis {
    return earliest(this.removeAt, this.phase === 'idle' ? this.refreshAt : earliest(this.requestAt, this.giveUpAt));
  }

  /** When asking for it again would not be too soon: it may be forgotten then. */
  forgettableAt(): Millis {
    return latest(later(this.lastRequest, GAP), this.writtenExpiry);
  }
}

function latest(a: Millis, b: Millis): Millis {
  return a > b ? a : b;
}

function earliest(a: Millis, b: Millis): Millis {
  return a < b ? a : b;
}
