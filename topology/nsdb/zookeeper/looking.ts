/** Something that looks at the database again and again. */
export interface Looking {
  /** The link is up. */
  wake(): void;
  /** A new session stands: no watch is set any more. */
  renew(): void;
  close(): void;
}
