import { formatProblem, type FileProblem } from '../../../topology/file/file-problem.ts';
import { printable } from '../../render/text-width.ts';
import type { Shell } from '../../shell.ts';

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
