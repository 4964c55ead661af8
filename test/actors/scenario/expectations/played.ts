import type { CheckResult } from '../../../../actors/scenario/expectations/failure.ts';
import { type Observed, Observation } from '../../../../actors/scenario/expectations/observation.ts';
import { loadScenario } from '../../../../actors/scenario/file/load-scenario.ts';
import { NoOutput } from '../../../../datapath/trace/run-output.ts';
import { playAndCheck } from '../../../../ops/run/play-and-check.ts';
import { formatProblem } from '../../../../topology/file/file-problem.ts';
import { databaseUnderTest } from '../../../database-under-test.ts';

export interface Played {
  readonly results: readonly CheckResult[];
  readonly observed: Observed;
  /** How many runs it took. */
  readonly runs: number;
}

/** Runs the text of a scenario as often as its failures need. */
export async function played(text: string, path = 'test/actors/scenario/expectations/inline.yaml'): Promise<Played> {
  const loaded = await loadScenario(text, { path });
  if (!loaded.ok) throw new Error(loaded.errors.map((problem) => formatProblem(problem)).join('\n'));
  const { scenario } = loaded;
  const observation = new Observation((port) => scenario.topology.names.nameOf.get(port) ?? port);
  let [runs, last] = [0, Infinity];
  // Packets count up; a run begins where they begin anew.
  const afterPacket = (packet: number): undefined => {
    if (packet <= last) runs += 1;
    last = packet;
  };
  const { results = [] } = await playAndCheck(
    scenario,
    new NoOutput(),
    { afterPacket, ...(await databaseUnderTest()) },
    [observation],
  );
  return { results, observed: observation.observed(), runs };
}
