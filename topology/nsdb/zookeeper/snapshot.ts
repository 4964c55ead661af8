import type { ClassName } from '../../model/bindings.ts';
import { parseUuid, type Uuid } from '../../model/ids.ts';
import type { NsdbObject } from '../nsdb.ts';
import { NsdbError } from '../nsdb-error.ts';
import { objectPath } from '../paths.ts';
import type { Snapshot } from '../transaction.ts';
import type { Read } from './client.ts';
import type { Link } from './link.ts';
import { parseObject, type StoredObject } from './records.ts';
import { classNode, referrersAmong } from './tree.ts';

/** What a transaction has read of an object's node. */
export interface Seen {
  readonly stored: StoredObject;
  /** The node's, counted from its making. */
  readonly version: number;
}

/** The objects as they were at the first read of a transaction. What was changed later is a conflict. */
export class ZookeeperSnapshot implements Snapshot {
  readonly #link: Link;
  readonly #seen = new Map<string, Seen>();
  #began: number | undefined;

  constructor(link: Link) {
    this.#link = link;
  }

  /** The transaction whose work is the last that may be seen. */
  get began(): number {
    return this.#began ?? 0;
  }

  /** What was found of an object; undefined where there was none, or nobody asked. */
  seen(cls: ClassName, id: Uuid): Seen | undefined {
    return this.#seen.get(objectPath(cls, id));
  }

  async find(cls: ClassName, id: Uuid): Promise<NsdbObject | undefined> {
    const path = objectPath(cls, id);
    const node = await this.#read((client) => client.data(path));
    if (node === undefined) return undefined;
    if (node.stat.modified > this.began) throw conflict(path);
    const stored = parseObject(cls, id, node);
    this.#seen.set(path, { stored, version: node.stat.version });
    return stored.object;
  }

  async exists(cls: ClassName, id: Uuid): Promise<boolean> {
    return (await this.#read((client) => client.stat(objectPath(cls, id)))) !== undefined;
  }

  async list(cls: ClassName): Promise<readonly Uuid[]> {
    const found = await this.#read((client) => client.children(classNode(cls)));
    if (found !== undefined && found.stat.childrenModified > this.began) throw conflict(classNode(cls));
    return (found?.names ?? []).flatMap((name) => parseUuid(name) ?? []);
  }

  async referrers(cls: ClassName, id: Uuid, backField: string): Promise<readonly Uuid[]> {
    const path = objectPath(cls, id);
    const found = await this.#read((client) => client.children(path));
    if (found !== undefined && found.stat.childrenModified > this.began) throw conflict(path);
    return referrersAmong(found?.names ?? [], backField);
  }

  async #read<T>(operation: (client: Link['client']) => Promise<Read<T>>): Promise<T> {
    const { value, zxid } = await this.#link.read(operation);
    this.#began ??= zxid;
    return value;
  }
}

/** Something changed since a transaction read it. */
export function conflict(path: string, cause?: unknown): NsdbError {
  return new NsdbError('concurrent-modification', `${path} kept changing while this was done. Try again`, {}, cause);
}
