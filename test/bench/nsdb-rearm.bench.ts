import { setTimeout } from 'node:timers/promises';
import { TcpProxy } from '../topology/nsdb/tcp-proxy.ts';
import { SILENT } from '../../topology/nsdb/zookeeper/client/client-listener.ts';
import { ZookeeperClient } from '../../topology/nsdb/zookeeper/client/zookeeper-client.ts';
import { withClient } from '../../topology/nsdb/zookeeper/one-client.ts';
import type { BenchResult } from './bench-result.ts';
import { onServer } from './bench-zookeeper.ts';

const WATCHES = 100_000;
const MISSED = '/absent/nodes/of/some/length/00099999';

/** Seconds from a new connection until 100,000 watches stand again and a change that was missed has been told; beside setting them the first time. */
export function nsdbRearm(): Promise<BenchResult> {
  return onServer(async (address) => {
    const port = Number(address.servers.split(':')[1]);
    const proxy = await TcpProxy.to(port);
    const heard = new Set<string>();
    let connectedAt = 0;
    let whenConnected: (() => void) | undefined;
    const client = new ZookeeperClient(
      { ...address, servers: `127.0.0.1:${proxy.port}`, sessionTimeout: 30_000 },
      {
        ...SILENT,
        connected: () => {
          connectedAt = performance.now();
          whenConnected?.();
        },
        changed: (path) => heard.add(path),
        report: (cause) => console.error(cause),
      },
    );
    await new Promise<void>((resolve) => {
      whenConnected = resolve;
      client.connect();
    });
    await client.plantRoot();
    const start = performance.now();
    const paths = Array.from(
      { length: WATCHES },
      (_, n) => `/absent/nodes/of/some/length/${String(n).padStart(8, '0')}`,
    );
    await Promise.all(paths.map((path) => client.stat(path, true)));
    const first = (performance.now() - start) / 1000;

    proxy.cut();
    await withClient({ ...address, sessionTimeout: 10_000 }, async (other) => {
      const parts = MISSED.split('/').slice(1);
      for (let depth = 1; depth <= parts.length; depth++) {
        const path = `/${parts.slice(0, depth).join('/')}`;
        // oxlint-disable-next-line eslint/no-await-in-loop -- one under the other
        await other.multi([{ kind: 'create', path, data: Buffer.alloc(0) }]);
      }
    });
    const again = new Promise<void>((resolve) => (whenConnected = resolve));
    proxy.restore();
    await again;
    await client.sync();
    // oxlint-disable-next-line eslint/no-await-in-loop -- until it is told
    while (!heard.has(MISSED)) await setTimeout(1);
    const value = (performance.now() - connectedAt) / 1000;
    await client.close();
    await proxy.close();
    return { name: 'nsdb-rearm', value, unit: 's', against: [{ name: 'set the first time', value: first }] };
  });
}
