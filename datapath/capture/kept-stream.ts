import { mkdtemp, open, rm, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PIECE_BYTES = 1 << 20;

/**
 * A stream that can be read only once, made readable any number of times: what comes is kept in a temporary file, and all readers read
 * that, at once or one after the other. The stream itself is read on when one of them has come to the end of what is kept.
 */
export class KeptStream {
  readonly #source: AsyncIterator<Uint8Array>;
  #file: FileHandle | undefined;
  #kept = 0;
  #isOver = false;
  /** Why the stream broke off; every reader meets it at the end of what is kept. */
  #fault: Error | undefined;
  #more: Promise<void> | undefined;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /**
   * The whole of it, from the beginning.
   *
   * @throws what the stream throws; Node's own error (`code: 'ENOSPC'`...) when it cannot be kept
   */
  /* oxlint-disable eslint/no-await-in-loop -- a stream is read in order */
  async *chunks(pieceBytes = PIECE_BYTES): AsyncGenerator<Uint8Array, void> {
    let at = 0;
    for (;;) {
      while (at === this.#kept && !this.#isOver) await this.#readOn();
      if (at === this.#kept) break;
      const length = Math.min(pieceBytes, this.#kept - at);
      const { buffer, bytesRead } = await (await this.#opened()).read(Buffer.allocUnsafe(length), 0, length, at);
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
    if (this.#fault !== undefined) throw this.#fault;
  }
  /* oxlint-enable eslint/no-await-in-loop */

  /** Ends the reading; the file is gone with it. */
  async close(): Promise<void> {
    this.#isOver = true;
    await this.#source.return?.();
    await this.#file?.close();
  }

  /** Reads one piece, which all who wait for it share. */
  #readOn(): Promise<void> {
    this.#more ??= this.#keepNext().finally(() => (this.#more = undefined));
    return this.#more;
  }

  async #keepNext(): Promise<void> {
    try {
      const next = await this.#source.next();
      if (next.done === true) {
        this.#isOver = true;
        return;
      }
      await (await this.#opened()).appendFile(next.value);
      this.#kept += next.value.length;
    } catch (fault) {
      if (!(fault instanceof Error)) throw fault;
      this.#isOver = true;
      this.#fault = fault;
    }
  }

  async #opened(): Promise<FileHandle> {
    this.#file ??= await temporaryFile();
    return this.#file;
  }
}

/** A file that only its handle leads to: it has lost its name, so nothing is left of it however the process ends. */
async function temporaryFile(): Promise<FileHandle> {
  const folder = await mkdtemp(join(tmpdir(), 'troupe-'));
  try {
    return await open(join(folder, 'capture'), 'wx+', 0o600);
  } finally {
    await rm(folder, { recursive: true });
  }
}
