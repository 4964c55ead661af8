import type { ClassName } from '../../model/bindings.ts';
import type { Uuid } from '../../model/ids.ts';
import type { ClassListener, NsdbObject, ObjectListener, ReferrersListener, Version } from '../nsdb.ts';
import { NsdbError } from '../nsdb-error.ts';
import { objectPath, referrersPath } from '../paths.ts';
import { Watcher, type Link } from './link.ts';
import { classPath, type ObjectStore } from './object-store.ts';

/** Tells of one object. */
export class ObjectWatcher extends Watcher {
  readonly #store: ObjectStore;
  readonly #class: ClassName;
  readonly #id: Uuid;
  readonly #listener: ObjectListener;
  #told: Version | undefined;

  constructor(link: Link, store: ObjectStore, cls: ClassName, id: Uuid, listener: ObjectListener) {
    super(link);
    this.#store = store;
    this.#class = cls;
    this.#id = id;
    this.#listener = listener;
    store.watch(objectPath(cls, id), this);
    this.mark();
  }

  override close(): void {
    super.close();
    this.#store.unwatch(objectPath(this.#class, this.#id), this);
  }

  protected override look(): void {
    const object = this.#store.find(this.#class, this.#id);
    if (object === undefined) {
      this.close();
      if (this.#told === undefined) this.link.tell(() => this.#listener.failed(missing(this.#class, this.#id)));
      else this.link.tell(() => this.#listener.deleted());
    } else if (object.version !== this.#told) {
      this.#told = object.version;
      this.link.tell(() => this.#listener.changed(object));
    }
  }
}

/** Tells of the objects of a class. */
export class ClassWatcher extends Watcher {
  readonly #store: ObjectStore;
  readonly #class: ClassName;
  readonly #listener: ClassListener;
  readonly #told = new Map<Uuid, Version>();
  #touched: Set<Uuid> | undefined;

  constructor(link: Link, store: ObjectStore, cls: ClassName, listener: ClassListener) {
    super(link);
    this.#store = store;
    this.#class = cls;
    this.#listener = listener;
    store.watch(classPath(cls), this);
    this.mark();
  }

  override mark(id?: Uuid): void {
    if (id !== undefined) this.#touched?.add(id);
    super.mark();
  }

  override close(): void {
    super.close();
    this.#store.unwatch(classPath(this.#class), this);
  }

  protected override look(): void {
    const isFirst = this.#touched === undefined;
    const ids = this.#touched === undefined ? this.#store.ids(this.#class) : [...this.#touched].toSorted();
    this.#touched = new Set();
    const objects: NsdbObject[] = [];
    const deleted: Uuid[] = [];
    for (const id of ids) {
      const object = this.#store.find(this.#class, id);
      if (object === undefined) {
        if (this.#told.delete(id)) deleted.push(id);
      } else if (this.#told.get(id) !== object.version) {
        this.#told.set(id, object.version);
        objects.push(object);
      }
    }
    if (isFirst || objects.length + deleted.length > 0) this.link.tell(() => this.#listener.changed(objects, deleted));
  }
}

/** Tells of who refers to an object. */
export class ReferrersWatcher extends Watcher {
  readonly #store: ObjectStore;
  readonly #class: ClassName;
  readonly #id: Uuid;
  readonly #backField: string;
  readonly #listener: ReferrersListener;
  readonly #told = new Set<Uuid>();
  #touched: Set<Uuid> | undefined;

  constructor(
    link: Link,
    store: ObjectStore,
    cls: ClassName,
    id: Uuid,
    backField: string,
    listener: ReferrersListener,
  ) {
    super(link);
    this.#store = store;
    this.#class = cls;
    this.#id = id;
    this.#backField = backField;
    this.#listener = listener;
    store.watch(referrersPath(cls, id, backField), this);
    store.watch(objectPath(cls, id), this);
    this.mark();
  }

  override mark(id?: Uuid): void {
    if (id !== undefined) this.#touched?.add(id);
    super.mark();
  }

  override close(): void {
    super.close();
    this.#store.unwatch(referrersPath(this.#class, this.#id, this.#backField), this);
    this.#store.unwatch(objectPath(this.#class, this.#id), this);
  }

  protected override look(): void {
    const touched = this.#touched;
    if (this.#store.find(this.#class, this.#id) === undefined) {
      this.close();
      if (touched === undefined) this.link.tell(() => this.#listener.failed(missing(this.#class, this.#id)));
      else this.link.tell(() => this.#listener.deleted());
      return;
    }
    const all = touched ?? this.#store.referrers(this.#class, this.#id, this.#backField) ?? [];
    this.#touched = new Set();
    const added: Uuid[] = [];
    const removed: Uuid[] = [];
    for (const id of [...all].toSorted()) {
      const isThere = this.#store.refers(this.#class, this.#id, this.#backField, id);
      if (isThere && !this.#told.has(id)) {
        this.#told.add(id);
        added.push(id);
      } else if (!isThere && this.#told.delete(id)) {
        removed.push(id);
      }
    }
    if (touched === undefined || added.length + removed.length > 0) {
      this.link.tell(() => this.#listener.changed(added, removed));
    }
  }
}

function missing(cls: ClassName, id: Uuid): NsdbError {
  return new NsdbError('not-found', `there is no ${cls} ${id}`, { class: cls, id });
}
