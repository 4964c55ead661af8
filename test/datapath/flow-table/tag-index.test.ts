import { deepEqual, equal } from 'node:assert/strict';
import * as fc from 'fast-check';
import { TagIndex } from '../../../datapath/flow-table/tag-index.ts';
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
    const change = fc.tuple(fc.nat(FLOWS - 1), fc.oneof(tags, fc.constant([0, 1, 2, 3])));
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
});
