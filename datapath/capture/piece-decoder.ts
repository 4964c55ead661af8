import { CaptureError } from './capture-error.ts';
import type { CaptureInterface } from './capture-interface.ts';
import type { CapturedFrame } from './captured-frame.ts';

/**
 * The most octets of one frame: as much as libpcap's own programs capture (MAXIMUM_SNAPLEN of pcap-int.h).
 * A record that claims more is taken for damage.
 */
export const MAX_FRAME = 262_144;

/** What reads a capture file handed over in pieces. */
export interface FrameDecoder {
  /** The interfaces met up to now; it grows while the file is read. */
  readonly interfaces: readonly CaptureInterface[];
  /**
   * Takes the next piece, of any size; returns the frames it completed, oldest first. Their bytes are views on the
   * piece, or on a copy of what a border between pieces had cut: the caller does not write to a piece any more.
   * @throws CaptureError when the file makes no sense; a fault behind sound frames waits for the next call
   */
  push(piece: Uint8Array): readonly CapturedFrame[];
  /** Declares the file at its end. @throws CaptureError if a fault waits, or if what is left is cut short */
  end(): void;
}

/**
 * What the decoders of the formats have in common: a window on the bytes not yet understood, and the promise that
 * sound frames come out before the fault behind them, the same ones however the file was cut.
 */
export abstract class PieceDecoder implements FrameDecoder {
  abstract readonly interfaces: readonly CaptureInterface[];
  /** The bytes at hand; those before `at` are done with. */
  protected view: DataView = new DataView(new ArrayBuffer(0));
  protected at = 0;
  /** Place of the window's first byte in the file. */
  #base = 0;
  /** The buffer of our own that the window lies in; with room behind the window, or undefined if it is the caller's. */
  #own: Uint8Array | undefined;
  #fault: CaptureError | undefined;

  push(piece: Uint8Array): readonly CapturedFrame[] {
    if (this.#fault) throw this.#fault;
    if (piece.length > 0) this.#append(piece);
    const frames: CapturedFrame[] = [];
    try {
      this.decode(frames);
    } catch (error) {
      if (!(error instanceof CaptureError)) throw error;
      this.#fault = error;
      if (frames.length === 0) throw error;
    }
    return frames;
  }

  end(): void {
    if (this.#fault) throw this.#fault;
    if (this.offset === 0 && this.left === 0) throw new CaptureError('empty', 0, 'the file is empty');
    this.#fault = this.faultAtEnd();
    if (this.#fault) throw this.#fault;
  }

  /** Understands what is complete in the window, moves `at` behind it, and adds the frames. @throws CaptureError */
  protected abstract decode(frames: CapturedFrame[]): void;

  /** What is wrong if the file ends here, where `left` bytes wait for more. */
  protected abstract faultAtEnd(): CaptureError | undefined;

  /** Bytes at hand and not yet understood. */
  protected get left(): number {
    return this.view.byteLength - this.at;
  }

  /** Place in the file of `at`. */
  protected get offset(): number {
    return this.#base + this.at;
  }

  protected bytes(start: number, length: number): Uint8Array {
    return new Uint8Array(this.view.buffer, this.view.byteOffset + start, length);
  }

  /**
   * Puts a piece behind the bytes that are left. Nothing that was handed out is ever written over: room grows by
   * doubling, so that a file that comes byte by byte costs a constant amount of copying for each byte.
   */
  #append(piece: Uint8Array): void {
    const { left } = this;
    this.#base += this.at;
    if (left === 0) {
      this.#own = undefined;
      this.view = new DataView(piece.buffer, piece.byteOffset, piece.length);
    } else {
      const total = left + piece.length;
      let start = this.view.byteOffset + this.at;
      if (this.#own === undefined || start + total > this.#own.length) {
        const own = new Uint8Array(piece.length >= left ? total : 2 * total);
        own.set(this.bytes(this.at, left));
        this.#own = own;
        start = 0;
      }
      this.#own.set(piece, start + left);
      this.view = new DataView(this.#own.buffer, start, total);
    }
    this.at = 0;
  }
}
