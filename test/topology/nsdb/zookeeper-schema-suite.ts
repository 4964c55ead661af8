import { deepEqual, equal, match, notEqual, rejects } from 'node:assert/strict';
import type { ZookeeperServer } from '../../../ops/servers/zookeeper-server.ts';
import { parseJsonObject } from '../../../topology/model/json.ts';
import { objectPath } from '../../../topology/nsdb/paths.ts';
import { HOST_ALIVE } from '../../../topology/nsdb/state-keys.ts';
import type { ClientOptions } from '../../../topology/nsdb/zookeeper/client/client-options.ts';
import { endSession } from '../../../topology/nsdb/zookeeper/client/end-session.ts';
import type { ZookeeperClient } from '../../../topology/nsdb/zookeeper/client/zookeeper-client.ts';
import { ZookeeperDatabase } from '../../../topology/nsdb/zookeeper/zookeeper-database.ts';
import type { ZookeeperNsdb } from '../../../topology/nsdb/zookeeper/zookeeper-nsdb.ts';
import { CREDENTIALS, freshRoot } from '../../on-zookeeper.ts';
import { create, Diary, edit, fieldsOf, uuid } from './harness.ts';
import { ManualTimers } from './manual-timers.ts';
import { TcpProxy } from './tcp-proxy.ts';
import { connected, until } from './zookeeper-harness.ts';

const [net, host, port, peer] = [uuid(1), uuid(2), uuid(3), uuid(4)];
const alive = { namespace: host, id: host };
const NEWER = /schema version 2\.0, and this program writes 1/;

/** Programs of several versions at one database: spec 10 §7. */
export function schemaSuite(serverOf: () => ZookeeperServer): void {
  let options: ClientOptions;
  let timers: ManualTimers;
  let database: ZookeeperDatabase;
  let proxy: TcpProxy;
  let a: ZookeeperNsdb;
  let raw: ZookeeperClient;
  let reports: string[];

  beforeEach(async () => {
    const servers = `127.0.0.1:${serverOf().port}`;
    options = { servers, root: freshRoot(), credentials: CREDENTIALS, sessionTimeout: 10_000 };
    timers = new ManualTimers();
    database = new ZookeeperDatabase(options, { timers, patience: 30_000 });
    reports = [];
    proxy = await TcpProxy.to(serverOf().port);
    a = await database.open('a', { report: (cause) => reports.push(String(cause)) }, `127.0.0.1:${proxy.port}`);
    raw = await connected(options);
  });

  afterEach(async () => {
    await Promise.all([a.close(), raw.close()]);
    await proxy.close();
  });

  const write = (path: string, text: string) => raw.multi([{ kind: 'set', path, data: Buffer.from(text) }]);
  /** Until the connection stands, whatever may be done over it. */
  const untilItAnswers = async () => {
    for (;;) {
      /* oxlint-disable eslint/no-await-in-loop -- asked again and again */
      if (await a.link.client.stat('/').catch(() => undefined)) return;
      await new Promise((resolve) => setTimeout(resolve, 2));
      /* oxlint-enable eslint/no-await-in-loop */
    }
  };
  const recordOf = async (id: typeof net) =>
    parseJsonObject((await raw.data(objectPath('Port', id))).value?.data.toString() ?? '');

  describe('a database that a newer program has written to', () => {
    it('of the same major version is read and written, and keeps what we do not know', async () => {
      await write('/schema', '1.7');
      await create(a, ['Port', port, { n: 1, later: { deep: [1, 2] } }], ['Port', peer]);
      const record = await recordOf(port);
      await write(objectPath('Port', port), JSON.stringify({ ...record, seal: 'x' }));
      await edit(a, 'Port', port, { n: 2 });
      await edit(a, 'Port', peer, { peerId: port }); // writes the other end, too
      deepEqual(await recordOf(port), {
        ...record,
        fields: { n: 2, later: { deep: [1, 2] }, peerId: peer },
        seal: 'x',
      });
      deepEqual(await fieldsOf(a, 'Port', port), { n: 2, later: { deep: [1, 2] }, peerId: peer });
      await (await database.open('b')).close();
      equal((await raw.data('/schema')).value?.data.toString(), '1.7');
    });

    it('of a newer major version lets nobody in, by name', async () => {
      await write('/schema', '2.0');
      await rejects(database.open('b'), NEWER);
    });

    it('of a newer major version is written no more by who has it open, by name; it is ours again when it is put back', async () => {
      await create(a, ['Host', host], ['Network', net, { n: 1 }]);
      await a.addState(HOST_ALIVE, alive, 'up');
      const diary = new Diary().object(a, 'Network', net).connection(a);
      await database.settled();
      deepEqual([...diary.read()].toSorted(), ['connected', '{"n":1}']);
      await write('/schema', '2.0');
      await until(a, 'suspended');
      await rejects(create(a, ['Port', port]), NEWER);
      await rejects(a.find('Port', port), NEWER);
      equal(reports.length, 1);
      match(reports[0] ?? '', NEWER);
      await write(objectPath('Network', net), '{"v":1,"made":"m","fields":{"n":2}}');
      await write('/schema', '1.0');
      await until(a, 'connected');
      await database.settled();
      deepEqual(diary.read(), ['suspended', 'connected', '{"n":2}']);
      await create(a, ['Port', port]);
      deepEqual((await a.state(HOST_ALIVE, alive)).length, 1);
    });

    it('of a newer major version gets nothing that was about to be written', async () => {
      await create(a, ['Port', port]);
      const { value: journal } = await raw.data('/zoom/0/journal');
      await a
        .transact(async (tx) => {
          await tx.get('Port', port);
          tx.update('Port', port, { n: 1 });
          await raw.multi([
            { kind: 'set', path: '/schema', data: Buffer.from('2.0') },
            { kind: 'set', path: '/zoom/0/journal', data: journal?.data ?? Buffer.alloc(0) },
          ]);
        })
        .then(
          () => Promise.reject(new Error('it was written')),
          (cause: unknown) => match(String(cause), NEWER),
        );
      deepEqual((await recordOf(port))?.['fields'], {});
    });

    it('of a newer major version is told of once, whatever becomes of connection and session meanwhile', async () => {
      await create(a, ['Host', host]);
      await a.addState(HOST_ALIVE, alive, 'up');
      const before = a.connection;
      const diary = new Diary().connection(a);
      await write('/schema', '2.0');
      await until(a, 'suspended');
      proxy.cut();
      proxy.restore();
      await untilItAnswers();
      await timers.advance(60_000, () => database.settled());
      equal(a.connection.kind, 'suspended'); // though nothing may be done, the session stands
      proxy.hold();
      await endSession(options, a.session);
      proxy.cut();
      proxy.restore();
      await until(a, 'expired');
      await untilItAnswers();
      await database.settled();
      equal(a.connection.kind, 'expired'); // and nothing is put back
      await rejects(a.find('Host', host), { fault: 'disconnected' });
      await write('/schema', '1.0');
      await until(a, 'connected');
      deepEqual(diary.read(), ['connected', 'suspended', 'expired', 'connected']);
      equal(reports.length, 1);
      notEqual(JSON.stringify(a.connection), JSON.stringify(before));
      equal((await a.state(HOST_ALIVE, alive)).length, 1);
    });
  });
}
