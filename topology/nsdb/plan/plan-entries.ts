import type { Uuid } from '../../model/ids.ts';

/** The tables whose persistent entries are planned. */
export type TableName = 'mac_table' | 'ip4_mac_table';

/** A persistent entry of a bridge's table, key and value as text. */
export interface EntryText {
  readonly table: TableName;
  readonly owner: Uuid;
  /** The VLAN id of a MAC table. */
  readonly arg: number | undefined;
  readonly key: string;
  readonly value: string;
}

/** An entry that is to come, to be another, or to go. */
export interface EntryChange extends Omit<EntryText, 'value'> {
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/**
 * What differs between the entries of the same bridges.
 *
 * @param prune whether entries go that are not wanted
 * @returns those that come or differ in the order in which they are wanted, then those that go
 */
export function planEntries(
  wanted: readonly EntryText[],
  present: readonly EntryText[],
  prune: boolean,
): readonly EntryChange[] {
  const there = new Map(present.map((entry) => [placeOf(entry), entry]));
  const places = new Set(wanted.map(placeOf));
  const changes = wanted.flatMap((entry) => {
    const { value: after, ...place } = entry;
    const before = there.get(placeOf(entry))?.value;
    return before === after ? [] : [{ ...place, before, after }];
  });
  if (!prune) return changes;
  const gone = present.filter((entry) => !places.has(placeOf(entry)));
  return [...changes, ...gone.map(({ value: before, ...place }) => ({ ...place, before, after: undefined }))];
}

function placeOf({ table, owner, arg, key }: EntryText): string {
  return `${table} ${owner} ${arg} ${key}`;
}
