import { checkReport } from '../../report/check-json.ts';
import { formatChecks } from '../../report/check-text.ts';
import { formatReport, type ReportForm } from '../../report/report-form.ts';
import { runResults } from '../../report/run-results.ts';
import { formatSummary } from '../../render/summary.ts';
import { printable } from '../../render/text-width.ts';
import { formatPaths, type PathGroups } from '../../render/trace-paths.ts';
import type { Checked } from '../../run/play-and-check.ts';
import type { Shell } from '../../shell.ts';

/** How a run is told. */
export interface Telling {
  /** What happened is what is expected from now on: it is not held against what was. */
  readonly update?: true;
  readonly output: ReportForm;
  /** What the run is called. */
  readonly suite: string;
  /** Where its outputs are; undefined when there are none. */
  readonly folder: string | undefined;
  /** Undefined when nobody asked for them. */
  readonly paths: PathGroups | undefined;
}

/** Tells on standard output how a run went. */
export function tellRun(checked: Checked, telling: Telling, shell: Shell): void {
  const { output, suite } = telling;
  const { played } = checked;
  const results = runResults(played.report, checked.results);
  switch (output) {
    case 'json':
      shell.out(`${JSON.stringify({ ...played.report, expectations: checkReport(results) }, undefined, 2)}\n`);
      return;
    case 'junit':
    case 'github':
      shell.out(formatReport(output, suite, results));
      return;
    case 'text':
      tellPeople(checked, telling, shell);
  }
}

function tellPeople(
  { played, results }: Checked,
  { update, folder, paths }: Telling,
  { out, look, quiet }: Shell,
): void {
  const { report, flowRecords } = played;
  const { complete, problems, files } = report;
  const { hits, simulations } = report.flows;
  if (paths !== undefined) out(`${formatPaths(paths.paths, look)}\n`);
  if (quiet) {
    const failed = results?.filter(({ failure }) => failure !== undefined) ?? [];
    // The last lines are the sum: the failures alone are asked for.
    const lines = update === true || failed.length === 0 ? [] : formatChecks(failed, look).slice(0, -2);
    for (const line of lines) out(`${line}\n`);
    return;
  }
  out(formatSummary(report.accounting, { flows: flowRecords.length, hits, simulations }, look));
  if (!complete) {
    const why = printable(problems[0] ?? 'the run did not come to its end');
    out(`${look.paint.bad(`${look.signs.bad} incomplete: ${why}`)}\n`);
  }
  const hasVerdict = update !== true && (results !== undefined || complete);
  if (hasVerdict) out(`${formatChecks(results ?? [], look).join('\n')}\n`);
  if (folder !== undefined) {
    const how = complete ? '' : ', marked incomplete';
    out(`\nOutputs in ${folder}${how}: ${['run.json', ...files].join(', ')}\n`);
  }
}
