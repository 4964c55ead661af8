import type { FileProblem } from '../../../topology/file/file-problem.ts';
import type { LoadResult } from '../../../topology/file/load-topology.ts';
import { readTopology } from '../../../topology/file/read-topology.ts';
import type { Topology } from '../../../topology/file/topology.ts';
import { EXIT, type ExitCode } from '../../exit-code.ts';
import { exitCodeFor } from '../../file-trouble.ts';
import { count } from '../../render/count.ts';
import type { Shell } from '../../shell.ts';
import { writeProblems } from './write-problems.ts';

export interface ValidateOptions {
  readonly strict?: boolean;
  readonly output: 'text' | 'json';
}

interface Validated {
  readonly path: string;
  readonly result: LoadResult;
}

/**
 * Checks topology files, all of them whatever is wrong with one.
 *
 * @returns bad input when one has an error, unless all that is wrong is that the world does not let us read
 */
export async function validate(
  paths: readonly string[],
  { strict = false, output }: ValidateOptions,
  shell: Shell,
): Promise<ExitCode> {
  const all: Validated[] = [];
  for (const path of paths) {
    const result = await readTopology(path, { strict, signal: shell.signal }); // oxlint-disable-line eslint/no-await-in-loop -- one file's objects in memory at a time
    all.push({ path, result });
  }
  if (output === 'json') shell.out(`${JSON.stringify(reportOf(all), undefined, 2)}\n`);
  else for (const each of all) tellOf(each, shell);
  const sound = all.filter(({ result }) => result.ok).length;
  if (output === 'text' && all.length > 1 && !shell.quiet) {
    const verdict = sound === all.length ? 'all sound' : `${sound} sound, ${all.length - sound} not`;
    shell.out(`${count(all.length, 'file')}: ${verdict}\n`);
  }
  return sound === all.length ? EXIT.fine : exitCodeFor(all.flatMap(({ result }) => (result.ok ? [] : result.errors)));
}

function tellOf({ path, result }: Validated, shell: Shell): void {
  const problems = problemsOf(result);
  writeProblems(problems, shell);
  if (shell.quiet) return;
  const { paint } = shell.look;
  const warnings = result.warnings.length === 0 ? '' : `, ${count(result.warnings.length, 'warning')}`;
  const summary = result.ok
    ? `${paint.good('sound')} (${contentsOf(result.topology)})`
    : paint.bad(count(result.errors.length, 'error'));
  shell.out(`${path}: ${summary}${warnings}\n`);
}

/** Errors and warnings in the order of the file. */
function problemsOf(result: LoadResult): readonly FileProblem[] {
  const errors = result.ok ? [] : result.errors;
  return [...errors, ...result.warnings].toSorted(
    (a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0),
  );
}

const CONTENTS = [
  ['Host', 'host'],
  ['Network', 'bridge'],
  ['Router', 'router'],
  ['Port', 'port'],
  ['Route', 'route'],
] as const;

function countsOf({ objects }: Topology): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const object of objects) counts.set(object.class, (counts.get(object.class) ?? 0) + 1);
  return counts;
}

function contentsOf(topology: Topology): string {
  const counts = countsOf(topology);
  const parts = CONTENTS.flatMap(([cls, word]) => {
    const number = counts.get(cls) ?? 0;
    return number === 0 ? [] : [count(number, word)];
  });
  return parts.length === 0 ? 'nothing in it' : parts.join(', ');
}

function reportOf(all: readonly Validated[]): unknown {
  return {
    version: 1,
    ok: all.every(({ result }) => result.ok),
    files: all.map(({ path, result }) => ({
      path,
      ok: result.ok,
      ...(result.ok && { objects: Object.fromEntries(countsOf(result.topology)) }),
      problems: problemsOf(result),
    })),
  };
}
