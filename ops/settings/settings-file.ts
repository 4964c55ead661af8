import { checkShape } from '../../topology/file/check-shape.ts';
import { formatProblem, type FileProblem } from '../../topology/file/file-problem.ts';
import { locate, readLocatedYaml } from '../../topology/file/located-yaml.ts';
import { YAML_LIMITS } from '../../topology/file/yaml-document.ts';
import { readText } from '../../topology/file/read-topology.ts';
import { closed, oneOf, text, whole } from '../../topology/model/schema/json-schema.ts';
import { exitCodeFor } from '../file-trouble.ts';
import { Trouble } from '../trouble.ts';
import { SETTING_NAMES, SETTINGS, type SettingName } from './settings.ts';

/** The configuration file, as published: a setting under each name. */
export const SETTINGS_FILE = closed(
  {},
  {
    color: oneOf(['auto', 'always', 'never'], { default: SETTINGS.color.default, description: SETTINGS.color.what }),
    seed: whole(0, 2 ** 32 - 1, { default: SETTINGS.seed.default, description: SETTINGS.seed.what }),
    out: text('the path of a folder', '^.+$', { default: SETTINGS.out.default, description: SETTINGS.out.what }),
    nsdb: text(SETTINGS.nsdb.expected, '^(embedded|zookeeper://.+)$', {
      default: 'embedded',
      description: SETTINGS.nsdb.what,
    }),
  },
  {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'settings',
    description: "Troupe's configuration file, troupe.yaml.",
  },
);

/** What a configuration file says: the text of each setting it has, and the line. */
export type FileSettings = ReadonlyMap<SettingName, { readonly text: string; readonly line: number }>;

/** @throws Trouble when the file cannot be read, or is wrong: every error found, in the order of the file */
export async function readSettingsFile(path: string, signal?: AbortSignal): Promise<FileSettings> {
  const file = await readText(path, signal);
  if (!file.ok) throw wrong([file.error]);
  const reading = readLocatedYaml(file.text, path, YAML_LIMITS);
  if (!reading.ok) throw wrong(reading.errors);
  const { root, problems } = reading;
  const shaped = checkShape(root, SETTINGS_FILE, problems);
  if (!shaped.isSound) throw wrong(problems.errors());

  const settings = new Map<SettingName, { readonly text: string; readonly line: number }>();
  for (const name of SETTING_NAMES) {
    const value = shaped.value[name];
    const at = locate(root, [name])?.at ?? 0;
    if (value !== undefined) settings.set(name, { text: String(value), line: problems.placeOf(at).line });
  }
  return settings;
}

function wrong(errors: readonly FileProblem[]): Trouble {
  return new Trouble(errors.map(formatProblem).join('\n'), exitCodeFor(errors));
}
