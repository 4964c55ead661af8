import type { Scenario } from '../../actors/scenario/scenario.ts';
import type { Topology } from '../../topology/file/topology.ts';
import type { Shell } from '../shell.ts';
import { loadOrTell } from './topology/load-or-tell.ts';

/**
 * Reads a network to work with: a scenario, or a topology, which is a scenario in which nothing is played.
 *
 * @returns undefined when it is not sound: what is wrong has been told then
 */
export async function loadNetwork(path: string, shell: Shell): Promise<Scenario | undefined> {
  const topology = await loadOrTell(path, shell);
  return topology && quietScenario(topology, shell.settings.values.seed);
}

/** A scenario in which nothing happens. */
function quietScenario(topology: Topology, seed: number): Scenario {
  return { topology, seed, stations: [], inputs: [], events: [], expectations: undefined, until: undefined };
}
