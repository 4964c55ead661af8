import { NsdbError } from '../../nsdb-error.ts';
import { isNoPermission, noPermission } from '../answer-error.ts';
import type { NodeRight, NodeStat } from '../client/node.ts';
import { childPath } from '../places.ts';
import { examineObject, nameIn } from '../records.ts';
import { rightsOf } from './check-rights.ts';
import { placeOf } from './node-place.ts';

import type { UpkeepSession } from './upkeep-session.ts';

/** A node as it is listed: one that these credentials may read, or one of others. */
export type ListedNode = OpenNode | { readonly kind: 'closed'; readonly path: string };

export interface OpenNode {
  readonly kind: 'open';
  readonly path: string;
  /** Of the object that it holds, if that has one. */
  readonly name: string | undefined;
  readonly bytes: number;
  readonly stat: NodeStat;
  /** Who may do what with it, where it is not for these credentials alone. */
  readonly others: readonly NodeRight[] | undefined;
  /** Why it is at no place of the tree; undefined where it belongs. */
  readonly stranger: string | undefined;
  /** Sorted by name; undefined where these are deeper than was asked for. */
  readonly children: readonly ListedNode[] | undefined;
}

/**
 * Lists a node and what is below it, to a depth. Node by node: what changes meanwhile may be seen in part.
 *
 * @throws NsdbError `not-found`, where there is no database, or no such node; `no-permission`, where it is others'
 */
export async function listTree(session: UpkeepSession, path: string, depth: number): Promise<OpenNode> {
  await session.mustBeReadable();
  const node = await listNode(session, path, depth);
  if (node?.kind === 'open') return node;
  if (node !== undefined) throw noPermission(path);
  throw new NsdbError('not-found', `there is no node ${path}`);
}

async function listNode(session: UpkeepSession, path: string, depth: number): Promise<ListedNode | undefined> {
  const found = await readOpen(session, path);
  if (found === 'closed') return { kind: 'closed', path };
  if (found === undefined) return undefined;
  const { data, stat } = found;
  const [rights, names] = await Promise.all([
    rightsOf(session, path),
    stat.childCount === 0 ? [] : depth === 0 ? undefined : namesBelow(session, path),
  ]);
  const below = names && (await Promise.all(names.map((name) => listNode(session, childPath(path, name), depth - 1))));
  const place = placeOf(path);
  const isOurs = JSON.stringify(rights) === JSON.stringify([session.client.ownRight]);
  return {
    kind: 'open',
    path,
    name: place.kind === 'object' ? nameIn(examineObject(place.class, place.id, found)) : undefined,
    bytes: data.length,
    stat,
    others: isOurs || typeof rights === 'string' ? undefined : rights,
    stranger: place.kind === 'stranger' ? place.why : undefined,
    children: below?.filter((child) => child !== undefined),
  };
}

async function readOpen(session: UpkeepSession, path: string) {
  try {
    return (await session.read((client) => client.data(path))).value;
  } catch (cause) {
    if (isNoPermission(cause)) return 'closed';
    throw cause;
  }
}

async function namesBelow(session: UpkeepSession, path: string): Promise<readonly string[]> {
  return (await session.read((client) => client.children(path))).value?.names ?? [];
}
