import type { Ephemeral, Session } from './session.ts';

/** What becomes of somebody who waits. */
export interface Waiting {
  /** All before have gone. */
  first(): void;
  /** The session ended, and the place with it. */
  lost(): void;
}

/** A place in a queue. */
export class Place implements Ephemeral {
  readonly #queue: WaitingQueue;
  readonly #session: Session;
  readonly waiting: Waiting;

  constructor(queue: WaitingQueue, session: Session, waiting: Waiting) {
    this.#queue = queue;
    this.#session = session;
    this.waiting = waiting;
  }

  get isFirst(): boolean {
    return this.#queue.first === this;
  }

  leave(): void {
    this.#session.disown(this);
    this.#queue.remove(this);
  }

  vanish(): void {
    this.#queue.remove(this);
    this.waiting.lost();
  }
}

/** Those who want a role or a mutex, in the order of their coming. The first has it. */
export class WaitingQueue {
  readonly #places = new Set<Place>();

  get size(): number {
    return this.#places.size;
  }

  get first(): Place | undefined {
    const [first] = this.#places;
    return first;
  }

  /** Queues up under a session. Who is the first at once is not told so: `isFirst` says it. */
  join(session: Session, waiting: Waiting): Place {
    const place = new Place(this, session, waiting);
    session.own(place);
    this.#places.add(place);
    return place;
  }

  remove(place: Place): void {
    const wasFirst = place.isFirst;
    if (this.#places.delete(place) && wasFirst) this.first?.waiting.first();
  }
}
