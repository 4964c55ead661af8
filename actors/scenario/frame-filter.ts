import { formatFilter } from './filter/filter-expression.ts';
import type { FilterFault } from './filter/filter-words.ts';
import { parseFilter } from './filter/parse-filter.ts';
import { filterTestOf } from './filter/filter-test.ts';

/** Decides whether a frame of a capture is taken; see {@link parseFrameFilter} for how one is written. */
export interface FrameFilter {
  /** As written. */
  readonly text: string;
  /** The same, in one way of writing. */
  readonly canonical: string;
  /** @param words the frame's key, as `extract` fills it */
  takes(words: Uint32Array): boolean;
}

export type FrameFilterParsing =
  { readonly ok: true; readonly filter: FrameFilter } | { readonly ok: false; readonly fault: FilterFault };

/**
 * Reads a filter in the manner of tcpdump: `host 10.0.1.10 and (tcp port 80 or 443)`.
 *
 * @returns the filter; else what is wrong, and where in the text
 * @see docs/frame-filter.md for the grammar, and where it differs from pcap-filter(7)
 */
export function parseFrameFilter(text: string): FrameFilterParsing {
  const parsing = parseFilter(text);
  if (!parsing.ok) return parsing;
  const takes = filterTestOf(parsing.expression);
  return { ok: true, filter: { text, canonical: formatFilter(parsing.expression), takes } };
}
