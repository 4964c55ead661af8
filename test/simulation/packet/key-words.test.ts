import { deepEqual, equal } from 'node:assert/strict';
import { KEY_WORDS } from '../../../simulation/packet/key-layout.ts';
import { copyOfKey, newKeyWords } from '../../../simulation/packet/key-words.ts';

describe('the words of keys', () => {
  it('are zero at first, and each key has its own', () => {
    const keys = Array.from({ length: 200 }, newKeyWords);
    for (const [n, words] of keys.entries()) words.fill(n + 1);
    for (const [n, words] of keys.entries()) deepEqual(words, new Uint32Array(KEY_WORDS).fill(n + 1));
    equal(
      newKeyWords().every((word) => word === 0),
      true,
    );
  });

  it('are copied whole, and then apart', () => {
    const words = newKeyWords().map((_, n) => 0xffff_ff00 + n);
    const copy = copyOfKey(words);
    deepEqual(copy, words);
    copy[3] = 7;
    equal(words[3], 0xffff_ff03);
  });
});
