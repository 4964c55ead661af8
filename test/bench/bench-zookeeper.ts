import { ZookeeperServer } from '../../ops/servers/zookeeper-server.ts';
import type { ZookeeperAddress } from '../../topology/nsdb/zookeeper/address.ts';

/** Measures something against one real server on loopback, started for it. @param work gets where the server is, and a root of its own */
export async function onServer<T>(work: (address: ZookeeperAddress) => Promise<T>): Promise<T> {
  const server = await ZookeeperServer.start();
  try {
    return await work({
      servers: `127.0.0.1:${server.port}`,
      root: '/bench',
      credentials: { user: 'bench', password: 'bench' },
    });
  } finally {
    await server.stop();
  }
}
