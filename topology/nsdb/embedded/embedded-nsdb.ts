import type { ClassName } from '../../model/bindings.ts';
import type { Uuid } from '../../model/ids.ts';
import { later } from '../../model/time.ts';
import type { Cancel } from '../../model/timers.ts';
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
import { formatConnection } from '../format-connection.ts';
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
import type { Session } from './session.ts';
import { targetOf, type StateTarget } from './state-store.ts';
import { readState, StateWatcher } from './state-watcher.ts';
import type { Stores } from './stores.ts';

const ATTEMPTS = 3;

/** A state value that we published and have not withdrawn. */
interface Published {
  readonly target: StateTarget;
  readonly text: string;
}

/** A handle on an embedded database. */
export class EmbeddedNsdb implements SeverableNsdb {
  readonly name: string;
  readonly #stores: Stores;
  readonly #link: Link;
  readonly #timeout: number;
  readonly #report: (cause: unknown) => void;
  readonly #hearers = new Set<(connection: Connection) => void>();
  readonly #published = new Map<string, Published>();
  readonly #tables = new Set<{ putBack(session: Session): void }>();
  readonly #candidates = new Set<Candidate>();
  readonly #natBlocks = new Set<HeldNatBlock>();
  /** What waits for the link; false when the handle was closed instead. */
  #whenConnected: ((isUp: boolean) => void)[] = [];
  #session: Session;
  #connection: Connection;
  #isCut = false;
  #cancelExpiry: Cancel | undefined;

  constructor(stores: Stores, name: string, { sessionTimeout = SESSION_TIMEOUT, report }: NsdbOptions) {
    this.name = name;
    this.#stores = stores;
    this.#timeout = sessionTimeout;
    this.#report = report ?? (() => {});
    this.#link = new Link(stores.deliveries, this.#report);
    this.#session = stores.newSession();
    this.#connection = { kind: 'connected', session: this.#session.id };
  }

  get connection(): Connection {
    return this.#connection;
  }

  get idle(): boolean {
    return this.#stores.deliveries.idle;
  }

  settled(): Promise<void> {
    return this.#stores.deliveries.settled();
  }

  observeConnection(listener: (connection: Connection) => void): Observation {
    const hearer = (connection: Connection) => {
      if (this.#hearers.has(hearer)) this.#link.tell(() => listener(connection));
    };
    this.#hearers.add(hearer);
    const now = this.#connection;
    this.#stores.deliveries.push(() => hearer(now));
    return { close: () => void this.#hearers.delete(hearer) };
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
      this.#stores.states.add(target, text, this.#session);
      this.#published.set(publishedAs(target, text), { target, text });
    });
  }

  async removeState<V>(key: StateKey<V>, place: StatePlace, value: V): Promise<boolean> {
    const target = targetOf(key, place);
    const text = key.codec.format(value);
    this.#published.delete(publishedAs(target, text));
    // Where the link is up it is under way from now on, and comes before what is asked for next.
    if (this.#connection.kind !== 'connected') await this.#untilUp();
    return this.#online(() => this.#stores.states.remove(target, text, this.#session));
  }

  state<V>(key: StateKey<V>, place: StatePlace): Promise<readonly StateValue<V>[]> {
    const target = targetOf(key, place);
    return this.#online(() => {
      if (this.#stores.objects.find(target.class, target.id) === undefined) throw missing(target.class, target.id);
      return readState(this.#stores.states.values(target.path), key.codec, this.#session, target, this.#report);
    });
  }

  observeState<V>(key: StateKey<V>, place: StatePlace, listener: StateListener<V>): Observation {
    const target = targetOf(key, place);
    const session = () => this.#session;
    return this.#watch(() => new StateWatcher(this.#link, this.#stores, target, key.codec, session, listener));
  }

  table<K extends number | string, V>(kind: TableKind<K, V>, place: TablePlace): StateTable<K, V> {
    if (this.#connection.kind === 'closed') throw this.#offline();
    const table: EmbeddedTable<K, V> = new EmbeddedTable(kind, place, {
      link: this.#link,
      session: () => this.#session,
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
    if (this.#connection.kind === 'closed') throw this.#offline();
    const whenUp = (run: () => void) => this.#whenUp(run);
    const candidate = new Candidate(this.#link, this.#stores.queue(electionPath(role)), whenUp, listener);
    this.#candidates.add(candidate);
    if (this.#session.isAlive) candidate.stand(this.#session);
    return {
      close: () => {
        this.#candidates.delete(candidate);
        candidate.close();
      },
    };
  }

  async lock(name: string, patience: number): Promise<Lock> {
    this.#mustBeOnline();
    return acquire(name, patience, this.#stores.queue(lockPath(name)), this.#session, this.#stores);
  }

  leaseNatBlock(request: NatBlockRequest, listener: NatBlockListener): Promise<NatBlock | undefined> {
    return this.#online(() => {
      const path = natPath(request.device, request.ip);
      const number = this.#stores.nat.lease(path, request, this.#session);
      if (number === undefined) return undefined;
      const home: NatBlockHome = {
        link: this.#link,
        session: () => this.#session,
        untilUp: () => this.#untilUp(),
        isOpen: () => this.#connection.kind !== 'closed',
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
    if (this.#connection.kind !== 'closed') {
      if (!this.#isCut) this.#session.end();
      this.#become({ kind: 'closed' });
      this.#link.close();
    }
    return Promise.resolve();
  }

  cutLink(): void {
    if (this.#isCut || this.#connection.kind === 'closed') return;
    const { timers } = this.#stores;
    this.#isCut = true;
    this.#link.cut();
    if (this.#connection.kind === 'connected') this.#become({ kind: 'suspended', since: timers.now() });
    this.#cancelExpiry = timers.at(later(timers.now(), this.#timeout), () => {
      this.#session.end();
      this.#expire();
    });
  }

  restoreLink(): void {
    if (!this.#isCut || this.#connection.kind === 'closed') return;
    this.#isCut = false;
    this.#cancelExpiry?.();
    if (this.#session.isAlive) {
      this.#resume();
    } else {
      this.#expire();
      this.#renew();
    }
  }

  /** Ends the session by the database's hand. The handle hears of it when its link is up, and has a new one soon after. */
  expireSession(): void {
    if (this.#connection.kind === 'closed') return;
    this.#link.cut();
    this.#session.end();
    if (this.#isCut) return;
    this.#expire();
    this.#stores.deliveries.push(() => {
      if (!this.#isCut && this.#connection.kind === 'expired') this.#renew();
    });
  }

  async #attempt<T>(body: (transaction: Transaction) => T | Promise<T>): Promise<T> {
    this.#mustBeOnline();
    const draft = new TransactionDraft(this.#stores.objects.snapshot());
    const result = await body(draft);
    const changes = await draft.end();
    this.#mustBeOnline();
    this.#stores.objects.commit(changes, this.name);
    return result;
  }

  #expire(): void {
    if (this.#connection.kind !== 'expired' && this.#connection.kind !== 'closed')
      this.#become({ kind: 'expired', since: this.#stores.timers.now() });
  }

  /** Puts everything back under a new session, and looks at everything anew. */
  #renew(): void {
    this.#session = this.#stores.newSession();
    for (const { target, text } of this.#published.values()) this.#publish(target, text);
    for (const table of this.#tables) table.putBack(this.#session);
    for (const candidate of this.#candidates) candidate.stand(this.#session);
    for (const block of this.#natBlocks) block.putBack(this.#session);
    this.#resume();
  }

  /** Publishes once more what we had published, unless its object is gone or somebody else has it now. */
  #publish(target: StateTarget, text: string): void {
    const { objects, states } = this.#stores;
    const isTaken = target.kind !== 'multiple' && states.values(target.path).length > 0;
    if (isTaken || objects.find(target.class, target.id) === undefined)
      this.#published.delete(publishedAs(target, text));
    else states.add(target, text, this.#session);
  }

  #resume(): void {
    this.#become({ kind: 'connected', session: this.#session.id });
    this.#link.restore();
  }

  #become(connection: Connection): void {
    this.#connection = connection;
    for (const hearer of this.#hearers) this.#stores.deliveries.push(() => hearer(connection));
    if (connection.kind !== 'connected' && connection.kind !== 'closed') return;
    const waiting = this.#whenConnected;
    this.#whenConnected = [];
    for (const go of waiting) void this.#stores.deliveries.during(() => go(connection.kind === 'connected'));
  }

  #whenUp(run: () => void): void {
    const go = (isUp: boolean) => {
      if (isUp) run();
    };
    if (this.#connection.kind === 'connected') go(true);
    else this.#whenConnected.push(go);
  }

  /** Resolves when the link is up, to true, or the handle closed, to false. */
  async #untilUp(): Promise<boolean> {
    while (this.#connection.kind === 'suspended' || this.#connection.kind === 'expired') {
      // oxlint-disable-next-line eslint/no-await-in-loop -- the link may be cut again before our turn comes
      await new Promise((resolve) => this.#whenConnected.push(resolve));
    }
    return this.#connection.kind === 'connected';
  }

  #watch(make: () => Watcher): Observation {
    if (this.#connection.kind === 'closed') throw this.#offline();
    return make();
  }

  /** Runs an operation that needs the database, and counts it as under way. */
  #online<T>(operation: () => T): Promise<T> {
    return this.#stores.deliveries.during(() => {
      this.#mustBeOnline();
      return operation();
    });
  }

  #mustBeOnline(): void {
    if (this.#connection.kind !== 'connected') throw this.#offline();
  }

  #offline(): NsdbError {
    if (this.#connection.kind === 'closed') return new NsdbError('closed', `${this.name}: the database was closed`);
    return new NsdbError('disconnected', `${this.name}: ${formatConnection(this.#connection)}; nothing was changed`);
  }
}

function publishedAs({ kind, path }: StateTarget, text: string): string {
  return kind === 'multiple' ? `${path}/${text}` : path;
}

function missing(cls: ClassName, id: Uuid): NsdbError {
  return new NsdbError('not-found', `there is no ${cls} ${id}`, { class: cls, id });
}
