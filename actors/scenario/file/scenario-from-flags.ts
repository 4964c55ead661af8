import type { FileProblem } from '../../../topology/file/file-problem.ts';
import { loadScenario, type ScenarioOptions, type ScenarioResult } from './load-scenario.ts';

/** What a command line says, where there is no scenario file. */
export interface ScenarioFlags {
  readonly topology: string;
  /** `port=capture`, each. */
  readonly inputs: readonly string[];
  readonly l2?: 'keep' | 'adapt';
  readonly seed?: number;
  /** As in a file: `30`, `1m30s`. */
  readonly until?: string;
}

/**
 * A scenario out of flags. They go the way of a file, so they mean the same, and errors are as good; only they name the flag instead
 * of a line. Files lie relative to the working folder.
 */
export async function scenarioFromFlags(
  { topology, inputs, l2, seed, until }: ScenarioFlags,
  options: Omit<ScenarioOptions, 'path'> = {},
): Promise<ScenarioResult> {
  const stray = inputs.find((input) => !/^[^=]+=./.test(input));
  if (stray !== undefined) {
    const what = `"${stray}" names no port and capture`;
    const error: FileProblem = {
      severity: 'error',
      code: 'bad-flag',
      path: stray,
      what,
      expected: 'port=capture',
    };
    return { ok: false, errors: [error], warnings: [] };
  }
  // One flag a line: a line in an error is a flag.
  const lines: (readonly [flag: string, text: string])[] = [
    [`--topology ${topology}`, `topology: ${quoted(topology)}`],
  ];
  if (seed !== undefined) lines.push([`--seed ${seed}`, `seed: ${seed}`]);
  if (until !== undefined) lines.push([`--until ${until}`, `until: ${isNumber(until) ? until : quoted(until)}`]);
  if (inputs.length > 0) lines.push(['captures', 'inputs:']);
  for (const input of inputs) {
    const equals = input.indexOf('=');
    const [port, capture] = [input.slice(0, equals), input.slice(equals + 1)];
    const mode = l2 === undefined ? '' : `, l2: ${l2}`;
    lines.push([input, `  - { capture: ${quoted(capture)}, into: ${quoted(port)}${mode} }`]);
  }
  const result = await loadScenario(lines.map(([, text]) => `${text}\n`).join(''), { ...options, path: FLAGS });
  const named = (problems: readonly FileProblem[]) => problems.map((problem) => withFlag(problem, lines));
  const warnings = named(result.warnings);
  return result.ok ? { ...result, warnings } : { ok: false, errors: named(result.errors), warnings };
}

const FLAGS = '(flags)';

function withFlag(problem: FileProblem, lines: readonly (readonly [flag: string, text: string])[]): FileProblem {
  if (problem.path !== FLAGS) return problem;
  const { line, column: _column, ...rest } = problem;
  const flag = line === undefined ? undefined : lines[line - 1]?.[0];
  return { ...rest, path: flag ?? 'flags' };
}

/** JSON's texts are YAML's. */
function quoted(text: string): string {
  return JSON.stringify(text);
}

function isNumber(text: string): boolean {
  return /^\d+(\.\d+)?$/.test(text);
}
