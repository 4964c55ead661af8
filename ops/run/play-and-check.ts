import type { Evidence } from '../../actors/scenario/expectations/evidence.ts';
import { ExpectationCheck } from '../../actors/scenario/expectations/expectation-check.ts';
import type { CheckResult } from '../../actors/scenario/expectations/failure.ts';
import type { ReplayOptions } from '../../actors/scenario/replay.ts';
import type { Scenario } from '../../actors/scenario/scenario.ts';
import type { PacketTrace } from '../../datapath/trace/packet-trace.ts';
import { NoOutput, type RunOutput } from '../../datapath/trace/run-output.ts';
import { play, type Played } from './play.ts';
import type { Bystander } from './recording.ts';

/** A run, and how it did by what was expected of it. */
export interface Checked {
  readonly played: Played;
  /** Undefined when nothing was expected. */
  readonly check: ExpectationCheck | undefined;
  /** What came near to what was expected and did not come; undefined when there is no such. */
  readonly evidence: Evidence | undefined;
  /** Undefined when nothing was expected, and of a run that was interrupted. */
  readonly results: readonly CheckResult[] | undefined;
}

/**
 * Plays a scenario and holds it against its expectations. When some fail, it is played once more to find what came nearest, and once
 * more to tell the stories of those packets: memory stays as small as the run's, and the runs are alike.
 *
 * @throws as {@link play}
 */
export async function playAndCheck(
  scenario: Scenario,
  output: RunOutput,
  options: ReplayOptions = {},
  bystanders: readonly Bystander[] = [],
): Promise<Checked> {
  const { expectations, topology } = scenario;
  if (expectations === undefined) {
    return {
      played: await play(scenario, output, options, bystanders),
      check: undefined,
      evidence: undefined,
      results: undefined,
    };
  }
  const check = new ExpectationCheck(expectations, (port) => topology.names.nameOf.get(port) ?? port);
  const wantsStory: ReplayOptions['wantsStory'] = (packet, bytes, wireLength) =>
    options.wantsStory?.(packet, bytes, wireLength) === true || check.wantsStory(bytes, wireLength);
  const played = await play(scenario, output, { ...options, wantsStory }, [...bystanders, check]);
  if (played.isInterrupted) return { played, check, evidence: undefined, results: undefined };
  check.end(played.flowRecords);
  const evidence = check.needs();
  if (evidence !== undefined) await gather(scenario, evidence, options);
  return { played, check, evidence, results: check.results(evidence) };
}

async function gather(scenario: Scenario, evidence: Evidence, options: ReplayOptions): Promise<void> {
  await play(scenario, new NoOutput(), { ...options, ...(evidence.wantsFlows && { flowWatcher: evidence }) }, [
    evidence,
  ]);
  const packets = evidence.packets();
  if (packets.size === 0) return;
  const wantsStory: ReplayOptions['wantsStory'] = (packet) => packets.has(packet);
  const traced = (trace: PacketTrace): void => evidence.traced(trace);
  // A frame that nobody expected may be one that a device made.
  await play(scenario, new NoOutput(), { ...options, wantsStory, tracesGenerated: true }, [{ traced }]);
}
