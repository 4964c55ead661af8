import type { Millis } from '../../topology/model/time.ts';

interface Deadline<T> {
  readonly at: Millis;
  readonly order: number;
  readonly item: T;
}

/** What is due next, as a binary heap: the earliest first, among equals the one put in first. */
export class DeadlineHeap<T> {
  readonly #heap: Deadline<T>[] = [];
  #pushed = 0;

  peek(): { readonly at: Millis; readonly item: T } | undefined {
    return this.#heap[0];
  }

  push(at: Millis, item: T): void {
    const heap = this.#heap;
    const deadline = { at, order: this.#pushed++, item };
    let hole = heap.length;
    heap.push(deadline);
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || !isBefore(deadline, above)) break;
      heap[hole] = above;
      hole = parent;
    }
    heap[hole] = deadline;
  }

  pop(): T | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first?.item;
    let hole = 0;
    for (;;) {
      const child = this.#earlierChildOf(hole);
      const below = heap[child];
      if (below === undefined || !isBefore(below, last)) break;
      heap[hole] = below;
      hole = child;
    }
    heap[hole] = last;
    return first.item;
  }

  #earlierChildOf(parent: number): number {
    const left = this.#heap[2 * parent + 1];
    const right = this.#heap[2 * parent + 2];
    return 2 * parent + (left !== undefined && right !== undefined && isBefore(right, left) ? 2 : 1);
  }
}

function isBefore<T>(a: Deadline<T>, b: Deadline<T>): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
