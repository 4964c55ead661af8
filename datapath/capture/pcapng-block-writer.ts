import type { CaptureOutput } from './capture-output.ts';
import { OPTION } from './pcapng-option.ts';

const LONGEST_TEXT = 65_532;

const UTF8 = new TextEncoder();

/**
 * Writes blocks part by part, little-endian, straight into the buffer of an output. Each part ends at a multiple of four octets.
 *
 * @see draft-ietf-opsawg-pcapng, sections 3.1 (blocks) and 3.5 (options)
 */
export class PcapngBlockWriter {
  readonly #output: CaptureOutput;
  /** Where the next part of the block at hand goes, in the buffer of the output. */
  at = 0;

  constructor(output: CaptureOutput) {
    this.#output = output;
  }

  /** Begins a block of at most so many octets, and says where. */
  begin(type: number, most: number): number {
    const start = this.#output.reserve(most);
    this.at = start;
    this.u32(type);
    this.u32(0);
    return start;
  }

  /** Ends the block that began at `start`: its length is known now. */
  end(start: number, hasOptions: boolean): void {
    if (hasOptions) this.option(OPTION.end, 0);
    const length = this.at + 4 - start;
    this.#output.view.setUint32(start + 4, length, true);
    this.u32(length);
    this.#output.commit(length);
  }

  /** The head of an option; what it holds comes next. */
  option(code: number, length: number): void {
    this.u16(code);
    this.u16(length);
  }

  /** An option of text, cut at a whole character if it is too long; after an octet of its own if one is given. */
  text(code: number, text: string, first?: number): void {
    const { bytes, view } = this.#output;
    const start = this.at + 4;
    const at = first === undefined ? start : start + 1;
    if (first !== undefined) view.setUint8(start, first);
    const length = at + encode(text, bytes, at) - start;
    this.option(code, length);
    this.#advance(length);
  }

  octets(octets: Uint8Array): void {
    this.#output.bytes.set(octets, this.at);
    this.#advance(octets.length);
  }

  zeros(length: number): void {
    this.#output.bytes.fill(0, this.at, this.at + length);
    this.#advance(length);
  }

  u16(value: number): void {
    this.#output.view.setUint16(this.at, value, true);
    this.at += 2;
  }

  u32(value: number): void {
    this.#output.view.setUint32(this.at, value, true);
    this.at += 4;
  }

  /** Passes over so many bytes, and writes zeros up to the next multiple of four, where encodeInto may have left something. */
  #advance(length: number): void {
    const padding = -length & 3;
    this.#output.bytes.fill(0, this.at + length, this.at + length + padding);
    this.at += length + padding;
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
export function roomFor(text: string): number {
  return 12 + Math.min(3 * text.length, LONGEST_TEXT);
}
