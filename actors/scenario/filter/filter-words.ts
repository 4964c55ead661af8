import type { Direction, Protocol } from './filter-expression.ts';

/** What is wrong with a filter: one thing, at one place, counted in UTF-16 units from the start of its text. */
export interface FilterFault {
  readonly at: number;
  readonly what: string;
  readonly expected: string | undefined;
  readonly didYouMean: string | undefined;
}

/** Ends a parse; never leaves the parser. */
export class Refusal extends Error {
  readonly fault: FilterFault;

  constructor(at: number, what: string, expected?: string, guess?: string) {
    super(what);
    this.fault = { at, what, expected, didYouMean: guess };
  }
}

/** A word of a filter, and where it stands. */
export interface Word {
  readonly text: string;
  readonly at: number;
}

export type Layer = Protocol | 'ether';
export type Kind = 'host' | 'net' | 'port' | 'portrange' | 'proto';

/** What stands before a value: `tcp dst port`. */
export interface Qualifiers {
  readonly layer: Layer | undefined;
  readonly direction: Direction | undefined;
  readonly kind: Kind | undefined;
}

export const NONE: Qualifiers = { layer: undefined, direction: undefined, kind: undefined };
