/** Deliveries made before the event loop gets its turn, so that listeners that answer each other starve no heartbeat. */
const BUDGET = 4096;

/**
 * Everything that listeners of one database have still to be told, in one order, and how much is under way besides. Nothing is
 * told from within the call that caused it.
 */
export class Deliveries {
  #queue: (() => void)[] = [];
  #head = 0;
  #isAwake = false;
  #underWay = 0;
  #ended = 0;

  /** Whether nothing waits, nothing runs, and whoever awaited something has had time to go on. */
  get idle(): boolean {
    return this.#head === this.#queue.length && this.#underWay === 0;
  }

  push(delivery: () => void): void {
    this.#queue.push(delivery);
    if (this.#isAwake) return;
    this.#isAwake = true;
    queueMicrotask(() => this.#drain());
  }

  /** Counts an operation until its caller has heard of its end, and has had a turn of the event loop to go on from there. */
  async during<T>(operation: () => T | Promise<T>): Promise<T> {
    this.#underWay++;
    try {
      return await operation();
    } finally {
      if (++this.#ended === 1) setImmediate(() => this.#forget());
    }
  }

  /** Resolves when {@link idle}. */
  async settled(): Promise<void> {
    while (!this.idle) {
      // oxlint-disable-next-line eslint/no-await-in-loop -- one turn of the event loop after another is the point
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #forget(): void {
    this.#underWay -= this.#ended;
    this.#ended = 0;
  }

  #drain(): void {
    for (let budget = BUDGET; budget > 0; budget--) {
      const delivery = this.#queue[this.#head];
      if (delivery === undefined) {
        this.#queue = [];
        this.#head = 0;
        this.#isAwake = false;
        return;
      }
      this.#head++;
      delivery();
    }
    this.#queue = this.#queue.slice(this.#head);
    this.#head = 0;
    setImmediate(() => this.#drain());
  }
}
