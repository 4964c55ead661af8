import { referencesOf } from '../../model/bindings.ts';
import type { Json } from '../../model/json.ts';
import { inOrder, type NewObject } from '../creation-order.ts';
import { TRANSACTION_BYTES, type Nsdb } from '../nsdb.ts';
import {
  batchesOf,
  keyOf,
  writeBatch,
  type ChangeWrite,
  type DeleteWrite,
  type FieldChange,
  type Write,
} from '../writes.ts';
import type { Plan, PlannedChange } from './plan.ts';
import type { EntryChange } from './plan-entries.ts';
import { idsIn, isMutual, mutualFieldsOf } from './references.ts';
import { writeEntries } from './write-entries.ts';

/** What is done at once: one transaction, or entries of tables, each of which is one by itself. */
export type Step =
  | { readonly kind: 'objects'; readonly writes: readonly Write[] }
  | { readonly kind: 'entries'; readonly entries: readonly EntryChange[] };

/** Objects may have grown a little since they were weighed. */
const BYTES = TRANSACTION_BYTES - 40_000;

/** Entries written at a time. */
const ENTRIES = 200;

/**
 * Cuts a plan into steps. After each of them the database is whole, and planning anew gives what is still to be done: new objects come
 * first, then links that are cut and joined, other changes, entries of tables, and at last what goes.
 *
 * @param bytes what a transaction may weigh
 */
export function stepsOf(plan: Plan, bytes: number = BYTES): readonly Step[] {
  const { creations, joins } = withoutJoins(plan.creations);
  const changes = plan.changes.filter(({ isConsequence }) => !isConsequence).map((change) => split(change));
  const writes: readonly Write[] = [
    ...inOrder(creations),
    ...changes.flatMap(({ cut }) => cut ?? []),
    ...joins,
    ...changes.flatMap(({ rest }) => rest ?? []),
  ];
  return [
    ...batchesOf(writes, bytes).map((batch): Step => ({ kind: 'objects', writes: batch })),
    ...chunksOf(plan.entries).map((entries): Step => ({ kind: 'entries', entries })),
    ...batchesOf(deletionsOf(plan), bytes).map((batch): Step => ({ kind: 'objects', writes: batch })),
  ];
}

/** @throws NsdbError; with one of {@link OVERTAKEN} where something changed since it was planned */
export function carryOut(nsdb: Nsdb, step: Step): Promise<void> {
  return step.kind === 'objects' ? writeBatch(nsdb, step.writes) : writeEntries(nsdb, step.entries);
}

/** Takes out of new objects the partners that are there already: these may have others still. */
function withoutJoins(creations: readonly NewObject[]): {
  readonly creations: readonly NewObject[];
  readonly joins: readonly ChangeWrite[];
} {
  const isNew = new Set(creations.map(keyOf));
  const joins: ChangeWrite[] = [];
  const plain = creations.map((object) => {
    const fields: Record<string, Json> = { ...object.fields };
    const changes: FieldChange[] = [];
    for (const { near, far } of referencesOf(object.class).filter(isMutual)) {
      const [partner] = idsIn(fields[near.field]);
      if (partner === undefined || isNew.has(keyOf({ class: far.class, id: partner }))) continue;
      delete fields[near.field];
      changes.push({ field: near.field, before: undefined, after: partner });
    }
    if (changes.length === 0) return object;
    joins.push({ kind: 'change', class: object.class, id: object.id, changes, whole: object.fields });
    return { ...object, fields };
  });
  return { creations: plain, joins };
}

/** A change in two: first it lets go of its partners, that these may have others; then it becomes what it is to be. */
function split({ class: cls, id, present, changes }: PlannedChange): {
  readonly cut: ChangeWrite | undefined;
  readonly rest: ChangeWrite | undefined;
} {
  const mutual = mutualFieldsOf(cls);
  const cuts = changes
    .filter(({ field, before }) => mutual.includes(field) && before !== undefined)
    .map((change): FieldChange => ({ ...change, after: undefined }));
  const isCut = new Set(cuts.map(({ field }) => field));
  const rest = changes
    .map((change): FieldChange => (isCut.has(change.field) ? { ...change, before: undefined } : change))
    .filter(({ field, after }) => !isCut.has(field) || after !== undefined);
  const whole: Record<string, Json> = { ...present };
  for (const { field, after } of changes) if (after !== undefined) whole[field] = after;
  const changeOf = (some: readonly FieldChange[]): ChangeWrite | undefined =>
    some.length === 0 ? undefined : { kind: 'change', class: cls, id, changes: some, whole };
  return { cut: changeOf(cuts), rest: changeOf(rest) };
}

function deletionsOf({ deletions }: Plan): readonly DeleteWrite[] {
  const goes = new Set(deletions.map(keyOf));
  return deletions.flatMap(({ class: cls, id, present, with: owner }) =>
    owner === undefined ? [{ kind: 'delete', class: cls, id, fields: present, goes }] : [],
  );
}

function chunksOf(entries: readonly EntryChange[]): readonly (readonly EntryChange[])[] {
  return Array.from({ length: Math.ceil(entries.length / ENTRIES) }, (_, n) =>
    entries.slice(n * ENTRIES, (n + 1) * ENTRIES),
  );
}
