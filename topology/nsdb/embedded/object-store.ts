import type { ClassName } from '../../model/bindings.ts';
import type { Uuid } from '../../model/ids.ts';
import type { Millis } from '../../model/time.ts';
import type { NsdbObject, Provenance } from '../nsdb.ts';
import { NsdbError } from '../nsdb-error.ts';
import { objectPath, referrersPath } from '../paths.ts';
import type { Changes, ObjectChange, ReferrerChange } from '../changes.ts';
import type { Snapshot } from '../snapshot.ts';

/** Hears that something it looks at may have changed; of which object, where it looks at many. */
export interface Marked {
  mark(id: Uuid): void;
}

interface Stored {
  readonly object: NsdbObject;
  /** The transaction that wrote it. */
  readonly serial: number;
  readonly provenance: Provenance;
  readonly referrers: Map<string, Referrers>;
}

interface Referrers {
  readonly ids: Set<Uuid>;
  serial: number;
}

interface Extent {
  readonly objects: Map<Uuid, Stored>;
  /** The last transaction that created or deleted one. */
  serial: number;
}

/** The objects of an embedded database, in memory. Transactions are numbered; a snapshot is a number. */
export class ObjectStore {
  readonly #extents = new Map<ClassName, Extent>();
  readonly #marked = new Map<string, Set<Marked>>();
  readonly #now: () => Millis;
  readonly #deleted: (cls: ClassName, id: Uuid) => void;
  #serial = 0;

  /** @param deleted is told of each object deleted, within the transaction */
  constructor(now: () => Millis, deleted: (cls: ClassName, id: Uuid) => void) {
    this.#now = now;
    this.#deleted = deleted;
  }

  find(cls: ClassName, id: Uuid): NsdbObject | undefined {
    return this.#stored(cls, id)?.object;
  }

  provenance(cls: ClassName, id: Uuid): Provenance | undefined {
    return this.#stored(cls, id)?.provenance;
  }

  /** Ids of a class, ascending. */
  ids(cls: ClassName): readonly Uuid[] {
    return [...(this.#extents.get(cls)?.objects.keys() ?? [])].toSorted();
  }

  /** Who refers to an object, ascending; undefined where there is no such object. */
  referrers(cls: ClassName, id: Uuid, backField: string): readonly Uuid[] | undefined {
    const stored = this.#stored(cls, id);
    return stored && [...(stored.referrers.get(backField)?.ids ?? [])].toSorted();
  }

  refers(cls: ClassName, id: Uuid, backField: string, referrer: Uuid): boolean {
    return this.#stored(cls, id)?.referrers.get(backField)?.ids.has(referrer) === true;
  }

  /** All objects, in lines: what is stored, by which transaction, and who refers to them. */
  *dump(): Generator<string, void> {
    for (const cls of [...this.#extents.keys()].toSorted()) {
      for (const id of this.ids(cls)) {
        const { object, provenance, referrers } = this.#stored(cls, id) ?? {};
        const fields = [...(referrers?.keys() ?? [])].toSorted();
        const back = fields.map((field) => ` ${field}: ${this.referrers(cls, id, field)?.join(' ')}`);
        yield `${objectPath(cls, id)} ${JSON.stringify([object?.fields, provenance])}${back.join('')}`;
      }
    }
  }

  snapshot(): Snapshot {
    const began = this.#serial;
    return {
      find: (cls, id) => {
        const stored = this.#stored(cls, id);
        if (stored !== undefined && stored.serial > began) throw conflict(cls, id);
        return stored?.object;
      },
      exists: (cls, id) => this.#stored(cls, id) !== undefined,
      list: (cls) => {
        if ((this.#extents.get(cls)?.serial ?? 0) > began) throw conflict(cls);
        return this.ids(cls);
      },
      referrers: (cls, id, backField) => {
        const serial = this.#stored(cls, id)?.referrers.get(backField)?.serial ?? 0;
        if (serial > began) throw conflict(cls, id, backField);
        return this.referrers(cls, id, backField) ?? [];
      },
    };
  }

  /** Makes a transaction's changes, all of them or, throwing `concurrent-modification`, none. */
  commit(changes: Changes, writer: string): void {
    for (const [cls, id, version] of changes.read) {
      if (this.find(cls, id)?.version !== version) throw conflict(cls, id);
    }
    for (const [cls, id] of changes.needed) {
      if (this.#stored(cls, id) === undefined) throw conflict(cls, id);
    }
    for (const [cls, id, backField, ids] of changes.emptied) {
      const now = this.#stored(cls, id)?.referrers.get(backField)?.ids;
      if ((now?.size ?? 0) !== ids.length || ids.some((one) => now?.has(one) !== true))
        throw conflict(cls, id, backField);
    }
    if (changes.objects.length + changes.referrers.length === 0) return;
    this.#serial++;
    for (const change of changes.objects) this.#write(change, writer);
    for (const change of changes.referrers) this.#refer(change);
  }

  /** Lets `marked` hear of what happens at a path of an object, of its back-references, or of a class. */
  watch(path: string, marked: Marked): void {
    const all = this.#marked.get(path);
    if (all === undefined) this.#marked.set(path, new Set([marked]));
    else all.add(marked);
  }

  unwatch(path: string, marked: Marked): void {
    const all = this.#marked.get(path);
    if (all?.delete(marked) === true && all.size === 0) this.#marked.delete(path);
  }

  #stored(cls: ClassName, id: Uuid): Stored | undefined {
    return this.#extents.get(cls)?.objects.get(id);
  }

  #write(change: ObjectChange, writer: string): void {
    const { class: cls, id } = change;
    const extent = this.#extent(cls);
    const before = extent.objects.get(id);
    if (change.kind !== 'update') extent.serial = this.#serial;
    if (change.kind === 'delete') {
      extent.objects.delete(id);
      for (const [backField, { ids }] of before?.referrers ?? []) {
        for (const referrer of ids) this.#mark(referrersPath(cls, id, backField), referrer);
      }
      this.#deleted(cls, id);
    } else {
      const version = String(this.#serial);
      extent.objects.set(id, {
        object: { class: cls, id, fields: change.fields, version },
        serial: this.#serial,
        provenance: { writer, change: change.change, version, at: this.#now() },
        referrers: before?.referrers ?? new Map<string, Referrers>(),
      });
    }
    this.#mark(objectPath(cls, id), id);
    this.#mark(classPath(cls), id);
  }

  #refer({ class: cls, id, backField, referrer, isPresent }: ReferrerChange): void {
    const referrers = this.#stored(cls, id)?.referrers;
    if (referrers === undefined) return;
    let entries = referrers.get(backField);
    if (entries === undefined) referrers.set(backField, (entries = { ids: new Set(), serial: 0 }));
    entries.serial = this.#serial;
    if (isPresent) entries.ids.add(referrer);
    else entries.ids.delete(referrer);
    this.#mark(referrersPath(cls, id, backField), referrer);
  }

  #mark(path: string, id: Uuid): void {
    const all = this.#marked.get(path);
    if (all !== undefined) for (const marked of all) marked.mark(id);
  }

  #extent(cls: ClassName): Extent {
    let extent = this.#extents.get(cls);
    if (extent === undefined) this.#extents.set(cls, (extent = { objects: new Map(), serial: 0 }));
    return extent;
  }
}

/** Where a class is watched. */
export function classPath(cls: ClassName): string {
  return `/zoom/0/models/${cls}`;
}

function conflict(cls: ClassName, id?: Uuid, field?: string): NsdbError {
  const what = [cls, id, field].filter((part) => part !== undefined).join(' ');
  const place = { class: cls, ...(id && { id }), ...(field !== undefined && { field }) };
  return new NsdbError('concurrent-modification', `${what} kept changing while this was done. Try again`, place);
}
