import { referencesOf, type ClassName, type Reference } from '../model/bindings.ts';
import type { Uuid } from '../model/ids.ts';
import { isJsonArray, type Json, type JsonObject } from '../model/json.ts';
import { TRANSACTION_BYTES, type Nsdb } from './nsdb.ts';
import { weightOf } from './transaction.ts';

/** An object to be created. */
export interface NewObject {
  readonly class: ClassName;
  readonly id: Uuid;
  readonly fields: JsonObject;
}

/**
 * Creates many objects, in whatever order they come, in as few transactions as their size takes. What they refer to is among them, or
 * there already.
 *
 * It is not one transaction: others see it grow, and when it is refused, with an {@link NsdbError}, what went before it stays.
 *
 * @returns how many transactions it took
 */
export async function load(nsdb: Nsdb, objects: readonly NewObject[]): Promise<number> {
  const writes = inOrder(objects);
  let next = 0;
  let transactions = 0;
  while (next < writes.length) {
    const from = next;
    transactions++;
    // oxlint-disable-next-line eslint/no-await-in-loop -- each part refers to the ones before it
    await nsdb.transact((tx) => {
      for (next = from; next < writes.length; next++) {
        const write = writes[next];
        if (write === undefined) return;
        const { class: cls, id, fields, isMending } = write;
        if (next > from && tx.bytes + weightOf(cls, id, fields) > TRANSACTION_BYTES) return;
        if (isMending) tx.update(cls, id, (now) => ({ ...now, ...fields }));
        else tx.create(cls, id, fields);
      }
    });
  }
  return transactions;
}

interface Write extends NewObject {
  /** Only adds fields to what was created before. */
  readonly isMending: boolean;
}

/** Puts each object behind those it refers to; where they go round in a ring, one reference is written at the end. */
function inOrder(objects: readonly NewObject[]): readonly Write[] {
  const order = new Order(objects);
  const keepers = objects.filter(({ class: cls }) => referencesOf(cls).some(isOrdered));
  for (const keeper of keepers) order.visit(keeper);
  for (const keeper of keepers) order.visitKept(keeper); // in the order that their keeper has for them
  for (const object of objects) order.visit(object);
  return order.writes();
}

class Order {
  readonly #objects: ReadonlyMap<string, NewObject>;
  readonly #visited = new Set<string>();
  readonly #created = new Set<string>();
  /** Fields that an object gets because a partner created before it names it. */
  readonly #implied = new Map<string, Record<string, Json>>();
  readonly #creations: Write[] = [];
  readonly #mendings: Write[] = [];

  constructor(objects: readonly NewObject[]) {
    this.#objects = new Map(objects.map((object) => [keyOf(object.class, object.id), object]));
  }

  writes(): readonly Write[] {
    return [...this.#creations, ...this.#mendings];
  }

  visit(object: NewObject): void {
    const key = keyOf(object.class, object.id);
    if (this.#visited.has(key)) return;
    this.#visited.add(key);
    const references = referencesOf(object.class).filter(({ near }) => near.holding !== 'index');
    for (const reference of references) {
      if (reference.far.holding === 'one') continue;
      for (const partner of this.#partners(object, reference)) this.visit(partner);
    }
    const fields: Record<string, Json> = { ...object.fields };
    const later: Record<string, Json> = {};
    for (const reference of references) this.#postpone(object, reference, fields, later);
    Object.assign(fields, this.#implied.get(key));
    this.#created.add(key);
    this.#creations.push({ class: object.class, id: object.id, fields, isMending: false });
    if (Object.keys(later).length > 0) {
      this.#mendings.push({ class: object.class, id: object.id, fields: later, isMending: true });
    }
  }

  /** Visits those whose order the object keeps. */
  visitKept(object: NewObject): void {
    for (const reference of referencesOf(object.class).filter(isOrdered)) {
      for (const partner of this.#partners(object, reference)) this.visit(partner);
    }
  }

  /** Takes a reference out of the fields where a partner is not there yet. */
  #postpone(object: NewObject, reference: Reference, fields: Record<string, Json>, later: Record<string, Json>): void {
    const { near, far } = reference;
    const missing = this.#partners(object, reference).filter(
      ({ class: cls, id }) => !this.#created.has(keyOf(cls, id)),
    );
    const held = fields[near.field];
    if (missing.length === 0 || held === undefined) return;
    const ids = new Set<Json>(missing.map(({ id }) => id));
    if (isJsonArray(held)) fields[near.field] = held.filter((id) => !ids.has(id));
    else delete fields[near.field];
    if (far.holding !== 'one') {
      later[near.field] = held;
      return;
    }
    for (const { class: cls, id } of missing) {
      const key = keyOf(cls, id);
      this.#implied.set(key, { ...this.#implied.get(key), [far.field]: object.id });
    }
  }

  /** Those of the objects to be created that a field names. */
  #partners(object: NewObject, { near, far }: Reference): readonly NewObject[] {
    const held = object.fields[near.field];
    const ids = isJsonArray(held) ? held : [held];
    return ids.flatMap((id) => (typeof id === 'string' ? (this.#objects.get(`${far.class}/${id}`) ?? []) : []));
  }
}

/** Whether the near end keeps an order of partners that name it in turn: a chain its rules. */
function isOrdered({ near, far }: Reference): boolean {
  return near.holding === 'list' && far.holding === 'one';
}

function keyOf(cls: ClassName, id: Uuid): string {
  return `${cls}/${id}`;
}
