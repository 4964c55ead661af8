import type { CheckResult } from '../../actors/scenario/expectations/failure.ts';

/** How the expectations of a run fared, for programs. `version` changes when a reader must. */
export interface CheckReport {
  readonly version: 1;
  readonly passed: boolean;
  readonly expectations: number;
  readonly failures: number;
  readonly results: readonly CheckReportEntry[];
}

type CheckReportEntry = Omit<CheckResult, 'failure'> & {
  readonly passed: boolean;
  readonly failure: CheckResult['failure'] | null;
};

/** The report as a value that JSON can say; what is absent is absent, but for `failure`, which is null then. */
export function checkReport(results: readonly CheckResult[]): CheckReport {
  const failures = results.filter(({ failure }) => failure !== undefined).length;
  return {
    version: 1,
    passed: failures === 0,
    expectations: results.length,
    failures,
    results: results.map(({ failure, ...result }) => ({
      ...result,
      passed: failure === undefined,
      failure: failure ?? null,
    })),
  };
}
