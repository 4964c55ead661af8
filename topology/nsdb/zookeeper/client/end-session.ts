import { ZookeeperError } from '../zookeeper-error.ts';
import { SILENT } from './client-listener.ts';
import type { ClientOptions, SessionKey } from './client-options.ts';
import { ZookeeperClient } from './zookeeper-client.ts';

/** Ends a session that nobody holds any more, if it still stands. Resolves when it is over; rejects when no server answers in time. */
export function endSession(options: ClientOptions, session: SessionKey): Promise<void> {
  return new Promise((resolve, reject) => {
    const deadline = setTimeout(() => {
      client.abandon();
      reject(new ZookeeperError('connection-loss', 'the former session could not be ended: no server answered'));
    }, options.sessionTimeout);
    const over = () => {
      clearTimeout(deadline);
      resolve();
    };
    const client = new ZookeeperClient(
      { ...options, session },
      { ...SILENT, connected: () => void client.close().then(over), expired: over },
    );
    client.connect();
  });
}
