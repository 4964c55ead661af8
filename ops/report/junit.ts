import type { CheckResult } from '../../actors/scenario/expectations/failure.ts';
import { PLAIN_LOOK } from '../render/look.ts';
import { formatChecks } from './check-text.ts';

/**
 * How the expectations of a run fared, as JUnit XML: one suite for the scenario, one case for each expectation. Without times: two runs
 * give the same bytes. A run of which nothing is expected has one case, which passes and says so.
 *
 * @param suite the scenario's name
 */
export function junitReport(suite: string, results: readonly CheckResult[]): string {
  const failures = results.filter(({ failure }) => failure !== undefined).length;
  const cases = results.length === 0 ? [NOTHING_EXPECTED] : results.map((result) => caseOf(suite, result));
  const counts = `tests="${cases.length}" failures="${failures}" errors="0" skipped="0"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="troupe" ${counts}>`,
    `  <testsuite name="${escaped(suite)}" ${counts}>`,
    ...cases,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

const NOTHING_EXPECTED = '    <testcase classname="troupe" name="nothing was expected of this run"/>';

function caseOf(suite: string, result: CheckResult): string {
  const { where, kind, title, failure } = result;
  const place = where === undefined ? '' : ` file="${escaped(where.path)}" line="${where.line}"`;
  const head = `    <testcase classname="${escaped(`${suite}.${kind}`)}" name="${escaped(title)}"${place}`;
  if (failure === undefined) return `${head}/>`;
  const message = escaped(`expected ${failure.expected}, received ${failure.received}`);
  const story = escaped(formatChecks([result], PLAIN_LOOK).slice(0, -2).join('\n').trim());
  return `${head}>\n      <failure type="${kind}" message="${message}">${story}</failure>\n    </testcase>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** Text as XML 1.0 may have it: marks escaped; what is no character there (control characters, lone surrogates) left out (2.2). */
function escaped(text: string): string {
  return text
    .replaceAll(/\p{Surrogate}/gu, '')
    .replaceAll(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F\uFFFD-\uFFFF]/g, '') // oxlint-disable-line no-control-regex -- these it is about
    .replaceAll(/[&<>"']/g, (mark) => ENTITIES[mark] ?? mark);
}
