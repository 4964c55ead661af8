import { readTopology } from '../../../topology/file/read-topology.ts';
import type { Topology } from '../../../topology/file/topology.ts';
import type { Shell } from '../../shell.ts';
import { writeProblems } from './write-problems.ts';

/**
 * Reads a topology for a command that needs a sound one.
 *
 * @returns undefined when it is not: what is wrong has been told then. Warnings are told unless the user asked for quiet
 */
export async function loadOrTell(path: string, shell: Shell): Promise<Topology | undefined> {
  const result = await readTopology(path);
  if (!result.ok) writeProblems(result.errors, shell);
  if (!shell.quiet) writeProblems(result.warnings, shell);
  return result.ok ? result.topology : undefined;
}
