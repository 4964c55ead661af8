import type { CheckResult } from '../../actors/scenario/expectations/failure.ts';

/** The failures as workflow commands, which GitHub shows at the lines of the scenario file. */
export function githubAnnotations(results: readonly CheckResult[]): readonly string[] {
  return results.flatMap(({ where, title, failure }) => {
    if (failure === undefined) return [];
    const place = where === undefined ? '' : ` file=${property(where.path)},line=${where.line},col=${where.column}`;
    return [`::error${place}::${data(`${title}: expected ${failure.expected}, received ${failure.received}`)}`];
  });
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
