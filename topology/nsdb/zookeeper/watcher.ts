import type { Observation } from '../observation.ts';
import type { Link } from './link.ts';
import type { Looking } from './looking.ts';
import { isLoss, isOffline } from './loss.ts';
import type { Marked } from './watches.ts';

/**
 * Something that is told by comparing: a watch that fires only marks it; then it reads what there is now and tells what differs from
 * what it told last. So a link that was down, or a session that was lost, needs no more than another look.
 */
export abstract class Watcher implements Observation, Marked, Looking {
  protected readonly link: Link;
  #isDue = false;
  #isLooking = false;
  #isClosed = false;

  constructor(link: Link) {
    this.link = link;
    link.attach(this);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Something it looks at may have changed. */
  mark(_path?: string, _kind?: 'data' | 'children'): void {
    this.#isDue = true;
    this.wake();
  }

  /** A new session stands: no watch is set any more. */
  renew(): void {
    this.#isDue = true;
  }

  /** The link is up, or its turn may have come for another reason. */
  wake(): void {
    if (!this.#isDue || this.#isLooking || this.#isClosed || !this.link.isUp) return;
    this.#isLooking = true;
    const { activity, looking } = this.link.shared;
    const look: Promise<void> = activity.during(() => this.#run()).finally(() => looking.delete(look));
    looking.add(look);
  }

  close(): void {
    this.#isClosed = true;
    this.link.detach(this);
  }

  /** Reads, sets watches, and tells what differs. */
  protected abstract look(): Promise<void>;

  /** Calls a listener, unless closed. */
  protected tell(listener: () => void): void {
    if (!this.#isClosed) this.link.tell(listener);
  }

  async #run(): Promise<void> {
    let isCutShort = false;
    try {
      while (this.#isDue && !this.#isClosed && this.link.isUp) {
        this.#isDue = false;
        // oxlint-disable-next-line eslint/no-await-in-loop -- one look after another
        await this.look();
      }
    } catch (cause) {
      this.#isDue = true;
      isCutShort = isLoss(cause) || isOffline(cause);
      if (!isCutShort) this.link.report(cause);
    } finally {
      this.#isLooking = false;
    }
    if (isCutShort) this.wake(); // the link may be up again by now
  }
}
