import type { Link } from './link.ts';
import type { Owned } from './owned.ts';
import { incarnationOf } from './places.ts';
import { addState, readState, stateNode, type StateTarget } from './state.ts';

/** A state value that we published and have not withdrawn. */
interface Published {
  readonly target: StateTarget;
  readonly text: string;
}

/** What a handle published and has not withdrawn: it lives in the session. */
export class PublishedStates implements Owned {
  readonly #link: Link;
  readonly #published = new Map<string, Published>();

  constructor(link: Link) {
    this.#link = link;
    link.own(this);
  }

  async publish(target: StateTarget, text: string): Promise<void> {
    await this.#link.write((client) => addState(client, target, text));
    this.#published.set(publishedAs(target, text), { target, text });
  }

  /** It is to be withdrawn: no session after this one has it. */
  forget(target: StateTarget, text: string): void {
    this.#published.delete(publishedAs(target, text));
  }

  /** A new session stands: publishes once more what was published, unless its object is gone or somebody else has it now. */
  async putBack(): Promise<void> {
    const { client } = this.#link;
    for (const [name, { target, text }] of this.#published) {
      /* oxlint-disable eslint/no-await-in-loop -- in the order in which they were published */
      const incarnation = await incarnationOf(client, target.class, target.id);
      const stored =
        incarnation === undefined ? [] : await readState(client, stateNode(target, incarnation), target.kind);
      const isTaken =
        target.kind !== 'multiple' && stored.some(({ owner }) => owner !== '' && owner !== client.sessionName);
      if (isTaken || incarnation === undefined) this.#published.delete(name);
      else await addState(client, target, text);
      /* oxlint-enable eslint/no-await-in-loop */
    }
  }
}

function publishedAs(target: StateTarget, text: string): string {
  const { namespace, class: cls, id, key, kind } = target;
  return [namespace, cls, id, key, kind === 'multiple' ? text : ''].join('/');
}
