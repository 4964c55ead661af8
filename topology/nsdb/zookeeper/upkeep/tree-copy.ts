import { NsdbError } from '../../nsdb-error.ts';
import { PERSISTENT, parseEntryName } from '../../table-entry.ts';
import { isNoPermission } from '../answer-error.ts';
import type { NodeStat } from '../client/node.ts';
import { parseState } from '../journal-state.ts';
import { childPath } from '../places.ts';
import { JOURNAL } from '../tree.ts';
import { placeOf, type NodePlace } from './node-place.ts';
import type { UpkeepSession } from './upkeep-session.ts';

/** A node as it was read. */
export interface NodeCopy {
  readonly path: string;
  readonly place: NodePlace;
  readonly stat: NodeStat;
  /** Undefined where only the stat was asked for. */
  readonly data: Buffer | undefined;
  /** The names of its children; undefined where nobody asked. */
  readonly names: readonly string[] | undefined;
}

/** What of a node is read, and watched as long as the copy is kept. */
export interface Interest {
  /** `stat`: for nodes whose data says nothing. */
  readonly node: 'data' | 'stat';
  readonly children: boolean;
}

export const STAT: Interest = { node: 'stat', children: false };
export const DATA: Interest = { node: 'data', children: false };
export const CHILDREN: Interest = { node: 'stat', children: true };
export const BOTH: Interest = { node: 'data', children: true };

/** What came of reading a node: nothing, where there is none. */
interface Read {
  readonly node: Pick<NodeCopy, 'stat' | 'data'> | undefined;
  readonly names: readonly string[] | undefined;
}

const NOTHING: Read = { node: undefined, names: undefined };

/** How a copy stands when it has settled, or was given up. */
export interface Settled {
  /** The transaction as of which everything was as it is in the copy, but for what has changed. */
  readonly zxid: number;
  /** What kept changing. Ephemeral entries of tables may come and go without being counted. Empty, where the copy settled. */
  readonly changed: ReadonlySet<string>;
  /** What has changed since it was read. All else in the copy is of one moment. */
  readonly touched: ReadonlySet<string>;
}

/** What is read of each node; nothing of those that it answers undefined to, nor of what is under these. */
export type InterestIn = (place: NodePlace, path: string) => Interest | undefined;

/**
 * A copy of the tree, or a part of it, that knows whether it is one of a moment: each node is watched from when it was read, and what
 * nobody told of a change of was so at the last transaction seen.
 */
export class TreeCopy {
  readonly #session: UpkeepSession;
  readonly #interest: InterestIn;
  readonly #nodes = new Map<string, NodeCopy>();
  readonly #closed = new Set<string>();
  /** Nodes that have changed since they were read. */
  #touched = new Set<string>();
  /** The last transaction that the server had seen in any answer. */
  #seen = 0;
  readonly #marked = { mark: (path: string) => void this.#touched.add(path) };

  constructor(session: UpkeepSession, interest: InterestIn) {
    this.#session = session;
    this.#interest = interest;
  }

  get nodes(): ReadonlyMap<string, NodeCopy> {
    return this.#nodes;
  }

  /** Nodes that these credentials may not read. */
  get closed(): ReadonlySet<string> {
    return this.#closed;
  }

  at(path: string): NodeCopy | undefined {
    return this.#nodes.get(path);
  }

  /** A node and all below it in the copy, each behind its children. */
  below(path: string): readonly NodeCopy[] {
    const node = this.#nodes.get(path);
    if (node === undefined) return [];
    return [...(node.names ?? []).flatMap((name) => this.below(childPath(path, name))), node];
  }

  /** Reads a node and all below it. */
  async read(path: string): Promise<void> {
    const place = placeOf(path);
    const interest = this.#interest(place, path);
    if (interest === undefined) return;
    const former = this.#nodes.get(path)?.names ?? [];
    const { node, names } = await this.#readNode(path, interest).catch((cause: unknown) => this.#closedTo(path, cause));
    if (node === undefined) {
      if (!this.#closed.has(path)) this.#forget(path);
      return;
    }
    this.#nodes.set(path, { path, place, names, ...node });
    const now = new Set(names);
    for (const name of former) if (!now.has(name)) this.#forget(childPath(path, name));
    const before = new Set(former);
    const come = (names ?? []).filter((name) => !before.has(name) || !this.#nodes.has(childPath(path, name)));
    await Promise.all(come.map((name) => this.read(childPath(path, name))));
  }

  /**
   * Reads anew what changed, until all of the copy was so at one moment, or for so many rounds. What had been written when this was
   * called is in it.
   */
  async settle(rounds: number): Promise<Settled> {
    this.#saw(await this.#session.read((client) => client.sync()));
    for (let round = 1; ; round++) {
      /* oxlint-disable eslint/no-await-in-loop -- a round follows on what the one before found */
      await this.#session.quiet();
      // The server tells of a change before it answers with it or anything later: so all else was as it is here.
      const due = this.#touched;
      const zxid = this.#seen;
      this.#touched = new Set();
      const before = new Map([...due].map((path) => [path, this.#nodes.get(path)]));
      await Promise.all([...due].map((path) => this.read(path)));
      if (isHalf(this.#nodes.get(JOURNAL))) continue; // a large change is being carried out
      const changed = [...due].filter((path) => !isSameTable(before.get(path), this.#nodes.get(path)));
      if (changed.length > 0 && round < rounds) continue;
      return { zxid: changed.length === 0 ? zxid : this.#seen, changed: new Set(changed), touched: this.#touched };
      /* oxlint-enable eslint/no-await-in-loop */
    }
  }

  #saw(zxid: number): void {
    this.#seen = Math.max(this.#seen, zxid);
  }

  async #readNode(path: string, { node: what, children }: Interest): Promise<Read> {
    this.#session.watches.add(path, this.#marked);
    if (what === 'stat' && children) {
      const { value, zxid } = await this.#session.read((client) => client.children(path, true));
      this.#saw(zxid);
      return { node: value && { stat: value.stat, data: undefined }, names: value?.names };
    }
    const [node, below] = await Promise.all([
      what === 'data' ? this.#session.read((client) => client.data(path, true)) : this.#statOf(path),
      children ? this.#session.read((client) => client.children(path, true)) : undefined,
    ]);
    this.#saw(node.zxid);
    if (below !== undefined) this.#saw(below.zxid);
    if (node.value === undefined || (children && below?.value === undefined)) return NOTHING;
    if (children || node.value.stat.childCount === 0) return { node: node.value, names: below?.value?.names };
    // A node that should have none has children: somebody's hand made them.
    const strange = await this.#session.read((client) => client.children(path));
    return { node: node.value, names: strange.value?.names };
  }

  async #statOf(path: string) {
    const { value: stat, zxid } = await this.#session.read((client) => client.stat(path));
    return { value: stat && { stat, data: undefined }, zxid };
  }

  /** Notes that these credentials may not read a node. One to whom the root is closed is at the wrong address. */
  #closedTo(path: string, cause: unknown): Read {
    if (!isNoPermission(cause) || path === '/') throw cause;
    this.#forget(path);
    this.#closed.add(path);
    return NOTHING;
  }

  #forget(path: string): void {
    const node = this.#nodes.get(path);
    this.#nodes.delete(path);
    this.#closed.delete(path);
    this.#session.watches.remove(path, this.#marked);
    for (const name of node?.names ?? []) this.#forget(childPath(path, name));
  }
}

/** Whether a table's directory has the entries that last as before: whoever changes one of these sets the directory as well. */
function isSameTable(before: NodeCopy | undefined, now: NodeCopy | undefined): boolean {
  if (before?.place.kind !== 'table' || before.stat.modified !== now?.stat.modified) return false;
  return lasting(before).join('/') === lasting(now).join('/');
}

function lasting({ names = [] }: NodeCopy): readonly string[] {
  return names.filter((name) => parseEntryName(name)?.version === PERSISTENT);
}

function isHalf(journal: NodeCopy | undefined): boolean {
  if (journal?.data === undefined) return false;
  return parseState({ data: journal.data, stat: journal.stat })?.state === 'committed';
}

/** The database kept changing while it was read. */
export function keptChanging(paths: ReadonlySet<string>): NsdbError {
  const [first = ''] = [...paths].toSorted();
  const others = paths.size === 1 ? '' : ` and ${paths.size - 1} other nodes`;
  return new NsdbError('concurrent-modification', `${first}${others} kept changing while this was read. Try again`);
}
