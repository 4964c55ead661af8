import { formatProblem, type FileProblem } from '../../../topology/file/file-problem.ts';
import { exitCodeFor } from '../../file-trouble.ts';
import { printable } from '../../render/text-width.ts';
import type { Shell } from '../../shell.ts';
import { TroubleTold } from '../../trouble.ts';

/** What came of reading a file. */
interface Reading {
  readonly ok: boolean;
  readonly errors?: readonly FileProblem[];
  readonly warnings: readonly FileProblem[];
}

/**
 * Tells what is wrong with a file that a command needs; warnings unless the user asked for quiet.
 *
 * @throws TroubleTold when the file is not sound
 */
export function expectSound<R extends Reading>(result: R, shell: Shell): asserts result is R & { readonly ok: true } {
  const { ok, errors = [], warnings } = result;
  writeProblems(errors, shell);
  if (!shell.quiet) writeProblems(warnings, shell);
  if (!ok) throw new TroubleTold(exitCodeFor(errors));
}

/** Tells what is wrong with a file as compilers do, one line each: editors jump to such lines. */
export function writeProblems(problems: readonly FileProblem[], { err, errLook }: Shell): void {
  for (const problem of problems) {
    const line = printable(formatProblem(problem));
    const place = [problem.path, problem.line, problem.column].filter((part) => part !== undefined).join(':');
    const placed = printable(place);
    const colour = problem.severity === 'error' ? errLook.paint.bad : errLook.paint.warn;
    err(`${errLook.paint.strong(placed)}${colour(line.slice(placed.length))}\n`);
  }
}
