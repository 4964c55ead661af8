import { isDeepStrictEqual } from 'node:util';
import { referencesOf, type ClassName } from '../model/bindings.ts';
import type { Uuid } from '../model/ids.ts';
import { isJsonArray, type Json, type JsonObject } from '../model/json.ts';
import { settledFields } from '../model/objects/settled-fields.ts';
import type { Nsdb, Transaction } from './nsdb.ts';
import { NsdbError } from './nsdb-error.ts';
import { deletionWeight, weightOf } from './transaction-weight.ts';

interface Target {
  readonly class: ClassName;
  readonly id: Uuid;
}

export interface CreateWrite extends Target {
  readonly kind: 'create';
  readonly fields: JsonObject;
}

/** Adds fields to what was created before. */
export interface MendWrite extends Target {
  readonly kind: 'mend';
  readonly fields: JsonObject;
  /** All fields that the object then has: what the write weighs. */
  readonly whole: JsonObject;
}

/** One field of an object as it is, and as it is to be; undefined where there is none. */
export interface FieldChange {
  readonly field: string;
  readonly before: Json | undefined;
  readonly after: Json | undefined;
}

/** Changes some fields and keeps all others. It is refused where a field is neither as it was nor as it is to be. */
export interface ChangeWrite extends Target {
  readonly kind: 'change';
  readonly changes: readonly FieldChange[];
  readonly whole: JsonObject;
}

/** Deletes an object, if it is there. It is refused where it is not as it was, or something else would go with it than was foreseen. */
export interface DeleteWrite extends Target {
  readonly kind: 'delete';
  readonly fields: JsonObject;
  /** Keys of all that may go. */
  readonly goes: ReadonlySet<string>;
}

/** One of many writes, each of which may rest on those before it. */
export type Write = CreateWrite | MendWrite | ChangeWrite | DeleteWrite;

/** An object's name among objects of all classes. */
export function keyOf({ class: cls, id }: Target): string {
  return `${cls}/${id}`;
}

/** Cuts writes into what fits into a transaction each. @param bytes how much that is */
export function batchesOf<W extends Write>(writes: readonly W[], bytes: number): readonly (readonly W[])[] {
  const batches: W[][] = [];
  let room = 0;
  for (const each of writes) {
    const weight = weigh(each);
    if (weight > room || batches.length === 0) {
      batches.push([]);
      room = bytes;
    }
    room -= weight;
    batches.at(-1)?.push(each);
  }
  return batches;
}

function weigh(write: Write): number {
  const { class: cls, id } = write;
  if (write.kind === 'delete') return deletionWeight(cls, id);
  return weightOf(cls, id, write.kind === 'create' ? write.fields : write.whole);
}

/**
 * Makes writes in one transaction.
 *
 * @throws NsdbError; `concurrent-modification` where something is not as a write has it
 */
export async function writeBatch(nsdb: Nsdb, batch: readonly Write[]): Promise<void> {
  await nsdb.transact(async (tx) => {
    await Promise.all(batch.flatMap((each) => (each.kind === 'delete' ? [checkDeletion(tx, each)] : [])));
    for (const each of batch) ask(tx, each);
  });
}

function ask(tx: Transaction, write: Write): void {
  const { class: cls, id } = write;
  if (write.kind === 'create') tx.create(cls, id, write.fields);
  else if (write.kind === 'mend') tx.update(cls, id, (now) => ({ ...now, ...write.fields }));
  else if (write.kind === 'change') tx.update(cls, id, (now) => changed(now, write));
  else tx.delete(cls, id, { ignoreMissing: true });
}

function changed(now: JsonObject, { class: cls, id, changes }: ChangeWrite): JsonObject {
  const settled = settledFields(cls, now);
  const fields: Record<string, Json> = { ...now };
  for (const { field, before, after } of changes) {
    const is = settled[field];
    if (!isDeepStrictEqual(is, before) && !isDeepStrictEqual(is, after)) {
      throw outdated(cls, id, `its ${field} is ${JSON.stringify(is)} by now`);
    }
    if (after === undefined) delete fields[field];
    else fields[field] = after;
  }
  return fields;
}

async function checkDeletion(tx: Transaction, { class: cls, id, fields, goes }: DeleteWrite): Promise<void> {
  const cascades = referencesOf(cls).filter(({ near }) => near.holding === 'index' && near.onDelete === 'cascade');
  const [found, ...referrers] = await Promise.all([
    tx.find(cls, id),
    ...cascades.map(({ near }) => tx.referrers(cls, id, near.field).catch(ignoreMissing)),
  ]);
  if (found === undefined) return;
  const differing = Object.keys({ ...fields, ...found.fields }).find(
    (field) => !isAsItWas(cls, field, fields[field], found.fields[field]),
  );
  if (differing !== undefined) throw outdated(cls, id, `its ${differing} has changed`);
  for (const [n, { far }] of cascades.entries()) {
    const unforeseen = referrers[n]?.find((referrer) => !goes.has(keyOf({ class: far.class, id: referrer })));
    if (unforeseen !== undefined) throw outdated(cls, id, `${far.class} ${unforeseen} belongs to it by now`);
  }
}

function ignoreMissing(cause: unknown): readonly Uuid[] {
  if (cause instanceof NsdbError && cause.fault === 'not-found') return [];
  throw cause;
}

/** A reference may have been cleared: what it led to may have gone before. */
function isAsItWas(cls: ClassName, field: string, before: Json | undefined, now: Json | undefined): boolean {
  if (isDeepStrictEqual(before, now)) return true;
  if (!referencesOf(cls).some(({ near }) => near.field === field)) return false;
  if (now === undefined) return true;
  return isJsonArray(before) && isJsonArray(now) && now.every((id) => before.includes(id));
}

function outdated(cls: ClassName, id: Uuid, why: string): NsdbError {
  return new NsdbError('concurrent-modification', `${cls} ${id} is not as it was: ${why}. Try again`, {
    class: cls,
    id,
  });
}
