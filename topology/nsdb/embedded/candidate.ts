import type { ElectionListener } from '../nsdb.ts';
import { Watcher, type Link } from './link.ts';
import type { Place, WaitingQueue } from './queue.ts';
import type { Session } from './session.ts';

/** One who stands for a role. */
export class Candidate extends Watcher {
  readonly #queue: WaitingQueue;
  readonly #whenUp: (run: () => void) => void;
  readonly #listener: ElectionListener;
  #place: Place | undefined;
  #isLeading: boolean | undefined;

  constructor(link: Link, queue: WaitingQueue, whenUp: (run: () => void) => void, listener: ElectionListener) {
    super(link);
    this.#whenUp = whenUp;
    this.#queue = queue;
    this.#listener = listener;
    this.mark();
  }

  /** Stands, or stands again, at the end of the queue. */
  stand(session: Session): void {
    this.#place = this.#queue.join(session, { first: () => this.mark(), lost: () => this.#lose() });
    this.mark();
  }

  override close(): void {
    if (this.isClosed) return;
    super.close();
    this.#whenUp(() => this.#place?.leave());
  }

  protected override look(): void {
    this.#tell(this.#place?.isFirst === true);
  }

  /** The session is gone, and leadership with it. */
  #lose(): void {
    this.#place = undefined;
    this.link.deliveries.push(() => {
      if (!this.isClosed) this.#tell(false);
    });
  }

  #tell(isLeading: boolean): void {
    if (this.#isLeading === isLeading) return;
    this.#isLeading = isLeading;
    this.link.tell(() => (isLeading ? this.#listener.leading() : this.#listener.following()));
  }
}
