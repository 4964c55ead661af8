import { deepEqual, equal, ok } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { CaptureDecoder } from '../../../datapath/capture/capture-format.ts';
import { ETHERNET } from '../../../datapath/capture/link-type.ts';
import { MAX_FRAME } from '../../../datapath/capture/piece-decoder.ts';
import { capturePath, KNOWN } from '../../captures/known.ts';
import { Blocks, decode, type Decoded, sampler } from './blocks.ts';
import { Chance, mutate } from './mutate.ts';

/** As many variants as are tried; FUZZ_RUNS=100000 tries more, FUZZ_SEED=1234 tries one again. */
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 4000);
const ONE = process.env['FUZZ_SEED'];

const MANY = 30_000;
const originals: readonly Buffer[] = [
  sampler(new Blocks(true)),
  sampler(new Blocks(false)),
  Buffer.concat([new Blocks(false).pcapHeader({ magic: 0xa1b23c4d }), new Blocks(false).pcapRecord(Buffer.alloc(60))]),
  ...Object.keys(KNOWN)
    .map((name) => readFileSync(capturePath(name)))
    .filter((file) => file.length < MANY),
];

/** A damaged capture for every seed, decoded in one piece and in small ones. */
function tryOut(seed: number): Decoded {
  const chance = new Chance(seed ^ 0x5eed);
  const original = chance.oneOf(originals.slice(0, chance.below(2) === 0 ? 3 : originals.length));
  const { bytes, told } = mutate(original, seed);
  try {
    const decoder = new CaptureDecoder();
    const decoded = decode(decoder, bytes);
    const { frames, fault } = decoded;
    for (const [i, frame] of frames.entries()) {
      ok(frame.bytes.length <= Math.min(frame.wireLength, MAX_FRAME));
      ok(frame.nanos >= 0 && frame.nanos < 1e9 && Number.isInteger(frame.nanos));
      ok(Number.isSafeInteger(frame.seconds * 1000));
      ok(frame.index > (frames[i - 1]?.index ?? 0));
      equal(decoder.interfaces[frame.interfaceIndex]?.linkType, ETHERNET);
    }
    ok((fault?.offset ?? 0) <= bytes.length);
    const again = decode(new CaptureDecoder(), bytes, 1 + chance.below(chance.below(2) === 0 ? 20 : 3000));
    deepEqual(again.frames, frames);
    deepEqual([again.fault?.fault, again.fault?.offset], [fault?.fault, fault?.offset]);
    return decoded;
  } catch (cause) {
    throw new Error(`seed ${seed} (try it again with FUZZ_SEED=${seed}): ${told}`, { cause });
  }
}

describe('a damaged capture', () => {
  if (ONE !== undefined) {
    it(`of seed ${ONE} gives sound frames and a named fault, the same ones however it is cut`, () => {
      tryOut(Number(ONE));
    });
    return;
  }

  it(`gives sound frames and a named fault, the same ones however it is cut (${RUNS} of them)`, () => {
    const met = new Map<string, number>();
    for (let seed = 0; seed < RUNS; seed++) {
      const { fault } = tryOut(seed);
      met.set(fault?.fault ?? 'sound', (met.get(fault?.fault ?? 'sound') ?? 0) + 1);
    }
    // The damage is of every kind, or the test proves little.
    const wanted = [
      'bad-block-length',
      'bad-byte-order',
      'bad-option',
      'cut-short',
      'empty',
      'link-type',
      'no-such-interface',
    ];
    const more = [
      'not-a-capture',
      'oversized-block',
      'oversized-record',
      'sound',
      'unsupported-version',
      'bad-timestamp',
    ];
    deepEqual(
      [...wanted, ...more].filter((fault) => !met.has(fault)),
      [],
    );
  }).timeout(60_000);

  it('is the same damage for the same seed', () => {
    const [original] = originals;
    ok(original);
    deepEqual(mutate(original, 42), mutate(original, 42));
  });
});
