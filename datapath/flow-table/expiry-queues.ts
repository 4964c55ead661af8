import { grownInt32 } from './grown.ts';

/** Words for each flow: the one before it and the one behind it in its queue, -1 for none. */
const LINKS = 2;

/** Flows by lifetime, each queue in the order of insertion; which is the order of expiry, since lifetimes are hard. */
export class ExpiryQueues {
  readonly #heads: Int32Array;
  readonly #tails: Int32Array;
  #links = new Int32Array(0);

  constructor(queues: number) {
    this.#heads = new Int32Array(queues).fill(-1);
    this.#tails = new Int32Array(queues).fill(-1);
  }

  /** Makes room for so many flows. */
  reserve(flows: number): void {
    this.#links = grownInt32(this.#links, flows * LINKS);
  }

  /** The oldest flow of a queue; -1 when it is empty. */
  oldest(queue: number): number {
    return this.#heads[queue] ?? -1;
  }

  /** The flow inserted next after this one into its queue; -1 when it is the youngest. */
  after(flow: number): number {
    return this.#links[flow * LINKS + 1] ?? -1;
  }

  add(queue: number, flow: number): void {
    const tail = this.#tails[queue] ?? -1;
    this.#links[flow * LINKS] = tail;
    this.#links[flow * LINKS + 1] = -1;
    if (tail < 0) this.#heads[queue] = flow;
    else this.#links[tail * LINKS + 1] = flow;
    this.#tails[queue] = flow;
  }

  remove(queue: number, flow: number): void {
    const before = this.#links[flow * LINKS] ?? -1;
    const after = this.#links[flow * LINKS + 1] ?? -1;
    if (before < 0) this.#heads[queue] = after;
    else this.#links[before * LINKS + 1] = after;
    if (after < 0) this.#tails[queue] = before;
    else this.#links[after * LINKS] = before;
  }
}
