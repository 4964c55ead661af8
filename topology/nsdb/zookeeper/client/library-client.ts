import zookeeper, { type Client } from 'node-zookeeper-client';
import type { ClientOptions } from './client-options.ts';
import { bytesOf } from './int64.ts';

/** How long the library waits before it tries the next server, in milliseconds. */
const SPIN_DELAY = 250;

/**
 * The library's client of a session, not connected yet, without the habits that would end the connection, or the process.
 *
 * @param report hears of what could not be read
 */
export function libraryClient(options: ClientOptions, report: (cause: unknown) => void): Client {
  const { servers, sessionTimeout, session, credentials } = options;
  const client = zookeeper.createClient(servers, {
    sessionTimeout,
    spinDelay: SPIN_DELAY,
    ...(session && { sessionId: session.id, sessionPassword: session.password }),
  });
  const manager = client.connectionManager;
  manager.xid = options.firstRequest ?? 1;
  manager.zxid = bytesOf(options.seen ?? 0);
  manager.watcherManager.isEmpty = () => true; // the library would send all watches in one packet
  const read = manager.onSocketData.bind(manager);
  manager.onSocketData = (chunk) => {
    try {
      read(chunk);
    } catch (cause) {
      report(cause); // thrown from the socket's event, it would end the process
      manager.socket?.destroy();
    }
  };
  client.addAuthInfo('digest', Buffer.from(`${credentials.user}:${credentials.password}`));
  return client;
}
