import type { Problems } from '../file-problem.ts';

/** Gathers names of nothing, so that one used fifty times is one error, at the first place, with the count. */
export class DanglingNames {
  readonly #problems: Problems;
  readonly #found = new Map<string, Dangling>();

  constructor(problems: Problems) {
    this.#problems = problems;
  }

  /**
   * @param kind what there is none of: "bridge or router", "port"
   * @param guess the name that was meant, perhaps; worked out at most once
   */
  note(kind: string, name: string, at: number | undefined, guess: () => string | undefined): void {
    const key = `${kind} ${name}`;
    const known = this.#found.get(key);
    if (known === undefined) this.#found.set(key, { kind, name, at, count: 1, guess: guess() });
    else known.count += 1;
  }

  /** Tells all that was gathered. */
  tell(): void {
    for (const { kind, name, at, count, guess } of this.#found.values()) {
      const often = count === 1 ? '' : ` (named ${count} times, here first)`;
      this.#problems.error(at, {
        code: 'dangling-name',
        what: `no ${kind} is called "${name}"${often}`,
        didYouMean: guess,
      });
    }
  }
}

interface Dangling {
  readonly kind: string;
  readonly name: string;
  readonly at: number | undefined;
  readonly guess: string | undefined;
  count: number;
}
