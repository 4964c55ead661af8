import type { CheckResult } from '../../actors/scenario/expectations/failure.ts';
import { PLAIN_LOOK } from '../render/look.ts';
import { formatFailure } from './check-text.ts';

/**
 * The failures as workflow commands, which GitHub shows at the lines of the scenario file: the first line of each says what was
 * expected and received, those under it what came near, field by field, and where it went.
 */
export function githubAnnotations(results: readonly CheckResult[]): readonly string[] {
  return results.flatMap(({ kind, where, title, failure }) => {
    if (failure === undefined) return [];
    const place = where === undefined ? '' : ` file=${property(where.path)},line=${where.line},col=${where.column}`;
    const head = `${title}: expected ${failure.expected}, received ${failure.received}`;
    // The first two lines of the failure say what the head says.
    const details = formatFailure(kind, failure, PLAIN_LOOK).slice(2);
    return [`::error${place}::${data([head, ...details].join('\n'))}`];
  });
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
