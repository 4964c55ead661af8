import { referencesOf, type BindingEnd, type Reference } from '../../../model/bindings.ts';
import { parseUuid, type Uuid } from '../../../model/ids.ts';
import { isJsonArray, type Json, type JsonObject } from '../../../model/json.ts';
import { objectPath } from '../../paths.ts';
import { childPath } from '../places.ts';
import { parseReferrerName, referrerNode } from '../tree.ts';
import { brief } from './brief.ts';
import { discard, mend, type Edit, type Finding, type Repair } from './finding.ts';
import type { Survey, SurveyedObject } from './survey.ts';

/** Looks whether objects name each other as spec 10 §2 has it. What cannot be read is taken to be as it should. */
export function* checkReferences(survey: Survey): Iterable<Finding> {
  for (const object of survey.objects) {
    yield* checkBackReferences(survey, object);
    const { examined } = object;
    if (examined.kind !== 'readable') continue;
    const { fields } = examined.stored.object;
    for (const reference of referencesOf(object.class)) {
      const held = fields[reference.near.field];
      if (held === undefined || held === null) continue;
      yield* checkField(survey, object, reference, held);
    }
  }
}

function* checkField(survey: Survey, object: SurveyedObject, reference: Reference, held: Json): Iterable<Finding> {
  const { class: cls, id, node } = object;
  const { field, holding } = reference.near;
  const invalid = (why: string, repair: Repair): Finding => ({
    kind: 'invalid-reference',
    path: node.path,
    what: `${field} ${why}`,
    repair,
    rests: [node.path],
  });
  if (holding === 'index') {
    const repair = discard(`takes it out of the fields: ${brief(held)}`, { edit: without(object, field) });
    yield invalid('is kept by the database, and not by the object', repair);
    return;
  }
  const texts = isJsonArray(held) ? held : [held];
  const ids = texts.flatMap((text) => idFrom(text) ?? []);
  if (isJsonArray(held) !== (holding === 'list') || ids.length < texts.length) {
    const repair = discard(`leaves ${ids.length === 0 ? 'nothing' : `only ${ids.join(', ')}`} in it`, {
      edit: withOnly(object, reference.near, ids),
    });
    yield invalid(`is no reference: ${brief(held)}`, repair);
  }
  const once = [...new Set(ids)];
  if (once.length < ids.length) {
    yield invalid(
      'names an object twice',
      mend('lets it name each once', { edit: withOnly(object, reference.near, once) }),
    );
  }
  if (reference.far.class === cls && ids.includes(id)) {
    yield invalid(
      'names the object itself',
      mend(`takes it out of ${field}`, { edit: unlink(object, reference.near, id) }),
    );
  }
  for (const partner of once) {
    if (partner !== id || reference.far.class !== cls) yield* checkPartner(survey, object, reference, partner);
  }
}

/** Looks whether an object that another names exists, and knows of it. */
function* checkPartner(
  survey: Survey,
  object: SurveyedObject,
  { near, far }: Reference,
  partner: Uuid,
): Iterable<Finding> {
  const { id, node } = object;
  const target = objectPath(far.class, partner);
  const about = { path: node.path, rests: [node.path, target] };
  const named = `${near.field} names ${far.class} ${partner}`;
  if (!survey.exists(far.class, partner)) {
    if (far.onDelete === 'leave') return;
    const repair = mend(`takes it out of ${near.field}`, {
      requires: survey.unchanged(far.class, partner),
      edit: unlink(object, near, partner),
    });
    yield { kind: 'dangling-reference', ...about, what: `${named}, which does not exist`, repair };
    return;
  }
  if (far.holding === 'index') {
    // What names an object that was deleted and made anew has no back-reference there, where deleting leaves it alone.
    const name = `${far.field},${id}`;
    if (far.onDelete === 'leave' || survey.has(far.class, partner, name)) return;
    const creation = {
      kind: 'create',
      path: referrerNode(far.class, partner, far.field, id),
      data: Buffer.alloc(0),
    } as const;
    const repair = mend('makes the back-reference', {
      requires: survey.unchanged(near.class, id),
      operations: [creation],
    });
    yield { kind: 'missing-back-reference', ...about, what: `${named}, which has no back-reference ${name}`, repair };
    return;
  }
  const other = survey.object(far.class, partner);
  if (other?.examined.kind !== 'readable') return;
  const back = other.examined.stored.object.fields[far.field];
  if (idsIn(back).includes(id)) return;
  const isFree = far.holding === 'list' || back === undefined || back === null;
  const repair = isFree
    ? mend(`lets ${far.class} ${partner} name it in turn`, {
        requires: survey.unchanged(near.class, id),
        edit: link(other, far, id),
      })
    : mend(`takes it out of ${near.field}`, {
        requires: survey.unchanged(far.class, partner),
        edit: unlink(object, near, partner),
      });
  const answer = isFree ? 'does not name it' : `has ${brief(back ?? null)} for its ${far.field}`;
  yield { kind: 'one-sided-reference', ...about, what: `${named}, which ${answer}`, repair };
}

/** Looks whether those that an object's back-references speak of name it. */
function* checkBackReferences(survey: Survey, { class: cls, id, node }: SurveyedObject): Iterable<Finding> {
  for (const name of node.names ?? []) {
    const parsed = parseReferrerName(name);
    const reference = parsed && referencesOf(cls).find(({ near }) => near.field === parsed.backField);
    if (parsed === undefined || reference?.near.holding !== 'index') continue; // told as a stranger
    const { far } = reference;
    const referrer = survey.object(far.class, parsed.referrer);
    if (referrer === undefined && survey.exists(far.class, parsed.referrer)) continue;
    if (referrer !== undefined) {
      const { examined } = referrer;
      if (examined.kind !== 'readable' || idsIn(examined.stored.object.fields[far.field]).includes(id)) continue;
    }
    const path = childPath(node.path, name);
    const why = referrer === undefined ? 'does not exist' : `does not name it in ${far.field}`;
    yield {
      kind: 'stray-back-reference',
      path,
      what: `${far.class} ${parsed.referrer} ${why}`,
      repair: mend('deletes the back-reference', {
        requires: survey.unchanged(far.class, parsed.referrer),
        operations: survey.deletion(path),
      }),
      rests: [node.path, path, objectPath(far.class, parsed.referrer)],
    };
  }
}

function idFrom(value: Json): Uuid | undefined {
  const id = typeof value === 'string' ? parseUuid(value) : undefined;
  return id === value ? id : undefined;
}

function idsIn(held: Json | undefined): readonly Uuid[] {
  if (held === undefined) return [];
  return (isJsonArray(held) ? held : [held]).flatMap((one) => idFrom(one) ?? []);
}

function without({ class: cls, id }: SurveyedObject, field: string): Edit {
  return { class: cls, id, change: ({ [field]: _gone, ...rest }) => rest };
}

/** Takes a partner out of a field, if it is still there. */
function unlink(object: SurveyedObject, { field }: BindingEnd, partner: Uuid): Edit {
  const change = (fields: JsonObject): JsonObject => {
    const held = fields[field];
    if (isJsonArray(held) && held.includes(partner)) {
      return { ...fields, [field]: held.filter((one) => one !== partner) };
    }
    return held === partner ? without(object, field).change(fields) : fields;
  };
  return { class: object.class, id: object.id, change };
}

/** Lets a field name a partner, if it is still free. */
function link({ class: cls, id }: SurveyedObject, { field, holding }: BindingEnd, partner: Uuid): Edit {
  const change = (fields: JsonObject): JsonObject => {
    const held = fields[field] ?? null;
    if (holding === 'list') {
      const list = isJsonArray(held) ? held : [];
      return list.includes(partner) ? fields : { ...fields, [field]: [...list, partner] };
    }
    return held === null ? { ...fields, [field]: partner } : fields;
  };
  return { class: cls, id, change };
}

function withOnly(object: SurveyedObject, { field, holding }: BindingEnd, ids: readonly Uuid[]): Edit {
  const [first] = ids;
  if (holding === 'list')
    return { class: object.class, id: object.id, change: (fields) => ({ ...fields, [field]: ids }) };
  if (first === undefined) return without(object, field);
  return { class: object.class, id: object.id, change: (fields) => ({ ...fields, [field]: first }) };
}
