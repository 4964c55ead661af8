import { CaptureError } from './capture-error.ts';

/** Codes of options; those of packets, interfaces and sections overlap. See draft-ietf-opsawg-pcapng, sections 3.5 and 4. */
export const OPTION = {
  end: 0,
  comment: 1,
  application: 4, // of a section
  interfaceName: 2,
  interfaceDescription: 3,
  timestampResolution: 9,
  fcsLength: 13,
  timestampOffset: 14,
  packetFlags: 2,
  packetId: 5,
  packetVerdict: 7,
  /** Ours, of those for local use, which readers pass over (section 3.5): it fills room that is kept. */
  filler: 0x8000,
} as const;

/** An option as it lies in a block. */
export interface PcapngOption {
  readonly code: number;
  readonly value: Uint8Array;
  /** Place of the option in the file. */
  readonly offset: number;
}

const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true }); // a mark at the beginning is part of the text

/**
 * Takes the options of a block apart, up to its end or to opt_endofopt.
 *
 * @param bytes from the first option to the trailing length of the block
 * @param offset place of `bytes` in the file
 * @throws CaptureError `bad-option` when one reaches past the end
 */
export function readOptions(bytes: Uint8Array, littleEndian: boolean, offset: number): readonly PcapngOption[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const options: PcapngOption[] = [];
  for (let at = 0; at + 4 <= bytes.length;) {
    const code = view.getUint16(at, littleEndian);
    if (code === OPTION.end) break;
    const length = view.getUint16(at + 2, littleEndian);
    const next = at + 4 + ((length + 3) & ~3);
    if (next > bytes.length)
      throw new CaptureError('bad-option', offset + at, `an option of ${length} bytes reaches past its block`);
    options.push({ code, value: bytes.subarray(at + 4, at + 4 + length), offset: offset + at });
    at = next;
  }
  return options;
}

/** The text of an option. What is no UTF-8 becomes U+FFFD; zero octets at the end, which some writers add, go. */
export function textOf({ value }: PcapngOption): string {
  let { length } = value;
  while (length > 0 && value[length - 1] === 0) length--;
  return UTF8.decode(value.subarray(0, length));
}

/** The comments among the options of a block. */
export function commentsOf(options: readonly PcapngOption[]): string[] {
  return options.filter(({ code }) => code === OPTION.comment).map(textOf);
}

/**
 * The value of a numeric option: 1 octet, or 8 and signed. Those of 8 that are no safe integers lead to `bad-timestamp`.
 *
 * @throws CaptureError `bad-option` when it has another length
 */
export function numberOf({ value, offset }: PcapngOption, octets: 1 | 8, littleEndian: boolean): number {
  if (value.length !== octets)
    throw new CaptureError('bad-option', offset, `an option of ${value.length} bytes in place of ${octets}`);
  const view = new DataView(value.buffer, value.byteOffset, octets);
  return octets === 1 ? view.getUint8(0) : Number(view.getBigInt64(0, littleEndian));
}
