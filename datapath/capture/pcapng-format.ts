import { CaptureError } from './capture-error.ts';
import { type CountedInterface, type CaptureInterface, interfaceOf } from './capture-interface.ts';
import { type CapturedFrame, NO_COMMENTS } from './captured-frame.ts';
import { ETHERNET } from './link-type.ts';
import { BLOCK, BYTE_ORDER_MAGIC } from './pcapng-block.ts';
import { interfaceOptionsOf } from './pcapng-interface.ts';
import { commentsOf, OPTION, type PcapngOption, readOptions, textOf } from './pcapng-option.ts';
import { MAX_FRAME, PieceDecoder } from './piece-decoder.ts';
import { TickClock } from './tick-clock.ts';

const SWAPPED_MAGIC = 0x4d3c_2b1a;
const MAJOR = 1;

/** The longest block, as in libpcap (MAX_BLOCKSIZE of sf-pcapng.c); so much of a file is held in memory, and no more. */
const MAX_BLOCK = 16 * 1024 * 1024;
/** Interfaces of a whole file. */
const MAX_INTERFACES = 65_536;

/** What a section of the file says about itself. */
export interface CaptureSection {
  readonly comments: readonly string[];
  /** The program that wrote it. */
  readonly application: string | undefined;
}

/** An interface while its section is read. */
interface OpenInterface {
  readonly counted: CountedInterface;
  readonly clock: TickClock;
}

/** A packet block taken apart: where its frame lies, relative to the block, and how long it was on the wire. */
interface PacketLayout {
  readonly headerLength: number;
  readonly capturedLength: number;
  readonly wireLength: number;
  readonly hasOptions: boolean;
}

/**
 * Decodes a pcapng file handed over in pieces of any size: several sections, each in its own byte order, several
 * interfaces, each with its own clock; packet blocks of all three kinds. Unknown blocks are skipped.
 *
 * Frames of link types other than Ethernet are counted at their interface, and skipped. A simple packet block has no
 * time: it takes that of the frame before it, or 0. The length that a section declares of itself is not looked at.
 *
 * @see draft-ietf-opsawg-pcapng, sections 3 (blocks and options) and 4 (the blocks)
 */
export class PcapngDecoder extends PieceDecoder {
  readonly interfaces: CaptureInterface[] = [];
  readonly sections: CaptureSection[] = [];
  /** Those of the section at hand, by its own numbers. */
  #open: OpenInterface[] = [];
  #littleEndian = true;
  /** Records that Wireshark numbers, up to now. */
  #records = 0;
  #seconds = 0;
  #nanos = 0;

  protected decode(frames: CapturedFrame[]): void {
    for (let length = this.#blockLength(); length !== undefined; length = this.#blockLength()) {
      this.#checkTrailer(length);
      this.#readBlock(this.view.getUint32(this.at, this.#littleEndian), length, frames);
      this.at += length;
    }
  }

  protected faultAtEnd(): CaptureError | undefined {
    return this.left === 0 ? undefined : this.#fault('cut-short', 'the file ends within a block');
  }

  /** Length of the block at hand if all of it is in the window. A section header sets the byte order first. */
  #blockLength(): number | undefined {
    const { view, at, left } = this;
    if (left < 12) return undefined; // the shortest block
    if (view.getUint32(at) === BLOCK.section) this.#setByteOrder(view.getUint32(at + 8));
    else if (this.offset === 0) throw this.#fault('not-a-capture', 'this is no pcapng file');
    const length = view.getUint32(at + 4, this.#littleEndian);
    if (length < 12 || length % 4 !== 0) throw this.#fault('bad-block-length', `a block of ${length} bytes cannot be`);
    if (length > MAX_BLOCK) throw this.#fault('oversized-block', `a block claims ${length} bytes`);
    return left < length ? undefined : length;
  }

  #setByteOrder(magic: number): void {
    if (magic !== BYTE_ORDER_MAGIC && magic !== SWAPPED_MAGIC)
      throw this.#fault('bad-byte-order', 'a section does not tell its byte order');
    this.#littleEndian = magic === SWAPPED_MAGIC;
  }

  #checkTrailer(length: number): void {
    const again = this.view.getUint32(this.at + length - 4, this.#littleEndian);
    if (again !== length)
      throw this.#fault('bad-block-length', `a block gives its length as ${length} and as ${again} bytes`);
  }

  #readBlock(type: number, length: number, frames: CapturedFrame[]): void {
    switch (type) {
      case BLOCK.enhancedPacket:
        return this.#readEnhancedPacket(length, frames);
      case BLOCK.obsoletePacket:
        return this.#readObsoletePacket(length, frames);
      case BLOCK.simplePacket:
        return this.#readSimplePacket(length, frames);
      case BLOCK.interface:
        return this.#readInterface(length);
      case BLOCK.section:
        return this.#readSection(length);
      case BLOCK.journal:
      case BLOCK.custom:
      case BLOCK.customNotCopied:
        this.#records++;
        return;
      default:
    }
  }

  /** Section 4.1. */
  #readSection(length: number): void {
    this.#needs(length, 28);
    const major = this.#u16(12);
    if (major !== MAJOR)
      throw this.#fault('unsupported-version', `version ${major}.${this.#u16(14)} of the pcapng format is not known`);
    const options = this.#options(24, length);
    const application = options.findLast(({ code }) => code === OPTION.application);
    this.sections.push({ comments: commentsOf(options), application: application && textOf(application) });
    this.#open = [];
  }

  /** Section 4.2. */
  #readInterface(length: number): void {
    this.#needs(length, 20);
    if (this.interfaces.length === MAX_INTERFACES)
      throw this.#fault('too-many-interfaces', `more than ${MAX_INTERFACES} interfaces`);
    const { offsetSeconds, ...known } = interfaceOptionsOf(this.#options(16, length), this.#littleEndian);
    const counted = interfaceOf(this.interfaces.length, this.#u16(8), { ...known, snapLength: this.#u32(12) });
    this.interfaces.push(counted);
    this.#open.push({ counted, clock: new TickClock(known.resolution, offsetSeconds) });
  }

  /** Section 4.3. */
  #readEnhancedPacket(length: number, frames: CapturedFrame[]): void {
    this.#needs(length, 32);
    const from = this.#interface(this.#u32(8));
    this.#readClock(from.clock, this.#u32(12), this.#u32(16));
    const layout = { headerLength: 28, capturedLength: this.#u32(20), wireLength: this.#u32(24), hasOptions: true };
    this.#addFrame(from, layout, length, frames);
  }

  /** Appendix A. */
  #readObsoletePacket(length: number, frames: CapturedFrame[]): void {
    this.#needs(length, 32);
    const from = this.#interface(this.#u16(8));
    this.#readClock(from.clock, this.#u32(12), this.#u32(16));
    const layout = { headerLength: 28, capturedLength: this.#u32(20), wireLength: this.#u32(24), hasOptions: true };
    this.#addFrame(from, layout, length, frames);
  }

  /** Section 4.4: the captured length is not written, but follows from the others. */
  #readSimplePacket(length: number, frames: CapturedFrame[]): void {
    this.#needs(length, 16);
    const from = this.#interface(0);
    const wireLength = this.#u32(8);
    const snapLength = from.counted.snapLength || wireLength;
    const layout = {
      headerLength: 12,
      capturedLength: Math.min(wireLength, snapLength),
      wireLength,
      hasOptions: false,
    };
    this.#addFrame(from, layout, length, frames);
  }

  #addFrame(from: OpenInterface, layout: PacketLayout, length: number, frames: CapturedFrame[]): void {
    const { headerLength, capturedLength, hasOptions } = layout;
    if (capturedLength > MAX_FRAME)
      throw this.#fault('oversized-record', `a block claims ${capturedLength} bytes of a frame`);
    const optionsAt = headerLength + ((capturedLength + 3) & ~3);
    if (optionsAt > length - 4)
      throw this.#fault('bad-block-length', `a frame of ${capturedLength} bytes in a block of ${length}`);

    const { counted } = from;
    const comments = hasOptions && optionsAt < length - 4 ? this.#comments(optionsAt, length) : NO_COMMENTS;
    counted.frames++;
    this.#records++;
    if (counted.linkType !== ETHERNET) return;
    const wireLength = Math.max(layout.wireLength, capturedLength) - counted.fcsLength;
    frames.push({
      bytes: this.bytes(this.at + headerLength, Math.max(0, Math.min(capturedLength, wireLength))),
      seconds: this.#seconds,
      nanos: this.#nanos,
      wireLength: Math.max(0, wireLength),
      interfaceIndex: counted.index,
      index: this.#records,
      comments,
    });
  }

  #comments(optionsAt: number, length: number): readonly string[] {
    const comments = commentsOf(this.#options(optionsAt, length));
    return comments.length === 0 ? NO_COMMENTS : comments;
  }

  #readClock(clock: TickClock, high: number, low: number): void {
    if (!clock.read(high, low)) throw this.#fault('bad-timestamp', 'a time beyond the calendar');
    this.#seconds = clock.seconds;
    this.#nanos = clock.nanos;
  }

  #interface(number: number): OpenInterface {
    const open = this.#open[number];
    if (open === undefined) throw this.#fault('no-such-interface', `a packet of interface ${number}, not described`);
    return open;
  }

  #options(start: number, length: number): readonly PcapngOption[] {
    return readOptions(this.bytes(this.at + start, length - 4 - start), this.#littleEndian, this.offset + start);
  }

  #needs(length: number, shortest: number): void {
    if (length < shortest)
      throw this.#fault('bad-block-length', `a block of ${length} bytes is too short for its type`);
  }

  #u16(at: number): number {
    return this.view.getUint16(this.at + at, this.#littleEndian);
  }

  #u32(at: number): number {
    return this.view.getUint32(this.at + at, this.#littleEndian);
  }

  #fault(fault: CaptureError['fault'], detail: string): CaptureError {
    return new CaptureError(fault, this.offset, detail);
  }
}
