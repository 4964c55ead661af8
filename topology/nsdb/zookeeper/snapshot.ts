import { referencesOf, type ClassName } from '../../model/bindings.ts';
import { parseUuid, type Uuid } from '../../model/ids.ts';
import type { JsonObject } from '../../model/json.ts';
import type { NsdbObject } from '../nsdb.ts';
import { NsdbError } from '../nsdb-error.ts';
import { objectPath } from '../paths.ts';
import type { Snapshot } from '../snapshot.ts';
import { TransactionDraft } from '../transaction.ts';
import type { NodeChildren, NodeData, Read } from './client/node.ts';
import type { ZookeeperClient } from './client/zookeeper-client.ts';
import type { Link } from './link.ts';
import { objectsBelow, referrersBelow } from './names-below.ts';
import { parseObject, type StoredObject } from './records.ts';
import { classNode } from './tree.ts';

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
  /** Reads under way or done, by what they read: each is asked for once. */
  readonly #data = new Map<string, Promise<Read<NodeData | undefined>>>();
  readonly #children = new Map<string, Promise<Read<NodeChildren | undefined>>>();
  /** Objects that are to be made, and taken to be absent unless somebody asks for them first. */
  readonly #assumedAbsent = new Set<string>();
  readonly #isTrusting: boolean;
  #began: number | undefined;

  /**
   * @param isTrusting whether what is to be made may be taken to be absent without a look: the commit is refused where it is not, and
   *   the next attempt looks
   */
  constructor(link: Link, isTrusting: boolean) {
    this.#link = link;
    this.#isTrusting = isTrusting;
  }

  /** The transaction whose work is the last that may be seen. */
  get began(): number {
    return this.#began ?? 0;
  }

  /** Whether all was looked at that it answered for: nothing was taken to be absent. */
  get isSure(): boolean {
    return this.#assumedAbsent.size === 0;
  }

  /** What was found of an object; undefined where there was none, or nobody asked. */
  seen(cls: ClassName, id: Uuid): Seen | undefined {
    return this.#seen.get(objectPath(cls, id));
  }

  /** Begins to read an object that will be asked for, unless it is taken to be absent. */
  expect(cls: ClassName, id: Uuid): void {
    const path = objectPath(cls, id);
    if (parseUuid(id) === id && !this.#assumedAbsent.has(path)) this.#dataAt(path).catch(() => {});
  }

  /** Begins to read who refers to an object that will be asked about. */
  expectReferrers(cls: ClassName, id: Uuid): void {
    if (parseUuid(id) === id) this.#childrenAt(objectPath(cls, id)).catch(() => {});
  }

  /** An object will be made: it is read only where it has to be. */
  expectNone(cls: ClassName, id: Uuid): void {
    const path = objectPath(cls, id);
    if (this.#isTrusting && !this.#data.has(path)) this.#assumedAbsent.add(path);
    else this.expect(cls, id);
  }

  async find(cls: ClassName, id: Uuid): Promise<NsdbObject | undefined> {
    const path = objectPath(cls, id);
    if (this.#assumedAbsent.has(path)) return undefined;
    const { value: node } = await this.#dataAt(path);
    if (node === undefined) return undefined;
    if (node.stat.modified > this.began) throw conflict(path);
    const stored = parseObject(cls, id, node);
    this.#seen.set(path, { stored, version: node.stat.version });
    return stored.object;
  }

  async exists(cls: ClassName, id: Uuid): Promise<boolean> {
    return (await this.#read((client) => client.stat(objectPath(cls, id)))).value !== undefined;
  }

  async list(cls: ClassName): Promise<readonly Uuid[]> {
    const { value: found } = await this.#read((client) => client.children(classNode(cls)));
    if (found !== undefined && found.stat.childrenModified > this.began) throw conflict(classNode(cls));
    const ids = objectsBelow(this.#link, cls, found?.names ?? []);
    for (const id of ids) this.expect(cls, id);
    return ids;
  }

  async referrers(cls: ClassName, id: Uuid, backField: string): Promise<readonly Uuid[]> {
    const path = objectPath(cls, id);
    const { value: found } = await this.#childrenAt(path);
    if (found !== undefined && found.stat.childrenModified > this.began) throw conflict(path);
    const ids = referrersBelow(this.#link, cls, id, found?.names ?? [], backField);
    this.#expectCascade(cls, backField, ids);
    return ids;
  }

  /** What is deleted along with its referrer is read in one go, and not one after another. */
  #expectCascade(cls: ClassName, backField: string, ids: readonly Uuid[]): void {
    const reference = referencesOf(cls).find(({ near }) => near.field === backField);
    if (reference?.near.onDelete !== 'cascade') return;
    for (const id of ids) {
      this.expect(reference.far.class, id);
      const hasReferrers = referencesOf(reference.far.class).some(({ near }) => near.holding === 'index');
      if (hasReferrers) this.expectReferrers(reference.far.class, id);
    }
  }

  #dataAt(path: string): Promise<Read<NodeData | undefined>> {
    let reading = this.#data.get(path);
    if (reading === undefined) this.#data.set(path, (reading = this.#read((client) => client.data(path))));
    return reading;
  }

  #childrenAt(path: string): Promise<Read<NodeChildren | undefined>> {
    let reading = this.#children.get(path);
    if (reading === undefined) this.#children.set(path, (reading = this.#read((client) => client.children(path))));
    return reading;
  }

  /** Answers come in the order of the server's transactions: the first to come says when it all began. */
  async #read<T>(operation: (client: ZookeeperClient) => Promise<Read<T>>): Promise<Read<T>> {
    const read = await this.#link.read(operation);
    this.#began ??= read.zxid;
    return read;
  }
}

/** A draft that begins to read what it will need as soon as that is said. */
export class EagerDraft extends TransactionDraft {
  readonly #ahead: ZookeeperSnapshot;

  constructor(snapshot: ZookeeperSnapshot) {
    super(snapshot);
    this.#ahead = snapshot;
  }

  override find(cls: ClassName, id: Uuid): Promise<NsdbObject | undefined> {
    this.#ahead.expect(cls, id);
    return super.find(cls, id);
  }

  override referrers(cls: ClassName, id: Uuid, backField: string): Promise<readonly Uuid[]> {
    this.#ahead.expectReferrers(cls, id);
    return super.referrers(cls, id, backField);
  }

  override create(cls: ClassName, id: Uuid, fields: JsonObject): void {
    super.create(cls, id, fields);
    this.#ahead.expectNone(cls, id);
  }

  override update(cls: ClassName, id: Uuid, fields: JsonObject | ((fields: JsonObject) => JsonObject)): void {
    super.update(cls, id, fields);
    this.#ahead.expect(cls, id);
  }

  override delete(cls: ClassName, id: Uuid, options?: { readonly ignoreMissing?: boolean }): void {
    super.delete(cls, id, options);
    this.#ahead.expect(cls, id);
  }
}

/** Something changed since a transaction read it. */
export function conflict(path: string, cause?: unknown): NsdbError {
  return new NsdbError('concurrent-modification', `${path} kept changing while this was done. Try again`, {}, cause);
}
