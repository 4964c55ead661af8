import type { Millis } from '../../topology/model/time.ts';
import type { Limiter } from '../packet/packet.ts';

/** Tokens that come back at a steady rate, up to a burst: the limiter that RFC 1812, section 4.3.2.8, recommends for ICMP errors. */
export class TokenBucket implements Limiter {
  readonly #perSecond: number;
  readonly #burst: number;
  #tokens: number;
  #filledAt: Millis | undefined;

  /** A full bucket; spec C12's, 100 a second with a burst of 50, unless said otherwise. */
  constructor(perSecond = 100, burst = 50) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#tokens = burst;
  }

  /** Tokens when one was last asked for, and when that was; undefined: never. */
  get level(): { readonly tokens: number; readonly at: Millis | undefined } {
    return { tokens: this.#tokens, at: this.#filledAt };
  }

  take(now: Millis): boolean {
    const elapsed = Math.max(0, now - (this.#filledAt ?? now));
    this.#filledAt = now;
    this.#tokens = Math.min(this.#burst, this.#tokens + (elapsed * this.#perSecond) / 1000);
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
