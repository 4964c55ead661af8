import type { ClassName } from '../../model/bindings.ts';
import type { Uuid } from '../../model/ids.ts';
import { NsdbError } from '../nsdb-error.ts';
import { encodeName, objectPath, statePath } from '../paths.ts';
import type { Codec, StateKey, StateKind, StatePlace, StateValue } from '../state-key.ts';
import type { NodeData } from './client/node.ts';
import type { Operation } from './client/operation.ts';
import type { ZookeeperClient } from './client/zookeeper-client.ts';
import { missing } from './object-watchers.ts';
import { incarnationOf, isOvertaken, parentOf, plant } from './places.ts';
import { incarnated } from './tree.ts';

/** Attempts to write where several sessions write at once. */
const ATTEMPTS = 10;

/** Where a state key is, with what is needed to write there. */
export interface StateTarget {
  readonly namespace: Uuid;
  readonly class: ClassName;
  readonly id: Uuid;
  readonly key: string;
  readonly kind: StateKind;
}

/** One value of a state key, as text. */
export interface StoredState {
  readonly path: string;
  readonly text: string;
  readonly owner: string;
}

export function targetOf<V>(key: StateKey<V>, { namespace, id }: StatePlace): StateTarget {
  return { namespace, class: key.class, id, key: key.key, kind: key.kind };
}

/** The node of a key, of one making of its object. */
export function stateNode({ namespace, class: cls, id, key }: StateTarget, incarnation: string): string {
  return incarnated(statePath(namespace, cls, id, key), id, incarnation);
}

/** Writes a value as its kind has it (spec 10 §4). Throws `not-found`, `not-owner`. */
export async function addState(client: ZookeeperClient, target: StateTarget, text: string): Promise<void> {
  const { class: cls, id, kind } = target;
  for (let attempt = 1; ; attempt++) {
    /* oxlint-disable eslint/no-await-in-loop -- an attempt follows on the failure of the one before */
    const incarnation = await incarnationOf(client, cls, id);
    if (incarnation === undefined) throw missing(cls, id);
    const path = leafOf(target, incarnation, text);
    const { value: before } = await client.data(path);
    const isOurs = before?.stat.owner === client.sessionName;
    if (isOurs && before?.data.toString() === text) return;
    if (kind === 'first-wins' && isOwned(before) && !isOurs) throw notOwner(target);
    try {
      await client.multi([{ kind: 'check', path: objectPath(cls, id) }, ...writing(path, text, before, isOurs)]);
      return;
    } catch (cause) {
      if (!isOvertaken(cause) || attempt === ATTEMPTS) throw cause;
      if (cause.fault === 'no-node' && before === undefined) await plant(client, parentOf(path));
    }
    /* oxlint-enable eslint/no-await-in-loop */
  }
}

/** Removes a value of this session; false where there was none. Throws `not-owner` where it is another session's. */
export async function removeState(client: ZookeeperClient, target: StateTarget, text: string): Promise<boolean> {
  for (let attempt = 1; ; attempt++) {
    /* oxlint-disable eslint/no-await-in-loop -- as above */
    const incarnation = await incarnationOf(client, target.class, target.id);
    if (incarnation === undefined) return false;
    const path = leafOf(target, incarnation, text);
    const { value: before } = await client.data(path);
    if (before === undefined || !isOwned(before)) return false;
    if (before.stat.owner !== client.sessionName) throw notOwner(target);
    try {
      await client.multi([{ kind: 'delete', path, version: before.stat.version }]);
      return true;
    } catch (cause) {
      if (!isOvertaken(cause) || attempt === ATTEMPTS) throw cause;
    }
    /* oxlint-enable eslint/no-await-in-loop */
  }
}

/** The values at a key's node, in order of their text. With a watch, also for what is not there yet. */
export async function readState(
  client: ZookeeperClient,
  node: string,
  kind: StateKind,
  watch = false,
): Promise<readonly StoredState[]> {
  if (kind !== 'multiple') {
    const value = await lookAt(() => client.data(node, watch), client, node, watch);
    return storedOf([[node, value]]);
  }
  const found = await lookAt(() => client.children(node, watch), client, node, watch);
  const paths = (found?.names ?? []).map((name) => `${node}/${name}`);
  return storedOf(await Promise.all(paths.map(async (path) => [path, (await client.data(path)).value] as const)));
}

/** The values of stored texts. One that cannot be read, or lives in no session, is reported and left out. */
export function valuesOf<V>(
  stored: readonly StoredState[],
  codec: Codec<V>,
  session: string,
  { class: cls, id }: StateTarget,
  report: (error: NsdbError) => void,
): readonly StateValue<V>[] {
  return stored.flatMap(({ path, text, owner }) => {
    const value = owner === '' ? undefined : codec.parse(text);
    if (value !== undefined) return [{ value, owner, own: owner === session }];
    const why = owner === '' ? 'lives in no session: it was written by hand' : 'cannot be read';
    report(new NsdbError('invalid', `${path}: ${JSON.stringify(text.slice(0, 80))} ${why}`, { class: cls, id }));
    return [];
  });
}

/** Reads a node; where there is none, watches for its coming. */
async function lookAt<T>(
  read: () => Promise<{ readonly value: T | undefined }>,
  client: ZookeeperClient,
  node: string,
  watch: boolean,
): Promise<T | undefined> {
  for (;;) {
    /* oxlint-disable eslint/no-await-in-loop -- a second round only when it came in between */
    const { value } = await read();
    if (value !== undefined || !watch) return value;
    if ((await client.stat(node, true)).value === undefined) return undefined;
    /* oxlint-enable eslint/no-await-in-loop */
  }
}

function storedOf(nodes: readonly (readonly [path: string, node: NodeData | undefined])[]): readonly StoredState[] {
  const stored = nodes.flatMap(([path, node]) =>
    node === undefined ? [] : [{ path, text: node.data.toString(), owner: node.stat.owner }],
  );
  return stored.toSorted((a, b) => (a.text < b.text ? -1 : Number(a.text > b.text)));
}

/** Whether a value is somebody's: what lives in no session was written by hand, and is in nobody's way. */
function isOwned(node: NodeData | undefined): boolean {
  return node !== undefined && node.stat.owner !== '';
}

function leafOf(target: StateTarget, incarnation: string, text: string): string {
  const node = stateNode(target, incarnation);
  return target.kind === 'multiple' ? `${node}/=${encodeName(text)}` : node;
}

function writing(path: string, text: string, before: NodeData | undefined, isOurs: boolean): readonly Operation[] {
  const data = Buffer.from(text);
  if (before !== undefined && isOurs) return [{ kind: 'set', path, data, version: before.stat.version }];
  return [
    ...(before === undefined ? [] : [{ kind: 'delete', path, version: before.stat.version } as const]),
    { kind: 'create', path, data, mode: 'ephemeral' },
  ];
}

function notOwner({ class: cls, id, key }: StateTarget): NsdbError {
  return new NsdbError('not-owner', `${cls} ${id}: ${key} belongs to another session`, { class: cls, id, field: key });
}
