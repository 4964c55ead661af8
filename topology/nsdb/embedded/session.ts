import type { SessionId } from '../state-key.ts';

/** Something that lives no longer than the session that made it. */
export interface Ephemeral {
  vanish(): void;
}

/** A session of a handle, as the database sees it. */
export class Session {
  readonly id: SessionId;
  readonly #owned = new Set<Ephemeral>();
  #isAlive = true;

  constructor(id: SessionId) {
    this.id = id;
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  own(ephemeral: Ephemeral): void {
    this.#owned.add(ephemeral);
  }

  disown(ephemeral: Ephemeral): void {
    this.#owned.delete(ephemeral);
  }

  /** Ends it, and all it owns, in the order in which that was made. */
  end(): void {
    this.#isAlive = false;
    const owned = [...this.#owned];
    this.#owned.clear();
    for (const ephemeral of owned) ephemeral.vanish();
  }
}
