/** Something that keeps telling, until it is closed: no call comes after `close()`. Closing twice is fine. */
export interface Observation {
  close(): void;
}
