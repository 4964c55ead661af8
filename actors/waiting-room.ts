import type { Need } from '../simulation/verdict.ts';
import type { DeviceId } from '../topology/model/ids.ts';
import type { Ipv4 } from '../topology/model/ipv4.ts';
import type { Journey } from './journey.ts';

/** Packets that may wait for one next hop: spec C17. */
const PER_NEXT_HOP = 16;
/** Packets that may wait in all. */
const IN_ALL = 4096;

/** What packets wait for: a need without what only its satisfaction takes. Every need is one. */
export type Awaited =
  | { readonly kind: 'device'; readonly device: DeviceId }
  | { readonly kind: 'next-hop'; readonly router: DeviceId; readonly address: Ipv4 };

/** The name under which packets wait for the same thing. */
function keyOf(need: Awaited): string {
  return need.kind === 'device' ? `device ${need.device}` : `next-hop ${need.router} ${need.address}`;
}

/** Packets suspended because something is not known yet; bounded, in order of arrival. */
export class WaitingRoom {
  readonly #queues = new Map<string, Journey[]>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Who waits, and for what; oldest first for each. */
  *waiting(): Generator<{ readonly need: string; readonly journey: Journey }, void> {
    for (const [need, queue] of this.#queues) for (const journey of queue) yield { need, journey };
  }

  /**
   * Lets a packet wait.
   *
   * @returns the packet that had to go for it: the oldest that waits for the same next hop, or the newcomer when the room is full
   */
  park(journey: Journey, need: Need): Journey | undefined {
    if (this.#size >= IN_ALL) return journey;
    const key = keyOf(need);
    const queue = this.#queues.get(key) ?? [];
    this.#queues.set(key, queue);
    queue.push(journey);
    if (need.kind === 'next-hop' && queue.length > PER_NEXT_HOP) return queue.shift();
    this.#size++;
    return undefined;
  }

  /** All that wait for it, oldest first; they wait no longer. */
  release(need: Awaited): readonly Journey[] {
    const key = keyOf(need);
    const queue = this.#queues.get(key) ?? [];
    this.#queues.delete(key);
    this.#size -= queue.length;
    return queue;
  }

  /** Takes one out; false when it did not wait (any more). */
  leave(journey: Journey, need: Awaited): boolean {
    const queue = this.#queues.get(keyOf(need));
    const at = queue?.indexOf(journey) ?? -1;
    if (queue === undefined || at < 0) return false;
    queue.splice(at, 1);
    if (queue.length === 0) this.#queues.delete(keyOf(need));
    this.#size--;
    return true;
  }
}
