import type { ConnectionManager } from 'node-zookeeper-client';
import jute from 'node-zookeeper-client/lib/jute/index.js';
import { OPCODE, requestOf } from './request.ts';

/** What one packet takes: the server cuts the connection above 1 MiB. */
const PACKET_BYTES = 128 * 1024;

/** Sets every watch again on a new connection, in packets that the server takes; it tells at once what was missed. */
export function setWatches(manager: ConnectionManager): void {
  const { watcherManager, zxid } = manager;
  const lists = [
    watcherManager.getDataWatcherPaths(),
    watcherManager.getExistenceWatcherPaths(),
    watcherManager.getChildWatcherPaths(),
  ];
  const since = Buffer.from(zxid);
  let packet: [string[], string[], string[]] = [[], [], []];
  let bytes = 0;
  const send = () => {
    const payload = new jute.protocol.SetWatches(since, ...packet);
    if (bytes > 0) manager.queue(requestOf(OPCODE.setWatches, payload));
    packet = [[], [], []];
    bytes = 0;
  };
  for (const [kind, paths] of lists.entries()) {
    for (const path of paths) {
      packet[kind]?.push(path);
      bytes += path.length + 4;
      if (bytes > PACKET_BYTES) send();
    }
  }
  send();
}
