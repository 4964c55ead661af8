import { IN_PORT, type Fields } from '../../simulation/packet/fields.ts';
import type { Millis } from '../../topology/model/time.ts';
import type { FlowRows } from './flow-rows.ts';
import { MaskTable } from './mask-table.ts';

/** Hits after which all masks' counts are halved, so that their order follows the traffic. */
const MANY_HITS = 1 << 16;

/**
 * Flows by mask: one hash table for each mask, the masks asked in the order of what they answered lately. A search allocates nothing.
 *
 * @see Srinivasan, Suri, Varghese: Packet Classification using Tuple Space Search, SIGCOMM 1999
 */
export class TupleSpace {
  readonly #rows: FlowRows;
  /** Every mask ever met, by its number. */
  readonly #masks: MaskTable[] = [];
  readonly #numbers = new Map<Fields, number>();
  /** The masks that have flows, in the order of asking. */
  readonly #order: MaskTable[] = [];

  /** @param rows hold the key of each flow under its mask, and tell which flows are open */
  constructor(rows: FlowRows) {
    this.#rows = rows;
  }

  /** The masks that have flows, in the order of asking. */
  get order(): readonly MaskTable[] {
    return this.#order;
  }

  /** The flow that serves a packet; -1 when there is none. */
  find(words: Uint32Array, at: number, ipLength: number, now: Millis): number {
    const order = this.#order;
    for (let place = 0; place < order.length; place++) {
      const mask = order[place];
      if (mask === undefined) break;
      const flow = mask.find(words, at, this.#rows.words);
      if (flow < 0 || !this.#rows.isOpen(flow, ipLength, now)) continue;
      this.#praise(mask, place);
      return flow;
    }
    return -1;
  }

  /** As {@link find}, but leaves no trace. Of several flows that match, the one of the oldest mask. */
  peek(words: Uint32Array, at: number, ipLength: number, now: Millis): number {
    for (const mask of this.#masks) {
      const flow = mask.find(words, at, this.#rows.words);
      if (flow >= 0 && this.#rows.isOpen(flow, ipLength, now)) return flow;
    }
    return -1;
  }

  /** Whether this flow serves a packet. */
  serves(flow: number, words: Uint32Array, at: number, ipLength: number, now: Millis): boolean {
    if (!this.#rows.isOpen(flow, ipLength, now)) return false;
    return this.maskOf(flow).matches(words, at, this.#rows.words, flow);
  }

  maskOf(flow: number): MaskTable {
    return this.#maskAt(this.#rows.maskOf(flow));
  }

  /** The mask of a simulation that saw these fields. */
  maskFor(seen: Fields): MaskTable {
    const fields = seen | IN_PORT;
    const known = this.#numbers.get(fields);
    if (known !== undefined) return this.#maskAt(known);
    const mask = new MaskTable(this.#masks.length, fields);
    this.#masks.push(mask);
    this.#numbers.set(fields, mask.number);
    return mask;
  }

  /** Takes a flow in. There must be no flow of that key under the mask. */
  add(mask: MaskTable, key: Uint32Array, flow: number): void {
    if (mask.size === 0) {
      mask.hits = 0;
      this.#order.push(mask);
    }
    mask.add(key, this.#rows.words, flow);
  }

  /** Lets a flow go. Its row must still hold its key. */
  remove(flow: number): void {
    const mask = this.maskOf(flow);
    mask.remove(this.#rows.unsigned, flow);
    if (mask.size === 0) this.#order.splice(this.#order.indexOf(mask), 1);
  }

  #maskAt(number: number): MaskTable {
    const mask = this.#masks[number];
    if (mask === undefined) throw new RangeError(`no mask ${number}`);
    return mask;
  }

  /** Counts an answer of a mask, and lets it change places with one before it that has fewer. */
  #praise(mask: MaskTable, place: number): void {
    const order = this.#order;
    mask.hits++;
    const before = order[place - 1];
    if (before !== undefined && before.hits < mask.hits) {
      order[place - 1] = mask;
      order[place] = before;
    }
    if (mask.hits < MANY_HITS) return;
    for (const each of order) each.hits >>>= 1;
  }
}
