import type { Uuid } from '../../model/ids.ts';
import { tablePath } from '../paths.ts';
import { parseArg, persistentEntriesOf } from '../persistent-entries.ts';
import type { PersistentEntry, TableKind } from '../state-table.ts';
import type { Link } from './link.ts';
import { incarnationOf } from './places.ts';
import { incarnated } from './tree.ts';

/** The persistent entries of an object's tables of one kind, of all arguments; none of a global table. */
export async function readPersistent<K extends number | string, V>(
  link: Link,
  kind: TableKind<K, V>,
  owner: Uuid,
): Promise<readonly PersistentEntry<K, V>[]> {
  const { class: cls, table } = kind;
  if (cls === 'global') return [];
  const incarnation = await link.read((client) => incarnationOf(client, cls, owner));
  if (incarnation === undefined) return [];
  const directory = incarnated(tablePath(cls, table, { owner }), owner, incarnation);
  const namesOf = async (path: string) => (await link.read((client) => client.children(path))).value?.names ?? [];
  const names = await namesOf(directory);
  const args = names.flatMap((name) => parseArg(name) ?? []).toSorted((a, b) => a - b);
  const below = await Promise.all(
    args.map(async (arg) => persistentEntriesOf(kind, arg, await namesOf(`${directory}/${arg}`))),
  );
  return [...persistentEntriesOf(kind, undefined, names), ...below.flat()];
}
