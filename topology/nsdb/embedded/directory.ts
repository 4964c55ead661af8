import { entryName, entryPrefix, PERSISTENT } from '../table-entry.ts';
import type { Ephemeral, Session } from './session.ts';

/** Hears of names that came or went. */
interface Marked {
  mark(name?: string): void;
}

const PERSISTENT_END = `,${PERSISTENT}`;

/** The entries of one state table, as the database keeps them: names, some of which go with a session. */
export class Directory {
  readonly #entries = new Map<string, { readonly session: Session; readonly ephemeral: Ephemeral } | undefined>();
  /** Names of persistent entries, by what they begin with: the key and a comma. */
  readonly #persistent = new Map<string, Set<string>>();
  readonly #watchers = new Set<Marked>();
  #sequence = 0;
  #isGone = false;

  /** Whether its owner was deleted. */
  get isGone(): boolean {
    return this.#isGone;
  }

  names(): Iterable<string> {
    return this.#entries.keys();
  }

  has(name: string): boolean {
    return this.#entries.has(name);
  }

  /** All entries, in lines, in the order in which they were made, with the sessions that they go with. */
  *dump(): Generator<string, void> {
    for (const [name, owner] of this.#entries) yield `${name}${owner === undefined ? '' : ` of ${owner.session.id}`}`;
    yield `next version ${this.#sequence}`;
  }

  /** Makes an entry that goes with the session; answers its name and version, higher than any before. */
  learn(key: string, value: string, session: Session): { readonly name: string; readonly version: number } {
    const version = this.#sequence++;
    const name = entryName({ key, value, version });
    const ephemeral = { vanish: () => this.#drop(name) };
    session.own(ephemeral);
    this.#entries.set(name, { session, ephemeral });
    this.#touch(name);
    return { name, version };
  }

  /** Makes an entry that stays, or any other by its whole name, be it nonsense. */
  put(name: string): void {
    if (this.#entries.has(name)) return;
    this.#entries.set(name, undefined);
    if (name.endsWith(PERSISTENT_END)) {
      const names = this.#persistent.get(headOf(name));
      if (names === undefined) this.#persistent.set(headOf(name), new Set([name]));
      else names.add(name);
    }
    this.#touch(name);
  }

  /** The names of a key's persistent entries. */
  persistentOf(key: string): readonly string[] {
    return [...(this.#persistent.get(headOf(entryPrefix(key, ''))) ?? [])];
  }

  remove(name: string): boolean {
    const owner = this.#entries.get(name);
    owner?.session.disown(owner.ephemeral);
    return this.#drop(name);
  }

  /** Its owner is no more. */
  end(): void {
    this.#isGone = true;
    for (const name of this.#entries.keys()) this.remove(name);
    for (const watcher of this.#watchers) watcher.mark();
  }

  watch(watcher: Marked): void {
    this.#watchers.add(watcher);
  }

  unwatch(watcher: Marked): void {
    this.#watchers.delete(watcher);
  }

  #drop(name: string): boolean {
    const existed = this.#entries.delete(name);
    if (!existed) return false;
    const names = this.#persistent.get(headOf(name));
    if (names?.delete(name) === true && names.size === 0) this.#persistent.delete(headOf(name));
    this.#touch(name);
    return true;
  }

  #touch(name: string): void {
    for (const watcher of this.#watchers) watcher.mark(name);
  }
}

function headOf(name: string): string {
  return name.slice(0, name.indexOf(',') + 1);
}
