import { randomFillSync } from 'node:crypto';
import { CLASSES, type ClassName } from '../../model/bindings.ts';
import { parseUuid, type Uuid } from '../../model/ids.ts';
import { NsdbError } from '../nsdb-error.ts';
import { objectPath, provenancePath } from '../paths.ts';
import type { Operation } from './client/operation.ts';
import type { ZookeeperClient } from './client/zookeeper-client.ts';
import { ZookeeperError } from './zookeeper-error.ts';

/**
 * The tree of nodes, below the root: that of spec 10 §4, with three differences.
 *
 * - An object's back-references are its node's children, `portIds,<id>`: what refers to an object that is not there cannot be made, and
 *   an object with referrers that were not seen cannot be deleted, by ZooKeeper's own rules
 * - Each making of an object has a mark of its own, its *incarnation*, which stands in the record and in the names of what belongs to it:
 *   its provenance, state and tables. So these do not come back with an object of the same id, and a transaction
 *   that read the former object does not take the new one for it, though node versions start from 0 again
 * - `/zoom/0/journal` tells of changes too large for one request
 *
 * `/schema` has the version, `1.0`. A program that adds something that others may leave alone raises the second number: they keep what
 * they do not know. One that changes what others rely on raises the first, and sets the journal's node in the same multi: of what
 * they were about to write nothing is written any more.
 */
const MAJOR = 1;
export const SCHEMA = '/schema';
/** The schema version that this program writes. */
export const NEW_SCHEMA = `${MAJOR}.0`;

/** What stands in place of the schema version while a database is being restored. */
export const RESTORING = 'restoring';
/** What a database has below its root for runs: databases of their own. */
export const RUNS = 'runs';

export const JOURNAL = '/zoom/0/journal';
/** Lives as long as the writer of a large change. */
export const JOURNAL_OWNER = `${JOURNAL}/owner`;

export function classNode(cls: ClassName): string {
  return `/zoom/0/models/${cls}`;
}

export function referrerNode(cls: ClassName, id: Uuid, backField: string, referrer: Uuid): string {
  return `${objectPath(cls, id)}/${backField},${referrer}`;
}

/** Reads the name of a back-reference, `portIds,<id>`; undefined if it is none. */
export function parseReferrerName(name: string): { readonly backField: string; readonly referrer: Uuid } | undefined {
  const [, backField = '', text = ''] = /^(\w+),(.*)$/.exec(name) ?? [];
  const referrer = parseUuid(text);
  return referrer === undefined || referrer !== text ? undefined : { backField, referrer };
}

/** The ids among names of nodes; a name that is an id in another spelling is none. */
export function idsAmong(names: readonly string[]): readonly Uuid[] {
  return names.flatMap((name) => {
    const id = parseUuid(name);
    return id === name ? id : [];
  });
}

export function provenanceNode(cls: ClassName, id: Uuid, incarnation: string): string {
  return `${provenancePath(cls, id)},${incarnation}`;
}

/** What holds all tables of one making of an object. */
export function tablesNode(cls: ClassName, id: Uuid, incarnation: string): string {
  return `/zoom/0/tables/${cls}/${id},${incarnation}`;
}

/** Reads the path of a record of who wrote an object; undefined if it is none. */
export function parseProvenanceNode(
  path: string,
): { readonly class: ClassName; readonly id: Uuid; readonly incarnation: string } | undefined {
  const [, cls = '', rest = ''] = /^\/zoom\/0\/objects\/(\w+)\/([^/]*)$/.exec(path) ?? [];
  const owner = parseIncarnated(rest);
  const known = CLASSES.find((one) => one === cls);
  return owner && known && { class: known, ...owner };
}

/** Reads `<id>,<incarnation>`; undefined if it is anything else. */
export function parseIncarnated(name: string): { readonly id: Uuid; readonly incarnation: string } | undefined {
  const [text = '', incarnation = '', ...rest] = name.split(',');
  const id = parseUuid(text);
  return id === undefined || id !== text || incarnation === '' || rest.length > 0 ? undefined : { id, incarnation };
}

/** The path of something of an object, as that of one making of it: `,<incarnation>` comes behind the object's id. */
export function incarnated(path: string, id: Uuid, incarnation: string): string {
  const end = path.lastIndexOf(`/${id}/`) + id.length + 1;
  return `${path.slice(0, end)},${incarnation}${path.slice(end)}`;
}

const INCARNATION_BYTES = 6;
/** Randomness fetched in one go: each fetch costs more than a thousand bytes do. */
const chance = Buffer.alloc(INCARNATION_BYTES * 512);
let used = chance.length;

/** A mark that no other making of an object has. */
export function newIncarnation(): string {
  if (used === chance.length) {
    randomFillSync(chance);
    used = 0;
  }
  used += INCARNATION_BYTES;
  return chance.toString('base64url', used - INCARNATION_BYTES, used);
}

/** What is said where a database is asked for, and there is none. */
export function noDatabase(): NsdbError {
  return new NsdbError('not-found', 'there is no database under this root');
}

/**
 * Makes the nodes that everything else is under, where they are missing. The version is watched.
 *
 * @param mustExist whether a missing database is an error instead: nothing is made then
 * @returns why we must not write there; undefined where nothing is wrong
 */
export async function plantTree(client: ZookeeperClient, mustExist = false): Promise<NsdbError | undefined> {
  for (;;) {
    // oxlint-disable-next-line eslint/no-await-in-loop -- a second round only when another plants at the same time
    const { value } = await client.data(SCHEMA, true);
    if (value !== undefined) return schemaProblem(value.data.toString());
    // oxlint-disable-next-line eslint/no-await-in-loop -- the last round
    if (mustExist) return (await client.stat('/zoom')).value === undefined ? noDatabase() : noSchema();
    // oxlint-disable-next-line eslint/no-await-in-loop -- as above
    const problem = await rootProblem(client);
    if (problem !== undefined) return problem;
    try {
      // oxlint-disable-next-line eslint/no-await-in-loop -- as above
      await client.plantRoot();
      // oxlint-disable-next-line eslint/no-await-in-loop -- as above
      await client.multi([
        ...fixedNodes().map(([path, data]): Operation => ({ kind: 'create', path, data })),
        { kind: 'create', path: SCHEMA, data: Buffer.from(NEW_SCHEMA) },
      ]);
    } catch (cause) {
      if (!(cause instanceof ZookeeperError) || cause.fault !== 'node-exists') throw cause;
      // oxlint-disable-next-line eslint/no-await-in-loop -- as above
      if ((await client.data(SCHEMA)).value === undefined) {
        return noSchema();
      }
    }
  }
}

/** Why no database may be made under a root: it is ZooKeeper's own, or in another database. Undefined where it may. */
export async function rootProblem(client: ZookeeperClient): Promise<NsdbError | undefined> {
  const { root } = client;
  if (/^\/zookeeper(\/|$)/.test(root)) return new NsdbError('invalid', `${root} is ZooKeeper's own: name another root`);
  const outer = await client.above(SCHEMA);
  if (outer === undefined || root.startsWith(`${outer}/${RUNS}/`)) return undefined;
  return new NsdbError('invalid', `${root} is in the database under ${outer}: name another root`);
}

function noSchema(): NsdbError {
  const sentence = `there are nodes under the root, but no ${SCHEMA}: it is no database of Troupe, or a part of one`;
  return new NsdbError('invalid', sentence);
}

/** What the journal's node holds while no large change is under way. */
export const CLEAN = Buffer.from('{"state":"clean"}');

/** The nodes that are in every database, but the schema version: each behind its parent, and what it holds at first. */
export function fixedNodes(): readonly (readonly [path: string, data: Buffer])[] {
  const paths = ['/zoom', '/zoom/0', '/zoom/0/models', '/zoom/0/objects', '/zoom/0/state', '/zoom/0/tables'];
  paths.push('/zoom/0/tables/global', '/zoom/0/locks', '/elections', '/sequences');
  for (const cls of CLASSES) paths.push(`/zoom/0/models/${cls}`, `/zoom/0/objects/${cls}`, `/zoom/0/tables/${cls}`);
  return [...paths.map((path) => [path, Buffer.alloc(0)] as const), [JOURNAL, CLEAN]];
}

/** Whether this program knows what stands under a schema version: one of the same major number. */
export function isKnownSchema(text: string): boolean {
  return Number(/^(\d+)\.\d+$/.exec(text)?.[1]) === MAJOR;
}

/** Why this program must not touch what stands under such a schema version; undefined where it may. */
export function schemaProblem(text: string): NsdbError | undefined {
  if (isKnownSchema(text)) return undefined;
  if (text.startsWith(RESTORING)) {
    return new NsdbError(
      'invalid',
      'a restore of this database was begun, and is not finished: "troupe nsdb restore" completes it',
    );
  }
  return new NsdbError(
    'invalid',
    `the database has schema version ${text.slice(0, 20)}, and this program writes ${MAJOR}: use a program of that version`,
  );
}
