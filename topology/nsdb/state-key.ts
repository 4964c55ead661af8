import type { ClassName } from '../model/bindings.ts';
import type { Uuid } from '../model/ids.ts';

/**
 * How the values of a state key meet (spec 10 §4).
 *
 * - `last-wins`: one value; whoever writes last has it
 * - `first-wins`: one value; whoever has it keeps it
 * - `multiple`: a set of values, each with its owner
 */
export type StateKind = 'last-wins' | 'first-wins' | 'multiple';

/** Reads and writes the text of a value. `parse` answers undefined to text that is none. */
export interface Codec<V> {
  format(value: V): string;
  parse(text: string): V | undefined;
}

/** A kind of fact that a live process publishes about an object, and that dies with its session. */
export interface StateKey<V> {
  readonly class: ClassName;
  readonly key: string;
  readonly kind: StateKind;
  readonly codec: Codec<V>;
}

/** Where a state key is found: of which object, in whose name. A host's id, or {@link CLUSTER} for nodes of the cluster. */
export interface StatePlace {
  readonly namespace: Uuid;
  readonly id: Uuid;
}

/** A value of a state key, and whose it is. */
export interface StateValue<V> {
  readonly value: V;
  readonly owner: SessionId;
  /** Whether it is this handle's own. */
  readonly own: boolean;
}

/** A session of some handle. Opaque: may be compared, and shown to an operator. */
export type SessionId = string;
