import { formatProblem } from '../../../topology/file/file-problem.ts';
import { loadTopology } from '../../../topology/file/load-topology.ts';
import { isEmpty } from '../../../topology/nsdb/plan/plan.ts';
import { EXIT, type ExitCode } from '../../exit-code.ts';
import { formatPlan } from '../../render/plan-text.ts';
import { formatNsdbAddress } from '../../settings/nsdb-address.ts';
import type { Shell } from '../../shell.ts';
import { exportNetwork } from '../../topology/export-network.ts';
import { namePlan } from '../../topology/named-plan.ts';
import { onNetwork } from '../../topology/on-network.ts';
import { planTopology } from '../../topology/plan-topology.ts';
import { readNetwork, type StoredNetwork } from '../../topology/stored-network.ts';
import { writeResult } from '../../write-result.ts';

export interface ExportOptions {
  readonly out?: string;
}

/**
 * Writes what the database has as a topology file, and looks whether applying that would change anything.
 *
 * @returns `unexpected` where it would, or would be refused: what the file lacks has been told
 */
export async function exportTopology({ out }: ExportOptions, shell: Shell): Promise<ExitCode> {
  const network = await onNetwork(shell, (nsdb, reports) => readNetwork(nsdb, reports, true), {
    absent: 'refuse',
  });
  const comment = `Exported from ${formatNsdbAddress(shell.settings.values.nsdb)}`;
  const { text, lacks, beyond } = exportNetwork(network, comment);
  await writeResult(text, out, shell);
  for (const lack of lacks) shell.err(`troupe: ${lack}\n`);
  if (beyond.length > 0 && !shell.quiet) {
    shell.err(`not for topology files, and left alone when this one is applied: ${beyond.join(', ')}\n`);
  }
  return isFaithful(text, network, out ?? 'the export', shell) && lacks.length === 0 ? EXIT.fine : EXIT.unexpected;
}

/** Whether applying the file changes nothing; tells what it would. */
function isFaithful(text: string, network: StoredNetwork, path: string, shell: Shell): boolean {
  const result = loadTopology(text, { path });
  if (!result.ok) {
    for (const error of result.errors) shell.err(`${formatProblem(error)}\n`);
    shell.err('troupe: the database has what no topology file may have: mend the file, or the database\n');
    return false;
  }
  const plan = planTopology(result.topology, network, true);
  if (isEmpty(plan)) return true;
  shell.err('troupe: the file cannot say all; applied with --prune it would change:\n');
  shell.err(formatPlan(namePlan(plan, result.topology, network), shell.errLook));
  return false;
}
