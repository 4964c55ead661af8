import { dissect, type Dissected, valueOf } from '../../../simulation/packet/dissect.ts';
import type { Uuid } from '../../../topology/model/ids.ts';
import { compareInstants, type Instant } from '../../../topology/model/time.ts';
import { formatDuration } from '../duration.ts';
import type { Expectations, FieldMatch, FrameExpectation } from '../scenario.ts';
import { frameOf } from '../../frame-of.ts';
import { fitsValue } from './field-values.ts';

/** A frame at a port, taken apart. */
export interface SeenFrame {
  readonly port: Uuid;
  readonly packet: number;
  readonly at: Instant;
  readonly bytes: Uint8Array;
  readonly wireLength: number;
  readonly fields: readonly Dissected[];
}

/** What was expected of a field, and what came; undefined: that there is none. */
export interface FieldComparison {
  readonly field: string;
  readonly expected: string | undefined;
  readonly received: string | undefined;
  readonly isEqual: boolean;
}

export function seenFrame(
  port: Uuid,
  packet: number,
  at: Instant,
  bytes: Uint8Array,
  wireLength = bytes.length,
): SeenFrame {
  return { port, packet, at, bytes, wireLength, fields: dissect(frameOf(bytes, wireLength)) };
}

/** A frame to keep: the octets of one that is seen may be written over. */
export function copyOf(frame: SeenFrame): SeenFrame {
  return { ...frame, bytes: frame.bytes.slice() };
}

/** Whether frames that nobody expects may leave by a port. */
export function allowsOtherAt(port: Uuid, { allowOther, allowOtherAt }: Expectations): boolean {
  return allowOtherAt.get(port) ?? allowOther;
}

/** Whether the frame is one that is expected; at whatever port. */
export function fitsFrame(expectation: FrameExpectation, { fields, bytes, at }: SeenFrame): boolean {
  const { match, within, exact, bytes: wanted } = expectation;
  if (within !== undefined && !isWithin(within, at)) return false;
  if (!fitsFields(match, fields)) return false;
  if (wanted !== undefined && !sameOctets(wanted, bytes)) return false;
  return !exact || fields.every(([field]) => match.has(field) || isIgnored(field, expectation.ignore));
}

/** Whether a frame has all these fields with these values; of a field that occurs several times, one. */
export function fitsFields(match: FieldMatch, fields: readonly Dissected[]): boolean {
  for (const [field, expected] of match) {
    if (!fields.some(([name, value]) => name === field && fitsValue(field, expected, value))) return false;
  }
  return true;
}

/** Field by field: those expected in their order, then the port, the time, the octets, and what ought not be there. */
export function compareFrame(
  expectation: FrameExpectation,
  frame: SeenFrame,
  nameOf: (port: Uuid) => string,
): readonly FieldComparison[] {
  const { match, within, exact, ignore, bytes } = expectation;
  const compared = compareFields(match, frame.fields);
  const [port, own] = [nameOf(expectation.port), nameOf(frame.port)];
  compared.push({ field: 'port', expected: port, received: own, isEqual: port === own });
  if (within !== undefined) {
    const expected = within.map((instant) => formatDuration(instant)).join('..');
    compared.push({
      field: 'time',
      expected,
      received: formatDuration(frame.at),
      isEqual: isWithin(within, frame.at),
    });
  }
  if (bytes !== undefined) {
    const isEqual = sameOctets(bytes, frame.bytes);
    compared.push({ field: 'bytes', expected: hexOf(bytes), received: hexOf(frame.bytes), isEqual });
  }
  if (exact) {
    for (const [field, received] of frame.fields) {
      if (match.has(field) || isIgnored(field, ignore)) continue;
      compared.push({ field, expected: undefined, received, isEqual: false });
    }
  }
  return compared;
}

/** The fields expected, in their order, against those that a frame has; of one that occurs several times, one that fits. */
export function compareFields(match: FieldMatch, fields: readonly Dissected[]): FieldComparison[] {
  return [...match].map(([field, expected]) => {
    const fitting = fields.find(([name, value]) => name === field && fitsValue(field, expected, value));
    return { field, expected, received: fitting?.[1] ?? valueOf(fields, field), isEqual: fitting !== undefined };
  });
}

function isIgnored(field: string, ignore: readonly string[]): boolean {
  return field.startsWith('frame.') || ignore.some((each) => field === each || field.startsWith(`${each}.`));
}

function isWithin([from, to]: readonly [Instant, Instant], at: Instant): boolean {
  return compareInstants(from, at) <= 0 && compareInstants(at, to) <= 0;
}

function sameOctets(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((octet, at) => octet === b[at]);
}

export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
}
