import { referencesOf, type BindingEnd, type ClassName, type Reference } from '../model/bindings.ts';
import { parseUuid, type Uuid } from '../model/ids.ts';
import { isJsonArray, type JsonObject } from '../model/json.ts';
import { NsdbError } from './nsdb-error.ts';

/** The object whose fields are read. */
interface Owner {
  readonly class: ClassName;
  readonly id: Uuid;
}

/** The partners that an object loses and gains through one of its references. */
export interface Difference {
  readonly reference: Reference;
  readonly gone: readonly Uuid[];
  readonly come: readonly Uuid[];
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
export function difference(
  reference: Reference,
  before: JsonObject | undefined,
  now: JsonObject,
  owner: Owner,
): Difference {
  const { near } = reference;
  const old = before === undefined ? [] : partnersIn(before, near, owner);
  const next = partnersIn(now, near, owner);
  if (old.length === 0) return { reference, gone: old, come: next };
  const [had, has] = [new Set(old), new Set(next)];
  return { reference, gone: old.filter((id) => !has.has(id)), come: next.filter((id) => !had.has(id)) };
}

/** The partners that a field names. Throws `invalid` where it names something else, or one twice. */
export function partnersIn(
  fields: JsonObject,
  { field, holding }: BindingEnd,
  { class: cls, id }: Owner,
): readonly Uuid[] {
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

/** A reference to what is not there. */
export function dangling(near: BindingEnd, far: BindingEnd, id: Uuid, partner: Uuid): NsdbError {
  return new NsdbError('not-found', `${near.field} of ${near.class} ${id}: there is no ${far.class} ${partner}`, {
    class: near.class,
    id,
    field: near.field,
  });
}
