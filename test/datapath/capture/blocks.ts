import { NO_COMMENTS, type CapturedFrame } from '../../../datapath/capture/captured-frame.ts';
import type { CaptureError } from '../../../datapath/capture/capture-error.ts';
import type { FrameDecoder } from '../../../datapath/capture/piece-decoder.ts';

/** Writes the parts of capture files by hand, good and bad, in either byte order. Independent of the project's writers. */
export class Blocks {
  readonly #littleEndian: boolean;

  constructor(littleEndian: boolean) {
    this.#littleEndian = littleEndian;
  }

  u16(...values: number[]): Buffer {
    return Buffer.concat(
      values.map((value) => this.#number(2, (view) => view.setUint16(0, value, this.#littleEndian))),
    );
  }

  u32(...values: number[]): Buffer {
    return Buffer.concat(
      values.map((value) => this.#number(4, (view) => view.setUint32(0, value, this.#littleEndian))),
    );
  }

  u64(value: bigint): Buffer {
    return this.#number(8, (view) => view.setBigUint64(0, BigInt.asUintN(64, value), this.#littleEndian));
  }

  pcapHeader({ magic = 0xa1b2c3d4, linkType = 1, major = 2, minor = 4 } = {}): Buffer {
    return Buffer.concat([this.u32(magic), this.u16(major, minor), this.u32(0, 0, 65_535, linkType)]);
  }

  pcapRecord(
    frame: Uint8Array,
    { seconds = 7, ticks = 0, length = frame.length, wireLength = frame.length } = {},
  ): Buffer {
    return Buffer.concat([this.u32(seconds, ticks, length, wireLength), frame]);
  }

  block(type: number, body: Uint8Array, lies: { length?: number; trailer?: number } = {}): Buffer {
    const length = lies.length ?? 12 + padded(body).length;
    const trailer = lies.trailer ?? length;
    return Buffer.concat([this.u32(type, length), padded(body), this.u32(trailer)]);
  }

  option(code: number, value: Uint8Array | string, length = Buffer.from(value).length): Buffer {
    return Buffer.concat([this.u16(code, length), padded(Buffer.from(value))]);
  }

  section(...options: Buffer[]): Buffer {
    const body = [this.u32(0x1a2b3c4d), this.u16(1, 0), this.u64(-1n), ...options];
    return this.block(0x0a0d0d0a, Buffer.concat(body));
  }

  interface({ linkType = 1, snapLength = 0 } = {}, ...options: Buffer[]): Buffer {
    return this.block(1, Buffer.concat([this.u16(linkType, 0), this.u32(snapLength), ...options]));
  }

  packet(frame: Uint8Array, { from = 0, ticks = 0n, wireLength = frame.length } = {}, ...options: Buffer[]): Buffer {
    const time = this.u32(Number(ticks >> 32n), Number(ticks & 0xffff_ffffn));
    const lengths = this.u32(frame.length, wireLength);
    return this.block(6, Buffer.concat([this.u32(from), time, lengths, padded(frame), ...options]));
  }

  obsoletePacket(frame: Uint8Array, { from = 0, ticks = 0n } = {}): Buffer {
    const time = this.u32(Number(ticks >> 32n), Number(ticks & 0xffff_ffffn));
    return this.block(2, Buffer.concat([this.u16(from, 3), time, this.u32(frame.length, frame.length), padded(frame)]));
  }

  simplePacket(frame: Uint8Array, wireLength = frame.length): Buffer {
    return this.block(3, Buffer.concat([this.u32(wireLength), padded(frame)]));
  }

  #number(octets: number, write: (view: DataView) => void): Buffer {
    const bytes = Buffer.alloc(octets);
    write(new DataView(bytes.buffer, bytes.byteOffset, octets));
    return bytes;
  }
}

function padded(bytes: Uint8Array): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);
}

/** A pcapng file with one of everything. */
export function sampler(write: Blocks): Buffer {
  const frame = Buffer.alloc(60, 0xab);
  return Buffer.concat([
    write.section(write.option(1, 'a comment'), write.option(4, 'by hand'), write.option(0, '')),
    write.interface(
      { snapLength: 100 },
      write.option(2, 'eth0'),
      write.option(9, Uint8Array.of(9)),
      write.option(13, Uint8Array.of(4)),
    ),
    write.interface({ linkType: 113 }, write.option(14, write.u64(-5n)), write.option(9, Uint8Array.of(0x94))),
    write.packet(frame, { ticks: 2n ** 60n }, write.option(1, 'one'), write.option(1, 'two'), write.option(0, '')),
    write.block(5, Buffer.alloc(20)),
    write.packet(frame, { from: 1, ticks: 2n ** 30n }),
    write.simplePacket(frame),
    write.obsoletePacket(frame, { ticks: 77n }),
    write.section(),
    write.interface(),
    write.packet(frame),
  ]);
}

/** The frames of a file cut into pieces, with their bytes copied, and the fault that ended it. */
export interface Decoded {
  readonly frames: readonly CapturedFrame[];
  readonly fault: CaptureError | undefined;
}

/** Decodes a file cut into pieces of `step` bytes. Whatever else than a CaptureError is thrown comes out. */
export function decode(decoder: FrameDecoder, file: Uint8Array, step = file.length): Decoded {
  const frames: CapturedFrame[] = [];
  try {
    for (let at = 0; at < file.length; at += step)
      for (const frame of decoder.push(Uint8Array.from(file.subarray(at, at + step)))) frames.push(frame);
    decoder.end();
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'CaptureError') throw error;
    return { frames: frames.map(copied), fault: error as CaptureError };
  }
  return { frames: frames.map(copied), fault: undefined };
}

function copied(frame: CapturedFrame): CapturedFrame {
  return { ...frame, bytes: Uint8Array.from(frame.bytes) };
}

/** A frame as a decoder gives it, for comparing. */
export function frameOf(bytes: Uint8Array, rest: Partial<CapturedFrame> = {}): CapturedFrame {
  return {
    bytes: Uint8Array.from(bytes),
    seconds: 0,
    nanos: 0,
    wireLength: bytes.length,
    interfaceIndex: 0,
    index: 1,
    comments: NO_COMMENTS,
    ...rest,
  };
}
