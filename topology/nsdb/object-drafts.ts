import { referencesOf, type ClassName, type Reference } from '../model/bindings.ts';
import type { Uuid } from '../model/ids.ts';
import { isJsonArray, type Json, type JsonObject } from '../model/json.ts';
import type { Changes, ObjectChange } from './changes.ts';
import { GrowingLists } from './growing-lists.ts';
import type { NsdbObject, Provenance, Version } from './nsdb.ts';
import { NsdbError } from './nsdb-error.ts';
import { dangling, difference, partnersIn, type Difference } from './reference-fields.ts';
import { ReferrerEdits } from './referrer-edits.ts';
import type { Snapshot } from './snapshot.ts';

/** An object within a transaction: as it was, and as it is by now. */
export interface Draft {
  readonly class: ClassName;
  readonly id: Uuid;
  readonly base: NsdbObject | undefined;
  fields: JsonObject | undefined;
  isTouched: boolean;
  change: Provenance['change'];
}

/**
 * What the objects of a transaction come to, step by step, over some snapshot: the rules of spec 10 §2 and §3 on references, cascades and
 * collapsing. Steps are made one after another.
 */
export class ObjectDrafts {
  readonly #snapshot: Snapshot;
  readonly #drafts = new Map<string, Draft>();
  readonly #needed = new Map<string, readonly [ClassName, Uuid]>();
  readonly #referrers = new ReferrerEdits();
  readonly #emptied = new Map<string, readonly [ClassName, Uuid, string, readonly Uuid[]]>();
  readonly #lists = new GrowingLists();

  constructor(snapshot: Snapshot) {
    this.#snapshot = snapshot;
  }

  /** An object, read where it was not yet. */
  async load(cls: ClassName, id: Uuid): Promise<Draft> {
    const key = keyOf(cls, id);
    const known = this.#drafts.get(key);
    if (known !== undefined) return known;
    const base = await this.#snapshot.find(cls, id);
    const draft: Draft = { class: cls, id, base, fields: base?.fields, isTouched: false, change: 'reference' };
    this.#drafts.set(key, draft);
    return draft;
  }

  /** The ids of all objects of a class that there were, or may be by now; ascending. */
  async list(cls: ClassName): Promise<readonly Uuid[]> {
    const ids = new Set(await this.#snapshot.list(cls));
    for (const draft of this.#drafts.values()) if (draft.class === cls) ids.add(draft.id);
    return [...ids].toSorted();
  }

  /** What shows of an object. */
  view({ class: cls, id, base, fields, isTouched }: Draft): NsdbObject | undefined {
    if (fields === undefined || !isTouched) return base;
    return { class: cls, id, fields: this.handOut(fields, cls), version: `${base?.version ?? ''}+` };
  }

  /** Hands the fields of an object of a class out: they change no more. */
  handOut(fields: JsonObject, cls: ClassName): JsonObject {
    return this.#lists.shared(fields, cls);
  }

  /** Who refers to an object, ids ascending. */
  async referrers({ class: cls, id, base }: Draft, backField: string): Promise<readonly Uuid[]> {
    const stored = base === undefined ? [] : await this.#snapshot.referrers(cls, id, backField);
    if (base !== undefined) this.#emptied.set(`${keyOf(cls, id)}/${backField}`, [cls, id, backField, stored]);
    return this.#referrers.now(cls, id, backField, stored);
  }

  /** Creates an object, or gives it other fields. */
  async replace(draft: Draft, fields: JsonObject): Promise<void> {
    const before = draft.fields;
    draft.fields = fields;
    draft.isTouched = true;
    draft.change = 'data';
    const moves: Difference[] = [];
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

  /** Deletes an object, and what goes with it. */
  async remove(draft: Draft): Promise<void> {
    const { class: cls, id, fields } = draft;
    if (fields === undefined) return;
    const partners: (readonly [Reference, readonly Uuid[]])[] = [];
    for (const reference of referencesOf(cls)) {
      const { near } = reference;
      const isRead = near.holding === 'index';
      // oxlint-disable-next-line eslint/no-await-in-loop -- what is read here is shared with the reads to come
      const ids = isRead ? await this.referrers(draft, near.field) : partnersIn(fields, near, draft);
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

  /** What is to be written for all that, and what it rests on. */
  changes(): Changes {
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
    return {
      objects,
      referrers: this.#referrers.changes((cls, id) => deleted.has(keyOf(cls, id))),
      read,
      needed: [...this.#needed].filter(([key]) => !this.#drafts.has(key)).map(([, place]) => place),
      emptied: [...this.#emptied.values()].filter(([cls, id]) => deleted.has(keyOf(cls, id))),
    };
  }

  async #link({ near, far }: Reference, id: Uuid, partner: Uuid): Promise<void> {
    const place = { class: near.class, id, field: near.field };
    if (partner === id && near.class === far.class) {
      throw new NsdbError('invalid', `${near.field} of ${near.class} ${id} names the object itself`, place);
    }
    if (far.holding === 'index') {
      if (!(await this.#exists(far.class, partner))) throw dangling(near, far, id, partner);
      this.#referrers.set(far, partner, id, true);
      return;
    }
    const other = await this.load(far.class, partner);
    if (other.fields === undefined) throw dangling(near, far, id, partner);
    const held = other.fields[far.field];
    if (far.holding === 'list') {
      const ids = isJsonArray(held) ? held : [];
      this.#setField(other, far.field, this.#lists.append(ids, id, other));
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
      this.#referrers.set(far, partner, id, false);
      return;
    }
    const other = await this.load(far.class, partner);
    const held = other.fields?.[far.field];
    if (held === id) this.#setField(other, far.field, undefined);
    else if (isJsonArray(held)) {
      const rest = held.filter((one) => one !== id);
      this.#setField(other, far.field, rest);
    }
  }

  /** What a deletion does to one partner of what was deleted. */
  async #release(reference: Reference, id: Uuid, partner: Uuid): Promise<void> {
    const { near, far } = reference;
    if (near.onDelete === 'leave') return;
    // Gone with the object: but for one that is created again in the same transaction, and whom this partner names no more.
    if (near.holding === 'index') this.#referrers.set(near, id, partner, false);
    if (near.onDelete === 'clear') return this.#unlink(reference, id, partner);
    const other = await this.load(far.class, partner);
    if (other.fields === undefined) return;
    if (near.onDelete === 'cascade') return this.remove(other);
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

  #setField(draft: Draft, field: string, value: Json | undefined): void {
    if (draft.fields === undefined) return;
    const { [field]: _, ...rest } = draft.fields;
    draft.fields = value === undefined ? rest : { ...draft.fields, [field]: value };
    draft.isTouched = true;
  }
}

function keyOf(cls: ClassName, id: Uuid): string {
  return `${cls}/${id}`;
}

function sameJson(a: JsonObject, b: JsonObject): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
