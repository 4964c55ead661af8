import { EngineFault } from '../../actors/scenario/played-network.ts';
import { Replay, type ReplayEnd, type ReplayOptions } from '../../actors/scenario/replay.ts';
import type { NetworkState } from '../../actors/scenario/network-state.ts';
import type { Scenario } from '../../actors/scenario/scenario.ts';
import { flowRecordOf } from '../../actors/scenario/flow-record.ts';
import { CaptureError } from '../../datapath/capture/capture-error.ts';
import type { FlowRecord, RunOutput, RunReport } from '../../datapath/trace/run-output.ts';
import type { Uuid } from '../../topology/model/ids.ts';
import { formatInstant } from '../../topology/model/time.ts';
import { Recording, STATIONS, type Bystander } from './recording.ts';

/** A run that is over. */
export interface Played {
  readonly report: RunReport;
  /** The user ended it, in the run itself or while its outputs were written. */
  readonly isInterrupted: boolean;
  readonly end: ReplayEnd;
  /** Flows in the table at the end. */
  readonly flowRecords: readonly FlowRecord[];
  /** What the network had learned by then. */
  readonly state: NetworkState;
}

/**
 * Plays a scenario into outputs, from beginning to end, or until the signal of the options is raised: the outputs say so then.
 *
 * @throws CaptureWriteError when an output cannot be written; EngineFault when an actor failed, or the sums do not add up
 */
export async function play(
  scenario: Scenario,
  output: RunOutput,
  options: ReplayOptions = {},
  bystanders: readonly Bystander[] = [],
): Promise<Played> {
  const { nameOf } = scenario.topology.names;
  const inputs = [...scenario.inputs.map(({ name }) => name), ...(scenario.stations.length > 0 ? [STATIONS] : [])];
  const recorded = {
    inputs,
    nameOf: (port: Uuid) => nameOf.get(port) ?? port,
    currentPath: () => replay.network.agent.currentPath(),
    now: () => replay.network.time.instant,
  };
  const recording = new Recording(recorded, output, bystanders);
  const replay = await Replay.open(scenario, recording, { ...options, namesFacts: output.wantsFlows });
  const { network } = replay;
  try {
    const end = await replay.run();
    recording.close();
    await recording.room();
    const flowRecords = network.flows().map((view, at) => flowRecordOf(view, at + 1, network.agent));
    for (const flow of flowRecords) {
      const room = output.flow(flow);
      // oxlint-disable-next-line eslint/no-await-in-loop -- the output asked for it
      if (room !== undefined) await room;
      if (options.signal?.aborted === true) break;
    }
    const wrong = recording.accounting.check();
    if (wrong.length > 0) throw new EngineFault(`the frames of the run do not add up: ${wrong.join('; ')}`);
    const isInterrupted = end.isInterrupted || options.signal?.aborted === true;
    const problems = [...(isInterrupted ? ['interrupted'] : []), ...problemsOf(end, scenario)];
    const report = await output.finish({
      complete: end.faults.length === 0 && !isInterrupted,
      problems,
      seed: String(scenario.seed),
      duration: formatInstant(end.at),
      accounting: recording.accounting.report(),
      flows: network.agent.counts,
    });
    return { report, isInterrupted, end, flowRecords, state: await network.state() };
  } finally {
    await replay.close();
  }
}

/** What is wrong with a capture, without its path: outputs say nothing of the machine. */
function faultOf(cause: Error): string {
  return cause instanceof CaptureError ? `${cause.detail}, at byte ${cause.offset}` : cause.message;
}

function problemsOf({ faults, unreadable, refused }: ReplayEnd, { inputs }: Scenario): string[] {
  const nameOf = (input: number): string => inputs[input]?.name ?? 'an input';
  return [
    ...faults.map(({ input, cause }) => `${nameOf(input)}: ${faultOf(cause)}`),
    ...unreadable.map(({ input, index, name = String(index), linkType, linkTypeName, frames }) => {
      const what = `link type ${linkType} (${linkTypeName}) is not Ethernet`;
      return `${nameOf(input)}: interface ${name}: ${what}; its frames were not played: ${frames}`;
    }),
    ...refused.map(({ event, cause }) => `event at ${formatInstant(event.at)}: ${cause.message}`),
  ];
}
