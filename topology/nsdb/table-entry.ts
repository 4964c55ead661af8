import { decodeName, encodeName } from './paths.ts';

/** The version of entries that outlive sessions (spec 10 §5 rule 1). */
export const PERSISTENT = 2_147_483_647;

/** An entry of a state table as its node's name says it: texts of key and value, and which of several is meant. */
export interface TableEntry {
  readonly key: string;
  readonly value: string;
  /** {@link PERSISTENT}, or the sequence number that ZooKeeper gave. */
  readonly version: number;
}

/** All of an entry's name but the version, with the comma before it: what ZooKeeper appends a sequence number to. */
export function entryPrefix(key: string, value: string): string {
  return `${encodeName(key)},${encodeName(value)},`;
}

export function entryName({ key, value, version }: TableEntry): string {
  return `${entryPrefix(key, value)}${String(version).padStart(10, '0')}`;
}

const NAME = /^([^,]*),([^,]*),(\d{10})$/;

/** Reads the name of an entry, `key,value,0000000007`; undefined if it is none. */
export function parseEntryName(name: string): TableEntry | undefined {
  const [, keyName = '', valueName = '', digits = ''] = NAME.exec(name) ?? [];
  if (digits === '') return undefined;
  const key = decodeName(keyName);
  const value = decodeName(valueName);
  const version = Number(digits);
  return key === undefined || value === undefined || version > PERSISTENT ? undefined : { key, value, version };
}
