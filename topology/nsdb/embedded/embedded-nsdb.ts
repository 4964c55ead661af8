import type { ClassName } from '../../model/bindings.ts';
import type { Uuid } from '../../model/ids.ts';
import {
  SESSION_TIMEOUT,
  type ClassListener,
  type Connection,
  type ElectionListener,
  type Lock,
  type NsdbObject,
  type NsdbOptions,
  type ObjectListener,
  type Provenance,
  type ReferrersListener,
  type Sequence,
  type StateListener,
  type Transaction,
} from '../nsdb.ts';
import type { NatBlock, NatBlockListener, NatBlockRequest } from '../nat-block.ts';
import { NsdbError } from '../nsdb-error.ts';
import type { Observation } from '../observation.ts';
import { electionPath, lockPath, natPath } from '../paths.ts';
import type { SeverableNsdb } from '../run-database.ts';
import type { StateKey, StatePlace, StateValue } from '../state-key.ts';
import { persistentEntriesOf } from '../persistent-entries.ts';
import type { PersistentEntry, StateTable, TableKind, TablePlace } from '../state-table.ts';
import { backEndOf } from '../reference-fields.ts';
import { TransactionDraft } from '../transaction.ts';
import { Candidate } from './candidate.ts';
import { EmbeddedTable } from './embedded-table.ts';
import { HeldNatBlock, type NatBlockHome } from './held-nat-block.ts';
import { Link, type Watcher } from './link.ts';
import { acquire } from './mutex.ts';
import { ClassWatcher, ObjectWatcher, ReferrersWatcher } from './object-watchers.ts';
import { PublishedStates } from './published-states.ts';
import type { Session } from './session.ts';
import { Sessions } from './sessions.ts';
import { targetOf } from './state-store.ts';
import { readState, StateWatcher } from './state-watcher.ts';
import type { Stores } from './stores.ts';

const ATTEMPTS = 3;

/** A handle on an embedded database. */
export class EmbeddedNsdb implements SeverableNsdb {
  readonly name: string;
  readonly #stores: Stores;
  readonly #link: Link;
  readonly #sessions: Sessions;
  readonly #report: (cause: unknown) => void;
  readonly #published: PublishedStates;
  readonly #tables = new Set<{ putBack(session: Session): void }>();
  readonly #candidates = new Set<Candidate>();
  readonly #natBlocks = new Set<HeldNatBlock>();

  constructor(stores: Stores, name: string, { sessionTimeout = SESSION_TIMEOUT, report }: NsdbOptions) {
    this.name = name;
    this.#stores = stores;
    this.#report = report ?? (() => {});
    this.#link = new Link(stores.deliveries, this.#report);
    this.#published = new PublishedStates(stores);
    this.#sessions = new Sessions(name, stores, this.#link, sessionTimeout, (session) => this.#putBack(session));
  }

  get connection(): Connection {
    return this.#sessions.connection.now;
  }

  get idle(): boolean {
    return this.#stores.deliveries.idle;
  }

  settled(): Promise<void> {
    return this.#stores.deliveries.settled();
  }

  observeConnection(listener: (connection: Connection) => void): Observation {
    const now = this.connection;
    const hearer = this.#sessions.connection.observe(listener);
    this.#stores.deliveries.push(() => hearer.tell(now));
    return hearer;
  }

  find(cls: ClassName, id: Uuid): Promise<NsdbObject | undefined> {
    return this.#online(() => this.#stores.objects.find(cls, id));
  }

  list(cls: ClassName): Promise<readonly NsdbObject[]> {
    const { objects } = this.#stores;
    return this.#online(() => objects.ids(cls).flatMap((id) => objects.find(cls, id) ?? []));
  }

  referrers(cls: ClassName, id: Uuid, backField: string): Promise<readonly Uuid[]> {
    return this.#online(() => {
      const found = this.#stores.objects.referrers(cls, id, backEndOf(cls, backField).field);
      if (found === undefined) throw missing(cls, id);
      return found;
    });
  }

  provenance(cls: ClassName, id: Uuid): Promise<Provenance | undefined> {
    return this.#online(() => this.#stores.objects.provenance(cls, id));
  }

  barrier(): Promise<void> {
    return this.#online(() => {});
  }

  transact<T>(body: (transaction: Transaction) => T | Promise<T>): Promise<T> {
    return this.#stores.deliveries.during(async () => {
      for (let attempt = 1; ; attempt++) {
        try {
          // oxlint-disable-next-line eslint/no-await-in-loop -- an attempt follows on the failure of the one before
          return await this.#attempt(body);
        } catch (cause) {
          const isConflict = cause instanceof NsdbError && cause.fault === 'concurrent-modification';
          if (!isConflict || attempt === ATTEMPTS) throw cause;
        }
      }
    });
  }

  observe(cls: ClassName, id: Uuid, listener: ObjectListener): Observation {
    return this.#watch(() => new ObjectWatcher(this.#link, this.#stores.objects, cls, id, listener));
  }

  observeClass(cls: ClassName, listener: ClassListener): Observation {
    return this.#watch(() => new ClassWatcher(this.#link, this.#stores.objects, cls, listener));
  }

  observeReferrers(cls: ClassName, id: Uuid, backField: string, listener: ReferrersListener): Observation {
    const { field } = backEndOf(cls, backField);
    return this.#watch(() => new ReferrersWatcher(this.#link, this.#stores.objects, cls, id, field, listener));
  }

  addState<V>(key: StateKey<V>, place: StatePlace, value: V): Promise<void> {
    const target = targetOf(key, place);
    const text = key.codec.format(value);
    return this.#online(() => {
      if (this.#stores.objects.find(target.class, target.id) === undefined) throw missing(target.class, target.id);
      this.#published.publish(target, text, this.#sessions.now);
    });
  }

  async removeState<V>(key: StateKey<V>, place: StatePlace, value: V): Promise<boolean> {
    const target = targetOf(key, place);
    const text = key.codec.format(value);
    this.#published.forget(target, text);
    // Where the link is up it is under way from now on, and comes before what is asked for next.
    if (this.connection.kind !== 'connected') await this.#sessions.connection.untilUp();
    return this.#online(() => this.#stores.states.remove(target, text, this.#sessions.now));
  }

  state<V>(key: StateKey<V>, place: StatePlace): Promise<readonly StateValue<V>[]> {
    const target = targetOf(key, place);
    return this.#online(() => {
      if (this.#stores.objects.find(target.class, target.id) === undefined) throw missing(target.class, target.id);
      return readState(this.#stores.states.values(target.path), key.codec, this.#sessions.now, target, this.#report);
    });
  }

  observeState<V>(key: StateKey<V>, place: StatePlace, listener: StateListener<V>): Observation {
    const target = targetOf(key, place);
    const session = () => this.#sessions.now;
    return this.#watch(() => new StateWatcher(this.#link, this.#stores, target, key.codec, session, listener));
  }

  table<K extends number | string, V>(kind: TableKind<K, V>, place: TablePlace): StateTable<K, V> {
    this.#sessions.connection.mustBeOpen();
    const table: EmbeddedTable<K, V> = new EmbeddedTable(kind, place, {
      link: this.#link,
      session: () => this.#sessions.now,
      directory: () => this.#stores.directory(kind.class, kind.table, place),
      during: (operation) => this.#online(operation),
      whenUp: (run) => this.#whenUp(run),
      closed: () => this.#tables.delete(table),
    });
    this.#tables.add(table);
    return table;
  }

  persistentEntries<K extends number | string, V>(
    kind: TableKind<K, V>,
    owner: Uuid,
  ): Promise<readonly PersistentEntry<K, V>[]> {
    return this.#online(() =>
      this.#stores
        .directoriesOf(kind.class, kind.table, owner)
        .flatMap(([arg, directory]) => persistentEntriesOf(kind, arg, [...directory.names()].toSorted())),
    );
  }

  elect(role: string, listener: ElectionListener): Observation {
    this.#sessions.connection.mustBeOpen();
    const whenUp = (run: () => void) => this.#whenUp(run);
    const candidate = new Candidate(this.#link, this.#stores.queue(electionPath(role)), whenUp, listener);
    this.#candidates.add(candidate);
    if (this.#sessions.now.isAlive) candidate.stand(this.#sessions.now);
    return {
      close: () => {
        this.#candidates.delete(candidate);
        candidate.close();
      },
    };
  }

  async lock(name: string, patience: number): Promise<Lock> {
    this.#sessions.connection.mustBeUp();
    return acquire(name, patience, this.#stores.queue(lockPath(name)), this.#sessions.now, this.#stores);
  }

  leaseNatBlock(request: NatBlockRequest, listener: NatBlockListener): Promise<NatBlock | undefined> {
    return this.#online(() => {
      const path = natPath(request.device, request.ip);
      const number = this.#stores.nat.lease(path, request, this.#sessions.now);
      if (number === undefined) return undefined;
      const home: NatBlockHome = {
        link: this.#link,
        session: () => this.#sessions.now,
        untilUp: () => this.#sessions.connection.untilUp(),
        isOpen: () => this.connection.kind !== 'closed',
        gone: (one) => this.#natBlocks.delete(one),
      };
      const block = new HeldNatBlock(home, this.#stores.nat, path, number, listener);
      this.#natBlocks.add(block);
      return block;
    });
  }

  recycleNatBlocks(): Promise<number | undefined> {
    return this.#online(() => this.#stores.nat.recycle(this.#stores.timers.now()));
  }

  next(sequence: Sequence): Promise<number> {
    return this.#online(() => this.#stores.next(sequence));
  }

  close(): Promise<void> {
    this.#sessions.close();
    return Promise.resolve();
  }

  cutLink(): void {
    this.#sessions.cut();
  }

  restoreLink(): void {
    this.#sessions.restore();
  }

  /** Ends the session by the database's hand. The handle hears of it when its link is up, and has a new one soon after. */
  expireSession(): void {
    this.#sessions.expire();
  }

  async #attempt<T>(body: (transaction: Transaction) => T | Promise<T>): Promise<T> {
    this.#sessions.connection.mustBeUp();
    const draft = new TransactionDraft(this.#stores.objects.snapshot());
    const result = await body(draft);
    const changes = await draft.end();
    this.#sessions.connection.mustBeUp();
    this.#stores.objects.commit(changes, this.name);
    return result;
  }

  #putBack(session: Session): void {
    this.#published.putBack(session);
    for (const table of this.#tables) table.putBack(session);
    for (const candidate of this.#candidates) candidate.stand(session);
    for (const block of this.#natBlocks) block.putBack(session);
  }

  #whenUp(run: () => void): void {
    this.#sessions.connection.whenUp((isUp) => {
      if (isUp) run();
    });
  }

  #watch(make: () => Watcher): Observation {
    this.#sessions.connection.mustBeOpen();
    return make();
  }

  /** Runs an operation that needs the database, and counts it as under way. */
  #online<T>(operation: () => T): Promise<T> {
    return this.#stores.deliveries.during(() => {
      this.#sessions.connection.mustBeUp();
      return operation();
    });
  }
}

function missing(cls: ClassName, id: Uuid): NsdbError {
  return new NsdbError('not-found', `there is no ${cls} ${id}`, { class: cls, id });
}
