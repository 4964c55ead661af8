export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** By what a session is known to the server. Secret: whoever has it can act in the session's name. */
export interface SessionKey {
  readonly id: Buffer;
  readonly password: Buffer;
}

export interface ClientOptions {
  /** `host:port,host:port`. */
  readonly servers: string;
  /** Put before every path; `` or `/a/b`. */
  readonly root: string;
  readonly credentials: Credentials;
  /** Asked for, in milliseconds of the world; the server may give another. */
  readonly sessionTimeout: number;
  /** Take up this session. */
  readonly session?: SessionKey;
  /** The last transaction that was seen before: a server that has not got that far does not let us in. */
  readonly seen?: number;
  /** Where the counter of requests begins. For tests. */
  readonly firstRequest?: number;
}
