import type { Observation } from '../observation.ts';
import type { Proposal, StateTable, TableKind, TableListener, TablePlace } from '../state-table.ts';
import { TableReplica, type TableChange } from '../table-replica.ts';
import { TableSubscribers } from '../table-subscribers.ts';
import type { Link } from './link.ts';
import { OwnEntries } from './own-entries.ts';
import { PersistentWriter } from './persistent-writer.ts';
import { TableDirectory } from './table-directory.ts';
import { Watcher } from './watcher.ts';

/** A replica of a state table: a directory of nodes, watched as a whole. Proposals of one turn go out in one multi. */
export class ZookeeperTable<K extends number | string, V> extends Watcher implements StateTable<K, V> {
  readonly #kind: TableKind<K, V>;
  readonly #directory: TableDirectory;
  readonly #replica: TableReplica<K, V>;
  readonly #subscribers: TableSubscribers<K, V>;
  readonly #own: OwnEntries<K>;
  readonly #persistent: PersistentWriter;
  /** Names in the replica. */
  readonly #known = new Set<string>();
  #isReady = false;
  #refused = 0;

  constructor(link: Link, kind: TableKind<K, V>, place: TablePlace) {
    super(link);
    this.#kind = kind;
    this.#replica = new TableReplica(kind.key, kind.value);
    this.#subscribers = new TableSubscribers(this.#replica, (listener) => this.tell(listener));
    this.#directory = new TableDirectory(link, kind, place, this);
    this.#own = new OwnEntries(link, kind.key, this.#directory, this);
    this.#persistent = new PersistentWriter(link, this.#directory);
    this.mark();
  }

  get ready(): boolean {
    return this.#isReady;
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

  /** Where its entries are; undefined before that is known. */
  get directory(): string | undefined {
    return this.#directory.path;
  }

  get(key: K): V | undefined {
    return this.#replica.get(key);
  }

  isOwn(key: K): boolean {
    const version = this.#own.versionOf(key);
    return version !== undefined && this.#replica.shown(key)?.version === version;
  }

  entries(): IterableIterator<readonly [K, V]> {
    return this.#replica.entries();
  }

  add(key: K, value: V): Proposal {
    if (this.isClosed || this.link.connection.kind !== 'connected') {
      this.#refused++;
      return 'refused';
    }
    return this.#own.add(key, this.#kind.value.format(value));
  }

  remove(key: K, value?: V): Proposal {
    return this.#own.remove(key, this.#textOf(value));
  }

  persist(key: K, value: V): Promise<void> {
    const keyText = this.#kind.key.format(key);
    const text = this.#kind.value.format(value);
    return this.link.online(() => this.#persistent.put(keyText, text));
  }

  unpersist(key: K, value?: V): Promise<boolean> {
    const keyText = this.#kind.key.format(key);
    const text = this.#textOf(value);
    return this.link.online(() => this.#persistent.remove(keyText, text));
  }

  observe(listener: TableListener<K, V>): Observation {
    const observation = this.#subscribers.add(listener);
    if (this.isClosed) this.link.shared.activity.push(() => this.#tellClosed(listener));
    else this.mark();
    return observation;
  }

  override mark(path?: string, kind?: 'data' | 'children'): void {
    if (path !== undefined && this.#directory.isOwner(path)) {
      if (kind === 'children') return; // its referrers
      this.#directory.ownerDue();
    }
    super.mark(path, kind);
  }

  override renew(): void {
    this.#directory.ownerDue();
    super.renew();
  }

  override wake(): void {
    this.#own.wake();
    super.wake();
  }

  override close(): void {
    if (this.isClosed) return;
    super.close();
    this.#directory.close();
    this.#subscribers.clear();
    this.#own.close();
  }

  protected override async look(): Promise<void> {
    if (!(await this.#directory.attach())) {
      this.#end();
      return;
    }
    const directory = this.#directory.path ?? '';
    const { value } = await this.link.read((client) => client.children(directory, true));
    if (this.isClosed) return;
    if (value === undefined) {
      this.#directory.lost();
      return;
    }
    const changes = this.#catchUp(new Set(value.names));
    this.#isReady = true;
    this.#subscribers.tell(changes);
  }

  #catchUp(names: ReadonlySet<string>): readonly TableChange<K, V>[] {
    const went = [...this.#known].filter((name) => !names.has(name));
    const came = [...names].filter((name) => !this.#known.has(name));
    for (const name of went) this.#known.delete(name);
    for (const name of came) this.#known.add(name);
    const changes = this.#replica.apply(came, went, (key) =>
      this.#own.yield(key, names, this.#replica.shown(key)?.version),
    );
    for (const name of came) {
      if (this.#replica.isMalformed(name)) {
        this.link.malformed(`${this.#directory.path}/${name}`, 'is no entry of this table; it is left out');
      }
    }
    return changes;
  }

  /** The owner is missing, or was deleted. */
  #end(): void {
    if (this.isClosed) return;
    const { listeners } = this.#subscribers;
    this.close();
    for (const listener of listeners) this.#tellClosed(listener);
  }

  #tellClosed(listener: TableListener<K, V>): void {
    this.link.tell(() => listener.closed?.(this.#directory.gone()));
  }

  #textOf(value: V | undefined): string | undefined {
    return value === undefined ? undefined : this.#kind.value.format(value);
  }
}
