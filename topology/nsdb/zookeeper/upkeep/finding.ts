import type { ClassName } from '../../../model/bindings.ts';
import type { Uuid } from '../../../model/ids.ts';
import type { JsonObject } from '../../../model/json.ts';
import type { Operation } from '../client/operation.ts';

/**
 * What may be wrong with a database: a closed list.
 *
 * - `unreadable`: a node does not hold what its place asks for
 * - `newer`: a newer version of Troupe wrote it
 * - `closed`: these credentials may not read it
 * - `rights`: others may do something with a node, or these credentials not everything
 * - `stranger`: a node at no place of the tree
 * - `missing`: a node that must be there is not
 * - `wrong-type`: a field of an object holds what its schema does not admit
 * - `invalid-reference`: a field that names objects holds something else, names one twice, or is not the object's to keep
 * - `dangling-reference`: a field names an object that does not exist
 * - `one-sided-reference`: two objects must name each other, and one does not
 * - `missing-back-reference`, `stray-back-reference`: an object's back-references are not what the objects that name it say
 * - `sessionless`: what must live in a session lives in none, and will never go
 * - `unfinished`: a large change whose writer has died before it was done
 * - `leftover`: what deleted objects, and changes that were never made, have left: it takes space, and does no harm
 */
export const FINDING_KINDS = [
  'unreadable',
  'newer',
  'closed',
  'rights',
  'stranger',
  'missing',
  'wrong-type',
  'invalid-reference',
  'dangling-reference',
  'one-sided-reference',
  'missing-back-reference',
  'stray-back-reference',
  'sessionless',
  'unfinished',
  'leftover',
] as const;

export type FindingKind = (typeof FINDING_KINDS)[number];

/** Something that is wrong. */
export interface Finding {
  readonly kind: FindingKind;
  readonly path: string;
  /** The name of the object that it is about, where that has one. */
  readonly name?: string;
  /** Reads after the path. */
  readonly what: string;
  /** Undefined where only a person can mend it. */
  readonly repair: Repair | undefined;
  /** Nodes by which it was found: it is true as long as these are as they were read. */
  readonly rests: readonly string[];
}

/** What mends a finding. */
export interface Repair {
  /** Reads after "it": `deletes the node`. */
  readonly what: string;
  /** Whether it takes away something that a person might still want to read. */
  readonly isLoss: boolean;
  /** What must be so that the finding is still true: asserted along with all else. */
  readonly requires: readonly Operation[];
  readonly operations: readonly Operation[];
  /** A change of an object's fields: made together with all others of the same object. */
  readonly edit?: Edit;
  /** A node to be left to our credentials alone. */
  readonly claim?: string;
}

/** A change of an object's fields. */
export interface Edit {
  readonly class: ClassName;
  readonly id: Uuid;
  readonly change: (fields: JsonObject) => JsonObject;
}

type Steps = Partial<Pick<Repair, 'requires' | 'operations' | 'edit' | 'claim'>>;

/** A repair that takes nothing away that anybody could use. */
export function mend(what: string, steps: Steps): Repair {
  return { what, isLoss: false, requires: [], operations: [], ...steps };
}

/** A repair that a person has to ask for. */
export function discard(what: string, steps: Steps): Repair {
  return { ...mend(what, steps), isLoss: true };
}

/** A node of others. */
export function closed(path: string): Finding {
  const what = 'cannot be read with these credentials: others made it';
  return { kind: 'closed', path, what, repair: undefined, rests: [path] };
}
