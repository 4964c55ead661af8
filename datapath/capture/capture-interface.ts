import { linkTypeName } from './link-type.ts';

/** How long a tick of a clock is: `base ** -exponent` seconds. */
export interface Resolution {
  readonly base: 2 | 10;
  readonly exponent: number;
}

export const MICROSECONDS: Resolution = { base: 10, exponent: 6 };
export const NANOSECONDS: Resolution = { base: 10, exponent: 9 };

/** An interface that frames of a file were captured on. */
export interface CaptureInterface {
  /** Its place in the whole file: `CapturedFrame.interfaceIndex`. */
  readonly index: number;
  readonly name: string | undefined;
  readonly description: string | undefined;
  /** LINKTYPE number; only frames of {@link ETHERNET} are handed out, others are counted here. */
  readonly linkType: number;
  readonly linkTypeName: string;
  readonly resolution: Resolution;
  /** Octets kept of a frame, as declared; 0 is no limit. */
  readonly snapLength: number;
  /** Octets of frame check sequence at the end of its frames; cut off on reading. */
  readonly fcsLength: number;
  /** Frames met up to now, whatever their link type. */
  readonly frames: number;
}

/** What only the decoder of the file may change. */
export type CountedInterface = { -readonly [K in keyof CaptureInterface]: CaptureInterface[K] };

export function interfaceOf(
  index: number,
  linkType: number,
  known: Partial<Pick<CaptureInterface, 'name' | 'description' | 'resolution' | 'snapLength' | 'fcsLength'>>,
): CountedInterface {
  return {
    index,
    name: known.name,
    description: known.description,
    linkType,
    linkTypeName: linkTypeName(linkType),
    resolution: known.resolution ?? MICROSECONDS,
    snapLength: known.snapLength ?? 0,
    fcsLength: known.fcsLength ?? 0,
    frames: 0,
  };
}
