import { deepEqual, equal } from 'node:assert/strict';
import * as fc from 'fast-check';
import { TagIndex, type GoneListener } from '../../../datapath/flow-table/tag-index.ts';
import { millisOf } from '../../../topology/model/time.ts';
import { tag } from './keys.ts';

const FLOWS = 150;
const TAGS = 40;

describe('tag index', () => {
  it('knows the tags of each flow and the flows of each tag, however common they are', function () {
    this.timeout(0);
    // Low numbers are common, high ones rare.
    const tags = fc
      .array(fc.tuple(fc.nat(TAGS), fc.nat(TAGS)), { maxLength: 8 })
      .map((pairs) => pairs.map(([a, b]) => Math.min(a, b)));
    // The first half of a way depends on where it begins, the second on where it ends.
    const ways = fc
      .tuple(fc.nat(4), fc.nat(4), fc.nat(TAGS))
      .map(([from, to, own]) => [from, 5 + from, 10, 15 + to, own, 20 + to]);
    const change = fc.tuple(fc.nat(FLOWS - 1), fc.oneof(tags, ways, fc.constant([0, 1, 2, 3])));
    fc.assert(
      fc.property(fc.array(change, { minLength: 200, maxLength: 400, size: 'max' }), (changes) => {
        const index = new TagIndex();
        index.reserve(FLOWS);
        const model = new Map<number, readonly number[]>();
        for (const [flow, carried] of changes) {
          if (model.delete(flow)) index.remove(flow, []);
          else {
            index.add(flow, carried.map(tag));
            model.set(
              flow,
              [...new Set(carried)].toSorted((a, b) => a - b),
            );
          }
        }
        for (const [flow, carried] of model) deepEqual(index.tagsOf(flow), carried);
        for (let n = 0; n <= TAGS; n++) {
          let carriers = [...model.values()].filter((carried) => carried.includes(n)).length;
          equal(index.carriersOf(tag(n)), carriers);
          while (carriers-- > 0) {
            const flow = index.anyCarrier(tag(n));
            equal(model.get(flow)?.includes(n), true);
            model.delete(flow);
            index.remove(flow, []);
          }
          equal(index.anyCarrier(tag(n)), -1);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('tells apart bundles, were their keys the same', () => {
    const index = new TagIndex();
    index.reserve(32);
    const numbered = Array.from({ length: 48 }, (_, n) => tag(n)); // each is given the number that it is
    for (let flow = 0; flow < 20; flow++) index.add(flow, numbered);
    const [left, right, end] = [
      [8, 26, 10, 36],
      [10, 2, 3, 0],
      [40, 41, 42, 43],
    ]; // `left` and `right` have one key
    for (const [n, tags] of [left, right, left, right].entries()) index.add(20 + n, [...tags, ...end].map(tag));
    deepEqual(
      [20, 21, 22, 23].map((flow) => index.tagsOf(flow)),
      [left, right, left, right].map((tags) => [...tags, ...end].toSorted((a, b) => a - b)),
    );
    for (let flow = 0; flow < 20; flow++) index.remove(flow, []);
    deepEqual(
      [8, 10, 2, 40].map((n) => index.carriersOf(tag(n))),
      [2, 4, 2, 4],
    );
  });

  it('has room for more flows, tags and links than it began with', () => {
    const index = new TagIndex();
    index.reserve(5000);
    for (let n = 0; n < 5000; n++) index.add(n, [tag(n), tag(10_000 + n), tag(20_000 + (n % 100)), tag(1)]);
    for (let n = 0; n < 5000; n++)
      deepEqual(
        index.tagsOf(n),
        n === 1 ? [1, 10_001, 20_001] : [1, n, 10_000 + n, 20_000 + (n % 100)].toSorted((a, b) => a - b),
      );
  });

  it('tells apart tags that differ in their upper bits only', () => {
    const index = new TagIndex();
    index.reserve(200);
    for (let n = 0; n < 200; n++) index.add(n, [tag(1 + n * 2 ** 32)]);
    for (let n = 0; n < 200; n++) equal(index.anyCarrier(tag(1 + n * 2 ** 32)), n);
    equal(index.anyCarrier(tag(1 + 200 * 2 ** 32)), -1);
  });

  it('tells of each tag once, when the last flow that carries it has gone', () => {
    const index = new TagIndex();
    index.reserve(100);
    const told: number[] = [];
    for (let flow = 0; flow < 100; flow++) index.add(flow, [1, 2, 3, 4, 4, 100 + flow].map(tag));
    for (const n of [1, 4, 150])
      equal(
        index.watch(tag(n), () => told.push(n)),
        true,
      );
    equal(
      index.watch(tag(99), () => told.push(99)),
      false,
    );
    for (let flow = 0; flow < 100; flow++) {
      const gone: GoneListener[] = [];
      index.remove(flow, gone);
      for (const listener of gone) listener(millisOf(0));
      deepEqual(
        told.toSorted((a, b) => a - b),
        [...(flow === 99 ? [1, 4] : []), ...(flow >= 50 ? [150] : [])],
      );
    }
  });
});
