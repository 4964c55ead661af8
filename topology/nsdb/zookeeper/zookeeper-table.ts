import { NsdbError } from '../nsdb-error.ts';
import type { Observation } from '../observation.ts';
import { objectPath, tablePath } from '../paths.ts';
import type { Proposal, StateTable, TableKind, TableListener, TablePlace } from '../state-table.ts';
import { entryName, entryPrefix, parseEntryName, PERSISTENT } from '../table-entry.ts';
import { TableReplica, type TableChange } from '../table-replica.ts';
import type { Operation } from './client/operation.ts';
import type { ZookeeperClient } from './client/zookeeper-client.ts';
import { writeFenced } from './fenced.ts';
import type { Link } from './link.ts';
import { isLoss, isOffline } from './loss.ts';
import type { Owned } from './owned.ts';
import { incarnationOf, isOvertaken, plant } from './places.ts';
import { removeTables } from './remove-tables.ts';
import { incarnated, tablesNode } from './tree.ts';
import { Watcher } from './watcher.ts';
import { ZookeeperError } from './zookeeper-error.ts';

/** Entries written or removed in one multi. */
const BATCH = 500;
const ATTEMPTS = 10;

/** An entry that this table learned and has not taken back. */
interface Own {
  readonly prefix: string;
  readonly text: string;
  /** Undefined until the database has answered. */
  name: string | undefined;
  version: number;
  /** Whether it was found in the directory: from then on its absence means that it is gone. */
  isSeen: boolean;
  /** Taken back before the database had answered. */
  isTakenBack: boolean;
}

interface Subscriber<K, V> {
  readonly listener: TableListener<K, V>;
  isTold: boolean;
}

/** A replica of a state table: a directory of nodes, watched as a whole. Proposals of one turn go out in one multi. */
export class ZookeeperTable<K extends number | string, V> extends Watcher implements StateTable<K, V>, Owned {
  readonly #kind: TableKind<K, V>;
  readonly #place: TablePlace;
  readonly #replica: TableReplica<K, V>;
  readonly #subscribers = new Set<Subscriber<K, V>>();
  readonly #own = new Map<K, Own>();
  /** Names in the replica. */
  readonly #known = new Set<string>();
  readonly #ownerPath: string | undefined;
  #incarnation: string | undefined;
  #directory: string | undefined;
  #attaching: Promise<boolean> | undefined;
  /** Whether the directory was found missing: it goes after its owner, or by somebody's hand. */
  #isDirectoryLost = false;
  /** Whether the owner has to be looked at again. */
  #isOwnerDue = false;
  #isReady = false;
  #creations: Own[] = [];
  #removals: string[] = [];
  /** Made perhaps: the answer was lost. */
  #unsure: Own[] = [];
  #isFlushing = false;
  #refused = 0;
  /** Whether it was closed because its owner is missing. */
  #isOrphan = false;

  constructor(link: Link, kind: TableKind<K, V>, place: TablePlace) {
    super(link);
    this.#kind = kind;
    this.#place = place;
    this.#replica = new TableReplica(kind.key, kind.value);
    if (kind.class !== 'global' && place.owner !== undefined) this.#ownerPath = objectPath(kind.class, place.owner);
    if (this.#ownerPath !== undefined) link.watches.add(this.#ownerPath, this);
    link.own(this);
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
    return this.#directory;
  }

  get(key: K): V | undefined {
    return this.#replica.get(key);
  }

  isOwn(key: K): boolean {
    const own = this.#own.get(key);
    return own?.name !== undefined && this.#replica.shown(key)?.version === own.version;
  }

  entries(): IterableIterator<readonly [K, V]> {
    return this.#replica.entries();
  }

  add(key: K, value: V): Proposal {
    if (this.isClosed || this.link.connection.kind !== 'connected') {
      this.#refused++;
      return 'refused';
    }
    const text = this.#kind.value.format(value);
    const before = this.#own.get(key);
    if (before?.text === text) return 'known';
    const prefix = entryPrefix(this.#kind.key.format(key), text);
    const own: Own = { prefix, text, name: undefined, version: -1, isSeen: false, isTakenBack: false };
    this.#own.set(key, own);
    this.#creations.push(own);
    if (before !== undefined) this.#takeBack(before);
    this.#schedule();
    return 'proposed';
  }

  remove(key: K, value?: V): Proposal {
    const own = this.#own.get(key);
    if (own === undefined) return 'refused';
    if (value !== undefined && this.#kind.value.format(value) !== own.text) return 'refused';
    this.#own.delete(key);
    this.#takeBack(own);
    this.#schedule();
    return 'proposed';
  }

  persist(key: K, value: V): Promise<void> {
    const keyText = this.#kind.key.format(key);
    const name = entryName({ key: keyText, value: this.#kind.value.format(value), version: PERSISTENT });
    return this.link.online(() =>
      this.#change((persistent) => {
        const isThere = persistent.includes(name);
        return {
          removed: persistent.filter((other) => other !== name),
          made: isThere ? [] : [name],
          result: undefined,
        };
      }, keyText),
    );
  }

  unpersist(key: K, value?: V): Promise<boolean> {
    const text = value === undefined ? undefined : this.#kind.value.format(value);
    return this.link.online(() =>
      this.#change((persistent) => {
        const removed = persistent.filter((name) => text === undefined || parseEntryName(name)?.value === text);
        return { removed, made: [], result: removed.length > 0 };
      }, this.#kind.key.format(key)),
    );
  }

  observe(listener: TableListener<K, V>): Observation {
    const subscriber = { listener, isTold: false };
    this.#subscribers.add(subscriber);
    if (this.isClosed) this.link.shared.activity.push(() => this.#tellClosed(subscriber));
    else this.mark();
    return { close: () => void this.#subscribers.delete(subscriber) };
  }

  override mark(path?: string, kind?: 'data' | 'children'): void {
    if (path !== undefined && path === this.#ownerPath) {
      if (kind === 'children') return; // its referrers
      this.#isOwnerDue = true;
    }
    super.mark(path, kind);
  }

  override renew(): void {
    this.#isOwnerDue = true;
    super.renew();
  }

  /** The link is up: what was proposed or taken back meanwhile goes out. */
  override wake(): void {
    if (this.link.isUp && this.#hasWork) this.#schedule();
    super.wake();
  }

  /** A new session stands: what we learned is put back, but where another has learned the key since. */
  async putBack(): Promise<void> {
    const { client } = this.link;
    this.#removals = [];
    this.#unsure = [];
    this.#creations = [];
    const mine = [...this.#own.values()];
    if (this.#directory === undefined) {
      this.#creations = mine;
      return;
    }
    const { value } = await client.children(this.#directory);
    const names = value?.names ?? [];
    const learned = new Set<string>();
    for (const name of names) {
      const entry = parseEntryName(name);
      if (entry !== undefined && entry.version !== PERSISTENT) learned.add(entry.key);
    }
    for (const [key, own] of this.#own) {
      own.name = undefined;
      own.isSeen = false;
      if (!learned.has(this.#kind.key.format(key))) this.#creations.push(own);
      // Where the last attempt to put all back was cut short, some of it may be there.
      // oxlint-disable-next-line eslint/no-await-in-loop -- an entry found for one is none for the next
      else if (!(await this.#adopt(client, own, names))) this.#own.delete(key);
    }
    if (value !== undefined) await this.#send(client);
  }

  override close(): void {
    if (this.isClosed) return;
    super.close();
    this.link.disown(this);
    if (this.#ownerPath !== undefined) this.link.watches.remove(this.#ownerPath, this);
    if (this.#directory !== undefined) this.link.watches.remove(this.#directory, this);
    for (const own of this.#own.values()) this.#takeBack(own);
    this.#own.clear();
    this.#subscribers.clear();
    if (this.#hasWork) this.link.whenUp(() => this.#flush());
  }

  protected override async look(): Promise<void> {
    if (!(await this.#attach())) {
      this.#end();
      return;
    }
    const directory = this.#directory ?? '';
    const { value } = await this.link.read((client) => client.children(directory, true));
    if (this.isClosed) return;
    if (value === undefined) {
      this.#directoryLost();
      return;
    }
    const changes = this.#catchUp(new Set(value.names));
    this.#isReady = true;
    for (const subscriber of this.#subscribers) {
      if (subscriber.isTold) this.#tellChanges(subscriber, changes);
      else this.#tellAll(subscriber);
    }
  }

  get #hasWork(): boolean {
    return this.#creations.length + this.#removals.length + this.#unsure.length > 0;
  }

  /** Finds the directory, or looks whether its owner is still the same. False where the owner is missing. */
  #attach(): Promise<boolean> {
    if (this.#directory !== undefined && !this.#isOwnerDue) return Promise.resolve(true);
    this.#attaching ??= this.#attachNow().finally(() => (this.#attaching = undefined));
    return this.#attaching;
  }

  async #attachNow(): Promise<boolean> {
    const { class: cls, table } = this.#kind;
    const { owner, arg } = this.#place;
    this.#isOwnerDue = false;
    let directory = tablePath(cls, table, arg === undefined ? {} : { arg });
    if (cls !== 'global') {
      const incarnation = owner && (await this.link.read((client) => incarnationOf(client, cls, owner, true)));
      if (incarnation === undefined || owner === undefined) return false;
      if (this.#incarnation !== undefined && this.#incarnation !== incarnation) return false;
      this.#incarnation = incarnation;
      directory = incarnated(tablePath(cls, table, this.#place), owner, incarnation);
    }
    if (this.isClosed || (this.#directory !== undefined && !this.#isDirectoryLost)) return true;
    await this.link.read((client) => plant(client, directory));
    this.#isDirectoryLost = false;
    if (!(await this.#isOwnerStillThere())) return false;
    if (this.#directory === undefined) this.link.watches.add(directory, this);
    this.#directory = directory;
    return true;
  }

  /** Whoever deletes an owner removes its directories: but not one that we made behind him, which goes here. */
  async #isOwnerStillThere(): Promise<boolean> {
    const { class: cls } = this.#kind;
    const { owner } = this.#place;
    const made = this.#incarnation;
    if (cls === 'global' || owner === undefined || made === undefined) return true;
    if ((await this.link.read((client) => incarnationOf(client, cls, owner, true))) === made) return true;
    removeTables(this.link, [tablesNode(cls, owner, made)]);
    return false;
  }

  #directoryLost(): void {
    this.#isDirectoryLost = true;
    this.#isOwnerDue = true;
    this.mark();
  }

  #takeBack(own: Own): void {
    own.isTakenBack = true;
    if (own.name === undefined) this.#creations = this.#creations.filter((other) => other !== own);
    else this.#removals.push(own.name);
  }

  #schedule(): void {
    if (this.#isFlushing || !this.link.isUp) return;
    this.#isFlushing = true;
    void this.link.shared.activity.during(async () => {
      await Promise.resolve(); // for all that is proposed in this turn
      try {
        await this.#flush();
      } catch (cause) {
        if (!isLoss(cause) && !isOffline(cause)) this.link.report(cause);
      } finally {
        this.#isFlushing = false;
      }
      if (this.#hasWork && !this.isClosed) this.#schedule();
    });
  }

  async #flush(): Promise<void> {
    if (!(await this.#attach())) {
      this.#creations = [];
      this.#removals = [];
      this.#unsure = [];
      this.mark();
      return;
    }
    await this.link.write(async (client) => {
      await this.#makeSure(client);
      await this.#send(client);
    });
  }

  /** Finds out which entries were made though the answer was lost. */
  async #makeSure(client: ZookeeperClient): Promise<void> {
    if (this.#unsure.length === 0) return;
    const { value } = await client.children(this.#directory ?? '');
    while (this.#unsure.length > 0) {
      const [own] = this.#unsure;
      // oxlint-disable-next-line eslint/no-await-in-loop -- an entry found for one is none for the next
      if (own !== undefined && !(await this.#adopt(client, own, value?.names ?? [])) && !own.isTakenBack) {
        this.#creations.push(own);
      }
      this.#unsure.shift();
    }
  }

  /** Takes an entry for our own that begins as ours does and lives in our session, and that no table of this handle has. */
  async #adopt(client: ZookeeperClient, own: Own, names: readonly string[]): Promise<boolean> {
    for (const name of names) {
      if (!name.startsWith(own.prefix) || this.link.entries.has(`${this.#directory}/${name}`)) continue;
      // oxlint-disable-next-line eslint/no-await-in-loop -- few, and the first that fits ends it
      const { value } = await client.stat(`${this.#directory}/${name}`);
      if (value?.owner !== client.sessionName) continue;
      this.#made(own, name);
      return true;
    }
    return false;
  }

  #made(own: Own, name: string): void {
    this.link.entries.add(`${this.#directory}/${name}`);
    own.name = name;
    own.version = parseEntryName(name)?.version ?? -1;
    if (own.isTakenBack) this.#removals.push(name);
  }

  /** Writes what is to be written, batch by batch. What a lost answer leaves open is kept as unsure. */
  async #send(client: ZookeeperClient): Promise<void> {
    while (this.#creations.length + this.#removals.length > 0) {
      const creations = this.#creations.splice(0, BATCH);
      const removals = this.#removals.splice(0, BATCH);
      const operations: readonly Operation[] = [
        ...creations.map(({ prefix }) => this.#creation(prefix)),
        ...removals.map((name): Operation => ({ kind: 'delete', path: `${this.#directory}/${name}` })),
      ];
      try {
        // oxlint-disable-next-line eslint/no-await-in-loop -- entries get their numbers in the order of the proposals
        const names = await client.multi(operations);
        for (const [n, own] of creations.entries()) this.#made(own, names[n] ?? '');
        for (const name of removals) this.link.entries.delete(`${this.#directory}/${name}`);
      } catch (cause) {
        this.#removals.unshift(...removals);
        if (isLoss(cause)) {
          this.#unsure.push(...creations);
          throw cause;
        }
        this.#creations.unshift(...creations.filter(({ isTakenBack }) => !isTakenBack));
        const failed = isOvertaken(cause) ? (cause.index ?? 0) - creations.length : -1;
        if (failed < 0) {
          if (!(cause instanceof ZookeeperError) || cause.fault !== 'no-node') throw cause;
          this.#directoryLost();
          return;
        }
        // oxlint-disable-next-line eslint/no-await-in-loop -- rare
        const { value } = await client.children(this.#directory ?? '');
        this.#forgetRemovals(new Set(value?.names));
      }
    }
  }

  /** What is not there need not be removed. */
  #forgetRemovals(there: ReadonlySet<string>): void {
    for (const name of this.#removals) if (!there.has(name)) this.link.entries.delete(`${this.#directory}/${name}`);
    this.#removals = this.#removals.filter((name) => there.has(name));
  }

  #creation(prefix: string): Operation {
    return {
      kind: 'create',
      path: `${this.#directory}/${prefix}`,
      data: Buffer.alloc(0),
      mode: 'ephemeral-sequential',
    };
  }

  /** Changes the persistent entries of a key. */
  async #change<T>(
    decide: (persistent: readonly string[]) => {
      readonly removed: readonly string[];
      readonly made: readonly string[];
      readonly result: T;
    },
    keyText: string,
  ): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      /* oxlint-disable eslint/no-await-in-loop -- an attempt follows on the failure of the one before */
      if (this.isClosed) throw this.#gone();
      if (!(await this.#attach())) {
        this.#isOrphan = true;
        throw this.#gone();
      }
      const directory = this.#directory ?? '';
      const { value } = await this.link.read((client) => client.children(directory));
      const head = entryPrefix(keyText, '').split(',')[0] ?? '';
      const persistent = (value?.names ?? []).filter(
        (name) => name.startsWith(`${head},`) && parseEntryName(name)?.version === PERSISTENT,
      );
      const { removed, made, result } = decide(persistent);
      if (removed.length + made.length === 0) return result;
      try {
        await writeFenced(this.link, [
          // By this the entries that last are known not to have changed, however many are learned meanwhile.
          { kind: 'set', path: directory, data: Buffer.alloc(0) },
          ...removed.map((name) => ({ kind: 'delete', path: `${directory}/${name}` }) as const),
          ...made.map((name) => ({ kind: 'create', path: `${directory}/${name}`, data: Buffer.alloc(0) }) as const),
        ]);
        return result;
      } catch (cause) {
        if (!isOvertaken(cause) || attempt === ATTEMPTS) throw cause;
        if (cause.fault === 'no-node' && cause.index === 0) this.#directoryLost();
      }
      /* oxlint-enable eslint/no-await-in-loop */
    }
  }

  #catchUp(names: ReadonlySet<string>): readonly TableChange<K, V>[] {
    const went = [...this.#known].filter((name) => !names.has(name));
    const came = [...names].filter((name) => !this.#known.has(name));
    for (const name of went) this.#known.delete(name);
    for (const name of came) this.#known.add(name);
    const changes = this.#replica.apply(came, went, (key) => this.#yield(names, key));
    for (const name of came) {
      if (this.#replica.isMalformed(name)) {
        this.link.malformed(`${this.#directory}/${name}`, 'is no entry of this table; it is left out');
      }
    }
    return changes;
  }

  /** Somebody has learned later what we learned: ours goes (spec 10 §5 rule 4). Or it went by another's hand. */
  #yield(names: ReadonlySet<string>, key: K): void {
    const own = this.#own.get(key);
    if (own?.name === undefined) return;
    const isThere = names.has(own.name);
    const isGone = own.isSeen && !isThere;
    own.isSeen ||= isThere;
    const shown = this.#replica.shown(key)?.version ?? PERSISTENT;
    if (!isGone && (shown === PERSISTENT || shown <= own.version)) return;
    this.#own.delete(key);
    if (!isGone) this.#takeBack(own);
    this.#schedule();
  }

  #tellChanges(subscriber: Subscriber<K, V>, changes: readonly TableChange<K, V>[]): void {
    for (const { key, now, old } of changes) {
      if (!this.#subscribers.has(subscriber)) return;
      this.tell(() => subscriber.listener.changed(key, now, old));
    }
  }

  #tellAll(subscriber: Subscriber<K, V>): void {
    subscriber.isTold = true;
    for (const [key, value] of this.#replica.entries()) {
      if (!this.#subscribers.has(subscriber)) return;
      this.tell(() => subscriber.listener.changed(key, value, undefined));
    }
    if (this.#subscribers.has(subscriber)) this.tell(() => subscriber.listener.ready?.());
  }

  /** The owner is missing, or was deleted. */
  #end(): void {
    if (this.isClosed) return;
    const subscribers = [...this.#subscribers];
    this.#isOrphan = true;
    this.close();
    for (const subscriber of subscribers) this.#tellClosed(subscriber);
  }

  #tellClosed({ listener }: Subscriber<K, V>): void {
    this.link.tell(() => listener.closed?.(this.#gone()));
  }

  #gone(): NsdbError {
    const { class: cls, table } = this.#kind;
    const { owner } = this.#place;
    if (!this.#isOrphan || cls === 'global' || owner === undefined) {
      return new NsdbError('closed', `the table ${table} was closed`);
    }
    return new NsdbError('not-found', `there is no ${cls} ${owner}, so it has no ${table}`, { class: cls, id: owner });
  }
}
