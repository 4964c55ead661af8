/** Something about a file that somebody should know, and where. Lines and columns count from 1, columns in UTF-16 units. */
export interface FileProblem {
  readonly severity: 'error' | 'warning';
  /** Names the kind of trouble in programs' output; the words for people may change, this does not. */
  readonly code: string;
  readonly path: string;
  /** Absent where the trouble is the file as a whole. */
  readonly line?: number;
  readonly column?: number;
  readonly what: string;
  readonly expected?: string;
  readonly didYouMean?: string;
}

/** `file:line:column: what is wrong, expected ...; did you mean "..."?` */
export function formatProblem(problem: FileProblem): string {
  const place = [problem.path, problem.line, problem.column].filter((part) => part !== undefined).join(':');
  const severity = problem.severity === 'warning' ? 'warning: ' : '';
  const expected = problem.expected === undefined ? '' : `, expected ${problem.expected}`;
  const didYouMean = problem.didYouMean === undefined ? '' : `; did you mean "${problem.didYouMean}"?`;
  return `${place}: ${severity}${problem.what}${expected}${didYouMean}`;
}

/** What is wrong, without the place. */
export interface Complaint {
  readonly code: string;
  readonly what: string;
  readonly expected?: string | undefined;
  readonly didYouMean?: string | undefined;
}

/** Turns an offset in a text into its line and column. */
export type PlaceOf = (offset: number) => { readonly line: number; readonly column: number };

/** Gathers what is found in one file. The same complaint about the same place counts once. */
export class Problems {
  readonly #path: string;
  /** The line and column of an offset in this file. */
  readonly placeOf: PlaceOf;
  readonly #found = new Map<string, { readonly offset: number; readonly problem: FileProblem }>();
  #errors = 0;

  constructor(path: string, placeOf: PlaceOf) {
    this.#path = path;
    this.placeOf = placeOf;
  }

  get hasErrors(): boolean {
    return this.#errors > 0;
  }

  /** @param offset where in the text; undefined for the file as a whole */
  error(offset: number | undefined, complaint: Complaint): void {
    this.#add('error', offset, complaint);
  }

  /** Lawful but odd. */
  warning(offset: number | undefined, complaint: Complaint): void {
    this.#add('warning', offset, complaint);
  }

  /** Where in the file an offset is, as errors say it: `12:7`. */
  placed(offset: number): string {
    const { line, column } = this.placeOf(offset);
    return `${line}:${column}`;
  }

  errors(): readonly FileProblem[] {
    return this.#of('error');
  }

  warnings(): readonly FileProblem[] {
    return this.#of('warning');
  }

  #add(severity: 'error' | 'warning', offset: number | undefined, complaint: Complaint): void {
    const { code, what, expected, didYouMean } = complaint;
    const key = JSON.stringify([severity, offset, code, what]);
    if (this.#found.has(key)) return;
    if (severity === 'error') this.#errors += 1;
    const problem: FileProblem = {
      severity,
      code,
      path: this.#path,
      ...(offset !== undefined && this.placeOf(offset)),
      what,
      ...(expected !== undefined && { expected }),
      ...(didYouMean !== undefined && { didYouMean }),
    };
    this.#found.set(key, { offset: offset ?? -1, problem });
  }

  #of(severity: 'error' | 'warning'): readonly FileProblem[] {
    return [...this.#found.values()]
      .filter(({ problem }) => problem.severity === severity)
      .toSorted((a, b) => a.offset - b.offset)
      .map(({ problem }) => problem);
  }
}

/** Warnings as a strict reader takes them: as errors. */
export function asErrors(problems: readonly FileProblem[]): readonly FileProblem[] {
  return problems.map((problem) => ({ ...problem, severity: 'error' }));
}
