import type { ClassName } from '../model/bindings.ts';
import type { Uuid } from '../model/ids.ts';

/**
 * What can go wrong between us and the network state database: a closed list.
 *
 * - `not-found`: the object, or one it refers to, does not exist
 * - `already-exists`: an object of that class and id is there
 * - `reference-conflict`: a reference that admits one partner has another one already (spec 10 §2 rule 1)
 * - `still-referenced`: a deletion is refused while something refers to the object (spec 10 §2, ERROR)
 * - `concurrent-modification`: others kept changing what a transaction read; all attempts are used up (spec 10 §3.3)
 * - `too-large`: more than one transaction, or one object, may hold
 * - `not-owner`: a state key or table entry belongs to another session
 * - `no-permission`: the credentials give no right to what was asked for
 * - `invalid`: what was to be written, or what was stored, breaks the model
 * - `disconnected`: the link to the database is down. Nothing was changed
 * - `session-lost`: the session ended under the operation. Nothing that was asked for remains
 * - `outcome-unknown`: the answer was lost with the link. The change was made as a whole, or not at all
 * - `timeout`: a lock was not had in time
 * - `closed`: this handle was closed
 */
export type NsdbFault =
  | 'not-found'
  | 'already-exists'
  | 'reference-conflict'
  | 'still-referenced'
  | 'concurrent-modification'
  | 'too-large'
  | 'not-owner'
  | 'no-permission'
  | 'invalid'
  | 'disconnected'
  | 'session-lost'
  | 'outcome-unknown'
  | 'timeout'
  | 'closed';

/** What the fault is about: each part as far as it is known. */
export interface NsdbPlace {
  readonly class?: ClassName;
  readonly id?: Uuid;
  readonly field?: string;
}

/** The network state database could not do what it was asked. The message is a sentence that an operator can act on. */
export class NsdbError extends Error {
  readonly fault: NsdbFault;
  readonly place: NsdbPlace;

  constructor(fault: NsdbFault, sentence: string, place: NsdbPlace = {}, cause?: unknown) {
    super(sentence, cause === undefined ? undefined : { cause });
    this.name = 'NsdbError';
    this.fault = fault;
    this.place = place;
  }
}
