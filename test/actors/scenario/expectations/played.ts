import type { CheckResult } from '../../../../actors/scenario/expectations/failure.ts';
import { Observation } from '../../../../actors/scenario/expectations/observation.ts';
import { loadScenario } from '../../../../actors/scenario/file/load-scenario.ts';
import { NoOutput } from '../../../../datapath/trace/run-output.ts';
import { playAndCheck } from '../../../../ops/run/play-and-check.ts';
import { renewedText } from '../../../../ops/run/renewed-text.ts';
import { formatProblem } from '../../../../topology/file/file-problem.ts';
import { databaseUnderTest } from '../../../database-under-test.ts';

export interface Played {
  readonly results: readonly CheckResult[];
  /** The text that the run meets. */
  readonly renewed: string;
  /** How many runs it took. */
  readonly runs: number;
}

/** Runs the text of a scenario as often as its failures need. */
export async function played(text: string, path = 'test/actors/scenario/expectations/inline.yaml'): Promise<Played> {
  const loaded = await loadScenario(text, { path });
  if (!loaded.ok) throw new Error(loaded.errors.map((problem) => formatProblem(problem)).join('\n'));
  const { scenario } = loaded;
  const observation = Observation.of(scenario);
  let [runs, last] = [0, Infinity];
  // Packets count up; a run begins where they begin anew.
  const afterPacket = (packet: number): undefined => {
    if (packet <= last) runs += 1;
    last = packet;
  };
  const options = await databaseUnderTest();
  const checked = await playAndCheck(scenario, new NoOutput(), { afterPacket, ...options }, [observation]);
  const { results = [] } = checked;
  const { text: renewed } = await renewedText(text, path, { scenario, checked, observation }, options);
  return { results, renewed, runs };
}
