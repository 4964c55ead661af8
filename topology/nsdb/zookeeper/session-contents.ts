import type { Looking } from './looking.ts';
import type { Owned } from './owned.ts';

/** What hangs on the session of a handle: what lives in it, and what looks at the database through it. */
export class SessionContents {
  readonly #owned = new Set<Owned>();
  readonly #watchers = new Set<Looking>();

  own(owned: Owned): void {
    this.#owned.add(owned);
  }

  disown(owned: Owned): void {
    this.#owned.delete(owned);
  }

  attach(watcher: Looking): void {
    this.#watchers.add(watcher);
  }

  detach(watcher: Looking): void {
    this.#watchers.delete(watcher);
  }

  /** A new session stands: puts back what was owned. Rejects when that one is lost in turn. */
  async putBack(): Promise<void> {
    // oxlint-disable-next-line eslint/no-await-in-loop -- in the order in which they came to be owned
    for (const owned of this.#owned) await owned.putBack();
  }

  /** The session is over, and what was owned gone. */
  lost(): void {
    for (const owned of this.#owned) owned.lost?.();
  }

  /** No watch is set any more. */
  renew(): void {
    for (const watcher of this.#watchers) watcher.renew();
  }

  /** The link is up. */
  wake(): void {
    for (const watcher of this.#watchers) watcher.wake();
  }

  /** There will be no other session. */
  close(): void {
    for (const watcher of this.#watchers) watcher.close();
    this.#owned.clear();
  }
}
