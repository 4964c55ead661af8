import { equal, ok } from 'node:assert/strict';
import type { Uuid } from '../../../topology/model/ids.ts';
import type { Nsdb } from '../../../topology/nsdb/nsdb.ts';
import { NsdbError } from '../../../topology/nsdb/nsdb-error.ts';
import { create, fieldsOf, uuid } from './harness.ts';

/** One who counts up an object of its own, as fast as it can. */
interface Writer {
  readonly nsdb: Nsdb;
  readonly id: Uuid;
  acknowledged: number;
  unknown: number;
}

/** Ten who write while things break: what was acknowledged must be there, and nothing that was refused. */
export class Writers {
  readonly #writers: readonly Writer[];
  readonly #over = new AbortController();
  #running: readonly Promise<void>[] = [];

  constructor(handles: readonly Nsdb[]) {
    this.#writers = Array.from({ length: 10 }, (_, n) => n).flatMap((n) => {
      const nsdb = handles[n % handles.length];
      return nsdb === undefined ? [] : [{ nsdb, id: uuid(100 + n), acknowledged: 0, unknown: 0 }];
    });
  }

  /** What each of them counts up. */
  get ids(): readonly Uuid[] {
    return this.#writers.map(({ id }) => id);
  }

  /** Writes of each that were acknowledged so far. */
  get acknowledged(): readonly number[] {
    return this.#writers.map(({ acknowledged }) => acknowledged);
  }

  /** Writes acknowledged so far. */
  get total(): number {
    return this.acknowledged.reduce((sum, count) => sum + count, 0);
  }

  async start(nsdb: Nsdb): Promise<void> {
    await create(nsdb, ...this.#writers.map(({ id }) => ['Port', id, { n: 0 }] as const));
    this.#running = this.#writers.map((writer) => this.#write(writer));
  }

  /** Asserts, while they go on, that each object says no less than what was acknowledged before. */
  async check(nsdb: Nsdb): Promise<void> {
    const before = this.acknowledged;
    for (const [n, { id }] of this.#writers.entries()) {
      // oxlint-disable-next-line eslint/no-await-in-loop -- one after another
      const count = Number((await fieldsOf(nsdb, 'Port', id))?.['n']);
      ok(count >= (before[n] ?? 0), `${count}, acknowledged ${before[n]}`);
    }
  }

  /** Ends it, and asserts that each object says what was acknowledged, and at most what may have been done besides. */
  async stop(nsdb: Nsdb): Promise<void> {
    this.#over.abort();
    await Promise.all(this.#running);
    await until(() => nsdb.connection.kind === 'connected');
    await nsdb.settled();
    for (const { id, acknowledged, unknown } of this.#writers) {
      // oxlint-disable-next-line eslint/no-await-in-loop -- one after another
      const count = Number((await fieldsOf(nsdb, 'Port', id))?.['n']);
      ok(count >= acknowledged && count <= acknowledged + unknown, `${count}, acknowledged ${acknowledged}`);
    }
  }

  async #write(writer: Writer): Promise<void> {
    const { nsdb, id } = writer;
    for (let note = 1; !this.#over.signal.aborted; note++) {
      try {
        // oxlint-disable-next-line eslint/no-await-in-loop -- one write after another
        await nsdb.transact((tx) => tx.update('Port', id, ({ n }) => ({ n: Number(n) + 1, note })));
        writer.acknowledged++;
      } catch (cause) {
        ok(cause instanceof NsdbError, String(cause));
        if (cause.fault === 'outcome-unknown') writer.unknown++;
        else equal(cause.fault, 'disconnected');
        // oxlint-disable-next-line eslint/no-await-in-loop -- as above
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  }
}

/** Resolves when something holds. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  // oxlint-disable-next-line eslint/no-await-in-loop -- looked at again and again
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 5));
}
