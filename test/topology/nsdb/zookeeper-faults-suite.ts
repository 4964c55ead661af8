import { deepEqual, equal, notEqual, ok } from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import type { ZookeeperServer } from '../../../ops/servers/zookeeper-server.ts';
import { macOf } from '../../../topology/model/mac.ts';
import { HOST_ALIVE, PORT_ACTIVE } from '../../../topology/nsdb/state-keys.ts';
import { MAC_TABLE } from '../../../topology/nsdb/state-tables.ts';
import { MachineTimers } from '../../../topology/nsdb/zookeeper/machine-timers.ts';
import { ZookeeperDatabase } from '../../../topology/nsdb/zookeeper/zookeeper-database.ts';
import { ZookeeperTable } from '../../../topology/nsdb/zookeeper/zookeeper-table.ts';
import type { ZookeeperNsdb } from '../../../topology/nsdb/zookeeper/zookeeper-nsdb.ts';
import { frameTo, LoneAgent } from '../../actors/lone-agent.ts';
import { CREDENTIALS, freshRoot } from '../../on-zookeeper.ts';
import { ANN, BOB } from '../../simulation/packets.ts';
import { create, Diary, fieldsOf, refuses, uuid } from './harness.ts';
import { TcpProxy } from './tcp-proxy.ts';
import { until, Writers } from './writers.ts';

const host = uuid(1);
const net = uuid(2);
const alive = { namespace: host, id: host };
/** Of a's session, and of the server's clock (`tickTime`), in milliseconds. */
const [SESSION, TICK] = [2000, 1000];
// Kinds of requests, as they stand on the wire.
const [GET_DATA, MULTI] = [4, 14];

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
    a = await database.open('a', { sessionTimeout: SESSION }, `127.0.0.1:${proxy.port}`);
    b = await database.open('b', { sessionTimeout: 20_000 });
    await create(b, ['Host', host], ['Network', net]);
  });

  afterEach(async () => {
    await Promise.all([a.close(), b.close()]);
    await proxy.close();
  });

  /** A owns one thing of each kind, and b is told of it. */
  const own = async () => {
    const [x, y] = [a.table(MAC_TABLE, { owner: net, arg: 0 }), b.table(MAC_TABLE, { owner: net, arg: 0 })];
    const [state, table] = [new Diary().state(b, HOST_ALIVE, alive), new Diary().table(y)];
    const [connection, ours, theirs] = [new Diary().connection(a), new Diary(), new Diary()];
    await a.addState(HOST_ALIVE, alive, 'up');
    x.add(macOf(0, 2), uuid(7));
    ours.election(a, 'role');
    await told(ours, 'leading');
    const candidacy = theirs.election(b, 'role');
    const lock = await a.lock('l', 1000);
    const lockOfB = b.lock('l', 600_000);
    await Promise.all([told(state, 'theirs=up'), told(table, '2: >7'), told(theirs, 'following')]);
    await database.settled(); // b waits for the lock
    return { state, table, connection, ours, theirs, candidacy, lock, lockOfB };
  };

  const ways: readonly (readonly [what: string, cutOff: () => void])[] = [
    ['breaks', () => proxy.cut()],
    ['falls silent', () => proxy.stall()],
  ];
  for (const [what, cutOff] of ways) {
    describe(`a network that ${what}`, () => {
      it('ends the session of who is cut off: others hear that all it owned is gone, within its timeout (C31)', async () => {
        const { state, table, theirs, lock, lockOfB } = await own();
        const begin = performance.now();
        cutOff();
        await Promise.all([told(state, ''), told(table, '2: 7>'), told(theirs, 'leading'), lockOfB]);
        const took = performance.now() - begin;
        ok(took <= SESSION + 3 * TICK, `it took ${took} ms`); // the server looks at sessions tick by tick; two for a busy machine
        await until(() => a.connection.kind === 'expired');
        equal(lock.held, false);
        await refuses(a.find('Host', host), 'disconnected');
      });

      it('is mended by itself when it is back: all that was owned is put back, without a restart (C31)', async () => {
        const { state, table, connection, ours, theirs, candidacy, lock, lockOfB } = await own();
        const before = JSON.stringify(a.connection);
        cutOff();
        await Promise.all([told(state, ''), told(table, '2: 7>'), told(theirs, 'leading')]);
        await until(() => a.connection.kind === 'expired');
        proxy.restore();
        await Promise.all([told(state, 'theirs=up'), told(table, '2: >7')]);
        await until(() => a.connection.kind === 'connected');
        notEqual(JSON.stringify(a.connection), before);
        deepEqual(connection.read(), ['connected', 'suspended', 'expired', 'connected']);
        equal((await a.find('Host', host))?.id, host);
        await database.settled();
        deepEqual([ours.read(), theirs.read()], [['following'], []]); // a stands again, behind b
        candidacy.close();
        await told(ours, 'leading');
        await (await lockOfB).release();
        const again = await a.lock('l', 60_000);
        deepEqual([lock.held, again.held], [false, true]);
      });
    });
  }

  describe('an agent that is cut off', () => {
    it('vanishes for others within its session timeout, forwards meanwhile, and mends itself when it is let through', async () => {
      const lone = await LoneAgent.of(
        'hosts: { h: }\nbridges: { b: { ports: { p1: { bind: h/p1 }, p2: { bind: h/p2 }, p3: { bind: h/p3 } } } }',
        a,
      );
      const [h, bridge, p1, p2] = [lone.idOf('h'), lone.idOf('b'), lone.idOf('b:p1'), lone.idOf('b:p2')];
      const table = b.table(MAC_TABLE, { owner: bridge, arg: 0 });
      /** What others know of it. */
      const seen = async () => {
        const hosts = await b.state(HOST_ALIVE, { namespace: h, id: h });
        const active = await b.state(PORT_ACTIVE, { namespace: h, id: p1 });
        return [hosts.length, active.length, table.get(ANN), table.get(BOB)];
      };
      const sees = (...all: unknown[]) => until(async () => isDeepStrictEqual(await seen(), all));

      await lone.send('b:p1', frameTo(BOB, ANN));
      await lone.send('b:p2', frameTo(ANN, BOB));
      await sees(1, 1, p1, p2);
      proxy.stall();
      const begin = performance.now();
      await sees(0, 0, undefined, undefined);
      const took = performance.now() - begin;
      ok(took <= SESSION + 3 * TICK, `it took ${took} ms`);
      await until(() => a.connection.kind === 'expired');
      deepEqual(await lone.send('b:p1', frameTo(BOB, ANN)), ['forwarded', 'b:p2']);
      proxy.restore();
      await sees(1, 1, p1, p2);
      deepEqual(await lone.send('b:p2', frameTo(ANN, BOB)), ['forwarded', 'b:p1']);
      await lone.close();
    });
  });

  describe('a network that loses an answer', () => {
    it('leaves a write in doubt, which is told; it is not done again', async () => {
      const add = () => a.transact((tx) => tx.update('Host', host, ({ n = 0 }) => ({ n: Number(n) + 1 })));
      await add();
      proxy.loseAnswer(MULTI);
      await refuses(add(), 'outcome-unknown');
      await until(() => a.connection.kind === 'connected');
      await database.settled();
      deepEqual(await fieldsOf(a, 'Host', host), { n: 2 });
    });

    it('hides nothing that was read: it is read again', async () => {
      proxy.loseAnswer(GET_DATA);
      equal((await a.find('Host', host))?.id, host);
    });

    it('has an entry of a table, and a place in a queue, found again: there are no two of them', async () => {
      const [x, y] = [a.table(MAC_TABLE, { owner: net, arg: 0 }), b.table(MAC_TABLE, { owner: net, arg: 0 })];
      await until(() => x.ready && y.ready);
      proxy.loseAnswer(MULTI);
      x.add(macOf(0, 2), uuid(7));
      await until(() => x.isOwn(macOf(0, 2)) && y.get(macOf(0, 2)) === uuid(7));
      ok(x instanceof ZookeeperTable);
      equal((await namesAt(b, x.directory ?? '')).length, 1);

      const ours = new Diary();
      const first = ours.election(a, 'other');
      await told(ours, 'leading');
      first.close();
      await database.settled(); // the queue is there, and empty
      proxy.loseAnswer(MULTI);
      ours.election(a, 'other');
      await told(ours, 'leading');
      equal((await namesAt(b, '/elections/other')).length, 1);
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

/** Resolves when a word was written into a diary; what was written before it is read with it. */
function told(diary: Diary, word: string): Promise<void> {
  return until(() => diary.read().includes(word));
}

/** The names of the nodes under a path. */
async function namesAt({ link }: ZookeeperNsdb, path: string): Promise<readonly string[]> {
  return (await link.client.children(path)).value?.names ?? [];
}
