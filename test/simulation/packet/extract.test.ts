import { deepEqual, equal } from 'node:assert/strict';
import { extract } from '../../../simulation/packet/extract.ts';
import { ETH_DST, IN_PORT, KEY_WORDS, WORD } from '../../../simulation/packet/flow-key.ts';
import { Layers } from '../../../simulation/packet/frame.ts';
import { portIdOf } from '../../../topology/model/ids.ts';

function keyOfHex(hex: string, wireLength?: number): [Uint32Array, Layers] {
  const bytes = Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
  const words = new Uint32Array(KEY_WORDS).fill(0xdead_beef);
  const layers = new Layers();
  extract(bytes, bytes.length, wireLength ?? bytes.length, portIdOf(3), words, layers);
  return [words, layers];
}

describe('extract', () => {
  it('gives a frame of six octets a destination and nothing else', () => {
    const [words] = keyOfHex('020000000001');
    equal(words[WORD.present], IN_PORT | ETH_DST);
    deepEqual([...words.subarray(WORD.ethDstHigh, WORD.ethDstHigh + 3)], [0x0200_0000, 0x0001_0000, 0]);
    equal(words[WORD.spare], 0);
  });
});
