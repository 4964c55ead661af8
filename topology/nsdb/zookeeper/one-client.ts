import { NsdbError } from '../nsdb-error.ts';
import { SILENT } from './client/client-listener.ts';
import type { ClientOptions } from './client/client-options.ts';
import { ZookeeperClient } from './client/zookeeper-client.ts';

/** In milliseconds. */
const PATIENCE = 5000;

/**
 * Does some work with a bare connection of its own, and closes it.
 *
 * @throws NsdbError `disconnected`, when no server lets it in within {@link PATIENCE}; what the work throws, as it is
 */
export async function withClient<T>(options: ClientOptions, work: (client: ZookeeperClient) => Promise<T>): Promise<T> {
  const client = await connected(options);
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

function connected(options: ClientOptions): Promise<ZookeeperClient> {
  return new Promise((resolve, reject) => {
    const giveUp = () => {
      client.abandon();
      reject(new NsdbError('disconnected', `no ZooKeeper server of ${options.servers} answers`));
    };
    const deadline = setTimeout(giveUp, PATIENCE);
    const client = new ZookeeperClient(options, {
      ...SILENT,
      connected: () => {
        clearTimeout(deadline);
        resolve(client);
      },
      expired: giveUp,
    });
    client.connect();
  });
}
