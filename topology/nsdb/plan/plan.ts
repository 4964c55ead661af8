import type { ClassName } from '../../model/bindings.ts';
import type { Uuid } from '../../model/ids.ts';
import type { JsonObject } from '../../model/json.ts';
import type { NewObject } from '../creation-order.ts';
import type { FieldChange } from '../writes.ts';
import type { EntryChange } from './plan-entries.ts';

/** An object by class and id. */
export interface ObjectName {
  readonly class: ClassName;
  readonly id: Uuid;
}

/** An object that is to differ. */
export interface PlannedChange extends ObjectName {
  /** All its fields, as they are. */
  readonly present: JsonObject;
  readonly changes: readonly FieldChange[];
  /** Whether the database does it by itself when it does the rest: a port loses its peer to another. */
  readonly isConsequence: boolean;
}

/** An object that is to go. */
export interface PlannedDeletion extends ObjectName {
  readonly present: JsonObject;
  /** What it goes with by itself: a DHCP subnet with its bridge. */
  readonly with: ObjectName | undefined;
}

/** Why an object stays as it is that would have been changed or deleted. */
export type KeptReason =
  /** What is stored cannot be read, or refers to something in a way that cannot be read. */
  | { readonly kind: 'unreadable' }
  /** It is a host whose agent runs. */
  | { readonly kind: 'alive' }
  /** Something that is not ours to delete needs it, or a part of it. */
  | { readonly kind: 'used'; readonly by: ObjectName }
  /** It belongs to something that stays. */
  | { readonly kind: 'part'; readonly of: ObjectName };

export interface Kept extends ObjectName {
  readonly reason: KeptReason;
}

/** What is to be done so that a database has what is wanted. */
export interface Plan {
  readonly creations: readonly NewObject[];
  readonly changes: readonly PlannedChange[];
  /** In an order in which they can go. */
  readonly deletions: readonly PlannedDeletion[];
  readonly entries: readonly EntryChange[];
  readonly kept: readonly Kept[];
}

/** Whether there is nothing to do. */
export function isEmpty({ creations, changes, deletions, entries }: Plan): boolean {
  return creations.length + changes.length + deletions.length + entries.length === 0;
}
