import type { Operation } from './client/operation.ts';
import type { ZookeeperClient } from './client/zookeeper-client.ts';
import { childPath } from './places.ts';
import { ZookeeperError } from './zookeeper-error.ts';

/** Nodes deleted in one request. */
const BATCH = 500;

/** Deletes a node and everything under it, though others still write there: what they make is deleted too. @param top the client's root, where none is named */
export async function removeTree(client: ZookeeperClient, top = '/'): Promise<void> {
  for (;;) {
    /* oxlint-disable eslint/no-await-in-loop -- again where somebody made or removed a node meanwhile */
    const paths = await pathsBelow(client, top);
    try {
      for (let from = 0; from < paths.length; from += BATCH) {
        await client.multi(paths.slice(from, from + BATCH).map((path): Operation => ({ kind: 'delete', path })));
      }
      return;
    } catch (cause) {
      if (!(cause instanceof ZookeeperError) || (cause.fault !== 'no-node' && cause.fault !== 'not-empty')) throw cause;
    }
    /* oxlint-enable eslint/no-await-in-loop */
  }
}

/** A node and all below it, each behind its children; nothing where there is no such node. */
export async function pathsBelow(client: ZookeeperClient, path: string): Promise<readonly string[]> {
  const { value } = await client.children(path);
  if (value === undefined) return [];
  const below = await Promise.all(value.names.map((name) => pathsBelow(client, childPath(path, name))));
  return [...below.flat(), path];
}
