/**
 * What is under way through one database: operations that were asked for, and calls of listeners still to be made, in one order. Nothing
 * is called from within the call that caused it.
 */
export class Activity {
  #queue: (() => void)[] = [];
  #underWay = 0;
  readonly #waiting: (() => void)[] = [];

  /** Whether nothing waits, nothing runs, and whoever awaited something has had time to go on. */
  get idle(): boolean {
    return this.#queue.length === 0 && this.#underWay === 0;
  }

  push(delivery: () => void): void {
    if (this.#queue.push(delivery) === 1) queueMicrotask(() => this.#drain());
  }

  /** Counts an operation until its caller has heard of its end, and has had a turn of the event loop to go on from there. */
  async during<T>(operation: () => T | Promise<T>): Promise<T> {
    this.#underWay++;
    try {
      return await operation();
    } finally {
      setImmediate(() => {
        this.#underWay--;
        this.#rest();
      });
    }
  }

  /** Resolves when {@link idle}. */
  async settled(): Promise<void> {
    do {
      // oxlint-disable-next-line eslint/no-await-in-loop -- what was waited for may have begun something else
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
        setImmediate(() => this.#rest());
      });
    } while (!this.idle);
  }

  #drain(): void {
    for (let next = 0; next < this.#queue.length; next++) this.#queue[next]?.();
    this.#queue = [];
    this.#rest();
  }

  #rest(): void {
    if (!this.idle) return;
    for (const go of this.#waiting.splice(0)) go();
  }
}
