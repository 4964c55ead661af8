import type { ClassName } from '../../model/bindings.ts';
import type { Uuid } from '../../model/ids.ts';
import { objectPath } from '../paths.ts';
import type { Operation } from './client/operation.ts';
import type { ZookeeperClient } from './client/zookeeper-client.ts';
import { parseObject } from './records.ts';
import { ZookeeperError } from './zookeeper-error.ts';

/** Which making of an object there is now; undefined where there is none. Throws `invalid` where its record cannot be read. */
export async function incarnationOf(
  client: ZookeeperClient,
  cls: ClassName,
  id: Uuid,
  watch = false,
): Promise<string | undefined> {
  const { value } = await client.data(objectPath(cls, id), watch);
  return value && parseObject(cls, id, value).incarnation;
}

/** Makes a node without data, and all above it, where missing. */
export async function plant(client: ZookeeperClient, path: string): Promise<void> {
  if (path === '') return;
  for (;;) {
    /* oxlint-disable eslint/no-await-in-loop -- a second round only when something above was missing */
    try {
      await client.multi([{ kind: 'create', path, data: Buffer.alloc(0) }]);
      return;
    } catch (cause) {
      if (!(cause instanceof ZookeeperError)) throw cause;
      if (cause.fault === 'node-exists') return;
      if (cause.fault !== 'no-node') throw cause;
      await plant(client, parentOf(path));
    }
    /* oxlint-enable eslint/no-await-in-loop */
  }
}

export function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}

export function childPath(path: string, name: string): string {
  return path === '/' ? `/${name}` : `${path}/${name}`;
}

/** What in a multi asserts that there is no such node: it has no check for that. */
export function isAbsent(path: string): readonly Operation[] {
  return [
    { kind: 'create', path, data: Buffer.alloc(0) },
    { kind: 'delete', path },
  ];
}

/** Whether somebody else was faster: what was read has to be read anew. */
export function isOvertaken(cause: unknown): cause is ZookeeperError {
  if (!(cause instanceof ZookeeperError)) return false;
  return ['bad-version', 'no-node', 'node-exists', 'not-empty'].includes(cause.fault);
}
