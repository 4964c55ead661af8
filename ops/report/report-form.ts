import type { CheckResult } from '../../actors/scenario/expectations/failure.ts';
import { PLAIN_LOOK } from '../render/look.ts';
import { checkReport } from './check-json.ts';
import { formatChecks } from './check-text.ts';
import { githubAnnotations } from './github-annotations.ts';
import { junitReport } from './junit.ts';

/** The forms that a report of expectations can have. */
export const REPORT_FORMS = ['text', 'json', 'junit', 'github'] as const;
export type ReportForm = (typeof REPORT_FORMS)[number];

/**
 * How the expectations of a run fared, in a form: what a file of it has.
 *
 * @param suite the scenario's name
 */
export function formatReport(form: ReportForm, suite: string, results: readonly CheckResult[]): string {
  switch (form) {
    case 'text':
      return linesOf(formatChecks(results, PLAIN_LOOK));
    case 'json':
      return `${JSON.stringify(checkReport(results), undefined, 2)}\n`;
    case 'junit':
      return junitReport(suite, results);
    case 'github':
      return linesOf(githubAnnotations(results));
  }
}

function linesOf(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}
