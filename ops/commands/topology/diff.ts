import { isEmpty } from '../../../topology/nsdb/plan/plan.ts';
import { EXIT, type ExitCode } from '../../exit-code.ts';
import { planJson } from '../../render/plan-json.ts';
import type { Shell } from '../../shell.ts';
import { planOnly } from '../../topology/plan-named.ts';
import { loadOrTell } from './load-or-tell.ts';
import type { DiffOutput } from './outputs.ts';
import { tellPlan } from './tell-plan.ts';

export interface DiffOptions {
  readonly output: 'text' | 'json';
}

/**
 * Shows what applying a topology file, and deleting what it does not have, would change. Changes nothing.
 *
 * @returns `unexpected` where there are differences
 */
export async function diff(path: string, { output }: DiffOptions, shell: Shell): Promise<ExitCode> {
  const topology = await loadOrTell(path, shell);
  const { named } = await planOnly(shell, topology, true);
  const isSame = isEmpty(named.plan);
  if (output === 'json') {
    const told: DiffOutput = { version: 1, same: isSame, ...planJson(named) };
    shell.out(`${JSON.stringify(told, undefined, 2)}\n`);
  } else if (!isSame || named.plan.kept.length > 0) tellPlan(named, shell);
  return isSame ? EXIT.fine : EXIT.unexpected;
}
