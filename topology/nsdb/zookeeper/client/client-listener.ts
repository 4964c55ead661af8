/** Hears how the connection does. A listener that throws is reported. */
export interface ClientListener {
  /** The session stands, and what was watched is watched again. */
  connected(): void;
  /** The connection broke; another server is being tried. */
  lost(): void;
  /** Since the connection broke each server was tried once in vain, or a second has passed. */
  unreachable(): void;
  /**
   * A server took the connection, and ended it without a word: so does one that serves nobody, and one that has not got as far as
   * had been seen.
   */
  refused(): void;
  /** The server says that the session is over. Nothing follows. */
  expired(): void;
  /** A watch has fired: what is at the path, or under it where `kind` is `children`, may differ. */
  changed(path: string, kind: 'data' | 'children'): void;
  report(cause: unknown): void;
}

/** Hears nothing. */
export const SILENT: ClientListener = {
  connected() {},
  lost() {},
  unreachable() {},
  refused() {},
  expired() {},
  changed() {},
  report() {},
};

/** Passes on what is heard. What the listener throws must not reach the library: it would end the process. */
export function guarded(listener: ClientListener): ClientListener {
  const tell = (say: () => void) => {
    try {
      say();
    } catch (cause) {
      listener.report(cause);
    }
  };
  return {
    connected: () => tell(() => listener.connected()),
    lost: () => tell(() => listener.lost()),
    unreachable: () => tell(() => listener.unreachable()),
    refused: () => tell(() => listener.refused()),
    expired: () => tell(() => listener.expired()),
    changed: (path, kind) => tell(() => listener.changed(path, kind)),
    report: (cause) => listener.report(cause),
  };
}
