import { LIFETIME_MILLIS, type Lifetime } from '../../../datapath/flow-table/flow.ts';
import { IN_PORT, UNKEYED, type Fields } from '../../../simulation/packet/fields.ts';
import { maskOf } from '../../../simulation/packet/key-layout.ts';

/** A flow as the model keeps it; `name` is its actions in the table. */
export interface ModelFlow {
  readonly name: string;
  readonly key: Uint32Array;
  readonly seen: Fields;
  readonly tags: ReadonlySet<number>;
  readonly lifetime: Lifetime;
  readonly mtu: number;
  readonly inserted: number;
  readonly began: number;
}

const EVICTION: readonly (readonly Lifetime[])[] = [['error', 'short'], ['normal'], ['stateful'], ['tunnel']];

/** What a flow table does, done the slow way: a list of flows, gone through from end to end. */
export class FlowTableModel {
  flows: ModelFlow[] = [];
  /** Every tag ever invalidated, in order. */
  readonly invalidated: number[] = [];
  readonly removed: string[] = [];
  readonly told: string[] = [];
  #watched: { tag: number; name: string }[] = [];
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  matching(key: Uint32Array, ipLength: number, now: number): readonly string[] {
    return this.flows
      .filter((flow) => isAlike(flow, key) && expiryOf(flow) > now && ipLength <= flow.mtu)
      .map((flow) => flow.name);
  }

  isStale({ tags, began }: ModelFlow): boolean {
    return this.invalidated.slice(began).some((tag) => tags.has(tag));
  }

  insert(flow: ModelFlow): 'installed' | 'exists' | 'stale-tag' | 'unkeyed' | 'full' {
    if ((flow.seen & UNKEYED) !== 0) return 'unkeyed';
    if (this.isStale(flow)) return 'stale-tag';
    const now = flow.inserted;
    const twin = this.flows.find(
      (other) => (other.seen | IN_PORT) === (flow.seen | IN_PORT) && isAlike(other, flow.key),
    );
    if (twin !== undefined) {
      if (expiryOf(twin) > now) return 'exists';
      this.#remove([twin], 'expired', now);
    }
    if (this.flows.length >= this.#capacity) this.expire(now);
    this.flows.push(flow);
    while (this.flows.length > this.#capacity) {
      const [victim] = EVICTION.flatMap((queue) => this.flows.filter(({ lifetime }) => queue.includes(lifetime)));
      if (victim === undefined || victim === flow) {
        this.flows.pop();
        return 'full';
      }
      this.#remove([victim], 'evicted', now);
    }
    return 'installed';
  }

  invalidate(tag: number, now: number): number {
    this.invalidated.push(tag);
    const carriers = this.flows.filter((flow) => flow.tags.has(tag));
    this.#remove(carriers, 'invalidated', now);
    return carriers.length;
  }

  expire(now: number): number {
    const due = this.flows.filter((flow) => expiryOf(flow) <= now);
    this.#remove(due, 'expired', now);
    return due.length;
  }

  nextExpiry(): number | undefined {
    return this.flows.length === 0 ? undefined : Math.min(...this.flows.map(expiryOf));
  }

  carriersOf(tag: number): number {
    return this.flows.filter((flow) => flow.tags.has(tag)).length;
  }

  watch(tag: number, name: string): boolean {
    if (this.carriersOf(tag) === 0) return false;
    this.#watched.push({ tag, name });
    return true;
  }

  #remove(gone: readonly ModelFlow[], why: string, now: number): void {
    this.flows = this.flows.filter((flow) => !gone.includes(flow));
    for (const { name } of gone) this.removed.push(`${why} ${name}`);
    const lapsed = this.#watched.filter(({ tag }) => this.carriersOf(tag) === 0);
    this.#watched = this.#watched.filter((watch) => !lapsed.includes(watch));
    for (const { name } of lapsed) this.told.push(`${name} at ${now}`);
  }
}

export function expiryOf(flow: ModelFlow): number {
  return flow.inserted + LIFETIME_MILLIS[flow.lifetime];
}

function isAlike(flow: ModelFlow, key: Uint32Array): boolean {
  return maskOf(flow.seen).every((bits, n) => (((flow.key[n] ?? 0) ^ (key[n] ?? 0)) & bits) === 0);
}
