import { constants, createReadStream } from 'node:fs';
import { access, open, stat } from 'node:fs/promises';
import { pipeAt } from '../../topology/file/pipe.ts';
import { CaptureError } from './capture-error.ts';
import { CaptureDecoder } from './capture-format.ts';
import type { CaptureInterface } from './capture-interface.ts';
import type { CapturedFrame } from './captured-frame.ts';

const CHUNK_BYTES = 1 << 20;
/** So much of a file tells whether it is a capture. */
const START_BYTES = 1 << 16;

export interface ReadOptions {
  /** Stops the reading between two batches: the iteration throws an `AbortError`. */
  readonly signal?: AbortSignal;
  /** How much of a file is read at a time; the frames are the same ones whatever it is. */
  readonly chunkBytes?: number;
}

/**
 * A capture file, pcap or pcapng, read batch by batch at the pace of whoever iterates. It can be iterated once.
 *
 * `interfaces` is there at any time, as far as the file has been read: an interface is listed before the batch with
 * its first frame comes out, and its count of frames is the final one after the last batch.
 */
export class CaptureFile implements AsyncIterable<readonly CapturedFrame[]> {
  readonly path: string;
  readonly #chunks: AsyncIterable<Uint8Array>;
  readonly #decoder = new CaptureDecoder();

  /** @param chunks the bytes of the file, in pieces of any size that nobody writes to any more */
  constructor(path: string, chunks: AsyncIterable<Uint8Array>) {
    this.path = path;
    this.#chunks = chunks;
  }

  get interfaces(): readonly CaptureInterface[] {
    return this.#decoder.interfaces;
  }

  /**
   * @yields the frames that one chunk completed; never an empty batch. Their bytes stay valid
   * @throws CaptureError when the file is no capture, or bad from some byte on: all frames before it have been yielded.
   *   Node's own error (`code: 'ENOENT'`...) when it cannot be read
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<readonly CapturedFrame[], void> {
    try {
      for await (const chunk of this.#chunks) {
        const frames = this.#decoder.push(chunk);
        if (frames.length > 0) yield frames;
      }
      this.#decoder.end();
    } catch (error) {
      throw error instanceof CaptureError ? error.in(this.path) : error;
    }
  }
}

/** A capture file by its path; it is opened when the iteration begins. */
export function readCapture(path: string, options: ReadOptions = {}): CaptureFile {
  return new CaptureFile(path, chunksOf(path, options));
}

/**
 * Looks at the beginning of a file, without reading on.
 *
 * @returns why the file is no capture that can be read, to any extent. Undefined when it is one, as far as its beginning tells; and for
 *   what can be read only once, such as a pipe
 * @throws Node's own error (`code: 'ENOENT'`...) when it cannot be read
 */
export async function refusalOf(path: string): Promise<CaptureError | undefined> {
  await access(path, constants.R_OK);
  const found = await stat(path);
  if (!found.isFile() && !found.isDirectory()) return undefined;
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(START_BYTES), 0, START_BYTES, 0);
    const decoder = new CaptureDecoder();
    decoder.push(buffer.subarray(0, bytesRead));
    if (bytesRead < START_BYTES) decoder.end();
    return undefined;
  } catch (error) {
    if (!(error instanceof CaptureError)) throw error;
    return error.isRefusal ? error : undefined;
  } finally {
    await file.close();
  }
}

/** The bytes of a file, in pieces; those of a pipe, in pieces as they come. */
export async function* chunksOf(
  path: string,
  { signal, chunkBytes = CHUNK_BYTES }: ReadOptions = {},
): AsyncGenerator<Uint8Array, void> {
  const pipe: AsyncIterable<Uint8Array> | undefined = await pipeAt(path, signal);
  yield* pipe ?? createReadStream(path, { highWaterMark: chunkBytes, ...(signal && { signal }) });
}
