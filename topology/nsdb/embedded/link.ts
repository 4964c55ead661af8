import type { Observation } from '../observation.ts';
import type { Deliveries } from './deliveries.ts';

/** The way from the database to one of its handles. While it is down nothing is told; it is made good when it is up again. */
export class Link {
  readonly deliveries: Deliveries;
  readonly #report: (cause: unknown) => void;
  readonly #watchers = new Set<Watcher>();
  #isUp = true;

  constructor(deliveries: Deliveries, report: (cause: unknown) => void) {
    this.deliveries = deliveries;
    this.#report = report;
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  cut(): void {
    this.#isUp = false;
  }

  restore(): void {
    this.#isUp = true;
    for (const watcher of this.#watchers) watcher.wake();
  }

  /** Calls a listener; what it throws is reported, and ends nothing else. */
  tell(listener: () => void): void {
    try {
      listener();
    } catch (cause) {
      this.#report(cause);
    }
  }

  report(cause: unknown): void {
    this.#report(cause);
  }

  attach(watcher: Watcher): void {
    this.#watchers.add(watcher);
  }

  detach(watcher: Watcher): void {
    this.#watchers.delete(watcher);
  }

  close(): void {
    this.#isUp = false;
    for (const watcher of this.#watchers) watcher.close();
  }
}

/**
 * Something that is told by comparing: a change only marks it, and when its turn comes it looks at what there is now and tells what
 * differs from what it told last. So a link that was down needs no more than another look.
 */
export abstract class Watcher implements Observation {
  protected readonly link: Link;
  #isDue = false;
  #isQueued = false;
  #isClosed = false;

  constructor(link: Link) {
    this.link = link;
    link.attach(this);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Something it looks at may have changed. */
  mark(): void {
    this.#isDue = true;
    this.wake();
  }

  /** The link is up, or its turn may have come for another reason. */
  wake(): void {
    if (!this.#isDue || this.#isQueued || this.#isClosed || !this.link.isUp) return;
    this.#isQueued = true;
    this.link.deliveries.push(() => this.#take());
  }

  close(): void {
    this.#isClosed = true;
    this.link.detach(this);
  }

  /** Looks, and tells what differs. */
  protected abstract look(): void;

  #take(): void {
    this.#isQueued = false;
    if (this.#isClosed || !this.link.isUp) return;
    this.#isDue = false;
    this.look();
  }
}
