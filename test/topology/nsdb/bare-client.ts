import { SILENT } from '../../../topology/nsdb/zookeeper/client/client-listener.ts';
import { ZookeeperClient } from '../../../topology/nsdb/zookeeper/client/zookeeper-client.ts';

/** A bare connection. */
export function connected(options: ConstructorParameters<typeof ZookeeperClient>[0]): Promise<ZookeeperClient> {
  return new Promise((resolve) => {
    const client = new ZookeeperClient(options, { ...SILENT, connected: () => resolve(client) });
    client.connect();
  });
}
