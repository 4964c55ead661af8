import type { Uuid } from '../../../topology/model/ids.ts';
import type { Expectations, FrameExpectation } from '../scenario.ts';
import type { Evidence } from './evidence.ts';
import { compareFrame, fitsFrame } from './frame-fit.ts';
import type { Candidate } from './frame-search.ts';
import { likeness } from './nearness.ts';
import type { Renewal } from './renewal.ts';

/**
 * The values that entries of which no frame came take from frames that came instead: each from the one that is nearest to it, if that
 * left by the same port, nobody expected it, and more than half of its fields are as expected. A frame serves one entry.
 *
 * @param missed expectations of which no frame came
 */
export function renewedValues(
  missed: readonly FrameExpectation[],
  { frames }: Expectations,
  evidence: Evidence,
  nameOf: (port: Uuid) => string,
): readonly Renewal[] {
  const taken = new Set<string>();
  return missed.flatMap((expectation) => {
    const { port } = expectation;
    const near = evidence.nearestTo(expectation);
    if (near?.what !== 'frame-out' || near.frame.port !== port) return [];
    if (frames.some((each) => each.port === port && fitsFrame(each, near.frame))) return [];
    const keys = valuesOf(expectation, near, nameOf);
    const frame = `${port} ${near.frame.packet}`;
    if (keys === undefined || taken.has(frame)) return [];
    taken.add(frame);
    return [{ place: expectation.place, keys }];
  });
}

/** The fields that are otherwise, with the values that came. Undefined where too little is alike, or where a field is gone. */
function valuesOf(
  expectation: FrameExpectation,
  { frame }: Candidate,
  nameOf: (port: Uuid) => string,
): Renewal['keys'] | undefined {
  const { match, bytes } = expectation;
  const keys: Record<string, string> = {};
  let alike = bytes === undefined ? 0 : likeness(bytes, frame.bytes);
  for (const { field, received, isEqual } of compareFrame(expectation, frame, nameOf)) {
    if (isEqual) alike += match.has(field) ? 1 : 0;
    else if (received === undefined || field === 'time') return undefined;
    else keys[field] = received;
  }
  return alike > (match.size + (bytes === undefined ? 0 : 1)) / 2 ? keys : undefined;
}
