import { referencesOf, type ClassName } from '../model/bindings.ts';
import type { Uuid } from '../model/ids.ts';
import { isJsonArray, type Json, type JsonObject } from '../model/json.ts';
import { OBJECT_BYTES } from './nsdb.ts';
import { NsdbError } from './nsdb-error.ts';

/** What an id takes in a list: its text, quotes and a comma. */
const ID_BYTES = 39;

/** Lists of ids that one transaction makes. Those that nobody else holds grow in place: a copy for each id would be quadratic. */
export class GrowingLists {
  readonly #own = new WeakMap<readonly Json[], Json[]>();

  /**
   * @returns the list with an id at its end
   * @throws NsdbError `too-large` when the object whose list it is would be
   */
  append(ids: readonly Json[], id: Uuid, owner: { readonly class: ClassName; readonly id: Uuid }): readonly Json[] {
    if ((ids.length + 1) * ID_BYTES > OBJECT_BYTES) {
      const sentence = `${owner.class} ${owner.id} would refer to more than ${ids.length} others`;
      throw new NsdbError('too-large', sentence, { class: owner.class, id: owner.id });
    }
    const own = this.#own.get(ids) ?? [...ids];
    own.push(id);
    this.#own.set(own, own);
    return own;
  }

  /** Hands an object's fields out: their lists grow in place no more. */
  shared(fields: JsonObject, cls: ClassName): JsonObject {
    for (const { near } of referencesOf(cls)) {
      const held = fields[near.field];
      if (isJsonArray(held)) this.#own.delete(held);
    }
    return fields;
  }
}
