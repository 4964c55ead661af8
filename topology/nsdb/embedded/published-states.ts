import type { Session } from './session.ts';
import type { StateTarget } from './state-store.ts';
import type { Stores } from './stores.ts';

/** A state value that we published and have not withdrawn. */
interface Published {
  readonly target: StateTarget;
  readonly text: string;
}

/** What a handle published and has not withdrawn: it lives in the session. */
export class PublishedStates {
  readonly #stores: Stores;
  readonly #published = new Map<string, Published>();

  constructor(stores: Stores) {
    this.#stores = stores;
  }

  publish(target: StateTarget, text: string, session: Session): void {
    this.#stores.states.add(target, text, session);
    this.#published.set(publishedAs(target, text), { target, text });
  }

  /** It is to be withdrawn: no session after this one has it. */
  forget(target: StateTarget, text: string): void {
    this.#published.delete(publishedAs(target, text));
  }

  /** A new session stands: publishes once more what was published, unless its object is gone or somebody else has it now. */
  putBack(session: Session): void {
    const { objects, states } = this.#stores;
    for (const [name, { target, text }] of this.#published) {
      const isTaken = target.kind !== 'multiple' && states.values(target.path).length > 0;
      if (isTaken || objects.find(target.class, target.id) === undefined) this.#published.delete(name);
      else states.add(target, text, session);
    }
  }
}

function publishedAs({ kind, path }: StateTarget, text: string): string {
  return kind === 'multiple' ? `${path}/${text}` : path;
}
