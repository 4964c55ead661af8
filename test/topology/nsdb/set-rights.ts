import { createHash } from 'node:crypto';
import type { ZookeeperServer } from '../../../ops/servers/zookeeper-server.ts';
import type { Credentials } from '../../../topology/nsdb/zookeeper/client/client-options.ts';
import { zkCli } from '../../zk-cli.ts';

/** Sets the rights of nodes, `world:anyone:r` for each path, with ZooKeeper's own command line. */
export async function setRights(
  { port }: ZookeeperServer,
  { user, password }: Credentials,
  rights: Readonly<Record<string, string>>,
): Promise<void> {
  const lines = Object.entries(rights).map(([path, acl]) => `setAcl ${path} ${acl}`);
  await zkCli(port, [], [`addauth digest ${user}:${password}`, ...lines, 'quit', ''].join('\n'));
}

/** All rights for a user and a password, and for nobody else. */
export function allFor({ user, password }: Credentials): string {
  const hash = createHash('sha1').update(`${user}:${password}`).digest('base64');
  return `digest:${user}:${hash}:cdrwa`;
}
