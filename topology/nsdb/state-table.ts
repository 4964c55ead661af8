import type { ClassName } from '../model/bindings.ts';
import type { Uuid } from '../model/ids.ts';
import type { NsdbError } from './nsdb-error.ts';
import type { Observation } from './observation.ts';
import type { Codec } from './state-key.ts';

/** A kind of replicated table (spec 10 §5). Keys compare with `===`. */
export interface TableKind<K extends number | string, V> {
  /** The class of the objects that own such a table; `global` for a table of the whole network. */
  readonly class: ClassName | 'global';
  readonly table: string;
  readonly key: Codec<K>;
  readonly value: Codec<V>;
}

/** Which table of a kind: whose, and for which argument (the VLAN id of a MAC table). A global table has no owner. */
export interface TablePlace {
  readonly owner?: Uuid;
  readonly arg?: number;
}

/** An entry that outlives sessions: what shows for a key where nobody has learned otherwise. `arg` as in {@link TablePlace}. */
export interface PersistentEntry<K extends number | string, V> {
  readonly arg: number | undefined;
  readonly key: K;
  readonly value: V;
}

/**
 * What became of a proposal.
 *
 * - `proposed`: it is on its way; the change comes back through the replica
 * - `known`: nothing to do: the same is on its way, or stands and is ours
 * - `refused`: not possible now: the link is down, the table is closed, or (removals) the entry is not ours
 */
export type Proposal = 'proposed' | 'known' | 'refused';

/** Hears of a table: one call per entry that exists (`old` undefined), then each change. */
export interface TableListener<K, V> {
  /** `old` is undefined for a new key, `now` for one that is gone. The replica shows `now` already. Never both undefined, never equal. */
  changed(key: K, now: V | undefined, old: V | undefined): void;
  /** Every entry that existed has been told. Once. */
  ready?(): void;
  /** The table is no more: its owner is missing or was deleted (`not-found`), or it had been closed before. Nothing follows. */
  closed?(error: NsdbError): void;
}

/**
 * This handle's copy of a replicated table, with arbitration as spec 10 §5 has it: a learned entry beats a persistent one, among
 * learned entries the latest wins, and when it goes what it hid shows again.
 *
 * Reading is local and synchronous, and goes on while the link is down. Writing proposes; the replica changes when the
 * database has answered. Learned entries live in our session: they are put back when it was replaced, except where somebody else
 * has learned the key meanwhile.
 */
export interface StateTable<K extends number | string, V> {
  /** Whether the first snapshot is in. */
  readonly ready: boolean;
  readonly size: number;
  /** Entries found whose name could not be read; they are skipped. */
  readonly malformed: number;
  /** Learned entries refused while disconnected. */
  readonly refused: number;
  get(key: K): V | undefined;
  /** Whether the entry that shows was learned through this very table. */
  isOwn(key: K): boolean;
  entries(): IterableIterator<readonly [K, V]>;
  /** Proposes a learned entry. Refused while disconnected (spec 10 §5 rule 6). */
  add(key: K, value: V): Proposal;
  /** Takes back our own entry, if it shows and, where `value` is given, has that value. Queued while disconnected. */
  remove(key: K, value?: V): Proposal;
  /** Writes an entry that outlives sessions, in place of the key's former one. For the API and the cluster. */
  persist(key: K, value: V): Promise<void>;
  /** Removes the persistent entry of a key, if it has that value; resolves to whether there was one. */
  unpersist(key: K, value?: V): Promise<boolean>;
  observe(listener: TableListener<K, V>): Observation;
  /** Ends this replica; the entries it learned are taken back. */
  close(): void;
}
