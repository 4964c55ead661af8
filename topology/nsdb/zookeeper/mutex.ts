import { later } from '../../model/time.ts';
import type { Lock } from '../nsdb.ts';
import { NsdbError } from '../nsdb-error.ts';
import { lockPath } from '../paths.ts';
import { answerError } from './answer-error.ts';
import type { Link } from './link.ts';
import { QueuePlace } from './queue-place.ts';

/** Takes a mutex. Rejects with `timeout` after `patience` milliseconds, with `session-lost` when the session ends. */
export function acquire(link: Link, name: string, patience: number): Promise<Lock> {
  const { timers, activity } = link.shared;
  return new Promise((resolve, reject) => {
    let isAnswered = false;
    const answer = (settle: () => void) => {
      if (isAnswered) return;
      isAnswered = true;
      cancel();
      void activity.during(settle); // whoever waits for the lock has time to go on
    };
    let held: HeldLock | undefined;
    const place = new QueuePlace(link, lockPath(name), false, {
      placed: (isFirst) => {
        if (!isFirst) return;
        answer(() => {
          held = new HeldLock(link, place);
          resolve(held);
        });
      },
      lost: () => {
        held?.end();
        answer(() => reject(new NsdbError('session-lost', `the session ended while the lock ${name} was awaited`)));
      },
    });
    const cancel = timers.at(later(timers.now(), patience), () => {
      void place.leave();
      answer(() => reject(new NsdbError('timeout', `the lock ${name} was not to be had within ${patience} ms`)));
    });
    void activity.during(() =>
      place.join().catch((cause: unknown) => {
        void place.leave();
        const error = answerError(cause);
        answer(() => reject(error instanceof Error ? error : new Error(String(error))));
      }),
    );
  });
}

class HeldLock implements Lock {
  readonly #link: Link;
  readonly #place: QueuePlace;
  #isHeld = true;

  constructor(link: Link, place: QueuePlace) {
    this.#link = link;
    this.#place = place;
  }

  get held(): boolean {
    return this.#isHeld && this.#link.isAlive;
  }

  end(): void {
    this.#isHeld = false;
  }

  release(): Promise<void> {
    this.#isHeld = false;
    return this.#place.leave();
  }
}
