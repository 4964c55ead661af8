import { deepEqual, equal } from 'node:assert/strict';
import { array, assert, integer, property } from 'fast-check';
import { DeadlineHeap } from '../../../simulation/state/deadline-heap.ts';
import { millisOf } from '../../../topology/model/time.ts';

describe('deadline heap', () => {
  it('hands out what is due first first, and among equals what was put in first', () => {
    assert(
      property(array(integer({ min: 0, max: 9 })), (times) => {
        const heap = new DeadlineHeap<number>();
        for (const [n, at] of times.entries()) heap.push(millisOf(at), n);
        const sorted = [...times.entries()].toSorted(([a, at], [b, bt]) => at - bt || a - b);
        deepEqual(
          sorted.map(() => [heap.pop(), heap.peek()?.at].at(0)),
          sorted.map(([n]) => n),
        );
        equal(heap.pop(), undefined);
      }),
    );
  });

  it('shows what is due first and keeps it', () => {
    const heap = new DeadlineHeap<string>();
    equal(heap.peek(), undefined);
    heap.push(millisOf(7), 'late');
    heap.push(millisOf(3), 'early');
    equal(heap.peek()?.at, 3);
    equal(heap.peek()?.item, 'early');
  });
});
