import { deepEqual, equal, rejects } from 'node:assert/strict';
import { KeptStream } from '../../../datapath/capture/kept-stream.ts';

const PIECES = ['a capture ', 'that comes ', 'by pieces'];
const WHOLE = PIECES.join('');

describe('kept stream', () => {
  let given: number;
  let kept: KeptStream;

  async function* source(fault?: Error): AsyncGenerator<Uint8Array, void> {
    for (const piece of PIECES) {
      given++;
      yield Buffer.from(piece);
    }
    if (fault !== undefined) throw fault;
  }

  beforeEach(() => {
    given = 0;
    kept = new KeptStream(source());
  });
  afterEach(() => kept.close());

  it('gives the whole of it to readers one after the other, in pieces of their own', async () => {
    equal(await textOf(kept.chunks()), WHOLE);
    equal(await textOf(kept.chunks(3)), WHOLE);
    equal(given, PIECES.length);
  });

  it('gives the whole of it to readers at once', async () => {
    const readers = [kept.chunks(1), kept.chunks(), kept.chunks(7)];
    deepEqual(await Promise.all(readers.map((reader) => textOf(reader))), [WHOLE, WHOLE, WHOLE]);
    equal(given, PIECES.length);
  });

  it('is read no further than somebody has asked', async () => {
    const [ahead, behind] = [kept.chunks(), kept.chunks()];
    await ahead.next();
    await ahead.next();
    await behind.next();
    equal(given, 2);
  });

  it('tells each reader why it broke off, after all that came before', async () => {
    const fault = new Error('broken');
    kept = new KeptStream(source(fault));
    for (const reader of [kept.chunks(), kept.chunks()]) {
      let text = '';
      // oxlint-disable-next-line eslint/no-await-in-loop -- one reader after the other
      await rejects(
        textOf(reader, (piece) => (text += piece)),
        fault,
      );
      equal(text, WHOLE);
    }
  });
});

async function textOf(chunks: AsyncIterable<Uint8Array>, heard: (piece: string) => void = () => {}): Promise<string> {
  let text = '';
  for await (const chunk of chunks) {
    const piece = Buffer.from(chunk).toString();
    heard(piece);
    text += piece;
  }
  return text;
}
