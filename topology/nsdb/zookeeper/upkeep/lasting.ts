import { objectPath } from '../../paths.ts';
import { PERSISTENT, parseEntryName } from '../../table-entry.ts';
import { childPath } from '../places.ts';
import { examineObject } from '../records.ts';
import { provenanceNode } from '../tree.ts';
import type { Incarnated, NodePlace } from './node-place.ts';
import { BOTH, CHILDREN, DATA, keptChanging, TreeCopy, type Interest, type NodeCopy } from './tree-copy.ts';
import type { UpkeepSession } from './upkeep-session.ts';
import { NsdbError } from '../../nsdb-error.ts';

/** A node that outlives sessions, and is no mere parent. */
export interface LastingNode {
  readonly path: string;
  readonly data: Buffer;
}

const ROUNDS = 100;
const NOTHING = Buffer.alloc(0);
/** Places of what belongs to sessions: state, elections, locks, leases; and of changes under way. */
const OF_SESSIONS = /^\/(zoom\/0\/(state|locks)|elections|nat)(\/|$)/;

/**
 * Reads all that outlives sessions: objects, back-references, who wrote what, entries of tables, sequences; and what stands at no place
 * of the tree, for a newer program may have made it.
 *
 * @returns the nodes, each behind its parent, an object's record of who wrote it right behind the object; and the transaction as of which
 *   all of it was so
 * @throws NsdbError `concurrent-modification` when writes kept coming; `no-permission`
 */
export async function readLasting(
  session: UpkeepSession,
): Promise<{ readonly zxid: number; readonly nodes: readonly LastingNode[] }> {
  const copy = new TreeCopy(session, interestIn);
  await copy.read('/');
  const { zxid, changed } = await copy.settle(ROUNDS);
  if (changed.size > 0) throw keptChanging(changed);
  const [closed] = copy.closed;
  if (closed !== undefined) throw new NsdbError('no-permission', `${closed}: no permission; other credentials made it`);
  return { zxid, nodes: [...lastingBelow(copy, '/')] };
}

/** Back-references and entries are known by their names. The version of a table tells whether entries that last have changed. */
const INTERESTS: { readonly [Kind in NodePlace['kind']]?: Interest } = {
  fixed: CHILDREN,
  'table-owner': CHILDREN,
  table: CHILDREN,
  schema: DATA,
  journal: DATA,
  provenance: DATA,
  sequence: DATA,
  object: BOTH,
  stranger: BOTH,
};

function interestIn({ kind }: NodePlace, path: string): Interest | undefined {
  return OF_SESSIONS.test(path) ? undefined : INTERESTS[kind];
}

function* lastingBelow(copy: TreeCopy, path: string): Iterable<LastingNode> {
  const node = copy.at(path);
  if (node === undefined || node.stat.owner !== '') return;
  const { place, data } = node;
  if (place.kind === 'provenance' && isOfObject(copy, place, path)) return; // comes with its object
  if (isKept(place)) yield { path, data: data ?? NOTHING };
  if (place.kind === 'object') yield* provenanceOf(copy, node);
  for (const name of node.names ?? []) yield* childOf(copy, node, name);
}

function* childOf(copy: TreeCopy, { path, place }: NodeCopy, name: string): Iterable<LastingNode> {
  const child = childPath(path, name);
  if (copy.at(child) !== undefined) yield* lastingBelow(copy, child);
  else if (place.kind === 'object') yield { path: child, data: NOTHING };
  else if (place.kind === 'table' && parseEntryName(name)?.version === PERSISTENT) yield { path: child, data: NOTHING };
}

/** The record of who wrote an object. */
function* provenanceOf(copy: TreeCopy, object: NodeCopy): Iterable<LastingNode> {
  const path = provenanceNodeOf(object);
  const node = path === undefined ? undefined : copy.at(path);
  if (node !== undefined) yield { path: node.path, data: node.data ?? NOTHING };
}

function isOfObject(copy: TreeCopy, { class: cls, id }: Incarnated, path: string): boolean {
  const object = copy.at(objectPath(cls, id));
  return object !== undefined && provenanceNodeOf(object) === path;
}

function isKept({ kind }: NodePlace): boolean {
  return kind === 'object' || kind === 'provenance' || kind === 'sequence' || kind === 'stranger';
}

/** Where it says who wrote an object; undefined where the object cannot be read. */
function provenanceNodeOf({ place, data, stat }: NodeCopy): string | undefined {
  if (place.kind !== 'object') return undefined;
  const examined = examineObject(place.class, place.id, { data, stat });
  return examined.kind === 'readable' ? provenanceNode(place.class, place.id, examined.stored.incarnation) : undefined;
}
