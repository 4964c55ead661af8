import { equal, notEqual, throws } from 'node:assert/strict';
import { SEQUENCES, SharedValues } from '../../../datapath/flow-table/shared-values.ts';

describe('shared values', () => {
  it('keep equal values once, for as long as somebody holds them', () => {
    const values = new SharedValues(SEQUENCES);
    const first = [1, 2];
    const number = values.hold(first);
    equal(values.hold([1, 2]), number);
    notEqual(values.hold([2, 1]), number);
    equal(values.size, 2);
    equal(values.release(number), false);
    equal(values.valueOf(number), first);
    equal(values.release(number), true);
    equal(values.find([1, 2]), -1);
    throws(() => values.valueOf(number), RangeError);
    equal(values.size, 1);
  });

  it('find each of thousands, before and after others have gone', () => {
    const values = new SharedValues(SEQUENCES);
    const numbers = Array.from({ length: 3000 }, (_, n) => values.hold([n, n % 7]));
    for (const [n, number] of numbers.entries()) if (n % 3 !== 0) values.release(number);
    for (const [n, number] of numbers.entries()) equal(values.find([n, n % 7]), n % 3 === 0 ? number : -1);
    for (let n = 0; n < 3000; n++) values.hold([n, n % 7]);
    equal(values.size, 3000);
    for (let n = 0; n < 3000; n++) equal(values.valueOf(values.find([n, n % 7]))[0], n);
  });
});
