import { deepEqual, equal } from 'node:assert/strict';
import * as fc from 'fast-check';
import { Blocks } from '../../../datapath/flow-table/blocks.ts';

describe('blocks', () => {
  it('keep their words to themselves, whatever else is taken and given back', () => {
    const length = fc.integer({ min: 1, max: 9 });
    fc.assert(
      fc.property(fc.array(fc.oneof(length, fc.constant(undefined)), { maxLength: 200, size: 'max' }), (steps) => {
        const blocks = new Blocks();
        const taken: { at: number; values: number[] }[] = [];
        for (const [n, step] of steps.entries()) {
          const given = step === undefined ? taken.splice(n % Math.max(taken.length, 1), 1)[0] : undefined;
          if (given !== undefined) blocks.free(given.at, given.values.length);
          if (step === undefined) continue;
          const values = Array.from({ length: step }, (_, k) => n * 10 + k);
          const at = blocks.take(step);
          blocks.words.set(values, at);
          taken.push({ at, values });
        }
        for (const { at, values } of taken)
          deepEqual(Array.from(blocks.words.subarray(at, at + values.length)), values);
      }),
    );
  });

  it('are taken again for others of their length', () => {
    const blocks = new Blocks();
    const taken = Array.from({ length: 100 }, () => blocks.take(7));
    for (const at of taken) blocks.free(at, 7);
    const room = blocks.words.length;
    const again = Array.from({ length: 100 }, () => blocks.take(7));
    deepEqual(new Set(again), new Set(taken));
    equal(blocks.words.length, room);
  });
});
