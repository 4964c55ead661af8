import type { ClassName } from '../../model/bindings.ts';
import type { Uuid } from '../../model/ids.ts';
import type {
  ClassListener,
  Connection,
  ElectionListener,
  Lock,
  NsdbObject,
  ObjectListener,
  Provenance,
  ReferrersListener,
  Sequence,
  StateListener,
  Transaction,
} from '../nsdb.ts';
import type { NatBlock, NatBlockListener, NatBlockRequest } from '../nat-block.ts';
import { NsdbError, type NsdbFault } from '../nsdb-error.ts';
import type { Observation } from '../observation.ts';
import { objectPath } from '../paths.ts';
import type { SeverableNsdb } from '../run-database.ts';
import type { StateKey, StatePlace, StateValue } from '../state-key.ts';
import type { PersistentEntry, StateTable, TableKind, TablePlace } from '../state-table.ts';
import { backEndOf } from '../reference-fields.ts';
import { stand } from './candidate.ts';
import type { SessionKey } from './client/client-options.ts';
import { commit } from './commit.ts';
import { nextOf } from './counter.ts';
import type { Link } from './link.ts';
import { acquire } from './mutex.ts';
import { leaseNatBlock, recycleNatBlocks } from './nat-blocks.ts';
import { referrersBelow } from './names-below.ts';
import { ClassWatcher, missing, ObjectWatcher, ReferrersWatcher } from './object-watchers.ts';
import { incarnationOf } from './places.ts';
import { PublishedStates } from './published-states.ts';
import { findObject, findProvenance, listObjects } from './read-objects.ts';
import { readPersistent } from './read-persistent.ts';
import { EagerDraft, ZookeeperSnapshot } from './snapshot.ts';
import { readState, removeState, stateNode, targetOf, valuesOf } from './state.ts';
import { StateWatcher } from './state-watcher.ts';
import type { Watcher } from './watcher.ts';
import { ZookeeperTable } from './zookeeper-table.ts';

const ATTEMPTS = 3;
/** What is refused because of what there is, or is not. */
const OF_THE_MODEL: ReadonlySet<NsdbFault> = new Set([
  'not-found',
  'already-exists',
  'reference-conflict',
  'still-referenced',
  'invalid',
]);

/** What the database that a handle belongs to does for all its handles. */
export interface Home {
  readonly idle: boolean;
  settled(): Promise<void>;
}

/** A handle on a network state database in ZooKeeper. */
export class ZookeeperNsdb implements SeverableNsdb {
  /** For tests, and for those who look after the database. */
  readonly link: Link;
  readonly #home: Home;
  readonly #published: PublishedStates;

  constructor(link: Link, home: Home) {
    this.link = link;
    this.#home = home;
    this.#published = new PublishedStates(link);
  }

  get name(): string {
    return this.link.name;
  }

  get connection(): Connection {
    return this.link.connection;
  }

  get idle(): boolean {
    return this.#home.idle;
  }

  /** By what the server knows the present session: to end it from elsewhere, as the death of this process would. */
  get session(): SessionKey {
    return this.link.client.session;
  }

  settled(): Promise<void> {
    return this.#home.settled();
  }

  observeConnection(listener: (connection: Connection) => void): Observation {
    return this.link.observe(listener);
  }

  find(cls: ClassName, id: Uuid): Promise<NsdbObject | undefined> {
    return this.link.online(() => findObject(this.link, cls, id));
  }

  list(cls: ClassName): Promise<readonly NsdbObject[]> {
    return this.link.online(() => listObjects(this.link, cls));
  }

  referrers(cls: ClassName, id: Uuid, backField: string): Promise<readonly Uuid[]> {
    return this.link.online(async () => {
      const { field } = backEndOf(cls, backField);
      const { value } = await this.link.read((client) => client.children(objectPath(cls, id)));
      if (value === undefined) throw missing(cls, id);
      return referrersBelow(this.link, cls, id, value.names, field);
    });
  }

  provenance(cls: ClassName, id: Uuid): Promise<Provenance | undefined> {
    return this.link.online(() => findProvenance(this.link, cls, id));
  }

  barrier(): Promise<void> {
    return this.link.online(() => this.link.read((client) => client.barrier()));
  }

  transact<T>(body: (transaction: Transaction) => T | Promise<T>): Promise<T> {
    return this.link.online(async () => {
      for (let attempt = 1; ; attempt++) {
        try {
          // oxlint-disable-next-line eslint/no-await-in-loop -- an attempt follows on the failure of the one before
          return await this.#attempt(body, attempt === 1);
        } catch (cause) {
          const isConflict = cause instanceof NsdbError && cause.fault === 'concurrent-modification';
          // The first attempt takes things to be absent without a look, and may be mistaken in what it says.
          const isUnsure = attempt === 1 && cause instanceof NsdbError && OF_THE_MODEL.has(cause.fault);
          if ((!isConflict && !isUnsure) || attempt === ATTEMPTS) throw cause;
        }
      }
    });
  }

  observe(cls: ClassName, id: Uuid, listener: ObjectListener): Observation {
    return this.#watch(() => new ObjectWatcher(this.link, cls, id, listener));
  }

  observeClass(cls: ClassName, listener: ClassListener): Observation {
    return this.#watch(() => new ClassWatcher(this.link, cls, listener));
  }

  observeReferrers(cls: ClassName, id: Uuid, backField: string, listener: ReferrersListener): Observation {
    const { field } = backEndOf(cls, backField);
    return this.#watch(() => new ReferrersWatcher(this.link, cls, id, field, listener));
  }

  addState<V>(key: StateKey<V>, place: StatePlace, value: V): Promise<void> {
    const target = targetOf(key, place);
    const text = key.codec.format(value);
    return this.link.online(() => this.#published.publish(target, text));
  }

  async removeState<V>(key: StateKey<V>, place: StatePlace, value: V): Promise<boolean> {
    const target = targetOf(key, place);
    const text = key.codec.format(value);
    this.#published.forget(target, text);
    if (this.connection.kind !== 'connected') await this.link.untilUp();
    return this.link.online(() => this.link.write((client) => removeState(client, target, text)));
  }

  state<V>(key: StateKey<V>, place: StatePlace): Promise<readonly StateValue<V>[]> {
    const target = targetOf(key, place);
    return this.link.online(async () => {
      const { class: cls, id, kind } = target;
      const incarnation = await this.link.read((client) => incarnationOf(client, cls, id));
      if (incarnation === undefined) throw missing(cls, id);
      const stored = await this.link.read((client) => readState(client, stateNode(target, incarnation), kind));
      return valuesOf(stored, key.codec, this.link.client.sessionName, target, (error) => this.link.report(error));
    });
  }

  observeState<V>(key: StateKey<V>, place: StatePlace, listener: StateListener<V>): Observation {
    return this.#watch(() => new StateWatcher(this.link, targetOf(key, place), key.codec, listener));
  }

  table<K extends number | string, V>(kind: TableKind<K, V>, place: TablePlace): StateTable<K, V> {
    this.link.mustBeOpen();
    return new ZookeeperTable(this.link, kind, place);
  }

  persistentEntries<K extends number | string, V>(
    kind: TableKind<K, V>,
    owner: Uuid,
  ): Promise<readonly PersistentEntry<K, V>[]> {
    return this.link.online(() => readPersistent(this.link, kind, owner));
  }

  elect(role: string, listener: ElectionListener): Observation {
    this.link.mustBeOpen();
    return stand(this.link, role, listener);
  }

  async lock(name: string, patience: number): Promise<Lock> {
    this.link.mustBeOnline();
    return acquire(this.link, name, patience);
  }

  leaseNatBlock(request: NatBlockRequest, listener: NatBlockListener): Promise<NatBlock | undefined> {
    return this.link.online(() => leaseNatBlock(this.link, request, listener));
  }

  recycleNatBlocks(): Promise<number | undefined> {
    return this.link.online(() => recycleNatBlocks(this.link));
  }

  next(sequence: Sequence): Promise<number> {
    return this.link.online(() => nextOf(this.link, sequence));
  }

  close(): Promise<void> {
    return this.link.close();
  }

  cutLink(): void {
    this.link.cut();
  }

  restoreLink(): void {
    this.link.restore();
  }

  /** Dies as a process does: the session is left to its timeout. */
  abandon(): void {
    this.link.abandon();
  }

  async #attempt<T>(body: (transaction: Transaction) => T | Promise<T>, isFirst: boolean): Promise<T> {
    this.link.mustBeOnline();
    const snapshot = new ZookeeperSnapshot(this.link, isFirst);
    const draft = new EagerDraft(snapshot);
    const result = await body(draft);
    const changes = await draft.end();
    this.link.mustBeOnline();
    await commit(this.link, snapshot, changes);
    return result;
  }

  #watch(make: () => Watcher): Observation {
    this.link.mustBeOpen();
    return make();
  }
}
