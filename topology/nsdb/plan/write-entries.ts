import { addToList } from '../../model/add-to-list.ts';
import type { Nsdb } from '../nsdb.ts';
import type { StateTable, TableKind } from '../state-table.ts';
import { IP4_MAC_TABLE, MAC_TABLE } from '../state-tables.ts';
import type { EntryChange } from './plan-entries.ts';

/** Writes and removes persistent entries, each by itself, all at the same time. What is not of its table's kind is left out. */
export async function writeEntries(nsdb: Nsdb, changes: readonly EntryChange[]): Promise<void> {
  const byTable = new Map<string, EntryChange[]>();
  for (const change of changes) {
    addToList(byTable, `${change.table} ${change.owner} ${change.arg}`, change);
  }
  await Promise.all(
    [...byTable.values()].map((some) =>
      some[0]?.table === 'mac_table' ? writeTable(nsdb, MAC_TABLE, some) : writeTable(nsdb, IP4_MAC_TABLE, some),
    ),
  );
}

async function writeTable<K extends number | string, V>(
  nsdb: Nsdb,
  kind: TableKind<K, V>,
  changes: readonly EntryChange[],
): Promise<void> {
  const [first] = changes;
  if (first === undefined) return;
  const { owner, arg } = first;
  const table = nsdb.table(kind, { owner, ...(arg !== undefined && { arg }) });
  try {
    await Promise.all(changes.map((change) => writeEntry(table, kind, change)));
  } finally {
    table.close();
  }
}

async function writeEntry<K extends number | string, V>(
  table: StateTable<K, V>,
  kind: TableKind<K, V>,
  { key: keyText, before, after }: EntryChange,
): Promise<void> {
  const key = kind.key.parse(keyText);
  const value = kind.value.parse(after ?? before ?? '');
  if (key === undefined || value === undefined) return;
  if (after === undefined) await table.unpersist(key, value);
  else await table.persist(key, value);
}
