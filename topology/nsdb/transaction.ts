import { referencesOf, type BindingEnd, type ClassName, type Reference } from '../model/bindings.ts';
import { parseUuid, type Uuid } from '../model/ids.ts';
import { isJsonArray, parseJsonObject, type Json, type JsonObject } from '../model/json.ts';
import {
  OBJECT_BYTES,
  TRANSACTION_BYTES,
  type NsdbObject,
  type Provenance,
  type Transaction,
  type Version,
} from './nsdb.ts';
import { NsdbError } from './nsdb-error.ts';
import { objectPath } from './paths.ts';

type MaybePromise<T> = T | Promise<T>;

/**
 * The database as it was when a transaction began. Each method throws or rejects with `concurrent-modification` when what is asked for
 * has changed since.
 */
export interface Snapshot {
  find(cls: ClassName, id: Uuid): MaybePromise<NsdbObject | undefined>;
  /** Whether the object exists; it may have changed since. */
  exists(cls: ClassName, id: Uuid): MaybePromise<boolean>;
  list(cls: ClassName): MaybePromise<readonly Uuid[]>;
  referrers(cls: ClassName, id: Uuid, backField: string): MaybePromise<readonly Uuid[]>;
}

/** What a transaction does to one object, all its operations taken together (spec 10 §3.2). */
export type ObjectChange =
  | {
      readonly kind: 'create' | 'update';
      readonly class: ClassName;
      readonly id: Uuid;
      readonly fields: JsonObject;
      /** Whether it was written itself, or only the other end of one of its references. */
      readonly change: Provenance['change'];
    }
  | { readonly kind: 'delete'; readonly class: ClassName; readonly id: Uuid };

/** An entry that comes to or goes from a back-reference of an object that stays. */
export interface ReferrerChange {
  readonly class: ClassName;
  readonly id: Uuid;
  readonly backField: string;
  readonly referrer: Uuid;
  readonly isPresent: boolean;
}

/** All that a transaction comes to, and what must hold for it to be made. */
export interface Changes {
  readonly objects: readonly ObjectChange[];
  readonly referrers: readonly ReferrerChange[];
  /** Objects read, with the version that must still be theirs; undefined where none must be. */
  readonly read: readonly (readonly [ClassName, Uuid, Version | undefined])[];
  /** Objects that must exist still, in whatever version. */
  readonly needed: readonly (readonly [ClassName, Uuid])[];
  /** Back-references of deleted objects, whose entries must still be these. They go with the object. */
  readonly emptied: readonly (readonly [ClassName, Uuid, string, readonly Uuid[]])[];
}

/** An object within the transaction: as it was, and as it is by now. */
interface Draft {
  readonly class: ClassName;
  readonly id: Uuid;
  readonly base: NsdbObject | undefined;
  fields: JsonObject | undefined;
  isTouched: boolean;
  change: Provenance['change'];
}

/** The entries of one back-reference that the transaction has touched: whether each was there, and is by now. */
type Edits = Map<Uuid, { readonly was: boolean; is: boolean }>;

// What an operation weighs beside its texts, generously: header, flags, access list; the provenance record; an entry's path.
const OPERATION_BYTES = 96;
const PROVENANCE_BYTES = 256;
const ENTRY_BYTES = 192;
const ID_BYTES = 39;

/**
 * The rules of spec 10 §2 and §3 over some snapshot: checks, back-references, cascades, collapsing. It writes nothing: {@link end}
 * says what is to be written, and whoever owns the database does so at once or not at all.
 */
export class TransactionDraft implements Transaction {
  readonly #snapshot: Snapshot;
  readonly #drafts = new Map<string, Draft>();
  readonly #needed = new Map<string, readonly [ClassName, Uuid]>();
  readonly #edits = new Map<string, { cls: ClassName; id: Uuid; backField: string; edits: Edits }>();
  readonly #emptied = new Map<string, readonly [ClassName, Uuid, string, readonly Uuid[]]>();
  /** Lists made in this transaction that nobody else holds: these may grow in place. */
  readonly #grown = new WeakMap<readonly Json[], Json[]>();
  #asked: (() => MaybePromise<void>)[] = [];
  #work: Promise<unknown> = Promise.resolve();
  #failure: Error | undefined;
  #bytes = 0;

  constructor(snapshot: Snapshot) {
    this.#snapshot = snapshot;
  }

  get bytes(): number {
    return this.#bytes;
  }

  create(cls: ClassName, id: Uuid, fields: JsonObject): void {
    const own = this.#attempt(() => this.#encoded(cls, id, fields));
    if (own === undefined) return;
    this.#asked.push(async () => {
      const draft = await this.#load(cls, id);
      if (draft.fields !== undefined)
        throw new NsdbError('already-exists', `${cls} ${id} exists already`, { class: cls, id });
      await this.#replace(draft, own);
    });
  }

  update(cls: ClassName, id: Uuid, fields: JsonObject | ((fields: JsonObject) => JsonObject)): void {
    const own = typeof fields === 'function' ? fields : this.#attempt(() => this.#encoded(cls, id, fields));
    if (own === undefined) return;
    this.#asked.push(async () => {
      const draft = await this.#load(cls, id);
      if (draft.fields === undefined) throw missing(cls, id);
      await this.#replace(
        draft,
        typeof own === 'function' ? this.#encoded(cls, id, own(this.#shared(draft.fields, cls))) : own,
      );
    });
  }

  delete(cls: ClassName, id: Uuid, { ignoreMissing = false }: { readonly ignoreMissing?: boolean } = {}): void {
    this.#attempt(() => this.#weigh(deletionWeight(cls, id)));
    this.#asked.push(async () => {
      const draft = await this.#load(cls, id);
      if (draft.fields !== undefined) await this.#remove(draft);
      else if (!ignoreMissing) throw missing(cls, id);
    });
  }

  find(cls: ClassName, id: Uuid): Promise<NsdbObject | undefined> {
    return this.#read(async () => this.#view(await this.#load(cls, id)));
  }

  get(cls: ClassName, id: Uuid): Promise<NsdbObject> {
    return this.#read(async () => {
      const found = this.#view(await this.#load(cls, id));
      if (found === undefined) throw missing(cls, id);
      return found;
    });
  }

  list(cls: ClassName): Promise<readonly NsdbObject[]> {
    return this.#read(async () => {
      const ids = new Set(await this.#snapshot.list(cls));
      for (const draft of this.#drafts.values()) if (draft.class === cls) ids.add(draft.id);
      const found: NsdbObject[] = [];
      for (const id of [...ids].toSorted()) {
        // oxlint-disable-next-line eslint/no-await-in-loop -- the reads share this transaction's cache, in order
        const draft = await this.#load(cls, id).catch(unlessUnreadable);
        const object = draft && this.#view(draft);
        if (object !== undefined) found.push(object);
      }
      return found;
    });
  }

  referrers(cls: ClassName, id: Uuid, backField: string): Promise<readonly Uuid[]> {
    return this.#read(async () => {
      const draft = await this.#load(cls, id);
      if (draft.fields === undefined) throw missing(cls, id);
      return this.#referrersNow(draft, backEndOf(cls, backField).field);
    });
  }

  /** Carries out what was asked for and says what comes of it all. Rejects with what was wrong first. */
  async end(): Promise<Changes> {
    await this.#read(() => Promise.resolve());
    const objects: ObjectChange[] = [];
    const read: (readonly [ClassName, Uuid, Version | undefined])[] = [];
    const deleted = new Set<string>();
    for (const [key, { class: cls, id, base, fields, isTouched, change }] of this.#drafts) {
      read.push([cls, id, base?.version]);
      if (!isTouched) continue;
      if (fields === undefined) {
        deleted.add(key);
        if (base !== undefined) objects.push({ kind: 'delete', class: cls, id });
      } else if (base === undefined) {
        objects.push({ kind: 'create', class: cls, id, fields, change });
      } else if (!sameJson(base.fields, fields)) {
        objects.push({ kind: 'update', class: cls, id, fields, change });
      }
    }
    const referrers: ReferrerChange[] = [];
    for (const { cls, id, backField, edits } of this.#edits.values()) {
      if (deleted.has(keyOf(cls, id))) continue;
      for (const [referrer, { was, is }] of edits) {
        if (was !== is) referrers.push({ class: cls, id, backField, referrer, isPresent: is });
      }
    }
    return {
      objects,
      referrers,
      read,
      needed: [...this.#needed].filter(([key]) => !this.#drafts.has(key)).map(([, place]) => place),
      emptied: [...this.#emptied.values()].filter(([cls, id]) => deleted.has(keyOf(cls, id))),
    };
  }

  /** Answers a read when all that was asked for before it is done. The first failure is every later one's too. */
  #read<T>(answer: () => Promise<T>): Promise<T> {
    const asked = this.#asked;
    this.#asked = [];
    const result = this.#turn(this.#work, asked, answer);
    this.#work = Promise.allSettled([result]);
    return result;
  }

  async #turn<T>(
    before: Promise<unknown>,
    asked: readonly (() => MaybePromise<void>)[],
    answer: () => Promise<T>,
  ): Promise<T> {
    await before;
    if (this.#failure !== undefined) throw this.#failure;
    try {
      // oxlint-disable-next-line eslint/no-await-in-loop -- each operation rests on the ones before it
      for (const operation of asked) await operation();
    } catch (cause) {
      this.#failure = errorOf(cause);
      throw cause;
    }
    try {
      return await answer();
    } catch (cause) {
      if (cause instanceof NsdbError && cause.fault === 'concurrent-modification') this.#failure = cause;
      throw cause;
    }
  }

  async #load(cls: ClassName, id: Uuid): Promise<Draft> {
    const key = keyOf(cls, id);
    const known = this.#drafts.get(key);
    if (known !== undefined) return known;
    const base = await this.#snapshot.find(cls, id);
    const draft: Draft = { class: cls, id, base, fields: base?.fields, isTouched: false, change: 'reference' };
    this.#drafts.set(key, draft);
    return draft;
  }

  async #replace(draft: Draft, fields: JsonObject): Promise<void> {
    const before = draft.fields;
    draft.fields = fields;
    draft.isTouched = true;
    draft.change = 'data';
    const moves: ReturnType<typeof difference>[] = [];
    for (const reference of referencesOf(draft.class)) {
      const { field, holding } = reference.near;
      if (holding === 'index' || (before?.[field] === undefined && fields[field] === undefined)) continue;
      moves.push(difference(reference, before, fields, draft));
    }
    for (const { reference, gone } of moves) {
      // oxlint-disable-next-line eslint/no-await-in-loop -- one partner after another, in the order of the fields
      for (const partner of gone) await this.#unlink(reference, draft.id, partner);
    }
    for (const { reference, come } of moves) {
      // oxlint-disable-next-line eslint/no-await-in-loop -- as above
      for (const partner of come) await this.#link(reference, draft.id, partner);
    }
  }

  async #link({ near, far }: Reference, id: Uuid, partner: Uuid): Promise<void> {
    const place = { class: near.class, id, field: near.field };
    if (partner === id && near.class === far.class) {
      throw new NsdbError('invalid', `${near.field} of ${near.class} ${id} names the object itself`, place);
    }
    if (far.holding === 'index') {
      if (!(await this.#exists(far.class, partner))) throw dangling(near, far, id, partner);
      this.#edit(far, partner, id, true);
      return;
    }
    const other = await this.#load(far.class, partner);
    if (other.fields === undefined) throw dangling(near, far, id, partner);
    const held = other.fields[far.field];
    if (far.holding === 'list') {
      const ids = isJsonArray(held) ? held : [];
      this.#setField(other, far.field, this.#append(ids, id, other));
    } else if (held === undefined || held === null) {
      this.#setField(other, far.field, id);
    } else if (held !== id) {
      throw new NsdbError(
        'reference-conflict',
        `${near.class} ${id} cannot take ${far.class} ${partner} as its ${near.field}: ${far.field} of that one is ${JSON.stringify(held)}. Clear it first`,
        place,
      );
    }
  }

  async #unlink({ far }: Reference, id: Uuid, partner: Uuid): Promise<void> {
    if (far.holding === 'index') {
      this.#edit(far, partner, id, false);
      return;
    }
    const other = await this.#load(far.class, partner);
    const held = other.fields?.[far.field];
    if (held === id) this.#setField(other, far.field, undefined);
    else if (isJsonArray(held)) {
      const rest = held.filter((one) => one !== id);
      this.#setField(other, far.field, rest);
    }
  }

  async #remove(draft: Draft): Promise<void> {
    const { class: cls, id, fields } = draft;
    if (fields === undefined) return;
    const partners: (readonly [Reference, readonly Uuid[]])[] = [];
    for (const reference of referencesOf(cls)) {
      const { field, holding } = reference.near;
      // oxlint-disable-next-line eslint/no-await-in-loop -- what is read here is shared with the reads to come
      const ids = holding === 'index' ? await this.#referrersNow(draft, field) : idsIn(fields, reference.near, draft);
      if (ids.length > 0) partners.push([reference, ids]);
    }
    draft.fields = undefined;
    draft.isTouched = true;
    for (const [reference, ids] of partners) {
      for (const partner of ids) {
        // oxlint-disable-next-line eslint/no-await-in-loop -- cascades go depth first, in the order of the fields
        await this.#release(reference, id, partner);
      }
    }
  }

  /** What a deletion does to one partner of what was deleted. */
  async #release(reference: Reference, id: Uuid, partner: Uuid): Promise<void> {
    const { near, far } = reference;
    if (near.onDelete === 'leave') return;
    if (near.onDelete === 'clear') return this.#unlink(reference, id, partner);
    const other = await this.#load(far.class, partner);
    if (other.fields === undefined) return;
    if (near.onDelete === 'cascade') return this.#remove(other);
    throw new NsdbError(
      'still-referenced',
      `${near.class} ${id} cannot be deleted: ${far.class} ${partner} (its ${near.field}) still uses it. Delete that first`,
      { class: near.class, id, field: near.field },
    );
  }

  async #exists(cls: ClassName, id: Uuid): Promise<boolean> {
    const key = keyOf(cls, id);
    const draft = this.#drafts.get(key);
    if (draft !== undefined) return draft.fields !== undefined;
    if (this.#needed.has(key)) return true;
    const found = await this.#snapshot.exists(cls, id);
    if (found) this.#needed.set(key, [cls, id]);
    return found;
  }

  async #referrersNow({ class: cls, id, base }: Draft, backField: string): Promise<readonly Uuid[]> {
    const key = `${keyOf(cls, id)}/${backField}`;
    const stored = base === undefined ? [] : await this.#snapshot.referrers(cls, id, backField);
    if (base !== undefined) this.#emptied.set(key, [cls, id, backField, stored]);
    const edits = this.#edits.get(key)?.edits;
    if (edits === undefined) return stored;
    const now = new Set(stored);
    for (const [referrer, { is }] of edits) {
      if (is) now.add(referrer);
      else now.delete(referrer);
    }
    return [...now].toSorted();
  }

  #edit({ class: cls, field: backField }: BindingEnd, id: Uuid, referrer: Uuid, is: boolean): void {
    const key = `${keyOf(cls, id)}/${backField}`;
    let touched = this.#edits.get(key);
    if (touched === undefined) this.#edits.set(key, (touched = { cls, id, backField, edits: new Map() }));
    const edit = touched.edits.get(referrer);
    if (edit === undefined) touched.edits.set(referrer, { was: !is, is });
    else edit.is = is;
  }

  #setField(draft: Draft, field: string, value: Json | undefined): void {
    if (draft.fields === undefined) return;
    const { [field]: _, ...rest } = draft.fields;
    draft.fields = value === undefined ? rest : { ...draft.fields, [field]: value };
    draft.isTouched = true;
  }

  #append(ids: readonly Json[], id: Uuid, { class: cls, id: owner }: Draft): readonly Json[] {
    if ((ids.length + 1) * ID_BYTES > OBJECT_BYTES) {
      throw new NsdbError('too-large', `${cls} ${owner} would refer to more than ${ids.length} others`, {
        class: cls,
        id: owner,
      });
    }
    const own = this.#grown.get(ids) ?? [...ids];
    own.push(id);
    this.#grown.set(own, own);
    return own;
  }

  /** Hands fields out: their lists grow in place no more. */
  #shared(fields: JsonObject, cls: ClassName): JsonObject {
    for (const { near } of referencesOf(cls)) {
      const held = fields[near.field];
      if (isJsonArray(held)) this.#grown.delete(held);
    }
    return fields;
  }

  #view({ class: cls, id, base, fields, isTouched }: Draft): NsdbObject | undefined {
    if (fields === undefined || !isTouched) return base;
    return { class: cls, id, fields: this.#shared(fields, cls), version: `${base?.version ?? ''}+` };
  }

  /** A copy of the fields as the database will keep them, weighed. */
  #encoded(cls: ClassName, id: Uuid, fields: JsonObject): JsonObject {
    const place = { class: cls, id };
    if (parseUuid(id) !== id) throw new NsdbError('invalid', `${cls} ${id}: the id is no UUID in lower case`, place);
    const text = JSON.stringify(fields);
    const bytes = Buffer.byteLength(text);
    if (bytes > OBJECT_BYTES) {
      throw new NsdbError('too-large', `${cls} ${id} takes ${bytes} bytes; an object may take ${OBJECT_BYTES}`, place);
    }
    for (const { near } of referencesOf(cls)) {
      if (near.holding === 'index' && fields[near.field] !== undefined) {
        const sentence = `${near.field} of ${cls} ${id} is kept by the database: write the reference at its other end`;
        throw new NsdbError('invalid', sentence, { ...place, field: near.field });
      }
    }
    this.#weigh(weightOf(cls, id, fields, bytes));
    return parseJsonObject(text) ?? {};
  }

  #weigh(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > TRANSACTION_BYTES) {
      throw new NsdbError('too-large', `the transaction takes more than ${TRANSACTION_BYTES} bytes: split it`);
    }
  }

  /** Does the synchronous part of an operation; what goes wrong in it waits for its turn. */
  #attempt<T>(part: () => T): T | undefined {
    try {
      return part();
    } catch (cause) {
      this.#asked.push(() => {
        throw cause;
      });
      return undefined;
    }
  }
}

/**
 * What creating or replacing an object weighs in a transaction: what it would take on the wire, generously.
 *
 * @param bytes of its fields in UTF-8, where that is known already
 */
export function weightOf(cls: ClassName, id: Uuid, fields: JsonObject, bytes?: number): number {
  let entries = 0;
  for (const { near } of referencesOf(cls)) {
    const held = fields[near.field];
    if (held !== undefined) entries += isJsonArray(held) ? held.length : 1;
  }
  const text = bytes ?? Buffer.byteLength(JSON.stringify(fields));
  return text + objectPath(cls, id).length * 2 + OPERATION_BYTES + PROVENANCE_BYTES + entries * ENTRY_BYTES;
}

/** What deleting an object weighs in a transaction, without what that cascades to. */
export function deletionWeight(cls: ClassName, id: Uuid): number {
  return OPERATION_BYTES * 2 + objectPath(cls, id).length * 2;
}

/** What cannot be read hurts only itself: a list leaves it out. */
function unlessUnreadable(cause: unknown): undefined {
  if (cause instanceof NsdbError && (cause.fault === 'invalid' || cause.fault === 'no-permission')) return undefined;
  throw cause;
}

function keyOf(cls: ClassName, id: Uuid): string {
  return `${cls}/${id}`;
}

/** The index end of this class and field. Throws `invalid` where there is none. */
export function backEndOf(cls: ClassName, backField: string): BindingEnd {
  const end = referencesOf(cls).find(({ near }) => near.field === backField)?.near;
  if (end?.holding === 'index') return end;
  const place = { class: cls, field: backField };
  throw new NsdbError(
    'invalid',
    `${cls} has no back-reference ${backField}; a field of the object is read with it`,
    place,
  );
}

/** Which partners an object loses and gains when its fields change. */
function difference(reference: Reference, before: JsonObject | undefined, now: JsonObject, draft: Draft) {
  const { near } = reference;
  const old = before === undefined ? [] : idsIn(before, near, draft);
  const next = idsIn(now, near, draft);
  if (old.length === 0) return { reference, gone: old, come: next };
  const [had, has] = [new Set(old), new Set(next)];
  return { reference, gone: old.filter((id) => !has.has(id)), come: next.filter((id) => !had.has(id)) };
}

/** The partners that a field names. Throws `invalid` where it names something else, or one twice. */
function idsIn(fields: JsonObject, { field, holding }: BindingEnd, { class: cls, id }: Draft): readonly Uuid[] {
  const held = fields[field];
  if (held === undefined || held === null) return [];
  const place = { class: cls, id, field };
  const texts: readonly unknown[] = holding === 'list' && isJsonArray(held) ? held : [held];
  const ids = texts.map((text) => {
    const partner = typeof text === 'string' ? parseUuid(text) : undefined;
    if (partner !== undefined && partner === text) return partner;
    throw new NsdbError('invalid', `${field} of ${cls} ${id} is no reference: ${JSON.stringify(text)}`, place);
  });
  if (ids.length > 1 && new Set(ids).size < ids.length) {
    throw new NsdbError('invalid', `${field} of ${cls} ${id} names an object twice`, place);
  }
  return ids;
}

function missing(cls: ClassName, id: Uuid): NsdbError {
  return new NsdbError('not-found', `there is no ${cls} ${id}`, { class: cls, id });
}

function dangling(near: BindingEnd, far: BindingEnd, id: Uuid, partner: Uuid): NsdbError {
  return new NsdbError('not-found', `${near.field} of ${near.class} ${id}: there is no ${far.class} ${partner}`, {
    class: near.class,
    id,
    field: near.field,
  });
}

function sameJson(a: JsonObject, b: JsonObject): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

function errorOf(cause: unknown): Error {
  return cause instanceof Error ? cause : new Error(String(cause));
}
