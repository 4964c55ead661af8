/** Decides whether a frame of a capture is taken; see `parseFrameFilter` for how one is written. */
export interface FrameFilter {
  /** As written. */
  readonly text: string;
  /** @param words the frame's key, as `extract` fills it */
  takes(words: Uint32Array): boolean;
}
