import { referencesOf, type ClassName, type Reference } from '../model/bindings.ts';
import type { Uuid } from '../model/ids.ts';
import { isJsonArray, type Json, type JsonObject } from '../model/json.ts';
import { keyOf, type CreateWrite, type MendWrite } from './writes.ts';

/** An object to be created. */
export interface NewObject {
  readonly class: ClassName;
  readonly id: Uuid;
  readonly fields: JsonObject;
}

/** Puts each object behind those it refers to; where they go round in a ring, one reference is written at the end. */
export function inOrder(objects: readonly NewObject[]): readonly (CreateWrite | MendWrite)[] {
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
  readonly #creations: CreateWrite[] = [];
  readonly #mendings: MendWrite[] = [];

  constructor(objects: readonly NewObject[]) {
    this.#objects = new Map(objects.map((object) => [keyOf(object), object]));
  }

  writes(): readonly (CreateWrite | MendWrite)[] {
    return [...this.#creations, ...this.#mendings];
  }

  visit(object: NewObject): void {
    const key = keyOf(object);
    if (this.#visited.has(key)) return;
    this.#visited.add(key);
    const references = referencesOf(object.class).filter(
      ({ near }) => near.holding !== 'index' && object.fields[near.field] !== undefined,
    );
    for (const reference of references) {
      if (reference.far.holding === 'one') continue;
      for (const partner of this.#partners(object, reference)) this.visit(partner);
    }
    const fields: Record<string, Json> = { ...object.fields };
    const later: Record<string, Json> = {};
    for (const reference of references) this.#postpone(object, reference, fields, later);
    Object.assign(fields, this.#implied.get(key));
    this.#created.add(key);
    this.#creations.push({ kind: 'create', class: object.class, id: object.id, fields });
    if (Object.keys(later).length > 0) {
      this.#mendings.push({ kind: 'mend', class: object.class, id: object.id, fields: later, whole: object.fields });
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
    const missing = this.#partners(object, reference).filter((partner) => !this.#created.has(keyOf(partner)));
    const held = fields[near.field];
    if (missing.length === 0 || held === undefined) return;
    const ids = new Set<Json>(missing.map(({ id }) => id));
    if (isJsonArray(held)) fields[near.field] = held.filter((id) => !ids.has(id));
    else delete fields[near.field];
    if (far.holding !== 'one') {
      later[near.field] = held;
      return;
    }
    for (const partner of missing) {
      const key = keyOf(partner);
      this.#implied.set(key, { ...this.#implied.get(key), [far.field]: object.id });
    }
  }

  /** Those of the objects to be created that a field names. */
  #partners(object: NewObject, { near, far }: Reference): readonly NewObject[] {
    const held = object.fields[near.field];
    if (typeof held === 'string') return this.#named(far.class, held);
    return isJsonArray(held) ? held.flatMap((id) => (typeof id === 'string' ? this.#named(far.class, id) : [])) : [];
  }

  #named(cls: ClassName, id: string): readonly NewObject[] {
    const found = this.#objects.get(`${cls}/${id}`);
    return found === undefined ? [] : [found];
  }
}

/** Whether the near end keeps an order of partners that name it in turn: a chain its rules. */
function isOrdered({ near, far }: Reference): boolean {
  return near.holding === 'list' && far.holding === 'one';
}
