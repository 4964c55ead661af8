import { ExpiryQueues } from './expiry-queues.ts';
import type { FlowRows } from './flow-rows.ts';
import { LIFETIME_MILLIS, LIFETIMES, type Lifetime } from './flow.ts';

/** The queues of expiry, in the order in which they are evicted (spec 60 §3.3). */
const QUEUES = ['error', 'normal', 'stateful', 'tunnel'] as const satisfies readonly Lifetime[];

/** The queue of each lifetime, by its number. Short drops stand as long as errors and wait with them. */
const QUEUE_OF = LIFETIMES.map((lifetime) => QUEUES.indexOf(lifetime === 'short' ? 'error' : lifetime));

/** The order in which flows came, and in which they go: by expiry, and by eviction from a full table. */
export class FlowAges {
  readonly #rows: FlowRows;
  readonly #queues = new ExpiryQueues(QUEUES.length);

  /** @param rows tell each flow's lifetime and expiry */
  constructor(rows: FlowRows) {
    this.#rows = rows;
  }

  /** Makes room for so many flows. */
  reserve(flows: number): void {
    this.#queues.reserve(flows);
  }

  add(flow: number): void {
    this.#queues.add(this.#queueOf(flow), flow);
  }

  remove(flow: number): void {
    this.#queues.remove(this.#queueOf(flow), flow);
  }

  /** The flow that expires first; -1 when there is none. */
  firstToExpire(): number {
    let first = -1;
    let expiry = Infinity;
    for (let queue = 0; queue < QUEUES.length; queue++) {
      const flow = this.#queues.oldest(queue);
      if (flow < 0 || this.#rows.expiryOf(flow) >= expiry) continue;
      first = flow;
      expiry = this.#rows.expiryOf(flow);
    }
    return first;
  }

  /** The flow to be evicted for a new one of this lifetime; -1 when that would itself be the first to go. */
  firstToEvict(lifetime: Lifetime): number {
    const own = QUEUE_OF[LIFETIMES.indexOf(lifetime)] ?? 0;
    return this.#queues.oldest(QUEUES.findIndex((_, queue) => queue === own || this.#queues.oldest(queue) >= 0));
  }

  /** The flows in the order of insertion; at one instant by lifetime. Not to be changed while it is iterated. */
  *inOrder(): Generator<number, void> {
    const next = QUEUES.map((_, queue) => this.#queues.oldest(queue));
    for (;;) {
      let chosen = -1;
      let earliest = Infinity;
      for (const [queue, flow] of next.entries()) {
        if (flow < 0) continue;
        const inserted = this.#rows.expiryOf(flow) - LIFETIME_MILLIS[QUEUES[queue] ?? 'normal'];
        if (inserted >= earliest) continue;
        chosen = queue;
        earliest = inserted;
      }
      const flow = next[chosen];
      if (flow === undefined) return;
      yield flow;
      next[chosen] = this.#queues.after(flow);
    }
  }

  #queueOf(flow: number): number {
    return QUEUE_OF[this.#rows.lifetimeOf(flow)] ?? 0;
  }
}
