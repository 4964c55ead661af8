import { deepEqual, equal, rejects } from 'node:assert/strict';
import { ZookeeperServer, zookeeperLib } from '../../../ops/servers/zookeeper-server.ts';
import { macOf } from '../../../topology/model/mac.ts';
import { MAC_TABLE } from '../../../topology/nsdb/state-tables.ts';
import { MachineTimers } from '../../../topology/nsdb/zookeeper/machine-timers.ts';
import { ZookeeperDatabase } from '../../../topology/nsdb/zookeeper/zookeeper-database.ts';
import { create, refuses, uuid } from './harness.ts';
import { until, Writers } from './writers.ts';

const net = uuid(1);
const port = uuid(2);

describe('an ensemble of ZooKeeper servers', function () {
  this.timeout(120_000);
  if (zookeeperLib() === undefined) return; // zookeeper.test.ts says so
  let servers: readonly ZookeeperServer[] = [];

  after(() => Promise.all(servers.map((server) => server.stop())));

  it('of an even number is refused, with the reason', async () => {
    await rejects(ZookeeperServer.startEnsemble(4), /not 4: 4 survive no more failures than 3/);
  });

  it('of three loses no acknowledged write with its leader; with two gone it is read from copies, until they are back', async () => {
    servers = await ZookeeperServer.startEnsemble(3);
    const address = {
      servers: servers.map(({ port: client }) => `127.0.0.1:${client}`).join(','),
      root: '/troupe',
      credentials: { user: 'troupe', password: 'secret' },
    };
    const database = new ZookeeperDatabase(address, { timers: new MachineTimers(), patience: 30_000 });
    const [a, b] = [await database.open('a'), await database.open('b')];
    await create(a, ['Network', net]);
    const [x, y] = [a.table(MAC_TABLE, { owner: net, arg: 0 }), b.table(MAC_TABLE, { owner: net, arg: 0 })];
    x.add(macOf(0, 1), port);
    await until(() => y.get(macOf(0, 1)) === port);

    const writers = new Writers([a, b]);
    await writers.start(a);
    await until(() => writers.total > 50);
    const roles = await Promise.all(servers.map((server) => server.role()));
    deepEqual(new Set(roles), new Set(['follower', 'leader']));
    const leader = servers[roles.indexOf('leader')];
    await leader?.kill();
    const before = writers.total;
    await until(() => writers.total > before + 50);

    const other = servers[roles.indexOf('follower')];
    await other?.kill();
    await until(() => a.connection.kind === 'suspended' && b.connection.kind === 'suspended');
    equal(y.get(macOf(0, 1)), port);
    equal(y.add(macOf(0, 2), port), 'refused');
    await refuses(a.find('Network', net), 'disconnected');

    await Promise.all([leader?.restart(), other?.restart()]);
    await until(() => a.connection.kind === 'connected' && b.connection.kind === 'connected');
    const again = writers.total;
    await until(() => writers.total > again + 50);
    await writers.stop(a);
    y.add(macOf(0, 2), port);
    await until(() => x.get(macOf(0, 2)) === port);
    await Promise.all([a.close(), b.close()]);
  });
});
