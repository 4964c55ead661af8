import { later } from '../../model/time.ts';
import type { Cancel, Timers } from '../../model/timers.ts';
import type { Lock } from '../nsdb.ts';
import { NsdbError } from '../nsdb-error.ts';
import type { Deliveries } from './deliveries.ts';
import type { Place, WaitingQueue } from './queue.ts';
import type { Session } from './session.ts';

/** Takes a mutex under a session. Rejects with `timeout` after `patience` milliseconds, with `session-lost` when that ends. */
export function acquire(
  name: string,
  patience: number,
  queue: WaitingQueue,
  session: Session,
  { timers, deliveries }: { readonly timers: Timers; readonly deliveries: Deliveries },
): Promise<Lock> {
  return new Promise((resolve, reject) => {
    let cancel: Cancel | undefined;
    const answer = (settle: () => void) => {
      cancel?.();
      void deliveries.during(settle); // whoever waits for the lock has time to go on
    };
    const place = queue.join(session, {
      first: () => answer(() => resolve(new HeldLock(place, session, deliveries))),
      lost: () =>
        answer(() => reject(new NsdbError('session-lost', `the session ended while the lock ${name} was awaited`))),
    });
    if (place.isFirst) {
      place.waiting.first();
      return;
    }
    cancel = timers.at(later(timers.now(), patience), () => {
      place.leave();
      answer(() => reject(new NsdbError('timeout', `the lock ${name} was not to be had within ${patience} ms`)));
    });
  });
}

class HeldLock implements Lock {
  readonly #place: Place;
  readonly #session: Session;
  readonly #deliveries: Deliveries;

  constructor(place: Place, session: Session, deliveries: Deliveries) {
    this.#place = place;
    this.#session = session;
    this.#deliveries = deliveries;
  }

  get held(): boolean {
    return this.#session.isAlive && this.#place.isFirst;
  }

  release(): Promise<void> {
    return this.#deliveries.during(() => this.#place.leave());
  }
}
