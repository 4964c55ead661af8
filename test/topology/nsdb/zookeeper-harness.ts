import type { ClassName } from '../../../topology/model/bindings.ts';
import type { Uuid } from '../../../topology/model/ids.ts';
import { later } from '../../../topology/model/time.ts';
import type { Cancel } from '../../../topology/model/timers.ts';
import { SESSION_TIMEOUT, type Nsdb, type NsdbOptions } from '../../../topology/nsdb/nsdb.ts';
import { endSession } from '../../../topology/nsdb/zookeeper/client/end-session.ts';
import { incarnationOf } from '../../../topology/nsdb/zookeeper/places.ts';
import { ZookeeperDatabase } from '../../../topology/nsdb/zookeeper/zookeeper-database.ts';
import type { ZookeeperNsdb } from '../../../topology/nsdb/zookeeper/zookeeper-nsdb.ts';
import { CREDENTIALS, freshRoot } from '../../on-zookeeper.ts';
import { connected } from './bare-client.ts';
import type { NsdbHarness } from './harness.ts';
import { ManualTimers } from './manual-timers.ts';
import { TcpProxy } from './tcp-proxy.ts';

export { connected };

interface Handle {
  readonly nsdb: ZookeeperNsdb;
  readonly proxy: TcpProxy;
  readonly sessionTimeout: number;
  cancel: Cancel | undefined;
}

/**
 * A database of its own, under a root of its own, on a real server: each handle comes through a proxy. Sessions end by a clock moved by
 * hand: when a handle was away for long enough its session is ended in its name.
 */
export async function zookeeperHarness(port: number): Promise<NsdbHarness> {
  const timers = new ManualTimers();
  const address = {
    servers: `127.0.0.1:${port}`,
    root: freshRoot(),
    credentials: CREDENTIALS,
  };
  const direct = { ...address, sessionTimeout: SESSION_TIMEOUT };
  const database = new ZookeeperDatabase(address, { timers });
  const handles: Handle[] = [];
  let ends: Promise<unknown>[] = [];

  const settled = async () => {
    await Promise.all(ends.splice(0));
    await database.settled();
  };
  const handleOf = (nsdb: Nsdb): Handle => {
    const handle = handles.find((one) => one.nsdb === nsdb);
    if (handle === undefined) throw new TypeError('a handle of another database');
    return handle;
  };

  return Promise.resolve({
    sessionTimeout: SESSION_TIMEOUT,
    open: async (name: string, options: NsdbOptions = {}) => {
      const proxy = await TcpProxy.to(port);
      const nsdb = await database.open(name, options, `127.0.0.1:${proxy.port}`);
      handles.push({ nsdb, proxy, sessionTimeout: options.sessionTimeout ?? SESSION_TIMEOUT, cancel: undefined });
      return nsdb;
    },
    cutLink: async (nsdb: Nsdb) => {
      const handle = handleOf(nsdb);
      const { session } = handle.nsdb;
      handle.proxy.cut();
      handle.cancel = timers.at(later(timers.now(), handle.sessionTimeout), () => {
        ends.push(endSession(direct, session));
      });
      await until(nsdb, 'suspended');
    },
    restoreLink: async (nsdb: Nsdb) => {
      const handle = handleOf(nsdb);
      handle.cancel?.();
      handle.proxy.restore();
      await until(nsdb, 'connected');
      await settled();
    },
    expireSession: async (nsdb: Nsdb) => {
      const { nsdb: zookeeper, proxy } = handleOf(nsdb);
      const before = JSON.stringify(nsdb.connection);
      proxy.hold();
      await endSession(direct, zookeeper.session);
      proxy.restore();
      await until(nsdb, 'connected', before);
      await settled();
    },
    advance: async (milliseconds: number) => {
      await settled(); // the clock moves when all has come about that was asked for before
      await timers.advance(milliseconds, settled);
    },
    plant: async (directory: string, name: string) => {
      const client = await connected(direct);
      const [, , , , cls = '', id = '', ...rest] = directory.split('/');
      const incarnation = await incarnationOf(client, cls as ClassName, id as Uuid);
      const path = `/zoom/0/tables/${cls}/${id},${incarnation}/${rest.join('/')}/${name}`;
      await client.multi([{ kind: 'create', path, data: Buffer.alloc(0) }]);
      await client.close();
    },
    settled,
    close: async () => {
      await Promise.all(handles.map(({ nsdb }) => nsdb.close()));
      await Promise.all(handles.map(({ proxy }) => proxy.close()));
      ends = [];
    },
  });
}

/** Resolves when a handle stands so, and otherwise than before. */
export async function until(nsdb: Nsdb, kind: Nsdb['connection']['kind'], other = ''): Promise<void> {
  while (
    (nsdb.connection.kind !== kind || JSON.stringify(nsdb.connection) === other) &&
    nsdb.connection.kind !== 'closed'
  ) {
    // oxlint-disable-next-line eslint/no-await-in-loop -- looked at again and again until it is so
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
