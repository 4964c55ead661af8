import { Observation } from '../../actors/scenario/expectations/observation.ts';
import type { Unrenewable } from '../../actors/scenario/expectations/renewal.ts';
import { loadScenario } from '../../actors/scenario/file/load-scenario.ts';
import { updateExpectations } from '../../actors/scenario/file/update-expectations.ts';
import type { ReplayOptions } from '../../actors/scenario/replay.ts';
import type { Scenario } from '../../actors/scenario/scenario.ts';
import { NoOutput } from '../../datapath/trace/run-output.ts';
import { playAndCheck, type Checked } from './play-and-check.ts';

/** A run that was held against its expectations, and of which it is known what nobody expected. */
export interface ObservedRun {
  readonly scenario: Scenario;
  readonly checked: Checked;
  readonly observation: Observation;
}

/** The text of a scenario file that expects what happens. */
export interface RenewedText {
  readonly text: string;
  /** What is in it that no run of it meets. */
  readonly left: readonly Unrenewable[];
}

/**
 * Makes the text of a scenario file say what happened in a run of it. Where frames came with other values than those expected, it is played once
 * more with theirs: only then it is known how many there are of them.
 *
 * @param path of the file
 * @throws as {@link playAndCheck}
 */
export async function renewedText(
  text: string,
  path: string,
  run: ObservedRun,
  options: ReplayOptions = {},
): Promise<RenewedText> {
  const { check, evidence } = run.checked;
  const values = evidence === undefined ? [] : (check?.renewedValues(evidence) ?? []);
  if (values.length === 0) return counted(text, run);
  // It is not read again: it may have come through a pipe.
  const sameTopology = { ok: true, topology: run.scenario.topology, warnings: [] } as const;
  const withValues = updateExpectations(text, { renewals: values, added: { frames: [], drops: [] } });
  const loaded = await loadScenario(withValues, { path, readTopology: () => Promise.resolve(sameTopology) });
  if (!loaded.ok) throw new TypeError(`${path} does not load any more: ${loaded.errors[0]?.what}`);
  const { expectations } = loaded.scenario;
  const scenario = { ...run.scenario, expectations };
  const observation = Observation.of(scenario);
  const checked = await playAndCheck(scenario, new NoOutput(), options, [observation]);
  return counted(withValues, { scenario, checked, observation });
}

function counted(text: string, { checked: { check, played }, observation }: ObservedRun): RenewedText {
  const renewals = check?.renewals(played.flowRecords) ?? [];
  const left = check?.unrenewable() ?? [];
  return { text: updateExpectations(text, { renewals, added: observation.observed() }), left };
}
