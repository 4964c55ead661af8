import { readTopology } from '../../../topology/file/read-topology.ts';
import type { Topology } from '../../../topology/file/topology.ts';
import type { Shell } from '../../shell.ts';
import { expectSound } from './write-problems.ts';

/** Reads a topology for a command that needs a sound one. @throws TroubleTold when it is not */
export async function loadOrTell(path: string, shell: Shell): Promise<Topology> {
  const result = await readTopology(path, { signal: shell.signal });
  expectSound(result, shell);
  return result.topology;
}
