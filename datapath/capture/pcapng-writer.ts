import type { WritableFrame } from './captured-frame.ts';
import { CaptureOutput } from './capture-output.ts';
import type { CaptureSink } from './capture-sink.ts';
import { ETHERNET } from './link-type.ts';
import { BLOCK, BYTE_ORDER_MAGIC } from './pcapng-format.ts';
import { OPTION } from './pcapng-option.ts';
import { MAX_FRAME } from './piece-decoder.ts';
import { type Precision, ticksOf } from './precision.ts';

const APPLICATION = 'troupe';
/** Octets of the section's comment about completeness: room enough to say what went wrong, and always the same. */
const SLOT = 252;
const LONGEST_TEXT = 65_532;
const UNFINISHED = 'INCOMPLETE: the run has not come to its end.';
const COMPLETE = 'Complete: the run came to its end.';

const IN = 1;
const OUT = 2;
/** epb_verdict: what hardware decided, in octets that mean something to it. */
const VERDICT_HARDWARE = 0;

/** Octets of an option that fills room, without what fills it. */
const FILLER = 4;

const UTF8 = new TextEncoder();

/** What may be told of a frame besides the frame. */
export interface FrameNotes {
  /** Into the port, or out of it. */
  readonly direction?: 'in' | 'out' | undefined;
  /** The same for all copies of one packet, wherever they are seen: a safe integer. */
  readonly packetId?: number;
  readonly verdict?: string;
  /** Lines for people, shown by Wireshark in this order. */
  readonly comments?: readonly string[];
}

/** Where the notes of a frame lie that may change: in octets of the file. */
export interface NotesPlace {
  readonly offset: number;
  readonly length: number;
}

/** How a run ended. */
export type Completion = { readonly complete: true } | { readonly complete: false; readonly reason: string };

/**
 * Writes a pcapng file of one section, with an interface for each port of a device.
 *
 * The section header has a comment of fixed size that says whether the file is complete. It comes first in the file,
 * when nobody can know: so it says INCOMPLETE from the beginning, and is written over, in its place, by
 * {@link finish}. The file of a run that was killed tells the truth, too.
 *
 * Little-endian on every machine: the same calls give the same bytes, however they are drained.
 *
 * @see draft-ietf-opsawg-pcapng, sections 4.1 (section header), 4.2 (interface description), 4.3 (enhanced packet)
 */
export class PcapngWriter {
  readonly #output: CaptureOutput;
  readonly #precision: Precision;
  /** Place in the file of the text about completeness. */
  readonly #slotAt: number;
  #interfaces = 0;
  /** Where the next part of the block at hand goes, in the buffer of the output. */
  #at = 0;

  /** @param comments lines about the whole file, such as the command that made it */
  constructor(sink: CaptureSink, comments: readonly string[] = [], precision: Precision = 'nanoseconds') {
    this.#output = new CaptureOutput(sink);
    this.#precision = precision;
    this.#slotAt = this.#writeSection(comments);
  }

  /**
   * Describes an interface; to be called before its first frame.
   * @param name what Wireshark shows as the interface of a frame, such as `bridge/br0:port1`
   * @returns the number that its frames are added under: 0 for the first, and so on
   */
  addInterface({ name, description = '' }: { readonly name: string; readonly description?: string }): number {
    const start = this.#begin(BLOCK.interface, 64 + room(name) + room(description));
    this.#u16(ETHERNET);
    this.#u16(0);
    this.#u32(MAX_FRAME);
    this.#text(OPTION.interfaceName, name);
    if (description !== '') this.#text(OPTION.interfaceDescription, description);
    this.#option(OPTION.timestampResolution, 1);
    this.#u32(this.#precision === 'nanoseconds' ? 9 : 6); // one octet, and its padding
    this.#end(start, true);
    return this.#interfaces++;
  }

  /**
   * Copies a frame into the output, with what is told of it.
   * @throws RangeError for an interface not added, or a frame above {@link MAX_FRAME}
   */
  add(interfaceNumber: number, frame: WritableFrame, notes: FrameNotes = {}): void {
    const start = this.#beginFrame(interfaceNumber, frame, roomForNotes(notes));
    this.#end(start, this.#writeNotes(notes));
  }

  /**
   * As {@link add}, for a frame whose story is not over: its notes can be written anew.
   * @param longest as much room is kept as these notes take
   * @returns where the notes lie, for {@link amend}
   */
  addOpen(interfaceNumber: number, frame: WritableFrame, notes: FrameNotes, longest: FrameNotes): NotesPlace {
    const start = this.#beginFrame(interfaceNumber, frame, roomForNotes(notes) + roomForNotes(longest));
    const at = this.#at;
    this.#writeNotes(longest);
    const length = this.#at + FILLER - at;
    this.#at = at;
    this.#writeNotesInto(length, notes);
    const place = { offset: this.#output.offsetOf(at), length };
    this.#end(start, true);
    return place;
  }

  /** Writes other notes in place of those of a frame. @throws RangeError when they take more room than was kept */
  amend({ offset, length }: NotesPlace, notes: FrameNotes): void {
    // Written where the next block will come to lie, and taken from there.
    const at = this.#output.reserve(64 + length + roomForNotes(notes));
    this.#at = at;
    this.#writeNotesInto(length, notes);
    this.#output.patch(offset, this.#output.bytes.slice(at, at + length));
  }

  /** Lets the sink catch up: await it after each batch of frames. @throws CaptureWriteError */
  drain(): Promise<void> {
    return this.#output.drain();
  }

  /** Writes the rest and, in the section's comment, how the run ended; closes the sink. @throws CaptureWriteError */
  finish(completion: Completion): Promise<void> {
    const text = completion.complete ? COMPLETE : `INCOMPLETE: ${completion.reason}`;
    return this.#output.finish({ offset: this.#slotAt, bytes: slotOf(text) });
  }

  #writeSection(comments: readonly string[]): number {
    const texts = comments.reduce((sum, text) => sum + room(text), 0);
    const start = this.#begin(BLOCK.section, 64 + room(APPLICATION) + SLOT + texts);
    this.#u32(BYTE_ORDER_MAGIC);
    this.#u16(1);
    this.#u16(0);
    this.#u32(0xffff_ffff); // the length of the section is not told
    this.#u32(0xffff_ffff);
    this.#text(OPTION.application, APPLICATION);
    this.#option(OPTION.comment, SLOT);
    const slotAt = this.#at;
    this.#output.bytes.set(slotOf(UNFINISHED), slotAt);
    this.#advance(SLOT);
    for (const text of comments) this.#text(OPTION.comment, text);
    this.#end(start, true);
    return slotAt;
  }

  #beginFrame(
    interfaceNumber: number,
    { bytes, seconds, nanos, wireLength }: WritableFrame,
    roomOfNotes: number,
  ): number {
    if (interfaceNumber >= this.#interfaces) throw new RangeError(`no interface ${interfaceNumber}`);
    if (bytes.length > MAX_FRAME) throw new RangeError(`a frame of ${bytes.length} bytes`);
    const start = this.#begin(BLOCK.enhancedPacket, 96 + bytes.length + roomOfNotes);
    const { high, low } = ticksOf(seconds, nanos, this.#precision);
    this.#u32(interfaceNumber);
    this.#u32(high);
    this.#u32(low);
    this.#u32(bytes.length);
    this.#u32(Math.max(bytes.length, wireLength));
    this.#output.bytes.set(bytes, this.#at);
    this.#advance(bytes.length);
    return start;
  }

  /** Writes notes, and fills what they leave of so many octets. */
  #writeNotesInto(length: number, notes: FrameNotes): void {
    const end = this.#at + length;
    this.#writeNotes(notes);
    const rest = end - this.#at - FILLER;
    if (rest < 0) throw new RangeError(`notes that take ${-rest} octets more than were kept`);
    this.#option(OPTION.filler, rest);
    this.#advance(rest);
    this.#output.bytes.fill(0, end - rest, end);
  }

  /** True if there was anything to write. */
  #writeNotes({ direction, packetId, verdict, comments = [] }: FrameNotes): boolean {
    if (direction !== undefined) {
      this.#option(OPTION.packetFlags, 4);
      this.#u32(direction === 'in' ? IN : OUT);
    }
    if (packetId !== undefined) {
      this.#option(OPTION.packetId, 8);
      this.#u32(packetId % 0x1_0000_0000);
      this.#u32(Math.floor(packetId / 0x1_0000_0000));
    }
    if (verdict !== undefined) this.#text(OPTION.packetVerdict, verdict, VERDICT_HARDWARE);
    for (const text of comments) this.#text(OPTION.comment, text);
    return direction !== undefined || packetId !== undefined || verdict !== undefined || comments.length > 0;
  }

  /** Begins a block of at most `room` bytes. */
  #begin(type: number, most: number): number {
    const start = this.#output.reserve(most);
    this.#at = start;
    this.#u32(type);
    this.#u32(0);
    return start;
  }

  #end(start: number, hasOptions: boolean): void {
    if (hasOptions) this.#option(OPTION.end, 0);
    const length = this.#at + 4 - start;
    this.#output.view.setUint32(start + 4, length, true);
    this.#u32(length);
    this.#output.commit(length);
  }

  #option(code: number, length: number): void {
    this.#u16(code);
    this.#u16(length);
  }

  /** An option of text, cut at a whole character if it is too long; after an octet of its own if one is given. */
  #text(code: number, text: string, first?: number): void {
    const { bytes, view } = this.#output;
    const start = this.#at + 4;
    const at = first === undefined ? start : start + 1;
    if (first !== undefined) view.setUint8(start, first);
    const length = at + encode(text, bytes, at) - start;
    this.#option(code, length);
    this.#advance(length);
  }

  /** Passes over so many bytes, and writes zeros up to the next multiple of four, where encodeInto may have left something. */
  #advance(length: number): void {
    const padding = -length & 3;
    this.#output.bytes.fill(0, this.#at + length, this.#at + length + padding);
    this.#at += length + padding;
  }

  #u16(value: number): void {
    this.#output.view.setUint16(this.#at, value, true);
    this.#at += 2;
  }

  #u32(value: number): void {
    this.#output.view.setUint32(this.#at, value, true);
    this.#at += 4;
  }
}

/** Writes a text as UTF-8, cut at a whole character if it is too long; returns its octets. */
function encode(text: string, bytes: Uint8Array, at: number): number {
  // What is usual here, short and ASCII, is done in place: a view for `encodeInto` would cost more than the text.
  const { length } = text;
  for (let n = 0; n < length && n < LONGEST_TEXT; n++) {
    const unit = text.charCodeAt(n);
    if (unit > 0x7f) return UTF8.encodeInto(text, bytes.subarray(at, at + LONGEST_TEXT)).written;
    bytes[at + n] = unit;
  }
  return Math.min(length, LONGEST_TEXT);
}

/** The most octets that an option of text takes. */
function room(text: string): number {
  return 12 + Math.min(3 * text.length, LONGEST_TEXT);
}

function roomForNotes({ verdict = '', comments = [] }: FrameNotes): number {
  let sum = room(verdict);
  for (const text of comments) sum += room(text);
  return sum;
}

/** The text about completeness: cut at a whole character if it is too long, filled up with blanks. */
function slotOf(text: string): Uint8Array {
  const slot = new Uint8Array(SLOT).fill(0x20);
  UTF8.encodeInto(text, slot);
  return slot;
}
