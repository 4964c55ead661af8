import { equal, ok } from 'node:assert/strict';
import { ZookeeperServer } from '../../../ops/servers/zookeeper-server.ts';
import { MachineTimers } from '../../../topology/nsdb/zookeeper/machine-timers.ts';
import { ZookeeperDatabase } from '../../../topology/nsdb/zookeeper/zookeeper-database.ts';
import type { ZookeeperNsdb } from '../../../topology/nsdb/zookeeper/zookeeper-nsdb.ts';
import { CREDENTIALS, describeWithZookeeper } from '../../on-zookeeper.ts';
import { create, edit, refuses, uuid } from './harness.ts';
import { until } from './writers.ts';

const [host, other] = [uuid(1), uuid(2)];

describeWithZookeeper('a ZooKeeper server that nobody else uses', () => {
  let server: ZookeeperServer;
  let database: ZookeeperDatabase;
  let a: ZookeeperNsdb;

  before(async () => {
    server = await ZookeeperServer.start();
    database = databaseOn(server);
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

  it('may lose its data: who knew more is refused by it, and a process that is started again is not', async () => {
    await server.kill();
    await server.forget();
    await server.restart();
    const restarted = await databaseOn(server).open('a, started again');
    equal(await restarted.find('Host', other), undefined);
    await create(restarted, ['Host', host, { n: 3 }]);
    await until(() => a.connection.kind === 'expired');
    await refuses(a.find('Host', host), 'disconnected');
    await restarted.close();
  });
});

function databaseOn({ port }: ZookeeperServer): ZookeeperDatabase {
  const address = { servers: `127.0.0.1:${port}`, root: '/troupe', credentials: CREDENTIALS };
  return new ZookeeperDatabase(address, { timers: new MachineTimers() });
}

async function watched(server: ZookeeperServer): Promise<number> {
  return Number(/Total watches:(\d+)/.exec(await server.ask('wchs'))?.[1]);
}
