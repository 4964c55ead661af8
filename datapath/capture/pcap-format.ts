import { CaptureError } from './capture-error.ts';
import { type CountedInterface, interfaceOf, MICROSECONDS, NANOSECONDS, type Resolution } from './capture-interface.ts';
import { type CapturedFrame, NO_COMMENTS } from './captured-frame.ts';
import { ETHERNET, linkTypeName } from './link-type.ts';
import { MAX_FRAME, PieceDecoder } from './piece-decoder.ts';

const FILE_HEADER = 24;
const RECORD_HEADER = 16;
const MAJOR = 2;
const OLDEST_MINOR = 4; // older ones have the two lengths the other way round, or not, as the writer pleased
/** The word of the link type says more: whether frames end with a check sequence, and of how many 16-bit words. */
const LINK_TYPE_BITS = 0xffff;
const HAS_FCS_LENGTH = 1 << 26;

interface Format {
  readonly littleEndian: boolean;
  readonly resolution: Resolution;
  readonly nanosPerTick: number;
}

/** Byte order and clock of a capture, told by its first four bytes. */
const FORMATS: ReadonlyMap<number, Format> = new Map([
  [0xa1b2_c3d4, { littleEndian: false, resolution: MICROSECONDS, nanosPerTick: 1000 }],
  [0xd4c3_b2a1, { littleEndian: true, resolution: MICROSECONDS, nanosPerTick: 1000 }],
  [0xa1b2_3c4d, { littleEndian: false, resolution: NANOSECONDS, nanosPerTick: 1 }],
  [0x4d3c_b2a1, { littleEndian: true, resolution: NANOSECONDS, nanosPerTick: 1 }],
]);

/** Does a file with these first four bytes, read as a big-endian number, belong to the {@link PcapDecoder}? */
export function isPcapMagic(magic: number): boolean {
  return FORMATS.has(magic);
}

/**
 * Decodes a libpcap file of Ethernet frames handed over in pieces of any size.
 *
 * Ticks that make a second or more are carried over to the seconds. A frame check sequence, where the file declares
 * one, is cut off.
 *
 * @see draft-ietf-opsawg-pcap, sections 4 (file header) and 5 (packet record)
 */
export class PcapDecoder extends PieceDecoder {
  readonly interfaces: CountedInterface[] = [];
  #format: Format | undefined;

  protected decode(frames: CapturedFrame[]): void {
    if (this.#format === undefined) {
      if (this.left < FILE_HEADER) return;
      this.#format = this.#readFileHeader();
    }
    this.#readRecords(this.#format, frames);
  }

  protected faultAtEnd(): CaptureError | undefined {
    if (this.#format !== undefined && this.left === 0) return undefined;
    const what = this.#format === undefined ? 'file header' : 'packet record';
    return new CaptureError('cut-short', this.offset, `the file ends within a ${what}`);
  }

  #readFileHeader(): Format {
    const { view } = this;
    const format = FORMATS.get(view.getUint32(0));
    if (format === undefined) throw new CaptureError('not-a-capture', 0, 'this is no pcap file');
    const { littleEndian, resolution } = format;
    const major = view.getUint16(4, littleEndian);
    const minor = view.getUint16(6, littleEndian);
    if (major !== MAJOR || minor < OLDEST_MINOR)
      throw new CaptureError('unsupported-version', 4, `version ${major}.${minor} of the pcap format is not known`);
    const word = view.getUint32(20, littleEndian);
    const linkType = word & LINK_TYPE_BITS;
    if (linkType !== ETHERNET)
      throw new CaptureError('link-type', 20, `link type ${linkType} (${linkTypeName(linkType)}) is not Ethernet`);
    const snapLength = view.getUint32(16, littleEndian);
    const fcsLength = (word & HAS_FCS_LENGTH) === 0 ? 0 : (word >>> 28) * 2;
    this.interfaces.push(interfaceOf(0, linkType, { resolution, snapLength, fcsLength }));
    this.at = FILE_HEADER;
    return format;
  }

  #readRecords({ littleEndian, nanosPerTick }: Format, frames: CapturedFrame[]): void {
    const { view, interfaces } = this;
    const [captured] = interfaces;
    if (captured === undefined) return;
    const { fcsLength } = captured;
    const end = view.byteLength;
    while (this.at + RECORD_HEADER <= end) {
      const { at } = this;
      const length = view.getUint32(at + 8, littleEndian);
      if (length > MAX_FRAME)
        throw new CaptureError('oversized-record', this.offset, `a record claims ${length} bytes of a frame`);
      const body = at + RECORD_HEADER;
      if (body + length > end) return;

      let seconds = view.getUint32(at, littleEndian);
      let nanos = view.getUint32(at + 4, littleEndian) * nanosPerTick;
      if (nanos >= 1e9) {
        const carry = Math.floor(nanos / 1e9);
        seconds += carry;
        nanos -= carry * 1e9;
      }
      const wireLength = Math.max(view.getUint32(at + 12, littleEndian), length) - fcsLength;
      captured.frames++;
      frames.push({
        bytes: this.bytes(body, Math.max(0, Math.min(length, wireLength))),
        seconds,
        nanos,
        wireLength: Math.max(0, wireLength),
        interfaceIndex: 0,
        index: captured.frames,
        comments: NO_COMMENTS,
      });
      this.at = body + length;
    }
  }
}
