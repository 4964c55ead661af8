import type { ClassName } from '../model/bindings.ts';
import type { Uuid } from '../model/ids.ts';
import type { JsonObject } from '../model/json.ts';
import type { Provenance, Version } from './nsdb.ts';

/** What a transaction does to one object, all its operations taken together (spec 10 §3.2). */
export type ObjectChange =
  | {
      readonly kind: 'create' | 'update';
      readonly class: ClassName;
      readonly id: Uuid;
      readonly fields: JsonObject;
      /** Whether it was written itself, or only the other end of one of its references. */
      readonly change: Provenance['change'];
    }
  | { readonly kind: 'delete'; readonly class: ClassName; readonly id: Uuid };

/** An entry that comes to or goes from a back-reference of an object that stays. */
export interface ReferrerChange {
  readonly class: ClassName;
  readonly id: Uuid;
  readonly backField: string;
  readonly referrer: Uuid;
  readonly isPresent: boolean;
}

/** All that a transaction comes to, and what must hold for it to be made. */
export interface Changes {
  readonly objects: readonly ObjectChange[];
  readonly referrers: readonly ReferrerChange[];
  /** Objects read, with the version that must still be theirs; undefined where none must be. */
  readonly read: readonly (readonly [ClassName, Uuid, Version | undefined])[];
  /** Objects that must exist still, in whatever version. */
  readonly needed: readonly (readonly [ClassName, Uuid])[];
  /** Back-references of deleted objects, whose entries must still be these. They go with the object. */
  readonly emptied: readonly (readonly [ClassName, Uuid, string, readonly Uuid[]])[];
}
