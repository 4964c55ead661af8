import { ExpectationCheck } from '../../../../actors/scenario/expectations/expectation-check.ts';
import type { CheckResult } from '../../../../actors/scenario/expectations/failure.ts';
import { type Observed, Observation } from '../../../../actors/scenario/expectations/observation.ts';
import { loadScenario } from '../../../../actors/scenario/file/load-scenario.ts';
import { Replay } from '../../../../actors/scenario/replay.ts';
import type { FrameIn } from '../../../../actors/scenario/replay-listener.ts';
import type { Scenario } from '../../../../actors/scenario/scenario.ts';
import { formatProblem } from '../../../../topology/file/file-problem.ts';
import type { Bystander } from '../../../../ops/run/recording.ts';
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
  const nameOf = (port: string) => scenario.topology.names.nameOf.get(port as never) ?? port;
  const { expectations } = scenario;
  const observation = new Observation(nameOf);
  const check = expectations && new ExpectationCheck(expectations, nameOf);
  const hasPaths = (expectations?.paths.length ?? 0) > 0;
  await run(scenario, [observation, ...(check === undefined ? [] : [check])], () => hasPaths);
  const observed = observation.observed();
  check?.end([]);
  const evidence = check?.needs();
  if (check === undefined || evidence === undefined) return { results: check?.results() ?? [], observed, runs: 1 };
  await run(scenario, [evidence], () => false);
  const packets = evidence.packets();
  if (packets.size === 0) return { results: check.results(evidence), observed, runs: 2 };
  // Once more, on its own: only the stories are wanted now.
  await run(scenario, [{ traced: (trace) => evidence.traced(trace) }], (packet) => packets.has(packet));
  return { results: check.results(evidence), observed, runs: 3 };
}

async function run(
  scenario: Scenario,
  bystanders: readonly Bystander[],
  wantsStory: (packet: number) => boolean,
): Promise<void> {
  const frames = new Map<number, FrameIn>();
  const replay = await Replay.open(
    scenario,
    {
      frameIn: (frame) => frames.set(frame.packet, frame),
      unplayed() {},
      frameOut: (...frame) => {
        for (const each of bystanders) each.frameOut?.(...frame);
      },
      ended: (packet, outcome) => {
        const frame = frames.get(packet);
        if (frame !== undefined) for (const each of bystanders) each.ended?.(frame, outcome);
      },
      generated() {},
      generatedEnded() {},
      limited() {},
      traced: (trace) => {
        for (const each of bystanders) each.traced?.(trace);
      },
      room: () => undefined,
    },
    { wantsStory, ...(await databaseUnderTest()) },
  );
  await replay.run();
  await replay.close();
}
