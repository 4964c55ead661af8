import type { ClassName } from '../model/bindings.ts';
import type { Uuid } from '../model/ids.ts';
import type { NsdbObject } from './nsdb.ts';

type MaybePromise<T> = T | Promise<T>;

/**
 * The database as it was when a transaction began. Each method throws or rejects with `concurrent-modification` when what is asked for
 * has changed since.
 */
export interface Snapshot {
  find(cls: ClassName, id: Uuid): MaybePromise<NsdbObject | undefined>;
  /** Whether the object exists; it may have changed since. */
  exists(cls: ClassName, id: Uuid): MaybePromise<boolean>;
  list(cls: ClassName): MaybePromise<readonly Uuid[]>;
  referrers(cls: ClassName, id: Uuid, backField: string): MaybePromise<readonly Uuid[]>;
}
