import type { Uuid } from '../../../topology/model/ids.ts';
import type { FilePath, Happening } from '../scenario.ts';
import type { ScenarioDraft } from './scenario-draft.ts';

/**
 * Hosts that die, are cut off from the database, and reach it again. Remembers how each stands, so that an event without effect is
 * told: to be asked in the order of time.
 */
export class HostEvents {
  readonly #draft: ScenarioDraft;
  readonly #dead = new Set<Uuid>();
  readonly #cut = new Set<Uuid>();

  constructor(draft: ScenarioDraft) {
    this.#draft = draft;
  }

  kill(name: string, path: FilePath): Happening | undefined {
    const host = this.#host(name, [...path, 'kill'], () => undefined);
    if (host === undefined) return undefined;
    this.#dead.add(host);
    return { kind: 'kill', host };
  }

  partition(name: string, path: FilePath): Happening | undefined {
    const host = this.#host(name, [...path, 'partition'], (id) =>
      this.#cut.has(id) ? `host "${name}" is cut off already at that time` : undefined,
    );
    if (host === undefined) return undefined;
    this.#cut.add(host);
    return { kind: 'partition', host, isCut: true };
  }

  heal(name: string, path: FilePath): Happening | undefined {
    const host = this.#host(name, [...path, 'heal'], (id) =>
      this.#cut.has(id) ? undefined : `host "${name}" is not cut off at that time`,
    );
    if (host === undefined) return undefined;
    this.#cut.delete(host);
    return { kind: 'partition', host, isCut: false };
  }

  /** @param idle why the event would do nothing to a living host, if so */
  #host(name: string, place: FilePath, idle: (host: Uuid) => string | undefined): Uuid | undefined {
    const at = this.#draft.at(place);
    const host = this.#draft.host(name, at);
    if (host === undefined) return undefined;
    const why = this.#dead.has(host) ? `the agent of host "${name}" is dead by then` : idle(host);
    if (why !== undefined) {
      this.#draft.warning(at, { code: 'event-without-effect', what: `${why}: the event does nothing` });
    }
    return host;
  }
}
