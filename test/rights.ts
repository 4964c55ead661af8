import { createHash } from 'node:crypto';
import type { Credentials } from '../topology/nsdb/zookeeper/client/client-options.ts';
import type { ZookeeperClient } from '../topology/nsdb/zookeeper/client/zookeeper-client.ts';
import { ZookeeperError } from '../topology/nsdb/zookeeper/zookeeper-error.ts';
import { connected } from './topology/nsdb/bare-client.ts';

const ALL = 31;

/** Where a walk begins, if not at the top, and which nodes it leaves out with all below them. */
export interface Walk {
  readonly from?: string;
  readonly leftOut?: ReadonlySet<string>;
}

/**
 * Walks the nodes of a server, but those of ZooKeeper itself.
 *
 * @returns the paths of those that are not for the credentials alone, each with what is wrong
 */
export async function foreignNodes(
  port: number,
  { user, password }: Credentials,
  { from = '/', leftOut = new Set() }: Walk = {},
): Promise<readonly string[]> {
  const client = await connected({
    servers: `127.0.0.1:${port}`,
    root: '',
    credentials: { user, password },
    sessionTimeout: 30_000,
  });
  const hash = createHash('sha1').update(`${user}:${password}`).digest('base64');
  const ours = JSON.stringify([{ scheme: 'digest', id: `${user}:${hash}`, permissions: ALL }]);
  const problems: string[] = [];
  const walk = async (path: string): Promise<void> => {
    if (path === '/zookeeper' || leftOut.has(path)) return;
    const value = await rightsOf(client, path);
    if (value === undefined) return; // it went with its session
    if (typeof value === 'string') {
      problems.push(`${path}: ${value}`);
      return;
    }
    const rights = JSON.stringify(value.rights);
    if (path !== '/' && rights !== ours) problems.push(`${path}: ${rights}`);
    if (value.stat.childCount === 0) return;
    const names = (await client.children(path)).value?.names ?? [];
    await Promise.all(names.map((name) => walk(`${path === '/' ? '' : path}/${name}`)));
  };
  await walk(from);
  await client.close();
  return problems;
}

async function rightsOf(client: ZookeeperClient, path: string) {
  try {
    return (await client.rights(path)).value;
  } catch (cause) {
    if (cause instanceof ZookeeperError && cause.fault === 'no-auth') return "somebody else's";
    throw cause;
  }
}
