import type { WritableFrame } from './captured-frame.ts';
import { CaptureOutput } from './capture-output.ts';
import type { CaptureSink } from './capture-sink.ts';
import { lengthOfOpenNotes, roomForNotes, writeNotes, writeNotesInto, type FrameNotes } from './frame-notes.ts';
import { ETHERNET } from './link-type.ts';
import { BLOCK, BYTE_ORDER_MAGIC } from './pcapng-block.ts';
import { PcapngBlockWriter, roomFor } from './pcapng-block-writer.ts';
import { OPTION } from './pcapng-option.ts';
import { MAX_FRAME } from './piece-decoder.ts';
import { type Precision, ticksOf } from './precision.ts';

const APPLICATION = 'troupe';
/** Octets of the section's comment about completeness: room enough to say what went wrong, and always the same. */
const SLOT = 252;
const UNFINISHED = 'INCOMPLETE: the run has not come to its end.';
const COMPLETE = 'Complete: the run came to its end.';

const UTF8 = new TextEncoder();

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
  readonly #block: PcapngBlockWriter;
  readonly #precision: Precision;
  /** Place in the file of the text about completeness. */
  readonly #slotAt: number;
  #interfaces = 0;

  /** @param comments lines about the whole file, such as the command that made it */
  constructor(sink: CaptureSink, comments: readonly string[] = [], precision: Precision = 'nanoseconds') {
    this.#output = new CaptureOutput(sink);
    this.#block = new PcapngBlockWriter(this.#output);
    this.#precision = precision;
    this.#slotAt = this.#writeSection(comments);
  }

  /**
   * Describes an interface; to be called before its first frame.
   * @param name what Wireshark shows as the interface of a frame, such as `bridge/br0:port1`
   * @returns the number that its frames are added under: 0 for the first, and so on
   */
  addInterface({ name, description = '' }: { readonly name: string; readonly description?: string }): number {
    const start = this.#block.begin(BLOCK.interface, 64 + roomFor(name) + roomFor(description));
    this.#block.u16(ETHERNET);
    this.#block.u16(0);
    this.#block.u32(MAX_FRAME);
    this.#block.text(OPTION.interfaceName, name);
    if (description !== '') this.#block.text(OPTION.interfaceDescription, description);
    this.#block.option(OPTION.timestampResolution, 1);
    this.#block.u32(this.#precision === 'nanoseconds' ? 9 : 6); // one octet, and its padding
    this.#block.end(start, true);
    return this.#interfaces++;
  }

  /**
   * Copies a frame into the output, with what is told of it.
   * @throws RangeError for an interface not added, or a frame above {@link MAX_FRAME}
   */
  add(interfaceNumber: number, frame: WritableFrame, notes: FrameNotes = {}): void {
    const start = this.#beginFrame(interfaceNumber, frame, roomForNotes(notes));
    this.#block.end(start, writeNotes(this.#block, notes));
  }

  /**
   * As {@link add}, for a frame whose story is not over: its notes can be written anew.
   * @param longest as much room is kept as these notes take
   * @returns where the notes lie, for {@link amend}
   */
  addOpen(interfaceNumber: number, frame: WritableFrame, notes: FrameNotes, longest: FrameNotes): NotesPlace {
    const start = this.#beginFrame(interfaceNumber, frame, roomForNotes(notes) + roomForNotes(longest));
    const { at } = this.#block;
    const length = lengthOfOpenNotes(this.#block, longest);
    writeNotesInto(this.#block, length, notes);
    const place = { offset: this.#output.offsetOf(at), length };
    this.#block.end(start, true);
    return place;
  }

  /** Writes other notes in place of those of a frame. @throws RangeError when they take more room than was kept */
  amend({ offset, length }: NotesPlace, notes: FrameNotes): void {
    // Written where the next block will come to lie, and taken from there.
    const at = this.#output.reserve(64 + length + roomForNotes(notes));
    this.#block.at = at;
    writeNotesInto(this.#block, length, notes);
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
    const texts = comments.reduce((sum, text) => sum + roomFor(text), 0);
    const start = this.#block.begin(BLOCK.section, 64 + roomFor(APPLICATION) + SLOT + texts);
    this.#block.u32(BYTE_ORDER_MAGIC);
    this.#block.u16(1);
    this.#block.u16(0);
    this.#block.u32(0xffff_ffff); // the length of the section is not told
    this.#block.u32(0xffff_ffff);
    this.#block.text(OPTION.application, APPLICATION);
    this.#block.option(OPTION.comment, SLOT);
    const slotAt = this.#block.at;
    this.#block.octets(slotOf(UNFINISHED));
    for (const text of comments) this.#block.text(OPTION.comment, text);
    this.#block.end(start, true);
    return slotAt;
  }

  #beginFrame(
    interfaceNumber: number,
    { bytes, seconds, nanos, wireLength }: WritableFrame,
    roomOfNotes: number,
  ): number {
    if (interfaceNumber >= this.#interfaces) throw new RangeError(`no interface ${interfaceNumber}`);
    if (bytes.length > MAX_FRAME) throw new RangeError(`a frame of ${bytes.length} bytes`);
    const start = this.#block.begin(BLOCK.enhancedPacket, 96 + bytes.length + roomOfNotes);
    const { high, low } = ticksOf(seconds, nanos, this.#precision);
    this.#block.u32(interfaceNumber);
    this.#block.u32(high);
    this.#block.u32(low);
    this.#block.u32(bytes.length);
    this.#block.u32(Math.max(bytes.length, wireLength));
    this.#block.octets(bytes);
    return start;
  }
}

/** The text about completeness: cut at a whole character if it is too long, filled up with blanks. */
function slotOf(text: string): Uint8Array {
  const slot = new Uint8Array(SLOT).fill(0x20);
  UTF8.encodeInto(text, slot);
  return slot;
}
