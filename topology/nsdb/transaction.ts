import type { ClassName } from '../model/bindings.ts';
import type { Uuid } from '../model/ids.ts';
import type { JsonObject } from '../model/json.ts';
import type { Changes } from './changes.ts';
import { encodeFields } from './encode-fields.ts';
import { TRANSACTION_BYTES, type NsdbObject, type Transaction } from './nsdb.ts';
import { NsdbError } from './nsdb-error.ts';
import { ObjectDrafts } from './object-drafts.ts';
import { OperationQueue } from './operation-queue.ts';
import { backEndOf } from './reference-fields.ts';
import type { Snapshot } from './snapshot.ts';
import { deletionWeight } from './transaction-weight.ts';

/**
 * What is asked for in a transaction, in order: weighed at once, carried out on {@link ObjectDrafts} when a read or the end comes. It writes
 * nothing: {@link end} says what is to be written, and whoever owns the database does so at once or not at all.
 */
export class TransactionDraft implements Transaction {
  readonly #drafts: ObjectDrafts;
  readonly #queue = new OperationQueue();
  #bytes = 0;

  constructor(snapshot: Snapshot) {
    this.#drafts = new ObjectDrafts(snapshot);
  }

  get bytes(): number {
    return this.#bytes;
  }

  create(cls: ClassName, id: Uuid, fields: JsonObject): void {
    const own = this.#queue.attempt(() => this.#encoded(cls, id, fields));
    if (own === undefined) return;
    this.#queue.ask(async () => {
      const draft = await this.#drafts.load(cls, id);
      if (draft.fields !== undefined)
        throw new NsdbError('already-exists', `${cls} ${id} exists already`, { class: cls, id });
      await this.#drafts.replace(draft, own);
    });
  }

  update(cls: ClassName, id: Uuid, fields: JsonObject | ((fields: JsonObject) => JsonObject)): void {
    const own = typeof fields === 'function' ? fields : this.#queue.attempt(() => this.#encoded(cls, id, fields));
    if (own === undefined) return;
    this.#queue.ask(async () => {
      const draft = await this.#drafts.load(cls, id);
      if (draft.fields === undefined) throw missing(cls, id);
      await this.#drafts.replace(
        draft,
        typeof own === 'function' ? this.#encoded(cls, id, own(this.#drafts.handOut(draft.fields, cls))) : own,
      );
    });
  }

  delete(cls: ClassName, id: Uuid, { ignoreMissing = false }: { readonly ignoreMissing?: boolean } = {}): void {
    this.#queue.attempt(() => this.#weigh(deletionWeight(cls, id)));
    this.#queue.ask(async () => {
      const draft = await this.#drafts.load(cls, id);
      if (draft.fields !== undefined) await this.#drafts.remove(draft);
      else if (!ignoreMissing) throw missing(cls, id);
    });
  }

  find(cls: ClassName, id: Uuid): Promise<NsdbObject | undefined> {
    return this.#queue.read(async () => this.#drafts.view(await this.#drafts.load(cls, id)));
  }

  get(cls: ClassName, id: Uuid): Promise<NsdbObject> {
    return this.#queue.read(async () => {
      const found = this.#drafts.view(await this.#drafts.load(cls, id));
      if (found === undefined) throw missing(cls, id);
      return found;
    });
  }

  list(cls: ClassName): Promise<readonly NsdbObject[]> {
    return this.#queue.read(async () => {
      const found: NsdbObject[] = [];
      for (const id of await this.#drafts.list(cls)) {
        // oxlint-disable-next-line eslint/no-await-in-loop -- the reads share this transaction's cache, in order
        const draft = await this.#drafts.load(cls, id).catch(unlessUnreadable);
        const object = draft && this.#drafts.view(draft);
        if (object !== undefined) found.push(object);
      }
      return found;
    });
  }

  referrers(cls: ClassName, id: Uuid, backField: string): Promise<readonly Uuid[]> {
    return this.#queue.read(async () => {
      const draft = await this.#drafts.load(cls, id);
      if (draft.fields === undefined) throw missing(cls, id);
      return this.#drafts.referrers(draft, backEndOf(cls, backField).field);
    });
  }

  /** Carries out what was asked for and says what comes of it all. Rejects with what was wrong first. */
  async end(): Promise<Changes> {
    await this.#queue.read(() => Promise.resolve());
    return this.#drafts.changes();
  }

  /** A copy of the fields as the database will keep them, weighed. */
  #encoded(cls: ClassName, id: Uuid, fields: JsonObject): JsonObject {
    const encoded = encodeFields(cls, id, fields);
    this.#weigh(encoded.weight);
    return encoded.fields;
  }

  #weigh(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > TRANSACTION_BYTES) {
      throw new NsdbError('too-large', `the transaction takes more than ${TRANSACTION_BYTES} bytes: split it`);
    }
  }
}

/** What cannot be read hurts only itself: a list leaves it out. */
function unlessUnreadable(cause: unknown): undefined {
  if (cause instanceof NsdbError && (cause.fault === 'invalid' || cause.fault === 'no-permission')) return undefined;
  throw cause;
}

function missing(cls: ClassName, id: Uuid): NsdbError {
  return new NsdbError('not-found', `there is no ${cls} ${id}`, { class: cls, id });
}
