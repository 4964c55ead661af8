import type { WritableFrame } from './captured-frame.ts';
import { CaptureOutput } from './capture-output.ts';
import type { CaptureSink } from './capture-sink.ts';
import { ETHERNET } from './link-type.ts';
import { MAX_FRAME } from './piece-decoder.ts';
import type { Precision } from './precision.ts';

const FILE_HEADER = 24;
const RECORD_HEADER = 16;
const LAST_SECOND = 0xffff_ffff;

/**
 * Writes a pcap file of Ethernet frames: what every program reads, and no room for interfaces and comments.
 *
 * Little-endian on every machine: the same frames give the same bytes.
 * @see draft-ietf-opsawg-pcap, sections 4 and 5
 */
export class PcapWriter {
  readonly #output: CaptureOutput;
  readonly #nanosPerTick: number;

  /** @param precision `nanoseconds` keeps times whole; old programs know `microseconds` only */
  constructor(sink: CaptureSink, precision: Precision = 'nanoseconds') {
    this.#output = new CaptureOutput(sink);
    this.#nanosPerTick = precision === 'nanoseconds' ? 1 : 1000;
    const at = this.#output.reserve(FILE_HEADER);
    const { view } = this.#output;
    view.setUint32(at, precision === 'nanoseconds' ? 0xa1b2_3c4d : 0xa1b2_c3d4, true);
    view.setUint16(at + 4, 2, true);
    view.setUint16(at + 6, 4, true);
    view.setUint32(at + 16, MAX_FRAME, true);
    view.setUint32(at + 20, ETHERNET, true);
    this.#output.commit(FILE_HEADER);
  }

  /**
   * Copies a frame into the output. Seconds that 32 bits cannot hold become the nearest that they can.
   * @throws RangeError for a frame above {@link MAX_FRAME}
   */
  add({ bytes, seconds, nanos, wireLength }: WritableFrame): void {
    if (bytes.length > MAX_FRAME) throw new RangeError(`a frame of ${bytes.length} bytes`);
    const length = RECORD_HEADER + bytes.length;
    const at = this.#output.reserve(length);
    const { view } = this.#output;
    view.setUint32(at, Math.max(0, Math.min(seconds, LAST_SECOND)), true);
    view.setUint32(at + 4, Math.floor(nanos / this.#nanosPerTick), true);
    view.setUint32(at + 8, bytes.length, true);
    view.setUint32(at + 12, Math.max(bytes.length, wireLength), true);
    this.#output.bytes.set(bytes, at + RECORD_HEADER);
    this.#output.commit(length);
  }

  /** Lets the sink catch up: await it after each batch of frames. @throws CaptureWriteError */
  drain(): Promise<void> {
    return this.#output.drain();
  }

  /** Writes the rest and closes the sink. @throws CaptureWriteError */
  finish(): Promise<void> {
    return this.#output.finish();
  }
}
