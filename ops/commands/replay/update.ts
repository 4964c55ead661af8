import type { Observation } from '../../../actors/scenario/expectations/observation.ts';
import { updateExpectations } from '../../../actors/scenario/file/update-expectations.ts';
import { readText } from '../../../topology/file/read-topology.ts';
import { EXIT, type ExitCode } from '../../exit-code.ts';
import type { Shell } from '../../shell.ts';
import { Trouble } from '../../trouble.ts';
import { writeText } from '../../write-result.ts';

/** Writes what was seen into the scenario file; nothing when it says so already. */
export async function update(path: string, observation: Observation, shell: Shell): Promise<ExitCode> {
  const before = await readText(path);
  if (!before.ok || path.includes('=')) throw new Trouble('--update needs a scenario file');
  const after = updateExpectations(before.text, observation.observed());
  if (after === before.text) {
    shell.err(`${path}: expects what happens already\n`);
  } else {
    await writeText(path, after);
    shell.err(`${path}: expects now what happened in this run\n`);
  }
  return EXIT.fine;
}
