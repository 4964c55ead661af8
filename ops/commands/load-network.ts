import { loadScenario, type ScenarioResult } from '../../actors/scenario/file/load-scenario.ts';
import type { Scenario } from '../../actors/scenario/scenario.ts';
import { readText } from '../../topology/file/read-topology.ts';
import { loadTopology } from '../../topology/file/load-topology.ts';
import type { Topology } from '../../topology/file/topology.ts';
import type { Shell } from '../shell.ts';
import { expectSound } from './topology/write-problems.ts';

/** A scenario names its topology, or holds it; a topology file has no such key. */
const SCENARIO = /^["']?topology["']?[ \t]*:/m;

/**
 * Reads a network to work with: a scenario, or a topology, which is a scenario in which nothing is played.
 *
 * @throws TroubleTold when it is not sound
 */
export async function loadNetwork(path: string, shell: Shell, strict = false): Promise<Scenario> {
  const { signal } = shell;
  const text = await readText(path, signal);
  if (!text.ok) return scenarioOrTell({ ok: false, errors: [text.error], warnings: [] }, shell);
  if (!SCENARIO.test(text.text)) {
    const result = loadTopology(text.text, { path, strict });
    const { seed } = shell.settings.values;
    return scenarioOrTell(result.ok ? { ...result, scenario: quietScenario(result.topology, seed) } : result, shell);
  }
  return scenarioOrTell(await loadScenario(text.text, { path, strict, signal }), shell);
}

/** The scenario, if there is one. @throws TroubleTold */
export function scenarioOrTell(result: ScenarioResult, shell: Shell): Scenario {
  expectSound(result, shell);
  return result.scenario;
}

/** A scenario in which nothing happens. */
function quietScenario(topology: Topology, seed: number): Scenario {
  return { topology, seed, stations: [], inputs: [], events: [], expectations: undefined, until: undefined };
}
