/** Hears that something at a path may have changed. */
export interface Marked {
  mark(path: string, kind: 'data' | 'children'): void;
}

/** Who hears of which path. Whoever wants to hear sets the watch at the server himself, by reading. */
export class Watches {
  readonly #marked = new Map<string, Set<Marked>>();

  add(path: string, marked: Marked): void {
    const all = this.#marked.get(path);
    if (all === undefined) this.#marked.set(path, new Set([marked]));
    else all.add(marked);
  }

  remove(path: string, marked: Marked): void {
    const all = this.#marked.get(path);
    if (all?.delete(marked) === true && all.size === 0) this.#marked.delete(path);
  }

  /** A watch at the path has fired, and is gone. */
  fired(path: string, kind: 'data' | 'children'): void {
    for (const marked of this.#marked.get(path) ?? []) marked.mark(path, kind);
  }
}
