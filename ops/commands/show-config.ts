import { EXIT, type ExitCode } from '../exit-code.ts';
import { formatTable } from '../render/table.ts';
import { formatNsdbAddress } from '../settings/nsdb-address.ts';
import { SETTING_NAMES, SETTINGS, type Origin, type SettingName, type SettingValues } from '../settings/settings.ts';
import type { Shell } from '../shell.ts';

/** Shows every setting, its value and where that came from. */
export function showConfig(asJson: boolean, { out, look, settings }: Shell): ExitCode {
  const { values, origins, file } = settings;
  if (asJson) {
    const rows = SETTING_NAMES.map((name) => ({ name, value: shown(name, values), origin: origins[name] }));
    out(`${JSON.stringify({ version: 1, file: file ?? null, settings: rows }, undefined, 2)}\n`);
    return EXIT.fine;
  }
  const rows = SETTING_NAMES.map((name) => [
    name,
    String(shown(name, values)),
    wordsOf(origins[name]),
    SETTINGS[name].flag,
    SETTINGS[name].variable,
    SETTINGS[name].what,
  ]);
  const columns = ['SETTING', 'VALUE', 'FROM', 'FLAG', 'VARIABLE', 'WHAT IT IS'].map((title) => ({ title }));
  out(`${formatTable(columns, rows, look).join('\n')}\n`);
  return EXIT.fine;
}

/** A value as people and programs may see it. */
function shown(name: SettingName, values: SettingValues): string | number {
  const value = values[name];
  return typeof value === 'object' ? formatNsdbAddress(value) : value;
}

function wordsOf(origin: Origin): string {
  if (origin.kind === 'file') return `${origin.path}:${origin.line}`;
  if (origin.kind === 'environment') return origin.variable;
  return origin.kind === 'flag' ? origin.flag : 'default';
}
