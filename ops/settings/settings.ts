import type { ColourChoice } from '../render/colour.ts';
import { maskPassword, parseNsdbAddress, type NsdbAddress } from './nsdb-address.ts';

/** Every setting's value, wherever it came from. */
export interface SettingValues {
  /** When output is coloured. */
  readonly color: ColourChoice;
  /** The seed of all chance in a run. */
  readonly seed: number;
  /** The folder for a run's outputs. */
  readonly out: string;
  /** Where the network state database is. */
  readonly nsdb: NsdbAddress;
}

export type SettingName = keyof SettingValues;

/** Where a value came from: the first of these that has one decides. */
export type Origin =
  | { readonly kind: 'flag'; readonly flag: string }
  | { readonly kind: 'environment'; readonly variable: string }
  | { readonly kind: 'file'; readonly path: string; readonly line: number }
  | { readonly kind: 'default' };

export interface Settings {
  readonly values: SettingValues;
  readonly origins: Readonly<Record<SettingName, Origin>>;
  /** The configuration file that was read. */
  readonly file: string | undefined;
}

interface SettingRule<Value> {
  readonly flag: string;
  readonly variable: string;
  readonly default: Value;
  /** What it is for, in a few words. */
  readonly what: string;
  /** Reads after "expected". */
  readonly expected: string;
  readonly parse: (text: string) => Value | undefined;
  /** What may be repeated of a text that is wrong; without it, all. */
  readonly mask?: (text: string) => string;
}

export const SETTINGS: { readonly [Name in SettingName]: SettingRule<SettingValues[Name]> } = {
  color: {
    flag: '--color',
    variable: 'TROUPE_COLOR',
    default: 'auto',
    what: 'when output is coloured',
    expected: 'auto, always or never',
    parse: parseColour,
  },
  seed: {
    flag: '--seed',
    variable: 'TROUPE_SEED',
    default: 0,
    what: 'the seed of all chance in a run',
    expected: 'a whole number from 0 to 4294967295',
    parse: parseSeed,
  },
  out: {
    flag: '--out',
    variable: 'TROUPE_OUT',
    default: 'out',
    what: "the folder for a run's outputs",
    expected: 'the path of a folder',
    parse: (text) => (text === '' ? undefined : text),
  },
  nsdb: {
    flag: '--nsdb',
    variable: 'TROUPE_NSDB',
    default: { kind: 'embedded' },
    what: 'the network state database',
    expected: '"embedded" or zookeeper://USER:PASSWORD@HOST:PORT,HOST:PORT/ROOT, HOST a name or an IPv4 address',
    parse: parseNsdbAddress,
    mask: maskPassword,
  },
};

/** In the order in which they are shown. */
export const SETTING_NAMES = ['color', 'seed', 'out', 'nsdb'] as const satisfies readonly SettingName[];

function parseColour(text: string): ColourChoice | undefined {
  return text === 'auto' || text === 'always' || text === 'never' ? text : undefined;
}

function parseSeed(text: string): number | undefined {
  return /^\d{1,10}$/.test(text) && Number(text) < 2 ** 32 ? Number(text) : undefined;
}
