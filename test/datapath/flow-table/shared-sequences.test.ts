import { deepEqual, equal, notEqual, throws } from 'node:assert/strict';
import { SharedSequences } from '../../../datapath/flow-table/shared-sequences.ts';

const sequenceOf = (n: number): number[] => Array.from({ length: 1 + (n % 5) }, (_, k) => n + k);

describe('shared sequences', () => {
  it('are kept once, for as long as somebody holds them', () => {
    const sequences = new SharedSequences();
    const number = sequences.hold([1, 2]);
    equal(sequences.hold([1, 2]), number);
    notEqual(sequences.hold([2, 1]), number);
    equal(sequences.size, 2);
    sequences.release(number);
    deepEqual(sequences.valueOf(number), [1, 2]);
    sequences.release(number);
    equal(sequences.find([1, 2]), -1);
    throws(() => sequences.valueOf(number), RangeError);
    equal(sequences.size, 1);
  });

  it('are told apart by their length too', () => {
    const sequences = new SharedSequences();
    const all = [[], [0], [0, 0], [0, 0, 0]];
    const numbers = all.map((sequence) => sequences.hold(sequence));
    equal(new Set(numbers).size, all.length);
    deepEqual(
      numbers.map((number) => sequences.valueOf(number)),
      all,
    );
  });

  it('hold words of 32 bits, which come back with their sign', () => {
    const sequences = new SharedSequences();
    const number = sequences.hold([0xffff_ffff, 0x8000_0000, -7]);
    equal(sequences.find([-1, -0x8000_0000, -7]), number);
    deepEqual(sequences.valueOf(number), [-1, -0x8000_0000, -7]);
  });

  it('find each of thousands, before and after others have gone', () => {
    const sequences = new SharedSequences();
    const numbers = Array.from({ length: 3000 }, (_, n) => sequences.hold(sequenceOf(n)));
    for (const [n, number] of numbers.entries()) if (n % 3 !== 0) sequences.release(number);
    for (const [n, number] of numbers.entries()) equal(sequences.find(sequenceOf(n)), n % 3 === 0 ? number : -1);
    for (let n = 0; n < 3000; n++) sequences.hold(sequenceOf(n));
    equal(sequences.size, 3000);
    for (let n = 0; n < 3000; n++) deepEqual(sequences.valueOf(sequences.find(sequenceOf(n))), sequenceOf(n));
  });

  it('take the room of those that have gone', () => {
    const sequences = new SharedSequences();
    for (let n = 0; n < 1000; n++) sequences.hold([n, n, n]);
    const room = sequences.words.length;
    for (let round = 1; round < 10; round++) {
      for (let n = 0; n < 1000; n++) {
        sequences.release(sequences.find([n, n, n + (round - 1)]));
        sequences.hold([n, n, n + round]);
      }
    }
    equal(sequences.words.length, room);
  });
});
