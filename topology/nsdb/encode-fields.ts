import { referencesOf, type ClassName } from '../model/bindings.ts';
import { parseUuid, type Uuid } from '../model/ids.ts';
import { parseJsonObject, type JsonObject } from '../model/json.ts';
import { OBJECT_BYTES } from './nsdb.ts';
import { NsdbError } from './nsdb-error.ts';
import { weightOf } from './transaction-weight.ts';

/**
 * A copy of an object's fields as the database will keep them, and what they weigh in a transaction.
 *
 * @throws NsdbError `invalid` when the id is none, or a field is the database's own; `too-large`
 */
export function encodeFields(
  cls: ClassName,
  id: Uuid,
  fields: JsonObject,
): { readonly fields: JsonObject; readonly weight: number } {
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
  return { fields: parseJsonObject(text) ?? {}, weight: weightOf(cls, id, fields, bytes) };
}
