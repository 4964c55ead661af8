import type { PersistentEntry, TableKind } from './state-table.ts';
import { parseEntryName, PERSISTENT } from './table-entry.ts';

/**
 * The persistent ones among the entries of a table, keys in the order of their text. Of several of one key the first counts (spec 10 §5
 * rule 2); names that cannot be read are left out.
 *
 * @param names in order
 */
export function persistentEntriesOf<K extends number | string, V>(
  kind: TableKind<K, V>,
  arg: number | undefined,
  names: readonly string[],
): readonly PersistentEntry<K, V>[] {
  const found = new Map<K, PersistentEntry<K, V>>();
  for (const name of names) {
    const entry = parseEntryName(name);
    if (entry?.version !== PERSISTENT) continue;
    const key = kind.key.parse(entry.key);
    const value = kind.value.parse(entry.value);
    if (key !== undefined && value !== undefined && !found.has(key)) found.set(key, { arg, key, value });
  }
  return [...found.values()];
}

/** The argument that a node below a table's is called after; undefined where it is none. */
export function parseArg(name: string): number | undefined {
  return /^(0|[1-9]\d{0,8})$/.test(name) ? Number(name) : undefined;
}
