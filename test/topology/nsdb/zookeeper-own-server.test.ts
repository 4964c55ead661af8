import { deepEqual, equal, ok } from 'node:assert/strict';
import { ZookeeperServer } from '../../../ops/servers/zookeeper-server.ts';
import { HOST_ALIVE } from '../../../topology/nsdb/state-keys.ts';
import { MachineTimers } from '../../../topology/nsdb/zookeeper/machine-timers.ts';
import { ZookeeperDatabase } from '../../../topology/nsdb/zookeeper/zookeeper-database.ts';
import type { ZookeeperNsdb } from '../../../topology/nsdb/zookeeper/zookeeper-nsdb.ts';
import { CREDENTIALS, describeWithZookeeper } from '../../on-zookeeper.ts';
import { create, Diary, edit, fieldsOf, uuid } from './harness.ts';
import { until } from './writers.ts';

const [host, other] = [uuid(1), uuid(2)];

describeWithZookeeper('a ZooKeeper server that nobody else uses', () => {
  let server: ZookeeperServer;
  let database: ZookeeperDatabase;
  let a: ZookeeperNsdb;

  before(async () => {
    server = await ZookeeperServer.start();
    const address = { servers: `127.0.0.1:${server.port}`, root: '/troupe', credentials: CREDENTIALS };
    database = new ZookeeperDatabase(address, { timers: new MachineTimers() });
    a = await database.open('a', { sessionTimeout: 2000 });
    await create(a, ['Host', host, { n: 1 }], ['Host', other]);
  });

  after(async () => {
    await a.close();
    await server.stop();
  });

  it('watches nothing for an observation that was closed, once that has changed', async () => {
    await database.settled();
    const before = await watched(server);
    const observation = a.observe('Host', host, { changed: () => {}, deleted: () => {}, failed: () => {} });
    await database.settled();
    ok((await watched(server)) > before);
    observation.close();
    await edit(a, 'Host', host, { n: 2 });
    await database.settled();
    equal(await watched(server), before);
  });

  it('may lose its data: who knew it takes it for a new one, after a session timeout and without a restart', async () => {
    const diary = new Diary().object(a, 'Host', host);
    await a.addState(HOST_ALIVE, { namespace: host, id: host }, 'up');
    await until(() => diary.read().length > 0);
    const before = JSON.stringify(a.connection);
    await server.kill();
    await server.forget();
    await server.restart(); // it refuses whoever has seen more than it has
    await until(() => a.connection.kind === 'connected' && JSON.stringify(a.connection) !== before);
    await until(() => diary.read().includes('deleted'));
    equal(await a.find('Host', other), undefined);
    await create(a, ['Host', host, { n: 3 }]);
    deepEqual(await fieldsOf(a, 'Host', host), { n: 3 });
  });
});

async function watched(server: ZookeeperServer): Promise<number> {
  return Number(/Total watches:(\d+)/.exec(await server.ask('wchs'))?.[1]);
}
