import type { NsdbError } from '../nsdb-error.ts';
import type { Observation } from '../observation.ts';
import type { Proposal, StateTable, TableKind, TableListener, TablePlace } from '../state-table.ts';
import { entryName, parseEntryName, PERSISTENT } from '../table-entry.ts';
import { tableGone } from '../table-gone.ts';
import { TableReplica, type TableChange } from '../table-replica.ts';
import { TableSubscribers } from '../table-subscribers.ts';
import type { Directory } from './directory.ts';
import { Watcher, type Link } from './link.ts';
import type { Session } from './session.ts';

/** What a table needs of the handle that opened it. */
export interface TableHome {
  readonly link: Link;
  session(): Session;
  /** The table's directory; undefined where its owner is missing. */
  directory(): Directory | undefined;
  /** Runs an operation that needs the link, and counts it as under way. */
  during<T>(operation: () => T): Promise<T>;
  /** Runs it as soon as the link is up, be it at once. */
  whenUp(run: () => void): void;
  closed(): void;
}

/** An entry that this table learned and has not taken back. */
interface Own {
  readonly text: string;
  name: string;
  version: number;
}

/** A replica of a state table of an embedded database. */
export class EmbeddedTable<K extends number | string, V> extends Watcher implements StateTable<K, V> {
  readonly #kind: TableKind<K, V>;
  readonly #place: TablePlace;
  readonly #home: TableHome;
  readonly #replica: TableReplica<K, V>;
  readonly #subscribers: TableSubscribers<K, V>;
  readonly #own = new Map<K, Own>();
  /** Names in the replica. */
  readonly #known = new Set<string>();
  /** Names that came or went since. Undefined before the first snapshot. */
  #touched: Set<string> | undefined;
  /** Entries taken back while the link was down. */
  #removals: string[] = [];
  #directory: Directory | undefined;
  #refused = 0;
  /** Whether it was closed because its owner is missing. */
  #isOrphan = false;

  constructor(kind: TableKind<K, V>, place: TablePlace, home: TableHome) {
    super(home.link);
    this.#kind = kind;
    this.#place = place;
    this.#home = home;
    this.#replica = new TableReplica(kind.key, kind.value);
    this.#subscribers = new TableSubscribers(this.#replica, (listener) => this.link.tell(listener));
    this.mark();
  }

  get ready(): boolean {
    return this.#touched !== undefined;
  }

  get size(): number {
    return this.#replica.size;
  }

  get malformed(): number {
    return this.#replica.malformed;
  }

  get refused(): number {
    return this.#refused;
  }

  get(key: K): V | undefined {
    return this.#replica.get(key);
  }

  isOwn(key: K): boolean {
    const own = this.#own.get(key);
    return own !== undefined && this.#replica.shown(key)?.version === own.version;
  }

  entries(): IterableIterator<readonly [K, V]> {
    return this.#replica.entries();
  }

  add(key: K, value: V): Proposal {
    const directory = this.#attached();
    if (directory === undefined || !this.link.isUp) {
      this.#refused++;
      return 'refused';
    }
    const text = this.#kind.value.format(value);
    const before = this.#own.get(key);
    if (before?.text === text) return 'known';
    this.#own.set(key, { text, ...directory.learn(this.#kind.key.format(key), text, this.#home.session()) });
    if (before !== undefined) directory.remove(before.name);
    return 'proposed';
  }

  remove(key: K, value?: V): Proposal {
    const own = this.#own.get(key);
    if (own === undefined) return 'refused';
    if (value !== undefined && this.#kind.value.format(value) !== own.text) return 'refused';
    this.#own.delete(key);
    if (this.link.isUp) this.#directory?.remove(own.name);
    else this.#removals.push(own.name);
    return 'proposed';
  }

  persist(key: K, value: V): Promise<void> {
    return this.#home.during(() => {
      const directory = this.#mustHave();
      const keyText = this.#kind.key.format(key);
      const name = entryName({ key: keyText, value: this.#kind.value.format(value), version: PERSISTENT });
      for (const other of directory.persistentOf(keyText)) if (other !== name) directory.remove(other);
      directory.put(name);
    });
  }

  unpersist(key: K, value?: V): Promise<boolean> {
    return this.#home.during(() => {
      const directory = this.#mustHave();
      const text = value === undefined ? undefined : this.#kind.value.format(value);
      const names = directory
        .persistentOf(this.#kind.key.format(key))
        .filter((name) => text === undefined || parseEntryName(name)?.value === text);
      for (const name of names) directory.remove(name);
      return names.length > 0;
    });
  }

  observe(listener: TableListener<K, V>): Observation {
    const observation = this.#subscribers.add(listener);
    if (this.isClosed) this.link.deliveries.push(() => this.#tellClosed(listener));
    else this.mark();
    return observation;
  }

  override mark(name?: string): void {
    if (name !== undefined) this.#touched?.add(name);
    super.mark();
  }

  /** The link is up under the session that was: what was taken back meanwhile goes. */
  override wake(): void {
    if (this.link.isUp && this.#removals.length > 0) {
      for (const name of this.#removals) this.#directory?.remove(name);
      this.#removals = [];
    }
    super.wake();
  }

  /** A new session stands: what we learned is put back, but where another has learned the key since. */
  putBack(session: Session): void {
    this.#removals = [];
    if (this.#directory === undefined || this.#own.size === 0) return;
    const learned = new Set<string>();
    for (const name of this.#directory.names()) {
      const entry = parseEntryName(name);
      if (entry !== undefined && entry.version !== PERSISTENT) learned.add(entry.key);
    }
    for (const [key, own] of this.#own) {
      const keyText = this.#kind.key.format(key);
      if (learned.has(keyText)) this.#own.delete(key);
      else Object.assign(own, this.#directory.learn(keyText, own.text, session));
    }
  }

  override close(): void {
    if (this.isClosed) return;
    super.close();
    this.#home.closed();
    this.#directory?.unwatch(this);
    const names = [...this.#removals, ...[...this.#own.values()].map(({ name }) => name)];
    this.#home.whenUp(() => {
      for (const name of names) this.#directory?.remove(name);
    });
    this.#own.clear();
    this.#subscribers.clear();
  }

  protected override look(): void {
    const directory = this.#attached();
    if (directory === undefined || directory.isGone) {
      this.#end();
      return;
    }
    this.#subscribers.tell(this.#catchUp(directory));
  }

  #catchUp(directory: Directory): readonly TableChange<K, V>[] {
    const touched = this.#touched ?? directory.names();
    this.#touched = new Set();
    const came: string[] = [];
    const went: string[] = [];
    for (const name of touched) {
      if (directory.has(name)) {
        if (!this.#known.has(name)) came.push(name);
      } else if (this.#known.delete(name)) {
        went.push(name);
      }
    }
    for (const name of came) this.#known.add(name);
    return this.#replica.apply(came, went, (key) => this.#yield(directory, key));
  }

  /** Somebody has learned later what we learned: ours goes (spec 10 §5 rule 4). Or it went by another's hand. */
  #yield(directory: Directory, key: K): void {
    const own = this.#own.get(key);
    const shown = this.#replica.shown(key)?.version ?? PERSISTENT;
    if (own === undefined || (directory.has(own.name) && (shown === PERSISTENT || shown <= own.version))) return;
    this.#own.delete(key);
    directory.remove(own.name);
  }

  /** The owner is missing, or was deleted. */
  #end(): void {
    const { listeners } = this.#subscribers;
    this.#isOrphan = true;
    this.close();
    for (const listener of listeners) this.#tellClosed(listener);
  }

  #tellClosed(listener: TableListener<K, V>): void {
    this.link.tell(() => listener.closed?.(this.#gone()));
  }

  #attached(): Directory | undefined {
    if (this.#directory === undefined && !this.isClosed && this.link.isUp) {
      this.#directory = this.#home.directory();
      this.#directory?.watch(this);
    }
    return this.isClosed ? undefined : this.#directory;
  }

  #mustHave(): Directory {
    const directory = this.#attached();
    if (directory !== undefined && !directory.isGone) return directory;
    this.#isOrphan ||= !this.isClosed;
    throw this.#gone();
  }

  #gone(): NsdbError {
    return tableGone(this.#kind, this.#place, this.#isOrphan);
  }
}
