import { referencesOf } from '../../../model/bindings.ts';
import { OBJECT_SCHEMAS } from '../../../model/objects/object-classes.ts';
import { admits } from '../../../model/schema/admits.ts';
import type { JsonSchema } from '../../../model/schema/json-schema.ts';
import { PERSISTENT, parseEntryName } from '../../table-entry.ts';
import type { Operation } from '../client/operation.ts';
import { parseCounter } from '../counter.ts';
import { isPartName } from '../journal-parts.ts';
import { parseState } from '../journal-state.ts';
import { childPath, parentOf } from '../places.ts';
import { formatProvenance, parseProvenance } from '../records.ts';
import { CLEAN, fixedNodes, isKnownSchema, NEW_SCHEMA, SCHEMA } from '../tree.ts';
import { brief } from './brief.ts';
import { closed, discard, mend, type Finding, type FindingKind, type Repair } from './finding.ts';
import { stateKeyOf, tableKindOf } from './known-kinds.ts';
import type { NodePlace } from './node-place.ts';
import type { Survey, SurveyedObject } from './survey.ts';
import { type NodeCopy } from './tree-copy.ts';

/** Who mends what has no other writer. */
export const MENDER = 'troupe nsdb check';

const NOTHING = Buffer.alloc(0);
const SCHEMAS: ReadonlyMap<string, JsonSchema> = new Map(Object.entries(OBJECT_SCHEMAS));

/** Looks at each node by itself: whether it is where one belongs, and holds what its place asks for. */
export function* checkNodes(survey: Survey): Iterable<Finding> {
  const { copy } = survey;
  yield* checkFixed(survey);
  for (const path of copy.closed) yield closed(path);
  for (const object of survey.objects) yield* checkObject(survey, object);
  for (const node of copy.nodes.values()) {
    const finding = checkNode(survey, node, node.place);
    if (finding !== undefined) yield finding;
  }
}

function* checkFixed({ copy }: Survey): Iterable<Finding> {
  for (const [path, data] of [...fixedNodes(), [SCHEMA, Buffer.from(NEW_SCHEMA)] as const]) {
    if (copy.at(path) !== undefined || copy.closed.has(path)) continue;
    const repair = mend('makes it', { operations: [{ kind: 'create', path, data }] });
    yield { kind: 'missing', path, what: 'is missing, and in every database', repair, rests: [path] };
  }
}

function* checkObject(survey: Survey, { class: cls, node, examined }: SurveyedObject): Iterable<Finding> {
  if (examined.kind === 'newer') {
    yield found('newer', node, 'is a record of a newer version of Troupe', undefined);
    return;
  }
  if (examined.kind !== 'readable') {
    const repair = discard('deletes it, and its back-references', { operations: survey.deletion(node.path) });
    yield found('unreadable', node, `holds no object's record: ${excerpt(node.data)}`, repair);
    return;
  }
  const { fields } = examined.stored.object;
  const references = new Set(referencesOf(cls).map(({ near }) => near.field));
  for (const [name, expected] of Object.entries(SCHEMAS.get(cls)?.properties ?? {})) {
    const value = fields[name];
    if (value === undefined || references.has(name) || admits(expected, value)) continue;
    const wanted = expected.title === undefined ? '' : `, expected ${expected.title}`;
    yield found('wrong-type', node, `${name} is ${brief(value)}${wanted}`, undefined);
  }
}

function checkNode(survey: Survey, node: NodeCopy, place: NodePlace): Finding | undefined {
  // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- of all others, nothing can be said by themselves
  switch (place.kind) {
    case 'schema':
      return checkSchema(node);
    case 'journal':
      return checkJournal(node);
    case 'journal-owner':
      return sessionless(survey, node, 'an owner of a large change');
    case 'provenance':
      return survey.isGone(place) ? undefined : checkProvenance(node); // a leftover, else
    case 'state-key':
    case 'state-value':
      return checkState(survey, node, place);
    case 'entry':
      return checkEntry(survey, node, place);
    case 'sequence':
      return checkSequence(node);
    case 'place':
      return sessionless(survey, node, `a place in the queue of the ${place.of} ${place.name}`);
    case 'nat-lease':
      return sessionless(survey, node, 'a lease of a block of ports');
    case 'stranger':
      return checkStranger(survey, node, place);
    default:
      return undefined;
  }
}

function checkSchema(node: NodeCopy): Finding | undefined {
  if (isKnownSchema(node.data?.toString() ?? '')) return undefined;
  const repair = discard(`sets it to ${NEW_SCHEMA}`, { operations: [settingOf(node, Buffer.from(NEW_SCHEMA))] });
  return found('unreadable', node, `holds no schema version: ${excerpt(node.data)}`, repair);
}

function checkJournal(node: NodeCopy): Finding | undefined {
  const { data = NOTHING, stat, names = [] } = node;
  if (parseState({ data, stat }) !== undefined) return undefined;
  const operations = [settingOf(node, CLEAN)];
  const repair = names.some(isPartName)
    ? discard('forgets the large change whose parts are left, though some may have been carried out', { operations })
    : mend('sets it to clean', { operations });
  return found('unreadable', node, `holds no state of the journal: ${excerpt(data)}`, repair);
}

function checkProvenance(node: NodeCopy): Finding | undefined {
  if (parseProvenance({ data: node.data ?? NOTHING, stat: node.stat }, '') !== undefined) return undefined;
  const repair = mend(`sets it to "${MENDER}"`, { operations: [settingOf(node, formatProvenance(MENDER, 'data'))] });
  return found('unreadable', node, `does not say who wrote the object: ${excerpt(node.data)}`, repair);
}

function checkState(
  survey: Survey,
  node: NodeCopy,
  { kind, class: cls, key }: Extract<NodePlace, { readonly kind: 'state-key' | 'state-value' }>,
): Finding | undefined {
  const known = stateKeyOf(cls, key);
  const isSingle = known !== undefined && known.kind !== 'multiple';
  if (kind === 'state-key' && !isSingle) return undefined; // above its values; of a key that is not known nobody can tell
  const lasting = sessionless(survey, node, `a value of ${key}`);
  if (lasting !== undefined || known === undefined) return lasting;
  if (known.codec.parse(node.data?.toString() ?? '') !== undefined) return undefined;
  return found('unreadable', node, `is no value of ${key}: ${excerpt(node.data)}; it goes with its session`, undefined);
}

function checkEntry(
  survey: Survey,
  node: NodeCopy,
  { owner, table, name }: Extract<NodePlace, { readonly kind: 'entry' }>,
): Finding | undefined {
  const entry = parseEntryName(name);
  const kind = tableKindOf(owner?.class ?? 'global', table);
  const isOfKind =
    entry !== undefined &&
    (kind === undefined || (kind.key.parse(entry.key) !== undefined && kind.value.parse(entry.value) !== undefined));
  if (isOfKind && entry.version === PERSISTENT) return undefined;
  if (isOfKind) return sessionless(survey, node, `an entry that was learned in ${table}`);
  if (node.stat.owner !== '')
    return found('unreadable', node, `is no entry of ${table}; it goes with its session`, undefined);
  const repair = discard('deletes it', { operations: survey.deletion(node.path) });
  return found('unreadable', node, `is no entry of ${table}`, repair);
}

function checkSequence(node: NodeCopy): Finding | undefined {
  if (parseCounter(node.data ?? NOTHING) !== undefined) return undefined;
  const what = `holds no number: ${excerpt(node.data)}. Set it above every number that was drawn`;
  return found('unreadable', node, what, undefined);
}

/** What lives in no session was made by hand, and never goes. */
function sessionless(survey: Survey, node: NodeCopy, what: string): Finding | undefined {
  if (node.stat.owner !== '') return undefined;
  const repair = mend('deletes it', { operations: survey.deletion(node.path) });
  return found('sessionless', node, `is ${what} that lives in no session`, repair);
}

function checkStranger(
  survey: Survey,
  node: NodeCopy,
  { why, isPlausible }: Extract<NodePlace, { readonly kind: 'stranger' }>,
): Finding | undefined {
  const { copy } = survey;
  if (copy.at(parentOf(node.path))?.place.kind === 'stranger') return undefined; // told with the one above
  if (isPlausible && isNewer(copy.at(SCHEMA))) {
    return found('stranger', node, `${why} that this program knows; a newer one may have made it`, undefined);
  }
  const below = copy.below(node.path);
  const isOpen = below.every(({ path, names = [] }) => !names.some((name) => copy.closed.has(childPath(path, name))));
  const more = below.length === 1 ? '' : `, and ${below.length - 1} under it`;
  const repair = discard(`deletes it${more}`, { operations: survey.deletion(node.path) });
  return found('stranger', node, why, isOpen ? repair : undefined);
}

/** Whether a newer version of Troupe has written to the database. */
function isNewer(schema: NodeCopy | undefined): boolean {
  const text = schema?.data?.toString() ?? NEW_SCHEMA;
  return text !== NEW_SCHEMA && isKnownSchema(text);
}

function settingOf({ path, stat }: NodeCopy, data: Buffer): Operation {
  return { kind: 'set', path, data, version: stat.version };
}

function found(kind: FindingKind, { path }: NodeCopy, what: string, repair: Repair | undefined): Finding {
  return { kind, path, what, repair, rests: [path] };
}

/** The beginning of what a node holds, for people. */
function excerpt(data: Buffer | undefined): string {
  if (data === undefined || data.length === 0) return 'nothing';
  const text = JSON.stringify(data.toString('utf8', 0, 40));
  return data.length > 40 ? `${text} and ${data.length - 40} octets more` : text;
}
