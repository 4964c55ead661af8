import type { Directory } from './directory.ts';
import { formatPath } from './trace-builder.ts';

/** The ways of flows by name, each put into words once: flows of one way share it, and packets by the million go it. */
export class PathTexts {
  readonly #directory: Directory;
  #texts = new WeakMap<readonly number[], string>();
  #renamings = 0;

  constructor(directory: Directory) {
    this.#directory = directory;
  }

  /** @param path the flow table's own: it does not change */
  of(path: readonly number[]): string {
    const { renamings } = this.#directory;
    if (renamings !== this.#renamings) {
      this.#texts = new WeakMap();
      this.#renamings = renamings;
    }
    let text = this.#texts.get(path);
    if (text === undefined) this.#texts.set(path, (text = formatPath(path, this.#directory).join(' > ')));
    return text;
  }
}
