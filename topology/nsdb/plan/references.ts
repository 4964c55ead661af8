import { addToList } from '../../model/add-to-list.ts';
import { referencesOf, type BindingEnd, type ClassName } from '../../model/bindings.ts';
import { parseUuid, type Uuid } from '../../model/ids.ts';
import { isJsonArray, type Json } from '../../model/json.ts';
import type { NsdbObject } from '../nsdb.ts';
import { keyOf } from '../writes.ts';

/** The ids that a reference field holds; none where it holds nothing that could be read. */
export function idsIn(value: Json | undefined): readonly Uuid[] {
  const ids = isJsonArray(value) ? value : [value];
  return ids.flatMap((id) => (typeof id === 'string' ? (parseUuid(id) ?? []) : []));
}

/** Whether a reference of an object holds what is none: the database refuses to change or delete such an object. */
export function hasBrokenReference({ class: cls, fields }: NsdbObject): boolean {
  return referencesOf(cls).some(({ near }) => {
    const value = fields[near.field];
    if (near.holding === 'index' || value === undefined || value === null) return false;
    const held = near.holding === 'list' && isJsonArray(value) ? value : [value];
    return held.some((id) => typeof id !== 'string' || parseUuid(id) !== id) || new Set(held).size < held.length;
  });
}

/** Whether a reference is one between two: each end names one partner, the other. */
export function isMutual({ near, far }: { readonly near: BindingEnd; readonly far: BindingEnd }): boolean {
  return near.holding === 'one' && far.holding === 'one';
}

/** The fields of a class that name one partner which names the object in turn. */
export function mutualFieldsOf(cls: ClassName): readonly string[] {
  return referencesOf(cls)
    .filter(isMutual)
    .map(({ near }) => near.field);
}

/** Who refers to whom among objects that were read. */
export class Referrers {
  readonly #objects: ReadonlyMap<string, NsdbObject>;
  readonly #byField = new Map<string, NsdbObject[]>();

  constructor(objects: readonly NsdbObject[]) {
    this.#objects = new Map(objects.map((object) => [keyOf(object), object]));
    for (const object of objects) {
      for (const { near, far } of referencesOf(object.class)) {
        if (far.holding === 'index') for (const id of idsIn(object.fields[near.field])) this.#enter(far, id, object);
      }
    }
  }

  /** The partners of an object through one of its references, those that were read. */
  partners(
    object: NsdbObject,
    { near, far }: { readonly near: BindingEnd; readonly far: BindingEnd },
  ): readonly NsdbObject[] {
    if (near.holding === 'index') return this.#byField.get(placeOf(near, object.id)) ?? [];
    return idsIn(object.fields[near.field]).flatMap((id) => this.#objects.get(keyOf({ class: far.class, id })) ?? []);
  }

  #enter(far: BindingEnd, id: Uuid, referrer: NsdbObject): void {
    addToList(this.#byField, placeOf(far, id), referrer);
  }
}

function placeOf({ class: cls, field }: BindingEnd, id: Uuid): string {
  return `${cls}/${id}/${field}`;
}
