import type { CaptureSink } from './capture-sink.ts';

/** Bytes to be written over what is at a place of the file. */
interface Patch {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** Big enough that a write costs little for each frame. */
const BUFFER_BYTES = 1 << 16;
const FIRST_BUFFER_BYTES = 1 << 12;

/**
 * The way of the writers from synchronous encoding to a sink that takes its time: bytes are encoded into a buffer at
 * once, and full buffers wait for the next {@link drain}.
 */
export class CaptureOutput {
  /** The buffer that {@link reserve} speaks of. */
  bytes = new Uint8Array(FIRST_BUFFER_BYTES);
  view: DataView = new DataView(this.bytes.buffer);
  #used = 0;
  #full: Uint8Array[] = [];
  /** Bytes of the buffers before this one. */
  #before = 0;
  #patches: Patch[] = [];
  #draining: Promise<void> = Promise.resolve();
  readonly #sink: CaptureSink;

  constructor(sink: CaptureSink) {
    this.#sink = sink;
  }

  /** Finds room for so many bytes in `bytes`, and says where. The room may hold rubbish. */
  reserve(length: number): number {
    if (this.#used + length > this.bytes.length) {
      if (this.#used > 0) this.#full.push(this.bytes.subarray(0, this.#used));
      this.#before += this.#used;
      this.bytes = new Uint8Array(Math.max(BUFFER_BYTES, length));
      this.view = new DataView(this.bytes.buffer);
      this.#used = 0;
    }
    return this.#used;
  }

  /** Keeps what was written into the room found last: so many of its bytes. */
  commit(length: number): void {
    this.#used += length;
  }

  /** The place in the file of a place in the buffer. */
  offsetOf(at: number): number {
    return this.#before + at;
  }

  /** Writes over bytes that were kept before: in the buffer, or in the sink with the next {@link drain}. */
  patch(offset: number, bytes: Uint8Array): void {
    if (offset >= this.#before) this.bytes.set(bytes, offset - this.#before);
    else this.#patches.push({ offset, bytes });
  }

  /**
   * Gives the full buffers to the sink. To be awaited now and then, such as after each batch of frames: what is not
   * drained piles up in memory.
   * @throws CaptureWriteError from here on, once a write has failed
   */
  drain(): Promise<void> {
    this.#draining = this.#draining.then(() => this.#writeFull());
    return this.#draining;
  }

  /** Writes all that is left, then `patch` over what is at `offset`, and closes the sink whatever happens. @throws CaptureWriteError */
  async finish(patch?: Patch): Promise<void> {
    if (this.#used > 0) this.#full.push(this.bytes.subarray(0, this.#used));
    this.bytes = new Uint8Array(0);
    this.#used = 0;
    try {
      await this.drain();
      if (patch) await this.#sink.patch(patch.offset, patch.bytes);
    } catch (error) {
      await this.#sink.close().catch(() => undefined); // the first failure is the one to tell of
      throw error;
    }
    await this.#sink.close();
  }

  async #writeFull(): Promise<void> {
    const full = this.#full;
    const patches = this.#patches; // of what is written by then: of bytes in these buffers, or before
    this.#full = [];
    this.#patches = [];
    /* oxlint-disable no-await-in-loop -- in their order, one at a time: this is the back-pressure */
    for (const bytes of full) await this.#sink.write(bytes);
    for (const { offset, bytes } of patches) await this.#sink.patch(offset, bytes);
    /* oxlint-enable no-await-in-loop */
  }
}
