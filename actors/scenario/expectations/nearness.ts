import type { Uuid } from '../../../topology/model/ids.ts';
import type { FrameExpectation } from '../scenario.ts';
import { compareFrame, type FieldComparison, type SeenFrame } from './frame-fit.ts';

/** The port alone makes no frame near: it counts half of a field. */
export const PORT_WEIGHT = 0.5;
/** A field that is there with another value: enough to make near what left the right port, and never more than an equal field. */
const PRESENT_WEIGHT = 0.01;

/** Keeps the nearest of what is offered, of equals the first: one, however many are offered. */
export class Best<T> {
  #score: number;
  #kept: T | undefined;

  /** @param floor what scores no more than this is not near */
  constructor(floor: number) {
    this.#score = floor;
  }

  get kept(): T | undefined {
    return this.#kept;
  }

  /** @param keep makes what is to be kept: a copy of whatever changes */
  offer(score: number, keep: () => T): void {
    if (score <= this.#score) return;
    this.#score = score;
    this.#kept = keep();
  }
}

/** How near a field is to what is expected of it: 1 when it is equal. */
export function weightOf({ isEqual, expected, received }: FieldComparison): number {
  if (isEqual) return 1;
  return expected === undefined || received === undefined ? 0 : PRESENT_WEIGHT;
}

/** How near a frame is to one that is expected, by the number of equal fields; {@link PORT_WEIGHT} for its port alone. */
export function scoreOfFrame(expectation: FrameExpectation, frame: SeenFrame, nameOf: (port: Uuid) => string): number {
  let score = expectation.bytes === undefined ? 0 : likeness(expectation.bytes, frame.bytes);
  for (const compared of compareFrame(expectation, frame, nameOf)) {
    if (compared.field === 'bytes') continue;
    if (compared.field === 'port') score += compared.isEqual ? PORT_WEIGHT : 0;
    else score += weightOf(compared);
  }
  return score;
}

/** How much of the octets of a frame are those expected, from 0 to 1. */
export function likeness(expected: Uint8Array, received: Uint8Array): number {
  let equal = 0;
  for (const [at, octet] of expected.entries()) if (octet === received[at]) equal += 1;
  return equal / Math.max(1, expected.length, received.length);
}
