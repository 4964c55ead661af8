import { outlineOf } from '../../../topology/file/outline.ts';
import { EXIT, type ExitCode } from '../../exit-code.ts';
import { formatOutline } from '../../render/topology-text.ts';
import type { Shell } from '../../shell.ts';
import { loadOrRead } from './load-or-read.ts';
import { narrow } from './narrow.ts';

export interface ShowOptions {
  readonly wide?: boolean;
  readonly nsdb?: string;
  readonly output: 'text' | 'json';
}

/**
 * Shows what is in a topology file and what follows from it; or, without a file, what the database has.
 *
 * @param names devices, ports and hosts to show; all of them when empty
 * @throws Trouble when nothing has such a name
 */
export async function show(
  path: string | undefined,
  names: readonly string[],
  { wide = false, output }: ShowOptions,
  shell: Shell,
): Promise<ExitCode> {
  const { topology, name } = await loadOrRead(path, shell);
  const outline = narrow(outlineOf(topology), names, name);
  if (output === 'json') shell.out(`${JSON.stringify({ version: 1, ...outline }, undefined, 2)}\n`);
  else shell.out(formatOutline(outline, wide, shell.look));
  return EXIT.fine;
}
