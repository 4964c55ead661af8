import { type FileHandle, open } from 'node:fs/promises';

/** An output that cannot be written: which, and in `code` and `cause` why (`ENOSPC`, `EACCES`...). */
export class CaptureWriteError extends Error {
  override readonly name = 'CaptureWriteError';
  readonly path: string;
  readonly code: string;

  constructor(path: string, cause: unknown) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
    super(`${path}: cannot be written (${code})`, { cause });
    this.path = path;
    this.code = code;
  }
}

/** Where the bytes of a written capture go. Calls do not overlap: each is awaited before the next. */
export interface CaptureSink {
  /** Adds bytes at the end. They may be written over as soon as the promise is fulfilled. @throws CaptureWriteError */
  write(bytes: Uint8Array): Promise<void>;
  /** Writes over bytes that were written before. @throws CaptureWriteError */
  patch(offset: number, bytes: Uint8Array): Promise<void>;
  /** Ends it; nothing is written afterwards. @throws CaptureWriteError */
  close(): Promise<void>;
}

/** A file, made anew. */
export class FileSink implements CaptureSink {
  readonly path: string;
  readonly #file: FileHandle;
  #length = 0;

  private constructor(path: string, file: FileHandle) {
    this.path = path;
    this.#file = file;
  }

  /** Makes the file, or empties the one that is there. @throws CaptureWriteError */
  static async open(path: string): Promise<FileSink> {
    return new FileSink(path, await named(path, open(path, 'w')));
  }

  async write(bytes: Uint8Array): Promise<void> {
    await this.patch(this.#length, bytes);
    this.#length += bytes.length;
  }

  /** A write may take fewer bytes than it was given: as on a disk that is nearly full. */
  async patch(offset: number, bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      const rest = this.#file.write(bytes, done, bytes.length - done, offset + done);
      // oxlint-disable-next-line no-await-in-loop -- the next write begins where this one has stopped
      done += (await named(this.path, rest)).bytesWritten;
    }
  }

  async close(): Promise<void> {
    await named(this.path, this.#file.close());
  }
}

/** Memory: for tests, and for outputs that are shown and not kept. */
export class MemorySink implements CaptureSink {
  #bytes = new Uint8Array(4096);
  #length = 0;

  /** All that was written, as a view that later writing may change. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  write(bytes: Uint8Array): Promise<void> {
    const length = this.#length + bytes.length;
    if (length > this.#bytes.length) {
      const grown = new Uint8Array(2 * length);
      grown.set(this.bytes);
      this.#bytes = grown;
    }
    this.#bytes.set(bytes, this.#length);
    this.#length = length;
    return Promise.resolve();
  }

  patch(offset: number, bytes: Uint8Array): Promise<void> {
    this.#bytes.set(bytes, offset);
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

async function named<Result>(path: string, work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    throw new CaptureWriteError(path, error);
  }
}
