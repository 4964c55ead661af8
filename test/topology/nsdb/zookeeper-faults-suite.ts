import { deepEqual, equal, notEqual, ok } from 'node:assert/strict';
import type { ZookeeperServer } from '../../../ops/servers/zookeeper-server.ts';
import type { Nsdb } from '../../../topology/nsdb/nsdb.ts';
import { NsdbError } from '../../../topology/nsdb/nsdb-error.ts';
import { HOST_ALIVE } from '../../../topology/nsdb/state-keys.ts';
import { MachineTimers } from '../../../topology/nsdb/zookeeper/machine-timers.ts';
import { ZookeeperDatabase } from '../../../topology/nsdb/zookeeper/zookeeper-database.ts';
import type { ZookeeperNsdb } from '../../../topology/nsdb/zookeeper/zookeeper-nsdb.ts';
import { create, Diary, fieldsOf, refuses, uuid } from './harness.ts';
import { TcpProxy } from './tcp-proxy.ts';

const CREDENTIALS = { user: 'troupe', password: 'secret' };
const host = uuid(1);
const alive = { namespace: host, id: host };
let roots = 0;

/** A server that stops, dies and comes back, and a network that breaks. By the machine's clock: a few seconds each. */
export function faultsSuite(serverOf: () => ZookeeperServer): void {
  let database: ZookeeperDatabase;
  let proxy: TcpProxy;
  let a: ZookeeperNsdb;
  let b: ZookeeperNsdb;

  beforeEach(async () => {
    const servers = `127.0.0.1:${serverOf().port}`;
    const root = `/troupe-faults-${process.pid}-${++roots}`;
    proxy = await TcpProxy.to(serverOf().port);
    database = new ZookeeperDatabase({ servers, root, credentials: CREDENTIALS }, { timers: new MachineTimers() });
    a = await database.open('a', { sessionTimeout: 2000 }, `127.0.0.1:${proxy.port}`);
    b = await database.open('b', { sessionTimeout: 20_000 });
    await create(b, ['Host', host]);
  });

  afterEach(async () => {
    await Promise.all([a.close(), b.close()]);
    await proxy.close();
  });

  describe('a network that breaks', () => {
    it('ends the session of who is cut off; all is told, and mended by itself when the network is back (C31)', async () => {
      const diary = new Diary().state(b, HOST_ALIVE, alive);
      const own = new Diary().connection(a);
      await a.addState(HOST_ALIVE, alive, 'up');
      await until(() => diary.read().includes('theirs=up'));
      const before = JSON.stringify(a.connection);
      proxy.cut();
      await until(() => diary.read().includes('')); // the server ended it
      await until(() => a.connection.kind === 'expired');
      await refuses(a.find('Host', host), 'disconnected');
      proxy.restore();
      await until(() => diary.read().includes('theirs=up'));
      notEqual(JSON.stringify(a.connection), before);
      deepEqual(own.read(), ['connected', 'suspended', 'expired', 'connected']);
      equal((await a.find('Host', host))?.id, host);
    });
  });

  describe('a server that stops answering', () => {
    it('is noticed by the heartbeat, and taken up again when it goes on', async () => {
      const diary = new Diary().connection(a);
      await a.addState(HOST_ALIVE, alive, 'up');
      serverOf().freeze();
      try {
        await until(() => a.connection.kind !== 'connected');
        await refuses(a.find('Host', host), 'disconnected');
      } finally {
        serverOf().thaw();
      }
      await until(() => a.connection.kind === 'connected');
      await until(async () => (await b.state(HOST_ALIVE, alive).catch(() => [])).some(({ value }) => value === 'up'));
      ok(diary.read().includes('suspended'));
    });
  });

  describe('a server that is killed and started again', () => {
    it('has lost no write that it acknowledged', async () => {
      const writers = Array.from({ length: 10 }, (_, n) => uuid(100 + n));
      await create(b, ...writers.map((id) => ['Port', id, { n: 0 }] as const));
      const acknowledged = new Map(writers.map((id) => [id, 0]));
      const unknown = new Map(writers.map((id) => [id, 0]));
      const over = new AbortController();
      const write = async (nsdb: Nsdb, id: (typeof writers)[number]): Promise<void> => {
        for (let n = 1; !over.signal.aborted; n++) {
          try {
            // oxlint-disable-next-line eslint/no-await-in-loop -- one write after another
            await nsdb.transact((tx) => tx.update('Port', id, ({ n: count }) => ({ n: Number(count) + 1, note: n })));
            acknowledged.set(id, (acknowledged.get(id) ?? 0) + 1);
          } catch (cause) {
            ok(cause instanceof NsdbError, String(cause));
            if (cause.fault === 'outcome-unknown') unknown.set(id, (unknown.get(id) ?? 0) + 1);
            else equal(cause.fault, 'disconnected');
            // oxlint-disable-next-line eslint/no-await-in-loop -- as above
            await new Promise((resolve) => setTimeout(resolve, 20));
          }
        }
      };
      const running = writers.map((id, n) => write(n % 2 === 0 ? a : b, id));
      const total = () => [...acknowledged.values()].reduce((sum, count) => sum + count, 0);
      await until(() => total() > 50);
      await serverOf().kill();
      const before = total();
      await serverOf().restart();
      await until(() => total() > before + 50);
      over.abort();
      await Promise.all(running);
      for (const id of writers) {
        // oxlint-disable-next-line eslint/no-await-in-loop -- one after another
        const count = Number((await fieldsOf(b, 'Port', id))?.['n']);
        const least = acknowledged.get(id) ?? 0;
        ok(count >= least && count <= least + (unknown.get(id) ?? 0), `${count}, acknowledged ${least}`);
      }
    });
  });
}

/** Resolves when something holds. */
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  // oxlint-disable-next-line eslint/no-await-in-loop -- looked at again and again
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 5));
}
