/** What is wrong with a packet expression: one thing, at one place. */
export interface ExpressionProblem {
  readonly kind: 'problem';
  /** Where, in UTF-16 units from the start of the text; `length` is 0 where something is missing. */
  readonly at: number;
  readonly length: number;
  readonly message: string;
  /** What would have been right there, in words; or a remedy. */
  readonly expected: string | undefined;
  readonly didYouMean: string | undefined;
}

/** Columns shown of an expression: a longer one, such as hexadecimal, is shown around the place. */
const SHOWN = 76;
const BEFORE = 40;

/**
 * The expression with a caret under the place, and what is wrong there.
 *
 * @returns lines of printable text, without a line break at their ends
 */
export function formatExpressionProblem(text: string, problem: ExpressionProblem): string[] {
  const plain = text.replaceAll(/\p{Cc}/gu, ' ');
  const from = plain.length <= SHOWN ? 0 : Math.max(0, Math.min(problem.at - BEFORE, plain.length - SHOWN));
  const to = Math.min(plain.length, from + SHOWN);
  const shown = `${from > 0 ? '… ' : ''}${plain.slice(from, to)}${to < plain.length ? ' …' : ''}`;
  const margin = problem.at - from + (from > 0 ? 2 : 0);
  const marked = Math.max(1, Math.min(problem.length, to - problem.at));
  const lines = [shown, `${' '.repeat(margin)}^${'~'.repeat(marked - 1)}`, problem.message];
  if (problem.expected !== undefined) lines.push(`expected ${problem.expected}`);
  if (problem.didYouMean !== undefined) lines.push(`did you mean '${problem.didYouMean}'?`);
  return lines;
}
