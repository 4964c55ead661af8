import { roomFor, type PcapngBlockWriter } from './pcapng-block-writer.ts';
import { OPTION } from './pcapng-option.ts';

/** Values of epb_flags: the direction of a frame. */
const IN = 1;
const OUT = 2;
/** epb_verdict: what hardware decided, in octets that mean something to it. */
const VERDICT_HARDWARE = 0;

/** Octets of an option that fills room, without what fills it. */
const FILLER = 4;

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

/** The most octets that notes take. */
export function roomForNotes({ verdict = '', comments = [] }: FrameNotes): number {
  let sum = roomFor(verdict);
  for (const text of comments) sum += roomFor(text);
  return sum;
}

/** Writes notes as options of the block at hand. True if there was anything to write. */
export function writeNotes(block: PcapngBlockWriter, notes: FrameNotes): boolean {
  const { direction, packetId, verdict, comments = [] } = notes;
  if (direction !== undefined) {
    block.option(OPTION.packetFlags, 4);
    block.u32(direction === 'in' ? IN : OUT);
  }
  if (packetId !== undefined) {
    block.option(OPTION.packetId, 8);
    block.u32(packetId % 0x1_0000_0000);
    block.u32(Math.floor(packetId / 0x1_0000_0000));
  }
  if (verdict !== undefined) block.text(OPTION.packetVerdict, verdict, VERDICT_HARDWARE);
  for (const text of comments) block.text(OPTION.comment, text);
  return direction !== undefined || packetId !== undefined || verdict !== undefined || comments.length > 0;
}

/** The octets that notes take, with an option behind them that fills room. Leaves them as rubbish where the next part goes. */
export function lengthOfOpenNotes(block: PcapngBlockWriter, notes: FrameNotes): number {
  const { at } = block;
  writeNotes(block, notes);
  const length = block.at + FILLER - at;
  block.at = at;
  return length;
}

/** Writes notes, and fills what they leave of so many octets. @throws RangeError when they take more */
export function writeNotesInto(block: PcapngBlockWriter, length: number, notes: FrameNotes): void {
  const end = block.at + length;
  writeNotes(block, notes);
  const rest = end - block.at - FILLER;
  if (rest < 0) throw new RangeError(`notes that take ${-rest} octets more than were kept`);
  block.option(OPTION.filler, rest);
  block.zeros(rest);
}
