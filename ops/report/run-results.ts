import type { CheckResult } from '../../actors/scenario/expectations/failure.ts';
import type { RunReport } from '../../datapath/trace/run-output.ts';

/** What a report has of a run: how its expectations fared, and before them, when not all of it was played, why not. */
export function runResults(
  { complete, problems }: Pick<RunReport, 'complete' | 'problems'>,
  results: readonly CheckResult[] = [],
): readonly CheckResult[] {
  if (complete) return results;
  const received = problems[0] ?? 'no reason given';
  const failure = { expected: 'all of it played', received, nearest: undefined, examples: [], trace: undefined };
  return [{ kind: 'run', where: undefined, title: 'the run is incomplete', failure }, ...results];
}
