import { checkShape } from '../../../topology/file/check-shape.ts';
import { asErrors, type FileProblem } from '../../../topology/file/file-problem.ts';
import { type LoadResult, topologyFrom } from '../../../topology/file/load-topology.ts';
import { locate, readLocatedYaml } from '../../../topology/file/located-yaml.ts';
import { readText, readTopology } from '../../../topology/file/read-topology.ts';
import { TEXT_RULES } from '../../../topology/file/text-rules.ts';
import { isUnreadable } from '../../../topology/file/unreadable.ts';
import type { Topology } from '../../../topology/file/topology.ts';
import type { Scenario } from '../scenario.ts';
import { durationOf } from '../duration.ts';
import { makeEvents } from './make-events.ts';
import { makeExpectations } from './make-expectations.ts';
import { besides, makeInputs } from './make-inputs.ts';
import { makeStations } from './make-stations.ts';
import { complaintAbout } from './refused-capture.ts';
import { ScenarioDraft } from './scenario-draft.ts';
import { SCENARIO_FILE, type ScenarioFile } from './scenario-schema.ts';

export interface ScenarioOptions {
  /** What the file is called in errors; what it names lies relative to its folder. */
  readonly path: string;
  /** Takes what is lawful but odd for an error. */
  readonly strict?: boolean;
  /** Reads a topology file. */
  readonly readTopology?: (path: string) => Promise<LoadResult>;
  /** Ends the waiting for a topology that comes through a pipe: an `AbortError` is thrown then. */
  readonly signal?: AbortSignal;
  /** Why a capture cannot be played; undefined when it can, as far as is known before it is. */
  readonly refused?: typeof complaintAbout;
}

export type ScenarioResult =
  | { readonly ok: true; readonly scenario: Scenario; readonly warnings: readonly FileProblem[] }
  | { readonly ok: false; readonly errors: readonly FileProblem[]; readonly warnings: readonly FileProblem[] };

/**
 * Makes a scenario of the text of a scenario file: syntax, shape, topology, then names and meaning, each only where what went
 * before was right, so that an error is told once.
 *
 * @param text YAML 1.2; its schema is {@link SCENARIO_FILE}
 * @returns the scenario; else every error found. Throws nothing but an `AbortError`
 */
export async function loadScenario(text: string, options: ScenarioOptions): Promise<ScenarioResult> {
  const reading = readLocatedYaml(text, options.path);
  if (!reading.ok) return { ok: false, errors: reading.errors, warnings: [] };
  const { root, problems } = reading;
  const failed = (more: readonly FileProblem[] = []): ScenarioResult => ({
    ok: false,
    errors: [...more, ...problems.errors()],
    warnings: problems.warnings(),
  });
  const shaped = checkShape(root, SCENARIO_FILE, problems, TEXT_RULES);
  if (!shaped.isSound) return failed();
  const file = shaped.value;

  const network = await topologyOf(file, options, (code, what) =>
    problems.error(locate(root, ['topology'])?.at, { code, what, expected: 'a topology file' }),
  );
  const topology =
    network === undefined ? topologyFrom(locate(root, ['topology']) ?? root, problems, options.path) : network.topology;
  if (topology === undefined) return failed(network?.problems);

  const draft = new ScenarioDraft(topology, root, options.path, problems);
  const stations = makeStations(draft, file);
  const inputs = await makeInputs(draft, file, options.path, options.refused ?? complaintAbout);
  const events = makeEvents(draft, file, stations);
  const expectations = makeExpectations(draft, file);
  draft.tellDangling();
  if (inputs.length === 0 && !problems.hasErrors) {
    const what = 'the scenario has no inputs: nothing is played';
    problems.warning(undefined, { code: 'no-inputs', what });
  }

  if (problems.hasErrors) return failed();
  const warnings = [...(network?.problems ?? []), ...problems.warnings()];
  if (options.strict === true && warnings.length > 0) return { ok: false, errors: asErrors(warnings), warnings: [] };
  const { seed = 0, until } = file;
  const scenario: Scenario = {
    topology,
    seed,
    stations,
    inputs,
    events,
    expectations,
    until: until === undefined ? undefined : durationOf(until),
  };
  return { ok: true, scenario, warnings };
}

/** Reads a scenario file of UTF-8 text; one that cannot be read is an error without line and column. */
export async function readScenario(path: string, options: Omit<ScenarioOptions, 'path'> = {}): Promise<ScenarioResult> {
  const text = await readText(path, options.signal);
  return text.ok ? loadScenario(text.text, { ...options, path }) : { ok: false, errors: [text.error], warnings: [] };
}

interface Network {
  readonly topology: Topology | undefined;
  /** Of the topology's own file: errors when there is no topology, else warnings. */
  readonly problems: readonly FileProblem[];
}

/** The topology of another file; undefined when it stands in this one. */
async function topologyOf(
  file: ScenarioFile,
  options: ScenarioOptions,
  cannotRead: (code: string, what: string) => void,
): Promise<Network | undefined> {
  if (typeof file.topology !== 'string') return undefined;
  const read =
    options.readTopology ?? ((path: string) => readTopology(path, options.signal && { signal: options.signal }));
  const result = await read(besides(options.path, file.topology));
  if (result.ok) return { topology: result.topology, problems: result.warnings };
  const [first] = result.errors;
  if (first === undefined || !isUnreadable(first)) return { topology: undefined, problems: result.errors };
  cannotRead(first.code, `${file.topology}: ${first.what}`);
  return { topology: undefined, problems: [] };
}
