import { UNKEYED, type Fields } from '../../simulation/packet/fields.ts';
import { WORD } from '../../simulation/packet/key-layout.ts';
import type { Tag } from '../../simulation/tag.ts';
import { later, millisOf, type Millis } from '../../topology/model/time.ts';
import { FlowAges } from './flow-ages.ts';
import { conversationHash, FlowCache } from './flow-cache.ts';
import { FlowRows } from './flow-rows.ts';
import {
  LIFETIME_MILLIS,
  LIFETIMES,
  NO_FLOW,
  type ActionsCodec,
  type Epoch,
  type FlowIndex,
  type FlowView,
  type Insertion,
  type Lifetime,
  type NewFlow,
  type Removal,
} from './flow.ts';
import { grownInt32 } from './grown.ts';
import { InvalidationLog } from './invalidation-log.ts';
import type { MaskTable } from './mask-table.ts';
import { SharedSequences } from './shared-sequences.ts';
import { TagIndex, type GoneListener } from './tag-index.ts';
import { TupleSpace } from './tuple-space.ts';

/** What a table is made with. */
export interface FlowTableOptions<Actions> {
  /** How many flows it holds at most: {@link capacityFor}. */
  readonly capacity: number;
  /** How it keeps actions. */
  readonly actions: ActionsCodec<Actions>;
  /**
   * Told of each flow that goes, while {@link FlowTable.view} still shows it and no lookup finds it any more. It may look, but
   * must not change the table.
   */
  readonly onRemoved?: (flow: FlowIndex, why: Removal, now: Millis) => void;
  /** How many invalidated tags are remembered. */
  readonly invalidations?: number;
}

/** More would not fit into one array. */
const LARGEST_CAPACITY = 1 << 24;

/** The share of each worker in a datapath's flows, and a fifth more (spec 60 §3.3). */
export function capacityFor(maxFlows = 1_500_000, workers = 1): number {
  return Math.min(Math.floor((maxFlows * 6) / (workers * 5)), LARGEST_CAPACITY);
}

/** Words for each flow: the numbers of its actions and of its path among those shared. */
const [ACTIONS, PATH, SHARED_WORDS] = [0, 1, 2];

const MOST_VLANS = 2;

const UNKEYED_INSERTION: Insertion = { kind: 'unkeyed' };
const FULL: Insertion = { kind: 'full' };
const EXPIRED: Removal = { kind: 'expired' };
const EVICTED: Removal = { kind: 'evicted' };
const CLEARED: Removal = { kind: 'cleared' };

/**
 * The verdicts kept for further packets: flows, each for all packets that look alike under its mask.
 *
 * A tuple space search: one hash table for each mask, the masks asked in the order of what they answered lately, and in front
 * of them a cache of which flow served which conversation. A lookup allocates nothing. Where flows of two masks match a packet,
 * either may serve it: flows have no priorities.
 *
 * What a flow costs, in octets: 128 for its row (key, counters), 18 to 36 for its slots, 8 for its place in a queue of expiry, 8 for
 * its actions and path, which are shared, 8 for its tags, 12 for each bundle of common tags and 12 for each other tag; and where it
 * shares with nobody, about 25 for such a tag and 60 for such actions. With 26 tags of a way over seven hops, four of them its own:
 * 360; five of them, and actions of its own: 450 (benchmarks `flow-bytes`, `flow-bytes-own-tags`).
 *
 * Its time is what it is told: `now` must not go back. Expired flows serve nobody from the instant of their expiry on, and are
 * removed by {@link expire}.
 *
 * @see spec 60 §2 to §5
 */
export class FlowTable<Actions> {
  readonly capacity: number;
  readonly #rows: FlowRows;
  readonly #space: TupleSpace;
  readonly #ages: FlowAges;
  readonly #tags = new TagIndex();
  readonly #log: InvalidationLog;
  readonly #cache = new FlowCache();
  readonly #codec: ActionsCodec<Actions>;
  readonly #actions = new SharedSequences();
  readonly #paths = new SharedSequences();
  #shared = new Int32Array(0);
  readonly #onRemoved: FlowTableOptions<Actions>['onRemoved'];
  /** Listeners whose tag has gone, to be called when the table has settled. */
  #gone: GoneListener[] = [];
  #size = 0;

  /** @throws RangeError for a capacity that is no integer from 0 to 2^24 */
  constructor(options: FlowTableOptions<Actions>) {
    const { capacity, actions, onRemoved, invalidations } = options;
    if (!Number.isInteger(capacity) || capacity < 0 || capacity > LARGEST_CAPACITY) {
      throw new RangeError(`capacity ${capacity}: an integer from 0 to ${LARGEST_CAPACITY} was expected`);
    }
    this.capacity = capacity;
    this.#rows = new FlowRows(capacity);
    this.#space = new TupleSpace(this.#rows);
    this.#ages = new FlowAges(this.#rows);
    this.#codec = actions;
    this.#log = new InvalidationLog(invalidations);
    this.#onRemoved = onRemoved;
    this.#reserve();
  }

  /** How many flows there are, expired ones included until they are removed. */
  get size(): number {
    return this.#size;
  }

  /** How many masks have flows: what a lookup that finds nothing asks. */
  get masks(): number {
    return this.#space.order.length;
  }

  /**
   * The flow that serves a packet; {@link NO_FLOW} when there is none. Counts nothing: see {@link hit}.
   *
   * @param words keys; the packet's begins at word `at` and has KEY_WORDS words
   * @param ipLength octets of the IP packet; 0 when it is none. A flow serves none longer than its MTU (C39)
   * @param now a flow that expires at this instant no longer serves (C9)
   */
  lookup(words: Uint32Array, at: number, ipLength: number, now: Millis): FlowIndex | typeof NO_FLOW {
    const hash = conversationHash(words, at);
    const first = this.#cache.first(hash);
    if (first >= 0 && this.#space.serves(first, words, at, ipLength, now)) return flowIndex(first);
    const second = this.#cache.second(hash);
    if (second >= 0 && this.#space.serves(second, words, at, ipLength, now)) return flowIndex(second);

    const flow = this.#space.find(words, at, ipLength, now);
    if (flow < 0) return NO_FLOW;
    this.#cache.note(hash, flow);
    return flowIndex(flow);
  }

  /** As {@link lookup}, but leaves no trace at all: for what-ifs. Of several flows that match, the one of the oldest mask. */
  peek(words: Uint32Array, at: number, ipLength: number, now: Millis): FlowIndex | typeof NO_FLOW {
    const flow = this.#space.peek(words, at, ipLength, now);
    return flow < 0 ? NO_FLOW : flowIndex(flow);
  }

  /** Counts a packet that the flow served. */
  hit(flow: FlowIndex, bytes: number): void {
    this.#rows.count(flow, bytes);
  }

  actionsOf(flow: FlowIndex): Actions {
    return this.#codec.decode(this.#actions.words, this.actionsAt(flow));
  }

  /** The actions of all flows as integers: those of a flow from {@link actionsAt} on. Replaced when a flow is installed. */
  get actionWords(): Int32Array {
    return this.#actions.words;
  }

  /** Where the actions of a flow lie among {@link actionWords}; the same for flows of equal actions. */
  actionsAt(flow: FlowIndex): number {
    return this.#shared[flow * SHARED_WORDS + ACTIONS] ?? -1;
  }

  /** The provenance of a flow, as it was installed. */
  pathOf(flow: FlowIndex): readonly number[] {
    return this.#paths.valueOf(this.pathNumberOf(flow));
  }

  /** A number that flows of this provenance have, and others have not, as long as there is one. */
  pathNumberOf(flow: FlowIndex): number {
    return this.#shared[flow * SHARED_WORDS + PATH] ?? -1;
  }

  /** To be called when a simulation begins, and when it begins anew; what it returns goes into the {@link NewFlow}. */
  beginSimulation(): Epoch {
    return this.#log.epoch;
  }

  /** Installs a flow, unless there is a reason not to; in a full table, others may go. Never throws. */
  insert(flow: NewFlow<Actions>, now: Millis): Insertion {
    if ((flow.seen & UNKEYED) !== 0 || (flow.key[WORD.vlansProtoTtlTos] ?? 0) >>> 24 > MOST_VLANS) {
      return UNKEYED_INSERTION;
    }
    const freshness = this.#log.judge(flow.tags, flow.epoch);
    if (freshness.kind === 'stale') return { kind: 'stale-tag', tag: freshness.tag };

    const mask = this.#space.maskFor(flow.seen);
    const twin = mask.find(flow.key, 0, this.#rows.words);
    if (twin >= 0) {
      if (this.#rows.expiryOf(twin) > now) return { kind: 'exists', flow: flowIndex(twin) };
      this.#remove(twin, EXPIRED, now);
    }
    const insertion = this.#makeRoom(flow.lifetime, now) ? this.#install(flow, mask, now) : FULL;
    this.#settle(now);
    return insertion;
  }

  /**
   * Removes every flow that rests on this fact, and sees to it that no simulation under way installs one.
   *
   * @returns how many flows it removed
   */
  invalidate(tag: Tag, now: Millis): number {
    this.#log.note(tag);
    const carriers = this.#tags.carriersOf(tag);
    if (carriers === 0) return 0;
    const why: Removal = { kind: 'invalidated', tag };
    for (let n = 0; n < carriers; n++) this.#remove(this.#tags.anyCarrier(tag), why, now);
    this.#settle(now);
    return carriers;
  }

  /** Removes every flow whose time is up, by the order of expiry; returns how many. */
  expire(now: Millis): number {
    const removed = this.#expire(now);
    this.#settle(now);
    return removed;
  }

  /** When {@link expire} next has something to do; undefined while there are no flows. */
  nextExpiry(): Millis | undefined {
    const flow = this.#ages.firstToExpire();
    return flow < 0 ? undefined : millisOf(this.#rows.expiryOf(flow));
  }

  /** Removes all flows. */
  clear(now: Millis): void {
    for (let flow = this.#ages.firstToExpire(); flow >= 0; flow = this.#ages.firstToExpire()) {
      this.#remove(flow, CLEARED, now);
    }
    this.#settle(now);
  }

  /** How many flows carry the tag, those included that have expired and are not yet removed. */
  carriersOf(tag: Tag): number {
    return this.#tags.carriersOf(tag);
  }

  /** Whether a flow carries the tag. */
  carries(tag: Tag): boolean {
    return this.#tags.carriersOf(tag) > 0;
  }

  /**
   * Calls the listener once, when the last flow that carries the tag has gone. The table is at rest then, and the listener may
   * change it; another listener, called before, may have.
   *
   * @returns false, and the listener is never called, when no flow carries the tag now
   */
  watch(tag: Tag, listener: GoneListener): boolean {
    return this.#tags.watch(tag, listener);
  }

  /** The tags that are watched, each with how many listeners it has. */
  watched(): Iterable<readonly [Tag, number]> {
    return this.#tags.watched();
  }

  /** The masks that have flows, in the order in which a lookup asks them. */
  order(): readonly { readonly fields: Fields; readonly flows: number; readonly hits: number }[] {
    return this.#space.order.map(({ fields, size, hits }) => ({ fields, flows: size, hits }));
  }

  /** The flows in the order of insertion; at one instant by lifetime. Not to be changed while it is iterated. */
  *flows(): Generator<FlowView<Actions>, void> {
    for (const flow of this.#ages.inOrder()) yield this.view(flowIndex(flow));
  }

  /** What there is to know of a flow that has not been removed. */
  view(flow: FlowIndex): FlowView<Actions> {
    const rows = this.#rows;
    const mask = this.#space.maskOf(flow);
    return {
      index: flow,
      match: rows.keyOf(flow),
      mask: mask.mask,
      fields: mask.fields,
      actions: this.actionsOf(flow),
      tags: this.#tags.tagsOf(flow),
      path: this.pathOf(flow),
      lifetime: LIFETIMES[rows.lifetimeOf(flow)] ?? 'normal',
      expiry: millisOf(rows.expiryOf(flow)),
      mtu: rows.mtuOf(flow),
      packets: rows.packetsOf(flow),
      bytes: rows.bytesOf(flow),
    };
  }

  #reserve(): void {
    const flows = this.#rows.capacity;
    this.#ages.reserve(flows);
    this.#tags.reserve(flows);
    this.#shared = grownInt32(this.#shared, flows * SHARED_WORDS);
  }

  #install(flow: NewFlow<Actions>, mask: MaskTable, now: Millis): Insertion {
    const lifetime = LIFETIMES.indexOf(flow.lifetime);
    const expiry = later(now, LIFETIME_MILLIS[flow.lifetime]);
    const index = this.#rows.take({ mask: mask.number, mtu: flow.mtu, lifetime, expiry });
    this.#reserve();
    this.#space.add(mask, flow.key, index);
    this.#ages.add(index);
    this.#tags.add(index, flow.tags);
    this.#shared[index * SHARED_WORDS + ACTIONS] = this.#actions.hold(this.#codec.encode(flow.actions));
    this.#shared[index * SHARED_WORDS + PATH] = this.#paths.hold(flow.path);
    this.#size++;
    return { kind: 'installed', flow: flowIndex(index) };
  }

  /** Sees to it that a flow of this lifetime fits in; false when it would itself be the first to be evicted. */
  #makeRoom(lifetime: Lifetime, now: Millis): boolean {
    if (this.#size < this.capacity) return true;
    this.#expire(now);
    while (this.#size >= this.capacity) {
      const flow = this.#ages.firstToEvict(lifetime);
      if (flow < 0) return false;
      this.#remove(flow, EVICTED, now);
    }
    return true;
  }

  #expire(now: Millis): number {
    let removed = 0;
    for (;;) {
      const flow = this.#ages.firstToExpire();
      if (flow < 0 || this.#rows.expiryOf(flow) > now) return removed;
      this.#remove(flow, EXPIRED, now);
      removed++;
    }
  }

  #remove(flow: number, why: Removal, now: Millis): void {
    this.#space.remove(flow);
    this.#onRemoved?.(flowIndex(flow), why, now);
    this.#ages.remove(flow);
    this.#tags.remove(flow, this.#gone);
    this.#actions.release(this.actionsAt(flowIndex(flow)));
    this.#paths.release(this.pathNumberOf(flowIndex(flow)));
    this.#rows.free(flow);
    this.#size--;
  }

  /** Calls the listeners that have become due, in the order in which their tags went. */
  #settle(now: Millis): void {
    while (this.#gone.length > 0) {
      const due = this.#gone;
      this.#gone = [];
      for (const listener of due) listener(now);
    }
  }
}

function flowIndex(flow: number): FlowIndex {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- indexes are minted here only
  return flow as FlowIndex;
}
