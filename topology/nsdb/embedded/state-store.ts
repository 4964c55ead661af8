import type { ClassName } from '../../model/bindings.ts';
import type { Uuid } from '../../model/ids.ts';
import { NsdbError } from '../nsdb-error.ts';
import { objectPath, statePath } from '../paths.ts';
import type { StateKey, StateKind, StatePlace } from '../state-key.ts';
import type { Ephemeral, Session } from './session.ts';

/** One value of a state key, as text. */
export interface StoredState extends Ephemeral {
  readonly text: string;
  readonly session: Session;
}

interface StateNode {
  readonly values: Map<string, StoredState>;
  readonly watchers: Set<{ mark(): void }>;
}

/** Where a state key is, with what is needed to write there. */
export interface StateTarget {
  readonly class: ClassName;
  readonly id: Uuid;
  readonly path: string;
  readonly kind: StateKind;
}

export function targetOf<V>(key: StateKey<V>, { namespace, id }: StatePlace): StateTarget {
  return { class: key.class, id, path: statePath(namespace, key.class, id, key.key), kind: key.kind };
}

/** The state keys of an embedded database. Values are texts; each belongs to a session and goes with it, or with its object. */
export class StateStore {
  readonly #nodes = new Map<string, StateNode>();
  /** The paths of the keys of each object that has some. */
  readonly #ofObject = new Map<string, Set<string>>();

  /** The values at a path, in order of their text. */
  values(path: string): readonly StoredState[] {
    const values = [...(this.#nodes.get(path)?.values.values() ?? [])];
    return values.toSorted((a, b) => (a.text < b.text ? -1 : Number(a.text > b.text)));
  }

  /** All values, in lines, with the sessions that they belong to. */
  *dump(): Generator<string, void> {
    for (const path of [...this.#nodes.keys()].toSorted()) {
      for (const { text, session } of this.values(path)) yield `${path} ${text} of ${session.id}`;
    }
  }

  /** Writes a value of an object that exists, as its kind has it (spec 10 §4). Throws `not-owner`. */
  add({ class: cls, id, path, kind }: StateTarget, text: string, session: Session): void {
    const node = this.#node(cls, id, path);
    const name = kind === 'multiple' ? text : '';
    const before = node.values.get(name);
    if (before?.session === session && before.text === text) return;
    if (kind === 'first-wins' && before !== undefined && before.session !== session) throw notOwner(cls, id, path);
    if (before !== undefined) before.session.disown(before);
    const stored: StoredState = { text, session, vanish: () => this.#drop(node, name) };
    session.own(stored);
    node.values.set(name, stored);
    touch(node);
  }

  /** Removes a value; false where there was none. Throws `not-owner` where it is another session's. */
  remove({ class: cls, id, path, kind }: StateTarget, text: string, session: Session): boolean {
    const node = this.#nodes.get(path);
    const name = kind === 'multiple' ? text : '';
    const stored = node?.values.get(name);
    if (node === undefined || stored === undefined) return false;
    if (stored.session !== session) throw notOwner(cls, id, path);
    session.disown(stored);
    this.#drop(node, name);
    return true;
  }

  /** The object is no more: nor is its state. */
  forget(cls: ClassName, id: Uuid): void {
    for (const path of this.#ofObject.get(objectPath(cls, id)) ?? []) {
      const node = this.#nodes.get(path);
      if (node === undefined) continue;
      for (const stored of node.values.values()) stored.session.disown(stored);
      node.values.clear();
      touch(node);
      this.#prune(cls, id, path);
    }
  }

  watch({ class: cls, id, path }: StateTarget, watcher: { mark(): void }): void {
    this.#node(cls, id, path).watchers.add(watcher);
  }

  unwatch({ class: cls, id, path }: StateTarget, watcher: { mark(): void }): void {
    this.#nodes.get(path)?.watchers.delete(watcher);
    this.#prune(cls, id, path);
  }

  /** Forgets a path with nothing at it and nobody looking. */
  #prune(cls: ClassName, id: Uuid, path: string): void {
    const node = this.#nodes.get(path);
    if (node === undefined || node.watchers.size > 0 || node.values.size > 0) return;
    this.#nodes.delete(path);
    const owner = objectPath(cls, id);
    const paths = this.#ofObject.get(owner);
    if (paths?.delete(path) === true && paths.size === 0) this.#ofObject.delete(owner);
  }

  #node(cls: ClassName, id: Uuid, path: string): StateNode {
    const known = this.#nodes.get(path);
    if (known !== undefined) return known;
    const node: StateNode = { values: new Map(), watchers: new Set() };
    this.#nodes.set(path, node);
    const owner = objectPath(cls, id);
    const paths = this.#ofObject.get(owner);
    if (paths === undefined) this.#ofObject.set(owner, new Set([path]));
    else paths.add(path);
    return node;
  }

  #drop(node: StateNode, name: string): void {
    node.values.delete(name);
    touch(node);
  }
}

function touch(node: StateNode): void {
  for (const watcher of node.watchers) watcher.mark();
}

function notOwner(cls: ClassName, id: Uuid, path: string): NsdbError {
  const field = path.slice(path.lastIndexOf('/') + 1);
  const sentence = `${cls} ${id}: ${field} belongs to another session`;
  return new NsdbError('not-owner', sentence, { class: cls, id, field });
}
