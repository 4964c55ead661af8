import type { Uuid } from '../../model/ids.ts';
import { isJsonArray, isJsonObject, type Json, type JsonObject } from '../../model/json.ts';
import {
  OBJECT_SCHEMAS,
  type ClassifiedObject,
  type ObjectClass,
  type ObjectClasses,
} from '../../model/objects/object-classes.ts';
import { settledFields } from '../../model/objects/settled-fields.ts';
import type { Schema } from '../../model/schema/json-schema.ts';
import { checkShape } from '../check-shape.ts';
import { Problems } from '../file-problem.ts';
import type { Located } from '../located-yaml.ts';

export type RecordReading =
  { readonly ok: true; readonly record: ClassifiedObject } | { readonly ok: false; readonly why: string };

/** The record of a stored object, with its defaults; else what is wrong with its fields. */
export function recordOf(cls: ObjectClass, id: Uuid, fields: JsonObject): RecordReading {
  const problems = new Problems('', () => ({ line: 0, column: 0 }));
  const root = locatedOf({ ...settledFields(cls, fields), id });
  // A class and the schema that goes with it make a record of that class.
  const schema = OBJECT_SCHEMAS[cls] as Schema<ObjectClasses[ObjectClass]>;
  const shaped = checkShape(root, schema, problems);
  if (shaped.isSound) return { ok: true, record: { class: cls, object: shaped.value } as ClassifiedObject }; // oxlint-disable-line typescript/no-unsafe-type-assertion -- as above
  const told = problems
    .errors()
    .map(({ what, expected }) => (expected === undefined ? what : `${what}, not ${expected}`));
  return { ok: false, why: told.join('; ') };
}

/** A value as if it stood in a file. */
function locatedOf(value: Json): Located {
  if (isJsonArray(value)) return { kind: 'list', at: 0, items: value.map(locatedOf) };
  if (isJsonObject(value)) {
    const entries = Object.entries(value).map(([key, one]) => [key, { keyAt: 0, value: locatedOf(one) }] as const);
    return { kind: 'map', at: 0, entries: new Map(entries) };
  }
  return { kind: 'scalar', at: 0, value, text: String(value) };
}
