import { rejects } from 'node:assert/strict';
import type { ClassName } from '../../../topology/model/bindings.ts';
import type { Uuid } from '../../../topology/model/ids.ts';
import type { JsonObject } from '../../../topology/model/json.ts';
import type { Mac } from '../../../topology/model/mac.ts';
import type { Nsdb, NsdbOptions } from '../../../topology/nsdb/nsdb.ts';
import { NsdbError, type NsdbFault } from '../../../topology/nsdb/nsdb-error.ts';
import type { Observation } from '../../../topology/nsdb/observation.ts';
import type { StateKey, StatePlace } from '../../../topology/nsdb/state-key.ts';
import type { StateTable } from '../../../topology/nsdb/state-table.ts';

/**
 * A network state database under test, with hands on its links and its clock: one empty database that several handles share.
 * Each promise resolves when what it names has come about, as the handle concerned sees it.
 */
export interface NsdbHarness {
  /** The session timeout of handles opened without one, in the milliseconds of {@link advance}. */
  readonly sessionTimeout: number;
  open(name: string, options?: NsdbOptions): Promise<Nsdb>;
  /** Until the handle is `suspended`. */
  cutLink(nsdb: Nsdb): Promise<void>;
  /** Until the handle is `connected`, and all it owns is back. */
  restoreLink(nsdb: Nsdb): Promise<void>;
  /** Until the handle is `connected` under another session, and all it owns is back. */
  expireSession(nsdb: Nsdb): Promise<void>;
  advance(milliseconds: number): Promise<void>;
  /** Makes a node in a table's directory that exists, by its whole name. */
  plant(directory: string, name: string): Promise<void>;
  /** All handles, until none has anything under way. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

export type OpenHarness = () => Promise<NsdbHarness>;

/** The n-th id of a test. */
export function uuid(n: number): Uuid {
  return `00000000-0000-4000-8000-${String(n).padStart(12, '0')}` as Uuid;
}

/** Creates objects in one transaction. */
export function create(
  nsdb: Nsdb,
  ...objects: readonly (readonly [cls: ClassName, id: Uuid, fields?: JsonObject])[]
): Promise<void> {
  return nsdb.transact((tx) => {
    for (const [cls, id, fields = {}] of objects) tx.create(cls, id, fields);
  });
}

/** Deletes one object. */
export function remove(nsdb: Nsdb, cls: ClassName, id: Uuid): Promise<void> {
  return nsdb.transact((tx) => tx.delete(cls, id));
}

/** Replaces some fields of one object; `undefined` takes a field away. */
export function edit(
  nsdb: Nsdb,
  cls: ClassName,
  id: Uuid,
  changes: Readonly<Record<string, JsonObject[string] | undefined>>,
): Promise<void> {
  return nsdb.transact((tx) =>
    tx.update(cls, id, (fields) => JSON.parse(JSON.stringify({ ...fields, ...changes })) as JsonObject),
  );
}

export async function fieldsOf(nsdb: Nsdb, cls: ClassName, id: Uuid): Promise<JsonObject | undefined> {
  return (await nsdb.find(cls, id))?.fields;
}

/** Asserts that a promise rejects with a named fault, and says something. */
export function refuses(promise: Promise<unknown>, fault: NsdbFault, field?: string): Promise<void> {
  return rejects(promise, (error) => {
    if (!(error instanceof NsdbError)) return false;
    return error.fault === fault && error.message.length > 10 && (field === undefined || error.place.field === field);
  });
}

/** Writes down what an observation tells, in short words. */
export class Diary {
  readonly #words: string[] = [];

  /** What was told since this was last asked. */
  read(): readonly string[] {
    return this.#words.splice(0);
  }

  /** The same, taken apart and sorted: for what may be told in several calls. */
  tokens(): readonly string[] {
    return this.read()
      .flatMap((word) => word.split(' '))
      .toSorted();
  }

  write(word: string): void {
    this.#words.push(word);
  }

  object(nsdb: Nsdb, cls: ClassName, id: Uuid): this {
    nsdb.observe(cls, id, {
      changed: ({ fields }) => this.write(JSON.stringify(fields)),
      deleted: () => this.write('deleted'),
      failed: ({ fault }) => this.write(fault),
    });
    return this;
  }

  class(nsdb: Nsdb, cls: ClassName): this {
    nsdb.observeClass(cls, {
      changed: (objects, deleted) => {
        const ids = objects.map(({ id }) => id);
        this.write([...ids.map(signed('+')), ...deleted.map(signed('-'))].join(' '));
      },
    });
    return this;
  }

  referrers(nsdb: Nsdb, cls: ClassName, id: Uuid, backField: string): this {
    nsdb.observeReferrers(cls, id, backField, {
      changed: (added, removed) => this.write([...added.map(signed('+')), ...removed.map(signed('-'))].join(' ')),
      deleted: () => this.write('deleted'),
      failed: ({ fault }) => this.write(fault),
    });
    return this;
  }

  /** `ours=up`, `theirs=up`. */
  state(nsdb: Nsdb, key: StateKey<string>, place: StatePlace): this {
    nsdb.observeState(key, place, {
      changed: (values) => this.write(values.map(({ value, own }) => `${own ? 'ours' : 'theirs'}=${value}`).join(' ')),
      failed: ({ fault }) => this.write(fault),
    });
    return this;
  }

  /** `2: 3 -> 4`, with numbers of ids for values. */
  table(table: StateTable<Mac, Uuid>): this {
    table.observe({
      changed: (key, now, old) => this.write(`${key}: ${numberOf(old)}>${numberOf(now)}`),
      ready: () => this.write('ready'),
      closed: ({ fault }) => this.write(fault),
    });
    return this;
  }

  connection(nsdb: Nsdb): this {
    nsdb.observeConnection(({ kind }) => this.write(kind));
    return this;
  }

  election(nsdb: Nsdb, role: string): Observation {
    return nsdb.elect(role, { leading: () => this.write('leading'), following: () => this.write('following') });
  }
}

/** `+7`: the number of an id made by {@link uuid}. */
function signed(sign: string): (id: Uuid) => string {
  return (id) => `${sign}${numberOf(id)}`;
}

/** The number of an id made by {@link uuid}, as text; none for none. */
function numberOf(id: Uuid | undefined): string {
  return id === undefined ? '' : String(Number(id.slice(-12)));
}
