/** Something of ours that lives in the session. */
export interface Owned {
  /** A new session stands: puts back what was owned. Rejects when that one is lost in turn; it will be asked again. */
  putBack(): Promise<void>;
  /** The session is over, and what was owned gone. */
  lost?(): void;
}
