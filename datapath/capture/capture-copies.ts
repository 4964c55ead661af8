import { stat } from 'node:fs/promises';
import { CaptureFile, chunksOf, type ReadOptions } from './capture-file.ts';
import { KeptStream } from './kept-stream.ts';

/** Reads captures any number of times, also those that come through a pipe: these are kept while they are read. Of files no copy is made. */
export class CaptureCopies {
  readonly #pipes = new Map<string, KeptStream>();

  /** A capture by its path, as of `readCapture`. */
  readonly read = (path: string, options: ReadOptions = {}): CaptureFile =>
    new CaptureFile(path, this.#chunksOf(path, options));

  /** Ends all reading of pipes, and gives up what was kept. */
  async close(): Promise<void> {
    await Promise.all([...this.#pipes.values()].map((pipe) => pipe.close()));
  }

  async *#chunksOf(path: string, options: ReadOptions): AsyncGenerator<Uint8Array, void> {
    const found = await stat(path);
    if (!found.isFIFO()) {
      yield* chunksOf(path, options);
      return;
    }
    // One pipe may go by several names, such as /dev/stdin and /dev/fd/0.
    const identity = `${found.dev}:${found.ino}`;
    const pipe = this.#pipes.get(identity) ?? new KeptStream(chunksOf(path, options));
    this.#pipes.set(identity, pipe);
    yield* pipe.chunks(options.chunkBytes);
  }
}
