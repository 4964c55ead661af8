import type { NsdbError } from '../nsdb-error.ts';
import { objectPath, tablePath } from '../paths.ts';
import type { TablePlace } from '../state-table.ts';
import { tableGone, type TableName } from '../table-gone.ts';
import type { Link } from './link.ts';
import { incarnationOf, plant } from './places.ts';
import { removeTables } from './remove-tables.ts';
import { incarnated, tablesNode } from './tree.ts';
import type { Watcher } from './watcher.ts';

/**
 * The directory of a table's entries. It is made where it is missing, but only for the very making of the owner that was there when it
 * was first looked for: with that one the table ends.
 */
export class TableDirectory {
  readonly #link: Link;
  readonly #kind: TableName;
  readonly #place: TablePlace;
  readonly #table: Watcher;
  readonly #ownerPath: string | undefined;
  #incarnation: string | undefined;
  #path: string | undefined;
  #attaching: Promise<boolean> | undefined;
  /** Whether the directory was found missing: it goes after its owner, or by somebody's hand. */
  #isLost = false;
  /** Whether the owner has to be looked at again. */
  #isOwnerDue = false;
  /** Whether the owner was found missing while the table was open. */
  #isOrphan = false;

  /** @param table hears of changes of the directory and of the owner, until it is closed */
  constructor(link: Link, kind: TableName, place: TablePlace, table: Watcher) {
    this.#link = link;
    this.#kind = kind;
    this.#place = place;
    this.#table = table;
    if (kind.class !== 'global' && place.owner !== undefined) this.#ownerPath = objectPath(kind.class, place.owner);
    if (this.#ownerPath !== undefined) link.watches.add(this.#ownerPath, table);
  }

  /** Undefined until it was attached. */
  get path(): string | undefined {
    return this.#path;
  }

  isOwner(path: string): boolean {
    return path === this.#ownerPath;
  }

  /** The owner may have changed. */
  ownerDue(): void {
    this.#isOwnerDue = true;
  }

  /** It was found missing. */
  lost(): void {
    this.#isLost = true;
    this.#isOwnerDue = true;
    this.#table.mark();
  }

  /** Finds the directory, or looks whether its owner is still the same. False where the owner is missing. */
  attach(): Promise<boolean> {
    if (this.#path !== undefined && !this.#isOwnerDue) return Promise.resolve(true);
    this.#attaching ??= this.#attachNow().finally(() => (this.#attaching = undefined));
    return this.#attaching;
  }

  /** As {@link attach}; resolves to where it is, rejects where the table is no more. */
  async mustAttach(): Promise<string> {
    if (this.#table.isClosed || !(await this.attach())) throw this.gone();
    return this.#path ?? '';
  }

  /** Nobody hears of it any more. */
  close(): void {
    if (this.#ownerPath !== undefined) this.#link.watches.remove(this.#ownerPath, this.#table);
    if (this.#path !== undefined) this.#link.watches.remove(this.#path, this.#table);
  }

  /** Why the table is no more. */
  gone(): NsdbError {
    return tableGone(this.#kind, this.#place, this.#isOrphan);
  }

  async #attachNow(): Promise<boolean> {
    const { class: cls, table } = this.#kind;
    const { owner, arg } = this.#place;
    this.#isOwnerDue = false;
    let path = tablePath(cls, table, arg === undefined ? {} : { arg });
    if (cls !== 'global') {
      const incarnation = owner && (await this.#link.read((client) => incarnationOf(client, cls, owner, true)));
      if (incarnation === undefined || owner === undefined) return this.#orphaned();
      if (this.#incarnation !== undefined && this.#incarnation !== incarnation) return this.#orphaned();
      this.#incarnation = incarnation;
      path = incarnated(tablePath(cls, table, this.#place), owner, incarnation);
    }
    if (this.#table.isClosed || (this.#path !== undefined && !this.#isLost)) return true;
    await this.#link.read((client) => plant(client, path));
    this.#isLost = false;
    if (!(await this.#isOwnerStillThere())) return this.#orphaned();
    if (this.#path === undefined && !this.#table.isClosed) this.#link.watches.add(path, this.#table);
    this.#path = path;
    return true;
  }

  /** Whoever deletes an owner removes its directories: but not one that we made behind him, which goes here. */
  async #isOwnerStillThere(): Promise<boolean> {
    const { class: cls } = this.#kind;
    const { owner } = this.#place;
    const made = this.#incarnation;
    if (cls === 'global' || owner === undefined || made === undefined) return true;
    if ((await this.#link.read((client) => incarnationOf(client, cls, owner, true))) === made) return true;
    removeTables(this.#link, [tablesNode(cls, owner, made)]);
    return false;
  }

  /** Whoever finds it so, the table looks for itself, and ends. */
  #orphaned(): false {
    this.#isOwnerDue = true;
    this.#isOrphan ||= !this.#table.isClosed;
    return false;
  }
}
