import { ZookeeperClient } from '../../../topology/nsdb/zookeeper/client/zookeeper-client.ts';

/** A bare connection. */
export function connected(options: ConstructorParameters<typeof ZookeeperClient>[0]): Promise<ZookeeperClient> {
  return new Promise((resolve) => {
    const client = new ZookeeperClient(options, {
      connected: () => resolve(client),
      lost: () => {},
      unreachable: () => {},
      refused: () => {},
      expired: () => {},
      changed: () => {},
      report: () => {},
    });
    client.connect();
  });
}
