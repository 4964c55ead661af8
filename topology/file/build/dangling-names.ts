import { didYouMean } from '../did-you-mean.ts';
import type { Problems } from '../file-problem.ts';

/** As many names are listed where none is near what was written. */
const FEW = 5;

/** So many names are looked at in search of the right ones; a file that asks for more is wrong as a whole. */
const LOOKS = 100_000;

/** Gathers names of nothing, so that one used fifty times is one error, at the first place, with the count. */
export class DanglingNames {
  readonly #problems: Problems;
  readonly #isHidden: (kind: string, name: string) => boolean;
  readonly #found = new Map<string, Dangling>();

  /** @param isHidden whether what a name is of may be there, and cannot be read */
  constructor(problems: Problems, isHidden: (kind: string, name: string) => boolean = () => false) {
    this.#problems = problems;
    this.#isHidden = isHidden;
  }

  /**
   * @param kind what there is none of: "bridge or router", "port"
   * @param candidates what there is instead; asked for once, if at all
   */
  note(kind: string, name: string, at: number | undefined, candidates: () => Iterable<string>): void {
    if (this.#isHidden(kind, name)) return;
    const key = `${kind} ${name}`;
    const known = this.#found.get(key);
    if (known === undefined) this.#found.set(key, { kind, name, at, count: 1, candidates });
    else known.count += 1;
  }

  /** Tells all that was gathered. */
  tell(): void {
    let looks = LOOKS;
    for (const { kind, name, at, count, candidates } of this.#found.values()) {
      const known = looks > 0 ? [...candidates()] : [];
      looks -= known.length;
      const guess = didYouMean(name, known);
      const isListed = guess === undefined && known.length > 0 && known.length <= FEW;
      this.#problems.error(at, {
        code: 'dangling-name',
        what: `no ${kind} is called "${name}"${count === 1 ? '' : ` (named ${count} times, here first)`}`,
        expected: isListed ? (known.length === 1 ? known.join() : `one of ${known.join(', ')}`) : undefined,
        didYouMean: guess,
      });
    }
  }
}

interface Dangling {
  readonly kind: string;
  readonly name: string;
  readonly at: number | undefined;
  readonly candidates: () => Iterable<string>;
  count: number;
}
