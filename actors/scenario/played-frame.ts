import type { CapturedFrame } from '../../datapath/capture/captured-frame.ts';
import type { Uuid } from '../../topology/model/ids.ts';
import { frameOf } from '../frame-of.ts';
import { adapt } from './adapt.ts';
import type { InputStream } from './input-stream.ts';
import type { Segments, Speaker } from './segments.ts';
import { selectorFor } from './selector-for.ts';

/** The shortest frame that has a header whole. */
export const ETHERNET_HEADER = 14;

/** A frame of a capture as it enters the network. */
interface PlayedFrame {
  readonly port: Uuid;
  readonly bytes: Uint8Array;
  /** The station that it was made to come from; undefined for one that enters as recorded. */
  readonly speaker: Speaker | undefined;
  /** No selector took it. */
  readonly isElse: boolean;
}

/** Where a recorded frame enters, and with which MAC addresses; or why it does not. */
export function playedFrame(
  { input, interfaces }: InputStream,
  frame: CapturedFrame,
  segments: Segments,
): PlayedFrame | 'cut-short' | 'not-selected' {
  const { bytes, wireLength } = frame;
  if (bytes.length < ETHERNET_HEADER) return 'cut-short';
  const { selectors, otherwise, l2 } = input;
  const read = selectors.length > 0 || l2 === 'adapt' ? frameOf(bytes, wireLength) : undefined;
  const selector = selectorFor(input, frame, read?.words, interfaces);
  const port = selector?.port ?? otherwise;
  if (port === undefined) return 'not-selected';
  const isElse = selector === undefined && selectors.length > 0;
  if (l2 === 'keep' || read === undefined) return { port, bytes, speaker: undefined, isElse };
  return { port, ...adapt(read, port, segments), isElse };
}
