/** One frame as captured. */
export interface CapturedFrame {
  /** A view on the piece it was read from: cheap to pass on; a copy keeps less memory alive. */
  readonly bytes: Uint8Array;
  /** When it was captured: whole seconds since the Unix epoch, and nanoseconds of that second, in [0, 1e9). */
  readonly seconds: number;
  readonly nanos: number;
  /** Octets on the wire; more than `bytes.length` if the capture was taken with a snap length, never less. */
  readonly wireLength: number;
  /** Place of its interface among the interfaces of the whole file; 0 in a pcap file. */
  readonly interfaceIndex: number;
  /** Number of its record in the file, from 1, records that are not handed out counted: as Wireshark numbers them. */
  readonly index: number;
  /** What people or programs have noted about it; only pcapng has room for that. */
  readonly comments: readonly string[];
}

/** What a writer wants to know of a frame. */
export type WritableFrame = Pick<CapturedFrame, 'bytes' | 'seconds' | 'nanos' | 'wireLength'>;

/** Shared by all frames without comments. */
export const NO_COMMENTS: readonly string[] = [];
