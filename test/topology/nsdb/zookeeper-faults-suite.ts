import { deepEqual, equal, notEqual, ok } from 'node:assert/strict';
import type { ZookeeperServer } from '../../../ops/servers/zookeeper-server.ts';
import { HOST_ALIVE } from '../../../topology/nsdb/state-keys.ts';
import { MachineTimers } from '../../../topology/nsdb/zookeeper/machine-timers.ts';
import { ZookeeperDatabase } from '../../../topology/nsdb/zookeeper/zookeeper-database.ts';
import type { ZookeeperNsdb } from '../../../topology/nsdb/zookeeper/zookeeper-nsdb.ts';
import { CREDENTIALS, freshRoot } from '../../on-zookeeper.ts';
import { create, Diary, refuses, uuid } from './harness.ts';
import { TcpProxy } from './tcp-proxy.ts';
import { until, Writers } from './writers.ts';

const host = uuid(1);
const alive = { namespace: host, id: host };

/** A server that stops, dies and comes back, and a network that breaks. By the machine's clock: a few seconds each. */
export function faultsSuite(serverOf: () => ZookeeperServer): void {
  let database: ZookeeperDatabase;
  let proxy: TcpProxy;
  let a: ZookeeperNsdb;
  let b: ZookeeperNsdb;

  beforeEach(async () => {
    const servers = `127.0.0.1:${serverOf().port}`;
    const root = freshRoot();
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
      const writers = new Writers([a, b]);
      await writers.start(b);
      await until(() => writers.total > 50);
      await serverOf().kill();
      const before = writers.total;
      await serverOf().restart();
      await until(() => writers.total > before + 50);
      await writers.stop(b);
    });
  });
}
