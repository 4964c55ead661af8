import { stat } from 'node:fs/promises';
import { parseDuration } from '../../../actors/scenario/duration.ts';
import type { CheckResult } from '../../../actors/scenario/expectations/failure.ts';
import { Observation } from '../../../actors/scenario/expectations/observation.ts';
import { formatReport, type ReportForm } from '../../report/report-form.ts';
import { runResults } from '../../report/run-results.ts';
import { scenarioFromFlags } from '../../../actors/scenario/file/scenario-from-flags.ts';
import type { Scenario } from '../../../actors/scenario/scenario.ts';
import { CaptureWriteError } from '../../../datapath/capture/capture-sink.ts';
import { RunRecorder } from '../../../datapath/trace/run-recorder.ts';
import { NoOutput, type PortFrame, type RunOutput } from '../../../datapath/trace/run-output.ts';
import { EXIT, type ExitCode } from '../../exit-code.ts';
import { formatChange } from '../../render/change-text.ts';
import { PathGroups } from '../../render/trace-paths.ts';
import { playAndCheck, type Checked } from '../../run/play-and-check.ts';
import { isReadAgain, withCaptures, type CaptureReader } from '../../run/with-captures.ts';
import type { Shell } from '../../shell.ts';
import { exitCodeForCaptures, writeTrouble } from '../../file-trouble.ts';
import { nsdbTrouble } from '../../nsdb/nsdb-trouble.ts';
import { openerOf } from '../../nsdb/run-database.ts';
import { Trouble } from '../../trouble.ts';
import { writeText } from '../../write-result.ts';
import { loadNetwork, scenarioOrTell } from '../load-network.ts';
import { reportsOf, type Reports } from './report-flags.ts';
import { tellRun } from './tell-run.ts';
import { updateScenario } from './update-scenario.ts';

export interface ReplayFlags {
  readonly topology?: string;
  readonly l2?: 'keep' | 'adapt';
  readonly until?: string;
  /** False: no outputs. */
  readonly out?: string | false;
  readonly frames: 'pcapng' | 'pcap' | 'none';
  readonly hops?: true;
  readonly traces?: true;
  readonly paths?: true;
  readonly changes?: true;
  readonly timings?: true;
  readonly saveState?: string;
  readonly update?: true;
  /** A report each: a form, a file, or both as `junit=out.xml`. */
  readonly report?: readonly string[];
  /** False: every packet is simulated. */
  readonly flows: boolean;
  readonly strict?: true;
  readonly output: ReportForm;
  /** Whether the command line says it. */
  readonly isOutputSaid: boolean;
}

/**
 * Plays a scenario, or captures named by flags, and tells what came of it.
 *
 * @returns 0; 1 when an expectation was not met; 2 when a capture could not be read to its end, 3 when the world is to blame
 *   for that
 * @throws Trouble when the words make no sense, or an output cannot be written; TroubleTold when files are unsound
 */
export async function replayFiles(words: readonly string[], flags: ReplayFlags, shell: Shell): Promise<ExitCode> {
  const reports = wantedReports(flags);
  const scenario = await scenarioOf(words, flags, shell);
  if (scenario.inputs.length + scenario.stations.length + scenario.events.length === 0) {
    throw new Trouble('nothing is played: expected a scenario with inputs, or --topology FILE and port=capture');
  }
  if (flags.timings === true && flags.changes !== true) throw new Trouble('--timings is for --changes');
  if (flags.update === true) await expectUpdatable(words, flags);
  return withCaptures(isReadAgain(scenario), (reader) =>
    replayScenario(scenario, words, flags, reader, reports, shell),
  );
}

async function replayScenario(
  scenario: Scenario,
  words: readonly string[],
  flags: ReplayFlags,
  readCapture: CaptureReader,
  reports: Reports,
  shell: Shell,
): Promise<ExitCode> {
  const folder = flags.out === false ? undefined : shell.settings.values.out;
  const paths = new PathGroups();
  const observation = Observation.of(scenario);
  const checked = await playInto(folder, scenario, flags, readCapture, [paths, observation], shell);
  const { played, results } = checked;
  const suite = words[0] ?? 'replay';
  for (const problem of played.report.problems) shell.err(`${shell.errLook.paint.bad(problem)}\n`);
  const { output = flags.output } = reports;
  tellRun(checked, { ...flags, output, suite, folder, paths: flags.paths === true ? paths : undefined }, shell);
  await writeReports(reports.files, suite, runResults(played.report, results));
  if (flags.saveState !== undefined)
    await writeText(flags.saveState, `${JSON.stringify(played.state, undefined, 2)}\n`);
  if (played.isInterrupted) return EXIT.interrupted;
  if (!played.report.complete) return exitCodeForCaptures(played.end.faults.map(({ cause }) => cause));
  if (flags.update === true) {
    const { signal, settings } = shell;
    const options = { hasFlows: flags.flows, signal, readCapture, ...(await openerOf(settings.values.nsdb)) };
    const exitCode = await updateScenario(words[0] ?? '', { scenario, checked, observation }, options, shell);
    return signal.aborted ? EXIT.interrupted : exitCode;
  }
  return results?.some(({ failure }) => failure !== undefined) === true ? EXIT.unexpected : EXIT.fine;
}

/** @throws Trouble when there is no file to write what happens into */
async function expectUpdatable([file = '']: readonly string[], { topology }: ReplayFlags): Promise<void> {
  if (topology === undefined && (await stat(file)).isFile()) return;
  throw new Trouble('--update needs a scenario file');
}

/** The scenario that the words name. @throws TroubleTold when it is not sound */
async function scenarioOf(words: readonly string[], flags: ReplayFlags, shell: Shell): Promise<Scenario> {
  const { seed } = shell.settings.values;
  const { l2, until, strict = false, topology } = flags;
  const [file, ...rest] = words;
  if (topology !== undefined) {
    const said = { topology, inputs: words, seed, ...(l2 && { l2 }), ...(until !== undefined && { until }) };
    return scenarioOrTell(await scenarioFromFlags(said, { strict, signal: shell.signal }), shell);
  }
  if (file === undefined || rest.length > 0 || file.includes('=')) {
    throw new Trouble(
      'expected a scenario file, or --topology FILE and port=capture (troupe replay --help tells more)',
    );
  }
  const end = until === undefined ? undefined : parseDuration(until);
  if (until !== undefined && end === undefined) {
    throw new Trouble(`--until: "${until}" is wrong, expected seconds, or a duration such as 1m30s or 250ms`);
  }
  const scenario = await loadNetwork(file, shell, strict);
  return {
    ...scenario,
    seed: shell.settings.origins.seed.kind === 'default' ? scenario.seed : seed,
    inputs: l2 === undefined ? scenario.inputs : scenario.inputs.map((input) => ({ ...input, l2 })),
    until: end ?? scenario.until,
  };
}

async function playInto(
  folder: string | undefined,
  scenario: Scenario,
  flags: ReplayFlags,
  readCapture: CaptureReader,
  [paths, observation]: readonly [PathGroups, Observation],
  { signal, settings, out, look }: Shell,
): Promise<Checked> {
  const { nsdb } = settings.values;
  const clocks = {
    clock: () => performance.timeOrigin + performance.now(),
    isDatabaseTimed: nsdb.kind === 'zookeeper',
  };
  const { hops = false, traces = false, flows } = flags;
  const wantsStories = hops || traces || flags.paths === true;
  const events: readonly PortFrame['event'][] = hops ? ['in', 'hop', 'drop', 'out'] : ['in', 'out'];
  const ports = [...scenario.topology.names.ports.keys()];
  try {
    const output: RunOutput =
      folder === undefined
        ? new NoOutput()
        : await RunRecorder.open(folder, {
            frames: flags.frames,
            events,
            traces,
            changes: flags.changes === true,
            flows: true,
            ports: hops ? ports : [],
          });
    return await playAndCheck(
      scenario,
      output,
      {
        wantsStory: () => wantsStories,
        tracesGenerated: wantsStories,
        hasFlows: flows,
        signal,
        readCapture,
        ...(flags.changes === true && { followsChanges: flags.timings === true ? clocks : {} }),
        ...(await openerOf(nsdb)),
      },
      [
        {
          traced: (trace) => paths.add(trace),
          changed: (change) => {
            if (flags.output === 'text') out(`${formatChange(change, look)}\n`);
          },
        },
        ...(flags.update === true ? [observation] : []),
      ],
    );
  } catch (cause) {
    throw cause instanceof CaptureWriteError
      ? writeTrouble(cause.path, cause.cause)
      : writeTrouble(folder ?? '', nsdbTrouble(nsdb, cause));
  }
}

function wantedReports({ report = [], saveState, output, isOutputSaid }: ReplayFlags): Reports {
  const taken = saveState === undefined ? [] : [{ flag: '--save-state', path: saveState }];
  const reports = reportsOf(report, taken);
  if (isOutputSaid && (reports.output ?? output) !== output) {
    throw new Trouble(`-o ${output} and --report ${reports.output}: standard output takes one`);
  }
  return reports;
}

/** Writes every report that can be written. @throws Trouble for the first that cannot */
async function writeReports(files: Reports['files'], suite: string, results: readonly CheckResult[]): Promise<void> {
  const written = await Promise.allSettled(
    files.map(({ form, path }) => writeText(path, formatReport(form, suite, results))),
  );
  for (const one of written) if (one.status === 'rejected') throw one.reason;
}
