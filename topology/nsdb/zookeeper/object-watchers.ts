import type { ClassName } from '../../model/bindings.ts';
import { parseUuid, type Uuid } from '../../model/ids.ts';
import type { ClassListener, NsdbObject, ObjectListener, ReferrersListener, Version } from '../nsdb.ts';
import { NsdbError } from '../nsdb-error.ts';
import { objectPath } from '../paths.ts';
import type { Link } from './link.ts';
import { objectsBelow, referrersBelow } from './names-below.ts';
import { parseObject, readObject } from './records.ts';
import { classNode } from './tree.ts';
import { Watcher } from './watcher.ts';

/** Tells of one object. */
export class ObjectWatcher extends Watcher {
  readonly #class: ClassName;
  readonly #id: Uuid;
  readonly #listener: ObjectListener;
  readonly #path: string;
  #told: Version | undefined;

  constructor(link: Link, cls: ClassName, id: Uuid, listener: ObjectListener) {
    super(link);
    this.#class = cls;
    this.#id = id;
    this.#listener = listener;
    this.#path = objectPath(cls, id);
    link.watches.add(this.#path, this);
    this.mark();
  }

  override mark(_path?: string, kind?: 'data' | 'children'): void {
    if (kind !== 'children') super.mark();
  }

  override close(): void {
    super.close();
    this.link.watches.remove(this.#path, this);
  }

  protected override async look(): Promise<void> {
    const { value: node } = await this.link.read((client) => readObject(client, this.#path, true));
    if (this.isClosed) return;
    if (node === undefined) {
      const told = this.#told;
      this.tell(() => {
        this.close();
        if (told === undefined) this.#listener.failed(missing(this.#class, this.#id));
        else this.#listener.deleted();
      });
      return;
    }
    const version = String(node.stat.modified);
    if (version === this.#told) return;
    this.#told = version;
    const object = readable(() => parseObject(this.#class, this.#id, node).object);
    this.tell(() => {
      if (object instanceof NsdbError) this.#listener.failed(object);
      else this.#listener.changed(object);
    });
  }
}

/** Tells of the objects of a class. */
export class ClassWatcher extends Watcher {
  readonly #class: ClassName;
  readonly #listener: ClassListener;
  /** Objects whose node is watched, and the version read last. */
  readonly #known = new Map<Uuid, Version>();
  /** Those told of: what cannot be read is known, but not told. */
  readonly #told = new Set<Uuid>();
  /** Nodes whose watch has fired since. */
  #touched = new Set<Uuid>();
  #areChildrenDue = true;
  #isFirst = true;

  constructor(link: Link, cls: ClassName, listener: ClassListener) {
    super(link);
    this.#class = cls;
    this.#listener = listener;
    link.watches.add(classNode(cls), this);
    this.mark();
  }

  override mark(path?: string, kind?: 'data' | 'children'): void {
    const node = classNode(this.#class);
    if (path === node) {
      this.#areChildrenDue = true;
    } else if (path !== undefined) {
      const id = parseUuid(path.slice(node.length + 1));
      if (kind === 'children' || id === undefined) return;
      this.#touched.add(id);
    }
    super.mark();
  }

  override renew(): void {
    this.#areChildrenDue = true;
    for (const id of this.#known.keys()) this.#touched.add(id);
    super.renew();
  }

  override close(): void {
    super.close();
    this.link.watches.remove(classNode(this.#class), this);
    for (const id of this.#known.keys()) this.link.watches.remove(objectPath(this.#class, id), this);
  }

  protected override async look(): Promise<void> {
    const due = this.#touched;
    const areChildrenDue = this.#areChildrenDue;
    this.#touched = new Set();
    this.#areChildrenDue = false;
    try {
      const ids = new Set(due);
      if (areChildrenDue) {
        const { value } = await this.link.read((client) => client.children(classNode(this.#class), true));
        const now = new Set(objectsBelow(this.link, this.#class, value?.names ?? []));
        for (const id of now) if (!this.#known.has(id)) ids.add(id);
        for (const id of this.#known.keys()) if (!now.has(id)) ids.add(id);
      }
      await this.#compare([...ids].toSorted());
    } catch (cause) {
      for (const id of due) this.#touched.add(id);
      this.#areChildrenDue ||= areChildrenDue;
      throw cause;
    }
  }

  async #compare(ids: readonly Uuid[]): Promise<void> {
    const nodes = await Promise.all(
      ids.map((id) => {
        this.link.watches.add(objectPath(this.#class, id), this);
        return this.link.read((client) => readObject(client, objectPath(this.#class, id), true));
      }),
    );
    if (this.isClosed) {
      for (const id of ids) this.link.watches.remove(objectPath(this.#class, id), this);
      return;
    }
    const objects: NsdbObject[] = [];
    const deleted: Uuid[] = [];
    for (const [n, id] of ids.entries()) {
      const node = nodes[n]?.value;
      if (node === undefined) {
        this.link.watches.remove(objectPath(this.#class, id), this);
        this.#known.delete(id);
        if (this.#told.delete(id)) deleted.push(id);
      } else if (this.#known.get(id) !== String(node.stat.modified)) {
        this.#known.set(id, String(node.stat.modified));
        const object = readable(() => parseObject(this.#class, id, node).object);
        if (object instanceof NsdbError) {
          this.link.report(object);
        } else {
          this.#told.add(id);
          objects.push(object);
        }
      }
    }
    if (!this.#isFirst && objects.length + deleted.length === 0) return;
    this.#isFirst = false;
    this.tell(() => this.#listener.changed(objects, deleted));
  }
}

/** Tells of who refers to an object. */
export class ReferrersWatcher extends Watcher {
  readonly #class: ClassName;
  readonly #id: Uuid;
  readonly #backField: string;
  readonly #listener: ReferrersListener;
  readonly #told = new Set<Uuid>();
  #isFirst = true;

  constructor(link: Link, cls: ClassName, id: Uuid, backField: string, listener: ReferrersListener) {
    super(link);
    this.#class = cls;
    this.#id = id;
    this.#backField = backField;
    this.#listener = listener;
    link.watches.add(objectPath(cls, id), this);
    this.mark();
  }

  override close(): void {
    super.close();
    this.link.watches.remove(objectPath(this.#class, this.#id), this);
  }

  protected override async look(): Promise<void> {
    const path = objectPath(this.#class, this.#id);
    const { value } = await this.link.read((client) => client.children(path, true));
    if (this.isClosed) return;
    const isFirst = this.#isFirst;
    this.#isFirst = false;
    if (value === undefined) {
      this.tell(() => {
        this.close();
        if (isFirst) this.#listener.failed(missing(this.#class, this.#id));
        else this.#listener.deleted();
      });
      return;
    }
    const now = new Set(referrersBelow(this.link, this.#class, this.#id, value.names, this.#backField));
    const added = [...now].filter((id) => !this.#told.has(id)).toSorted();
    const removed = [...this.#told].filter((id) => !now.has(id)).toSorted();
    for (const id of added) this.#told.add(id);
    for (const id of removed) this.#told.delete(id);
    if (isFirst || added.length + removed.length > 0) this.tell(() => this.#listener.changed(added, removed));
  }
}

function readable<T>(parse: () => T): T | NsdbError {
  try {
    return parse();
  } catch (cause) {
    if (cause instanceof NsdbError) return cause;
    throw cause;
  }
}

export function missing(cls: ClassName, id: Uuid): NsdbError {
  return new NsdbError('not-found', `there is no ${cls} ${id}`, { class: cls, id });
}
