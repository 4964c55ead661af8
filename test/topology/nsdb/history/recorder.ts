import type { Uuid } from '../../../../topology/model/ids.ts';
import type { Nsdb, Transaction } from '../../../../topology/nsdb/nsdb.ts';
import { NsdbError } from '../../../../topology/nsdb/nsdb-error.ts';
import type { Operation, Value } from './operation.ts';

/** Writes down what processes do with registers: objects whose field `n` is the value. The clock is the machine's, which never goes back. */
export class Recorder {
  readonly history: Operation[] = [];
  #processes = 0;

  /** Another process, which does one thing after another through a handle of its own. */
  process(nsdb: Nsdb): RecordedProcess {
    return new RecordedProcess(++this.#processes, nsdb, this.history);
  }
}

export class RecordedProcess {
  readonly nsdb: Nsdb;
  readonly #number: number;
  readonly #history: Operation[];

  constructor(number: number, nsdb: Nsdb, history: Operation[]) {
    this.nsdb = nsdb;
    this.#number = number;
    this.#history = history;
  }

  async write(key: Uuid, value: Value): Promise<void> {
    const head = { ...this.#begin(key), operation: 'write', value } as const;
    const outcome = await this.#transact((tx) => tx.update('Port', key, { n: value }));
    if (outcome !== undefined) this.#history.push({ ...head, ...outcome });
  }

  /** Sets a register that holds what is expected; if it holds something else, that has been read and nothing more. */
  async exchange(key: Uuid, expected: Value, next: Value): Promise<void> {
    const head = this.#begin(key);
    let found: Value | undefined;
    const outcome = await this.#transact(async (tx) => {
      found = undefined;
      found = valueOf((await tx.get('Port', key)).fields);
      if (found === expected) tx.update('Port', key, { n: next });
    });
    if (found === expected) {
      if (outcome === undefined) return;
      this.#history.push({ ...head, operation: 'cas', value: [expected, next], ...outcome });
    } else if (found !== undefined && outcome?.result === 'done') {
      this.#history.push({ ...head, operation: 'plain-read', value: null, end: outcome.end, result: found });
    }
  }

  /** @returns what was found; undefined where there was no answer */
  read(key: Uuid): Promise<Value | undefined> {
    return this.#read('read', key);
  }

  plainRead(key: Uuid): Promise<Value | undefined> {
    return this.#read('plain-read', key);
  }

  async #read(operation: 'read' | 'plain-read', key: Uuid): Promise<Value | undefined> {
    const head = this.#begin(key);
    try {
      if (operation === 'read') await this.nsdb.barrier();
      const found = await this.nsdb.find('Port', key);
      const result = valueOf(found?.fields ?? {});
      this.#history.push({ ...head, operation, value: null, end: performance.now(), result });
      return result;
    } catch (cause) {
      mustBeLoss(cause);
      return undefined;
    }
  }

  /** How a transaction ended; undefined where it was certainly not made. */
  async #transact(body: (tx: Transaction) => void | Promise<void>) {
    try {
      await this.nsdb.transact(body);
      return { end: performance.now(), result: 'done' } as const;
    } catch (cause) {
      if (cause instanceof NsdbError && cause.fault === 'concurrent-modification') return undefined;
      return mustBeLoss(cause) === 'disconnected' ? undefined : ({ end: null, result: 'unknown' } as const);
    }
  }

  #begin(key: Uuid) {
    return { process: this.#number, key, start: performance.now() };
  }
}

/** What the loss of a link or session may come to. Throws whatever is something else. */
function mustBeLoss(cause: unknown): 'disconnected' | 'outcome-unknown' {
  if (cause instanceof NsdbError && (cause.fault === 'disconnected' || cause.fault === 'outcome-unknown'))
    return cause.fault;
  throw cause;
}

function valueOf(fields: { readonly [name: string]: unknown }): Value {
  return Number(fields['n']);
}
