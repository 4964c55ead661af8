import type { Fields } from '../../simulation/packet/fields.ts';
import type { Tag } from '../../simulation/tag.ts';
import type { Brand } from '../../topology/model/brand.ts';
import type { Millis } from '../../topology/model/time.ts';

/** Where a flow lies in its table. Good until the flow is removed: then another flow may come to lie there. */
export type FlowIndex = Brand<number, 'FlowIndex'>;

/** The answer of a lookup that no flow serves. */
export const NO_FLOW = -1;

/** How many invalidations a table had seen when a simulation began. */
export type Epoch = Brand<number, 'Epoch'>;

/** The kinds of flow by how long they stand. `short` is a drop for want of a route, `error` one for trouble. */
export const LIFETIMES = ['error', 'short', 'normal', 'stateful', 'tunnel'] as const;
export type Lifetime = (typeof LIFETIMES)[number];

/**
 * How long each kind stands, in milliseconds: hard, counted from the insertion, whether it is hit or not.
 *
 * @see spec 60 §3.2, spec 00 §5
 */
export const LIFETIME_MILLIS: Readonly<Record<Lifetime, number>> = {
  error: 5_000,
  short: 5_000,
  normal: 60_000,
  stateful: 30_000,
  tunnel: 300_000,
};

/** How a flow table keeps actions: as integers of 32 bits. Flows whose integers are equal share them. */
export interface ActionsCodec<Actions> {
  encode(actions: Actions): readonly number[];
  /** @param words from `at` on, what {@link encode} said of the actions; how long that is they must say themselves */
  decode(words: Int32Array, at: number): Actions;
}

/** A flow to be installed: what one simulation has found. */
export interface NewFlow<Actions> {
  /** The key of the packet as it came in: KEY_WORDS words. Copied. */
  readonly key: Uint32Array;
  /** The fields the simulation has looked at: the mask of the flow comes of them. */
  readonly seen: Fields;
  /** What to do with each packet of the flow. Copied. */
  readonly actions: Actions;
  /** The facts it rests on, in any order; one named twice counts once. Copied. */
  readonly tags: readonly Tag[];
  /** Its provenance, as `simulation/path.ts` words it. Copied. */
  readonly path: readonly number[];
  readonly lifetime: Lifetime;
  /** The largest IP packet, in octets, that its way takes (C39); Infinity when nothing limits it. */
  readonly mtu: number;
  /** What {@link FlowTable.beginSimulation} said when the simulation began. */
  readonly epoch: Epoch;
}

/**
 * What became of a flow to be installed.
 *
 * - `exists`: a flow of the same mask and masked key stands already, and stays (spec 00 §6.6)
 * - `stale-tag`: a fact it rests on has changed since its simulation began. `tag` is undefined when so much was invalidated
 *   meanwhile that the table no longer knows what
 * - `unkeyed`: it rests on something that is not in the key (spec 60 §1), or the frame has more than two VLAN tags (C37)
 * - `full`: by the order of eviction it would be the first to go (spec 60 §3.3)
 */
export type Insertion =
  | { readonly kind: 'installed'; readonly flow: FlowIndex }
  | { readonly kind: 'exists'; readonly flow: FlowIndex }
  | { readonly kind: 'stale-tag'; readonly tag: Tag | undefined }
  | { readonly kind: 'unkeyed' }
  | { readonly kind: 'full' };

/** Why a flow went. */
export type Removal =
  | { readonly kind: 'expired' }
  | { readonly kind: 'evicted' }
  | { readonly kind: 'invalidated'; readonly tag: Tag }
  | { readonly kind: 'cleared' };

/** A flow as it is at one moment, for dumps and traces. */
export interface FlowView<Actions> {
  readonly index: FlowIndex;
  /** The key under the mask. */
  readonly match: Uint32Array;
  readonly mask: Uint32Array;
  /** The fields that are exact, whole or by their absence. */
  readonly fields: Fields;
  readonly actions: Actions;
  /** In ascending order. */
  readonly tags: readonly Tag[];
  readonly path: readonly number[];
  readonly lifetime: Lifetime;
  /** From this instant on it serves no packet (C9). */
  readonly expiry: Millis;
  readonly mtu: number;
  readonly packets: number;
  readonly bytes: number;
}
