import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import { ZookeeperServer } from '../../../ops/servers/zookeeper-server.ts';
import { formatConnection } from '../../../topology/nsdb/format-connection.ts';
import { HOST_ALIVE } from '../../../topology/nsdb/state-keys.ts';
import { MachineTimers } from '../../../topology/nsdb/zookeeper/machine-timers.ts';
import { ZookeeperDatabase } from '../../../topology/nsdb/zookeeper/zookeeper-database.ts';
import type { ZookeeperNsdb } from '../../../topology/nsdb/zookeeper/zookeeper-nsdb.ts';
import { CREDENTIALS, describeWithZookeeper } from '../../on-zookeeper.ts';
import { foreignNodes } from '../../rights.ts';
import { create, Diary, edit, fieldsOf, uuid } from './harness.ts';
import { until } from './writers.ts';

const [host, other] = [uuid(1), uuid(2)];

describeWithZookeeper('a ZooKeeper server that nobody else uses', () => {
  let server: ZookeeperServer;
  let database: ZookeeperDatabase;
  let a: ZookeeperNsdb;
  const reports: unknown[] = [];
  const diary = new Diary();

  before(async () => {
    server = await ZookeeperServer.start();
    database = databaseOn(server);
    a = await database.open('a', { sessionTimeout: 2000, report: (cause) => reports.push(cause) });
    await create(a, ['Host', host, { n: 1 }], ['Host', other]);
  });

  after('all that was made there is for the credentials of its users alone', async () => {
    try {
      await a.close();
      await server.restart();
      deepEqual(await foreignNodes(server.port, CREDENTIALS), []);
    } finally {
      await server.stop();
    }
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

  it('may lose its data: who knew more stays read only, and says why; a process that is started again is let in', async () => {
    diary.object(a, 'Host', host).connection(a);
    await a.addState(HOST_ALIVE, { namespace: host, id: host }, 'up');
    await server.kill();
    await server.forget();
    await server.restart();
    const why = "the server's data are older than what was seen";
    await until(() => a.connection.kind === 'expired' && formatConnection(a.connection).endsWith(`, and ${why}`));
    await rejects(a.find('Host', host), ({ message }: Error) => message.endsWith(`${why}; nothing was changed`));
    equal(reports.length, 1);
    match(
      String(reports[0]),
      new RegExp(`^NsdbError: a: ${why}: .*:${server.port} has got as far as 0x\\w+, and 0x\\w+ had been seen`),
    );

    const restarted = await databaseOn(server).open('a, started again');
    deepEqual(await restarted.list('Host'), []);
    await create(restarted, ['Host', host, { n: 3 }]);
    equal(a.connection.kind, 'expired');
    await restarted.close();
  });

  it('lets them in once its new data have got as far: all that they observe is read anew, and compared', async () => {
    const restarted = await databaseOn(server).open('another');
    for (let n = 4; a.connection.kind !== 'connected'; n++) {
      await edit(restarted, 'Host', host, { n }); // oxlint-disable-line eslint/no-await-in-loop -- until it has seen enough
    }
    await restarted.settled();
    await database.settled();
    const fields = await fieldsOf(restarted, 'Host', host);
    deepEqual(diary.read().slice(-2), ['connected', JSON.stringify(fields)]); // when it was last seen it was another
    deepEqual(await fieldsOf(a, 'Host', host), fields);
    await restarted.close();
    await server.kill();
    await until(() => a.connection.kind === 'suspended');
    ok(formatConnection(a.connection).endsWith(': no server answers'));
  });
});

function databaseOn({ port }: ZookeeperServer): ZookeeperDatabase {
  const address = { servers: `127.0.0.1:${port}`, root: '/troupe', credentials: CREDENTIALS };
  return new ZookeeperDatabase(address, { timers: new MachineTimers() });
}

async function watched(server: ZookeeperServer): Promise<number> {
  return Number(/Total watches:(\d+)/.exec(await server.ask('wchs'))?.[1]);
}
