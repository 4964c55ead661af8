import { KEY_WORDS } from './key-layout.ts';

/** Keys that share a buffer: one of its own would cost each of them ten times as much as it is worth. */
const KEYS_PER_BLOCK = 64;

let block = new ArrayBuffer(0);
let used = 0;

/** Room for one more key: {@link KEY_WORDS} words, all zero, nobody else's. Made for keys that live about as long as their neighbours. */
export function newKeyWords(): Uint32Array {
  const bytes = KEY_WORDS * Uint32Array.BYTES_PER_ELEMENT;
  if (used + bytes > block.byteLength) {
    block = new ArrayBuffer(KEYS_PER_BLOCK * bytes);
    used = 0;
  }
  const words = new Uint32Array(block, used, KEY_WORDS);
  used += bytes;
  return words;
}

/** A key of the same words. */
export function copyOfKey(words: Uint32Array): Uint32Array {
  const copy = newKeyWords();
  for (let at = 0; at < KEY_WORDS; at++) copy[at] = words[at] ?? 0; // so few of them that `set` takes longer
  return copy;
}
