import { equal, ok } from 'node:assert/strict';
import type { Uuid } from '../../../topology/model/ids.ts';
import type { Nsdb } from '../../../topology/nsdb/nsdb.ts';
import { NsdbError } from '../../../topology/nsdb/nsdb-error.ts';

/** Ten who read the same objects again and again while things break, and how long one of them had to wait at most. */
export class Readers {
  readonly #over = new AbortController();
  readonly #answers: number[];
  readonly #running: Promise<unknown>;
  /** The longest time, in milliseconds, from asking for the first time to the answer. */
  longest = 0;

  constructor(handles: readonly Nsdb[], ids: readonly Uuid[]) {
    const readers = Array.from({ length: 10 }, (_, n) => n);
    this.#answers = readers.map(() => 0);
    this.#running = Promise.all(readers.map((n) => this.#read(n, handles, ids)));
  }

  /** Answers that each of them has had. */
  get answers(): readonly number[] {
    return [...this.#answers];
  }

  async stop(): Promise<void> {
    this.#over.abort();
    await this.#running;
  }

  async #read(n: number, handles: readonly Nsdb[], ids: readonly Uuid[]): Promise<void> {
    const [nsdb, id] = [handles[n % handles.length], ids[n % ids.length]];
    ok(nsdb !== undefined && id !== undefined);
    for (let since = performance.now(); !this.#over.signal.aborted;) {
      try {
        // oxlint-disable-next-line eslint/no-await-in-loop -- one read after another
        ok(await nsdb.find('Port', id));
        this.#answers[n] = (this.#answers[n] ?? 0) + 1;
        since = performance.now();
      } catch (cause) {
        ok(cause instanceof NsdbError, String(cause));
        equal(cause.fault, 'disconnected', cause.message);
        // oxlint-disable-next-line eslint/no-await-in-loop -- as above
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      this.longest = Math.max(this.longest, performance.now() - since);
    }
  }
}
