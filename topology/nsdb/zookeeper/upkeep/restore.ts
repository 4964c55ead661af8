import { NsdbError } from '../../nsdb-error.ts';
import { answerError } from '../answer-error.ts';
import type { Operation } from '../client/operation.ts';
import type { ZookeeperClient } from '../client/zookeeper-client.ts';
import type { WriteStage } from '../journal.ts';
import { isLoss } from '../loss.ts';
import { isOvertaken, parentOf, plant } from '../places.ts';
import { removeTree } from '../remove-tree.ts';
import { fixedNodes, isKnownSchema, RESTORING, rootProblem, RUNS, SCHEMA } from '../tree.ts';
import type { Backup } from './backup-file.ts';
import { batchesOf } from './batches.ts';
import { readLasting, type LastingNode } from './lasting.ts';
import { placeOf } from './node-place.ts';
import type { UpkeepSession } from './upkeep-session.ts';

/** Lives as long as the process that restores. */
const RESTORER = `${SCHEMA}/restorer`;
/** Databases of runs, which are none of ours. */
/** How long one who died while restoring is waited for, in milliseconds: longer than its session. */
const PATIENCE = 30_000;
const NOTHING = Buffer.alloc(0);

export interface RestoreOptions {
  /** Whether what is there may be replaced. */
  readonly isReplacing: boolean;
  /** Hears how far it is; nothing, before anything has been written that could be seen. */
  readonly reach?: (stage: RestoreStage) => void;
}

/** How far a restore is: a tree is being filled, which is no database until it is complete; or one is being replaced. */
export type RestoreStage = 'filling' | WriteStage;

/** What was done to the nodes of a database so that it is as the backup says. */
export interface Restored {
  /** Whether there was a database before, which agents may be using. */
  readonly isReplaced: boolean;
  readonly made: number;
  readonly changed: number;
  readonly deleted: number;
}

/**
 * Puts a backup under a root.
 *
 * Where there is none, nodes are written batch by batch behind a mark in place of the schema version, by which everybody refuses such a
 * database until it is complete; who finds the mark left by one that died removes what there is, and begins anew. Where there is
 * a database, the difference is made as one large change by its journal, while nobody else writes: agents see all of
 * it or nothing, and a process that dies in the middle leaves either.
 *
 * @throws NsdbError `already-exists`, when something is there that may not be replaced; `timeout`, when another restores
 */
export async function restore(session: UpkeepSession, backup: Backup, options: RestoreOptions): Promise<Restored> {
  if (!isKnownSchema(backup.header.schema)) {
    const sentence = `the backup has schema version ${backup.header.schema}, which this program does not know: use a newer one`;
    throw new NsdbError('invalid', sentence);
  }
  const { value: schema } = await session.read((client) => client.data(SCHEMA));
  if (schema !== undefined && !schema.data.toString().startsWith(RESTORING)) {
    await session.mustBeKnown();
    return replace(session, backup, options);
  }
  if (schema === undefined) {
    const problem = await session.read(rootProblem);
    if (problem !== undefined) throw problem;
    await mustBeEmpty(session);
  }
  try {
    return await fill(session, backup, options);
  } catch (cause) {
    throw isLoss(cause)
      ? new NsdbError('disconnected', 'the connection broke: restore again to complete it', {}, cause)
      : answerError(cause);
  }
}

async function mustBeEmpty(session: UpkeepSession): Promise<void> {
  const { value } = await session.read((client) => client.children('/'));
  const name = value?.names.find((one) => one !== RUNS);
  if (name === undefined) return;
  throw new NsdbError(
    'already-exists',
    `/${name} is there, and no ${SCHEMA}: this is no database of Troupe. Restore under another root`,
  );
}

/** Writes all nodes under a root that has none, or has what a restore left that was cut short. */
async function fill(session: UpkeepSession, { header, nodes }: Backup, { reach }: RestoreOptions): Promise<Restored> {
  const { client } = session;
  reach?.('filling');
  await client.plantRoot();
  const mark = Buffer.from(`${RESTORING} ${header.schema}`);
  await client.multi([{ kind: 'create', path: SCHEMA, data: mark }]).catch(unlessThere);
  await takeMark(session);
  const { value } = await client.children('/');
  for (const name of value?.names ?? []) {
    // oxlint-disable-next-line eslint/no-await-in-loop -- one part of the tree after another
    if (`/${name}` !== SCHEMA && name !== RUNS) await removeTree(client, `/${name}`);
  }
  const fixed = fixedNodes().map(([path, data]) => ({ path, data }));
  await write(session, [...fixed, ...parentsOf(nodes, fixed), ...nodes].map(creation));
  await client.multi([
    { kind: 'delete', path: RESTORER },
    { kind: 'set', path: SCHEMA, data: Buffer.from(header.schema) },
  ]);
  return { isReplaced: false, made: nodes.length, changed: 0, deleted: 0 };
}

/** Becomes the one who restores, when another who was at it has died. */
async function takeMark({ client }: UpkeepSession): Promise<void> {
  const deadline = performance.now() + PATIENCE;
  while (performance.now() < deadline) {
    /* oxlint-disable eslint/no-await-in-loop -- tried again and again */
    const { value: schema } = await client.data(SCHEMA);
    if (schema?.data.toString().startsWith(RESTORING) !== true) {
      throw new NsdbError('already-exists', 'somebody else has made a database under this root just now');
    }
    try {
      await client.multi([
        { kind: 'check', path: SCHEMA, version: schema.stat.version },
        { kind: 'create', path: RESTORER, data: NOTHING, mode: 'ephemeral' },
      ]);
      return;
    } catch (cause) {
      unlessThere(cause);
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
    /* oxlint-enable eslint/no-await-in-loop */
  }
  throw new NsdbError('timeout', 'another process is restoring this database just now');
}

function unlessThere(cause: unknown): void {
  if (!isOvertaken(cause)) throw cause;
}

/** The nodes above those of a backup that are in no database from the start, each behind its parent. */
function parentsOf(nodes: readonly LastingNode[], fixed: readonly LastingNode[]): readonly LastingNode[] {
  const seen = new Set(['', ...[...fixed, ...nodes].map(({ path }) => path)]);
  const parents: LastingNode[] = [];
  const visit = (path: string) => {
    if (seen.has(path)) return;
    seen.add(path);
    visit(parentOf(path));
    parents.push({ path, data: NOTHING });
  };
  for (const { path } of nodes) visit(parentOf(path));
  return parents;
}

/** Does operations in the order given. */
async function write({ client }: UpkeepSession, operations: readonly Operation[]): Promise<void> {
  // oxlint-disable-next-line eslint/no-await-in-loop -- each batch rests on the one before
  for (const batch of batchesOf(client, operations)) await client.multi(batch);
}

/** Makes the present database what the backup says, as one change. */
async function replace(session: UpkeepSession, { nodes }: Backup, options: RestoreOptions): Promise<Restored> {
  let restored: Restored = { isReplaced: true, made: 0, changed: 0, deleted: 0 };
  await session.read((client) =>
    session.journal.write(async () => {
      const present = (await readLasting(session)).nodes;
      if (present.length > 0 && !options.isReplacing) {
        const sentence = `a database of ${present.length} nodes is there; --replace puts the backup in its place`;
        throw new NsdbError('already-exists', sentence);
      }
      const { made, changed, deleted } = difference(present, nodes);
      restored = { isReplaced: true, made: made.length, changed: changed.length, deleted: deleted.length };
      await plantParents(client, nodes);
      return [
        ...deleted.map((path): Operation => ({ kind: 'delete', path })),
        ...made.map(creation),
        ...changed.map(({ path, data }): Operation => ({ kind: 'set', path, data })),
      ];
    }, options.reach),
  );
  return restored;
}

/** Makes what is missing of the nodes above those of a backup: mere parents, which change nothing. */
async function plantParents(client: ZookeeperClient, nodes: readonly LastingNode[]): Promise<void> {
  const fixed = fixedNodes().map(([path, data]) => ({ path, data }));
  const parents = [...fixed, ...parentsOf(nodes, fixed)];
  const stats = await Promise.all(parents.map(({ path }) => client.stat(path)));
  for (const [n, { path }] of parents.entries()) {
    // oxlint-disable-next-line eslint/no-await-in-loop -- each behind its own parent
    if (stats[n]?.value === undefined) await plant(client, path);
  }
}

/** What makes the present nodes the wanted ones. Nodes to be deleted stand behind their children, those to be made behind their parents. */
function difference(present: readonly LastingNode[], wanted: readonly LastingNode[]) {
  const now = new Map(present.map(({ path, data }) => [path, data]));
  const kept = new Set(wanted.map(({ path }) => path));
  const differs = ({ path, data }: LastingNode) => now.get(path)?.equals(data) === false;
  // An object's record of who wrote it, right behind it, is set along with it: by that it is known to speak of that writing.
  const isRecordOf = (object: LastingNode | undefined, { path }: LastingNode) =>
    object !== undefined && placeOf(path).kind === 'provenance' && differs(object);
  return {
    deleted: present.flatMap(({ path }) => (kept.has(path) ? [] : path)).toReversed(),
    made: wanted.filter(({ path }) => !now.has(path)),
    changed: wanted.filter((node, n) => differs(node) || (now.has(node.path) && isRecordOf(wanted[n - 1], node))),
  };
}

function creation({ path, data }: LastingNode): Operation {
  return { kind: 'create', path, data };
}
