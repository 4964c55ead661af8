import type { Uuid } from '../../model/ids.ts';
import type { ClassName } from '../../model/bindings.ts';
import { NsdbError } from '../nsdb-error.ts';
import { objectPath } from '../paths.ts';
import type { Changes, ObjectChange, ReferrerChange } from '../changes.ts';
import { backEndOf } from '../reference-fields.ts';
import { noPermission } from './answer-error.ts';
import type { Operation } from './client/operation.ts';
import { writeFenced } from './fenced.ts';
import type { Link } from './link.ts';
import { isLoss } from './loss.ts';
import { isAbsent } from './places.ts';
import { formatObject, formatProvenance } from './records.ts';
import { removeTables } from './remove-tables.ts';
import { conflict, type Seen, type ZookeeperSnapshot } from './snapshot.ts';
import {
  newIncarnation,
  parseProvenanceNode,
  parseReferrerName,
  provenanceNode,
  referrerNode,
  tablesNode,
} from './tree.ts';
import { ZookeeperError } from './zookeeper-error.ts';

/**
 * Makes a transaction's changes, all of them or, rejecting with `concurrent-modification`, none: in one multi that checks all that was
 * read, or, where that is too large for one request, by the {@link Journal}.
 */
export async function commit(link: Link, snapshot: ZookeeperSnapshot, changes: Changes): Promise<void> {
  const isEmpty = changes.objects.length + changes.referrers.length === 0;
  if (isEmpty && snapshot.isSure) return; // all was read as it was at one moment
  const operations = await operationsOf(link, snapshot, changes);
  try {
    await writeFenced(link, operations);
  } catch (cause) {
    if (!(cause instanceof ZookeeperError)) throw cause;
    if (cause.fault !== 'too-large')
      throw (await obstacle(link, snapshot, cause, operations)) ?? faultOf(cause, operations);
    await commitLarge(link, snapshot, changes, operations);
  }
  removeTables(link, tablesOfDeleted(snapshot, changes));
}

function tablesOfDeleted(snapshot: ZookeeperSnapshot, { objects }: Changes): readonly string[] {
  return objects.flatMap(({ kind, class: cls, id }) => {
    const seen = kind === 'delete' ? snapshot.seen(cls, id) : undefined;
    return seen === undefined ? [] : tablesNode(cls, id, seen.stored.incarnation);
  });
}

async function commitLarge(
  link: Link,
  snapshot: ZookeeperSnapshot,
  changes: Changes,
  operations: readonly Operation[],
): Promise<void> {
  try {
    await link.write(() =>
      link.journal.write(async () => {
        await verify(link, snapshot, changes);
        return operations;
      }),
    );
  } catch (cause) {
    if (!(cause instanceof ZookeeperError) || isLoss(cause)) throw cause;
    throw faultOf(cause, []);
  }
}

/** Looks once more whether all is as it was read. Rejects with `concurrent-modification`. */
async function verify(link: Link, snapshot: ZookeeperSnapshot, changes: Changes): Promise<void> {
  const { client } = link;
  const { began } = snapshot;
  const emptied = new Set(changes.emptied.map(([cls, id]) => objectPath(cls, id)));
  const look = async (cls: ClassName, id: Uuid, version: string | undefined) => {
    const path = objectPath(cls, id);
    const { value } = await client.stat(path);
    const isUnchanged = (value === undefined ? undefined : String(value.modified)) === version;
    if (!isUnchanged || (value !== undefined && emptied.has(path) && value.childrenModified > began))
      throw conflict(path);
  };
  await Promise.all(changes.read.map(([cls, id, version]) => look(cls, id, version)));
  const needed = await Promise.all(changes.needed.map(async ([cls, id]) => client.stat(objectPath(cls, id))));
  for (const [n, [cls, id]] of changes.needed.entries()) {
    if (needed[n]?.value === undefined) throw conflict(objectPath(cls, id));
  }
}

/** What ZooKeeper is to do. In an order in which each node comes after its parent, and goes before it. */
async function operationsOf(link: Link, snapshot: ZookeeperSnapshot, changes: Changes): Promise<readonly Operation[]> {
  const checks: Operation[] = [];
  const creations: Operation[] = [];
  const deletions: Operation[] = [];
  const written = new Set<string>();
  for (const change of changes.objects) {
    written.add(objectPath(change.class, change.id));
    const operations = operationsOn(change, snapshot.seen(change.class, change.id), link.name);
    (change.kind === 'delete' ? deletions : creations).push(...operations);
  }
  for (const [cls, id] of changes.read) {
    const path = objectPath(cls, id);
    if (written.has(path)) continue;
    const seen = snapshot.seen(cls, id);
    if (seen === undefined) checks.push(...isAbsent(path));
    else checks.push(...isSame(cls, id, seen));
  }
  const parents = new Set<string>();
  const links = await Promise.all(changes.referrers.map((change) => operationsOnReferrer(link, change)));
  for (const { class: cls, id, isPresent } of changes.referrers) if (isPresent) parents.add(objectPath(cls, id));
  for (const [cls, id] of changes.needed) {
    const path = objectPath(cls, id);
    if (!parents.has(path)) checks.push({ kind: 'check', path });
  }
  const emptied = changes.emptied.flatMap(([cls, id, backField, ids]) =>
    ids.map((one): Operation => ({ kind: 'delete', path: referrerNode(cls, id, backField, one) })),
  );
  return [...checks, ...creations, ...links.flat(), ...emptied, ...deletions];
}

function operationsOn(change: ObjectChange, seen: Seen | undefined, writer: string): readonly Operation[] {
  const { class: cls, id } = change;
  const path = objectPath(cls, id);
  if (change.kind === 'create') {
    const incarnation = newIncarnation();
    const record = provenanceNode(cls, id, incarnation);
    return [
      { kind: 'create', path, data: formatObject(incarnation, change.fields) },
      { kind: 'create', path: record, data: formatProvenance(writer, change.change) },
    ];
  }
  if (seen === undefined) throw conflict(path);
  const { incarnation, rest } = seen.stored;
  const record = provenanceNode(cls, id, incarnation);
  if (change.kind === 'delete') {
    return [
      { kind: 'delete', path: record },
      { kind: 'delete', path, version: seen.version },
    ];
  }
  return [
    { kind: 'set', path, data: formatObject(incarnation, change.fields, rest), version: seen.version },
    { kind: 'set', path: record, data: formatProvenance(writer, change.change) },
  ];
}

function isSame(cls: ClassName, id: Uuid, { stored, version }: Seen): readonly Operation[] {
  return [
    { kind: 'check', path: objectPath(cls, id), version },
    { kind: 'check', path: provenanceNode(cls, id, stored.incarnation) },
  ];
}

async function operationsOnReferrer(
  link: Link,
  { class: cls, id, backField, referrer, isPresent }: ReferrerChange,
): Promise<readonly Operation[]> {
  const path = referrerNode(cls, id, backField, referrer);
  if (isPresent) return [{ kind: 'create', path, data: Buffer.alloc(0) }];
  if (backEndOf(cls, backField).onDelete === 'leave') {
    // What is referred to may be gone, or another by the same id.
    const { value } = await link.read((client) => client.stat(path));
    if (value === undefined) return [];
  }
  return [{ kind: 'delete', path }];
}

/** What was written or deleted by hand so that this can never be made; undefined where it is somebody's rivalry after all. */
async function obstacle(
  link: Link,
  snapshot: ZookeeperSnapshot,
  { fault, index = -1 }: ZookeeperError,
  operations: readonly Operation[],
): Promise<NsdbError | undefined> {
  const path = operations[index]?.path ?? '';
  if (fault === 'not-empty') {
    const { value } = await link.read((client) => client.children(path));
    const name = value?.names.find((one) => parseReferrerName(one) === undefined);
    return name === undefined
      ? undefined
      : obstructed(path, `${name} under it is no back-reference. Delete that first`);
  }
  const record = fault === 'no-node' ? parseProvenanceNode(path) : undefined;
  const seen = record && snapshot.seen(record.class, record.id);
  if (record === undefined || seen === undefined) return undefined;
  const object = objectPath(record.class, record.id);
  const { value: now } = await link.read((client) => client.stat(object));
  if (now?.modified !== Number(seen.stored.object.version)) return undefined;
  return obstructed(object, `the record of who wrote it, ${path}, is missing`);
}

function obstructed(path: string, why: string): NsdbError {
  return new NsdbError('invalid', `${path} cannot be written: ${why}; "troupe nsdb check" says more`);
}

/** What the failure of one operation means: somebody was faster, or something is wrong. */
function faultOf(cause: ZookeeperError, operations: readonly Operation[]): Error {
  const path = operations[cause.index ?? -1]?.path ?? 'a large change';
  // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- all that is nobody's rivalry is told as it is
  switch (cause.fault) {
    case 'bad-version':
    case 'no-node':
    case 'node-exists':
    case 'not-empty':
      return conflict(path, cause);
    case 'no-auth':
      return noPermission(path, cause);
    default:
      return new NsdbError('invalid', `${path}: the database refused the change: ${cause.message}`, {}, cause);
  }
}
