import type { ClassName } from '../model/bindings.ts';
import type { Uuid } from '../model/ids.ts';
import type { JsonObject } from '../model/json.ts';
import type { Millis } from '../model/time.ts';
import type { NatBlock, NatBlockListener, NatBlockRequest } from './nat-block.ts';
import type { NsdbError } from './nsdb-error.ts';
import type { Observation } from './observation.ts';
import type { SessionId, StateKey, StatePlace, StateValue } from './state-key.ts';
import type { PersistentEntry, StateTable, TableKind, TablePlace } from './state-table.ts';

/** Which state of an object was read. Opaque: equal versions of one object have equal fields. */
export type Version = string;

/**
 * An object as it is stored. Fields a reader does not know are kept.
 *
 * What refers to an object is not in it (see `topology/model/bindings.ts`): ask for its referrers.
 */
export interface NsdbObject {
  readonly class: ClassName;
  readonly id: Uuid;
  readonly fields: JsonObject;
  readonly version: Version;
}

/** Hears of one object: its value now, each later one, its end. Changes close to each other may be told as one. */
export interface ObjectListener {
  changed(object: NsdbObject): void;
  /** It was deleted. Nothing follows. */
  deleted(): void;
  /** `not-found`: there is no such object. `invalid`: what is stored cannot be read. Nothing follows `not-found`. */
  failed(error: NsdbError): void;
}

/** Hears of the objects of a class. */
export interface ClassListener {
  /**
   * At first all there are, though there be none; later those that are new or differ, and those deleted. What one transaction did may
   * come in several calls; `find` and `list` show it as a whole. Ids ascend in both lists.
   */
  changed(objects: readonly NsdbObject[], deleted: readonly Uuid[]): void;
}

/** Hears of who refers to an object through one of its back-references. */
export interface ReferrersListener {
  /** At first all there are, though there be none; later the differences. Ids ascend in both lists. */
  changed(added: readonly Uuid[], removed: readonly Uuid[]): void;
  /** The object was deleted. Nothing follows. */
  deleted(): void;
  /** `not-found`: there is no such object. Nothing follows. */
  failed(error: NsdbError): void;
}

/** Hears of the values of a state key. */
export interface StateListener<V> {
  /** All there are, at first (though there be none) and after each change; in order of their text. */
  changed(values: readonly StateValue<V>[]): void;
  /** `not-found`: the object is missing, or was deleted. Nothing follows. */
  failed(error: NsdbError): void;
}

/** Who wrote an object last, and why (spec 10 §3.5). */
export interface Provenance {
  /** The name of the handle. */
  readonly writer: string;
  /** `reference`: only because an object that it is bound to was written. */
  readonly change: 'data' | 'reference';
  readonly version: Version;
  /** When, by the clock of the database: milliseconds of the epoch, or of a run. */
  readonly at: Millis;
}

/**
 * How the handle stands with the database.
 *
 * - `connected`: fine
 * - `suspended`: the link is down, the session may still stand. Replicas can be read, nothing can be written
 * - `expired`: the session is gone, with all it owned; a new one is sought, and everything will be put back
 * - `closed`: by us
 *
 * `isBehind`: there are servers, but their data are older than what this handle has seen: they were lost, or put back. It does not
 * follow them there; one that is opened anew does, in a process that is started again
 */
export type Connection =
  | { readonly kind: 'connected'; readonly session: SessionId }
  | { readonly kind: 'suspended' | 'expired'; readonly since: Millis; readonly isBehind?: true }
  | { readonly kind: 'closed' };

/** A read-write view of the database within {@link Nsdb.transact}: what was there when it began, and what it has done itself. */
export interface Transaction {
  /** The object, or undefined where there is none. */
  find(cls: ClassName, id: Uuid): Promise<NsdbObject | undefined>;
  /** The object. Rejects with `not-found` where there is none. */
  get(cls: ClassName, id: Uuid): Promise<NsdbObject>;
  /** Every object of a class, ids ascending. */
  list(cls: ClassName): Promise<readonly NsdbObject[]>;
  /** The ids of those that refer to an object through one of its back-references (`portIds` of a Network), ascending. */
  referrers(cls: ClassName, id: Uuid, backField: string): Promise<readonly Uuid[]>;

  // Writes are checked when the next read or the commit comes, in the order in which they were asked for.

  create(cls: ClassName, id: Uuid, fields: JsonObject): void;
  /** Replaces all fields. Where the next ones depend on the present ones, a function of these. */
  update(cls: ClassName, id: Uuid, fields: JsonObject | ((fields: JsonObject) => JsonObject)): void;
  /** Deletes an object, and what spec 10 §2 deletes with it. */
  delete(cls: ClassName, id: Uuid, options?: { readonly ignoreMissing?: boolean }): void;

  /** How much of {@link TRANSACTION_BYTES} has been asked for so far. */
  readonly bytes: number;
}

/**
 * What the writes of one transaction may weigh, encoded: what fits into one packet of ZooKeeper (1 MiB), less its framing. What a
 * deletion cascades to is not counted: it may be larger, and is seen as a whole or not at all all the same.
 */
export const TRANSACTION_BYTES = 1_040_000;

/** What the fields of one object may weigh, as JSON in UTF-8. */
export const OBJECT_BYTES = 1_000_000;

/** A leader among those who stand for one role. */
export interface ElectionListener {
  leading(): void;
  /** We lead no longer, or not yet. Told once at first unless we lead at once. */
  following(): void;
}

/** A mutex that is ours until released. */
export interface Lock {
  /** False when it was released, or lost with the session. */
  readonly held: boolean;
  release(): Promise<void>;
}

/** The shared counters (spec 10 §4). */
export type Sequence = 'overlay_tunnel_key' | 'vxgw_tunnel_key' | 'fip64_tunnel_key';

/** How a handle is opened. */
export interface NsdbOptions {
  /** How long the session outlives a lost link. 30 s where nothing is said; a fail-fast session takes 5 s (spec 70 §1.2). */
  readonly sessionTimeout?: number;
  /** Hears of what has no caller to tell: a listener that threw, a stored value that cannot be read. */
  readonly report?: (cause: unknown) => void;
}

export const SESSION_TIMEOUT = 30_000;

/**
 * The network state database, as one process sees it. It outlives its sessions: when one is lost, everything owned is put back
 * under the next, and everything observed is compared, so that listeners hear only of what differs.
 *
 * Listeners are called asynchronously, one at a time, in order, never from within a call of ours. A listener that throws is
 * reported, and called again with what comes next. All promises reject with an {@link NsdbError}, and with what the
 * caller's own code threw; to observe, stand or open a table on a closed handle, or where there is no such back-reference, throws one.
 */
export interface Nsdb {
  /** Who we are, in provenance and to operators. */
  readonly name: string;
  readonly connection: Connection;
  observeConnection(listener: (connection: Connection) => void): Observation;

  find(cls: ClassName, id: Uuid): Promise<NsdbObject | undefined>;
  list(cls: ClassName): Promise<readonly NsdbObject[]>;
  referrers(cls: ClassName, id: Uuid, backField: string): Promise<readonly Uuid[]>;
  /** Who wrote an object last; undefined where there is none. */
  provenance(cls: ClassName, id: Uuid): Promise<Provenance | undefined>;

  /**
   * Resolves when reads of this handle show all that had been written, by anyone, when it was called.
   *
   * A plain read may be late: it shows what was so at some moment, never one before that of an earlier read of this handle, under
   * whatever session. A read behind a barrier is late by no more than the two of them take: such reads, and all
   * writes, are linearizable. It is as dear as a write, and needs what a write needs.
   */
  barrier(): Promise<void>;

  /**
   * Runs `body` and commits what it wrote, as one. Where others changed what was read, it is run anew, three times in
   * all; so it has no effects but through the transaction.
   *
   * @returns what `body` returned, once the change is made
   */
  transact<T>(body: (transaction: Transaction) => T | Promise<T>): Promise<T>;

  observe(cls: ClassName, id: Uuid, listener: ObjectListener): Observation;
  observeClass(cls: ClassName, listener: ClassListener): Observation;
  observeReferrers(cls: ClassName, id: Uuid, backField: string, listener: ReferrersListener): Observation;

  /** Publishes a value until the session ends or it is removed. Rejects: `not-found`, `not-owner` (first-wins), `disconnected`. */
  addState<V>(key: StateKey<V>, place: StatePlace, value: V): Promise<void>;
  /**
   * Withdraws a value of ours (which one matters for keys of `multiple` values only); waits for the link where it is down. Resolves to whether there was one; rejects with `not-owner` where it
   * belongs to another session.
   */
  removeState<V>(key: StateKey<V>, place: StatePlace, value: V): Promise<boolean>;
  state<V>(key: StateKey<V>, place: StatePlace): Promise<readonly StateValue<V>[]>;
  observeState<V>(key: StateKey<V>, place: StatePlace, listener: StateListener<V>): Observation;

  /** Opens a replica of a table, of its own: what it learned is told apart from what another replica of this handle did. */
  table<K extends number | string, V>(kind: TableKind<K, V>, place: TablePlace): StateTable<K, V>;

  /**
   * The entries of an object's table that outlive sessions, learned ones above them or not; of a table with arguments, those for each.
   * None where the object is missing; names that cannot be read are left out. Arguments ascend.
   */
  persistentEntries<K extends number | string, V>(
    kind: TableKind<K, V>,
    owner: Uuid,
  ): Promise<readonly PersistentEntry<K, V>[]>;

  /** Stands for a role until closed. Leadership ends with the session; we then stand again, behind those who wait. */
  elect(role: string, listener: ElectionListener): Observation;
  /** Takes a mutex. Rejects with `timeout` when it was not to be had within `patience` milliseconds. */
  lock(name: string, patience: number): Promise<Lock>;
  /**
   * Takes a block of ports of an address for translation, of those that nobody has; undefined where there is none. It goes with the
   * session, and is taken again under the next; `listener` hears when somebody else was faster.
   */
  leaseNatBlock(request: NatBlockRequest, listener: NatBlockListener): Promise<NatBlock | undefined>;
  /**
   * Forgets the blocks of each address of which none is taken. That is done once in {@link RECYCLE_INTERVAL}, whoever asks.
   *
   * @returns how many addresses were forgotten; undefined where it is not time yet
   */
  recycleNatBlocks(): Promise<number | undefined>;
  /** The next number of a counter; of several callers no two get the same. Rejects with `concurrent-modification` after 10 attempts. */
  next(sequence: Sequence): Promise<number>;

  /** Whether nothing asked for by any handle of this process is under way, and no listener has still to be told. */
  readonly idle: boolean;
  /**
   * Resolves when all that was asked for has been done and told, and what the listeners asked for then as well, and so on.
   * What waits for a link that is down, for a lock or for a deadline does not count.
   */
  settled(): Promise<void>;

  /** Ends every observation, and the session with all it owns: at once, or, where the link is down, when its time is over. */
  close(): Promise<void>;
}
