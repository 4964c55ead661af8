import type { StateKey } from '../../state-key.ts';
import * as keys from '../../state-keys.ts';
import type { TableKind } from '../../state-table.ts';
import * as tables from '../../state-tables.ts';

const KEYS = new Map<string, StateKey<unknown>>(
  Object.values(keys).flatMap((key) => (typeof key === 'object' ? [[`${key.class}.${key.key}`, key]] : [])),
);
const TABLES = new Map<string, TableKind<number | string, unknown>>(
  Object.values(tables).map((kind) => [`${kind.class}.${kind.table}`, kind]),
);

/** The state key of a class by that name; undefined where this program knows none. */
export function stateKeyOf(cls: string, key: string): StateKey<unknown> | undefined {
  return KEYS.get(`${cls}.${key}`);
}

/** The kind of table by that name; undefined where this program knows none. */
export function tableKindOf(cls: string, table: string): TableKind<number | string, unknown> | undefined {
  return TABLES.get(`${cls}.${table}`);
}
