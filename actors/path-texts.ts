import type { Directory } from './directory.ts';
import { formatPath } from './trace-builder.ts';

/** Ways whose words are kept at most. */
const MOST_TEXTS = 16_384;

interface PathText {
  readonly path: readonly number[];
  readonly text: string;
}

/** The ways of flows by name, each put into words once: flows of one way share it, and packets by the million go it. */
export class PathTexts {
  readonly #directory: Directory;
  readonly #texts = new Map<number, PathText>();
  #renamings = 0;

  constructor(directory: Directory) {
    this.#directory = directory;
  }

  /** @param number of the path in the flow table, where another may have had it before */
  of(number: number, path: readonly number[]): string {
    const { renamings } = this.#directory;
    if (renamings !== this.#renamings || this.#texts.size > MOST_TEXTS) {
      this.#texts.clear();
      this.#renamings = renamings;
    }
    const known = this.#texts.get(number);
    if (known !== undefined && isSame(known.path, path)) return known.text;
    const text = formatPath(path, this.#directory).join(' > ');
    this.#texts.set(number, { path, text });
    return text;
  }
}

function isSame(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((one, n) => one === b[n]);
}
