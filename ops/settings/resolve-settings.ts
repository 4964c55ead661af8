import { existsSync } from 'node:fs';
import { Trouble } from '../trouble.ts';
import type { FileSettings } from './settings-file.ts';
import { SETTINGS, type Origin, type SettingName, type Settings, type SettingValues } from './settings.ts';

/** Read where it lies in the working folder and no other file is named. */
const USUAL_FILE = 'troupe.yaml';

/** What the command line says: of each setting, and which file to read instead of the usual one. */
export type Flags = { readonly [Name in SettingName | 'config']?: string | undefined };

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Settles what every setting is: a flag goes before the environment (`TROUPE_SEED`...), that before the configuration file,
 * that before the default. An empty variable counts as absent.
 *
 * The file is named by `--config` or `TROUPE_CONFIG`; else it is `troupe.yaml` in the working folder, if there is one.
 *
 * @param signal ends the waiting for a file that comes through a pipe
 * @throws Trouble naming the flag, variable or line whose value is wrong
 */
export async function resolveSettings(flags: Flags, environment: Environment, signal?: AbortSignal): Promise<Settings> {
  const path = flags.config ?? (environment['TROUPE_CONFIG'] || (existsSync(USUAL_FILE) ? USUAL_FILE : undefined));
  const file = path === undefined ? undefined : { path, settings: await readFile(path, signal) };
  const color = settle('color', flags, environment, file);
  const seed = settle('seed', flags, environment, file);
  const out = settle('out', flags, environment, file);
  const nsdb = settle('nsdb', flags, environment, file);
  return {
    values: { color: color.value, seed: seed.value, out: out.value, nsdb: nsdb.value },
    origins: { color: color.origin, seed: seed.origin, out: out.origin, nsdb: nsdb.origin },
    file: path,
  };
}

/** Reading YAML takes longer to load than most commands take to run: only where there is a file. */
async function readFile(path: string, signal: AbortSignal | undefined): Promise<FileSettings> {
  const { readSettingsFile } = await import('./settings-file.ts');
  return readSettingsFile(path, signal);
}

function settle<Name extends SettingName>(
  name: Name,
  flags: Flags,
  environment: Environment,
  file: { readonly path: string; readonly settings: FileSettings } | undefined,
): { readonly value: SettingValues[Name]; readonly origin: Origin } {
  const rule = SETTINGS[name];
  const flag = flags[name];
  const variable = environment[rule.variable];
  const entry = file?.settings.get(name);
  if (flag !== undefined) return { value: valueOf(name, flag, rule.flag), origin: { kind: 'flag', flag: rule.flag } };
  if (variable !== undefined && variable !== '') {
    return {
      value: valueOf(name, variable, rule.variable),
      origin: { kind: 'environment', variable: rule.variable },
    };
  }
  if (file !== undefined && entry !== undefined) {
    const origin = { kind: 'file', path: file.path, line: entry.line } as const;
    return { value: valueOf(name, entry.text, `${file.path}:${entry.line}: ${name}`), origin };
  }
  return { value: rule.default, origin: { kind: 'default' } };
}

function valueOf<Name extends SettingName>(name: Name, text: string, where: string): SettingValues[Name] {
  const { parse, expected, mask = (whole) => whole } = SETTINGS[name];
  const value = parse(text);
  if (value === undefined) throw new Trouble(`${where}: "${mask(text)}" is wrong, expected ${expected}`);
  return value;
}
