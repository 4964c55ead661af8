import { deepEqual, equal, match, notEqual, ok, rejects } from 'node:assert/strict';
import type { ZookeeperServer } from '../../../ops/servers/zookeeper-server.ts';
import { NsdbError } from '../../../topology/nsdb/nsdb-error.ts';
import { objectPath } from '../../../topology/nsdb/paths.ts';
import { CLUSTER, PORT_BGP, PORT_ROUTES } from '../../../topology/nsdb/state-keys.ts';
import { MAC_TABLE } from '../../../topology/nsdb/state-tables.ts';
import { macOf } from '../../../topology/model/mac.ts';
import { parseZookeeperUrl } from '../../../topology/nsdb/zookeeper/address.ts';
import { endSession } from '../../../topology/nsdb/zookeeper/client/end-session.ts';
import type { Operation } from '../../../topology/nsdb/zookeeper/client/operation.ts';
import type { ZookeeperClient } from '../../../topology/nsdb/zookeeper/client/zookeeper-client.ts';
import { split } from '../../../topology/nsdb/zookeeper/journal-parts.ts';
import { Link } from '../../../topology/nsdb/zookeeper/link.ts';
import { MachineTimers } from '../../../topology/nsdb/zookeeper/machine-timers.ts';
import { pathsBelow } from '../../../topology/nsdb/zookeeper/remove-tree.ts';
import { formatObject } from '../../../topology/nsdb/zookeeper/records.ts';
import { ZookeeperDatabase } from '../../../topology/nsdb/zookeeper/zookeeper-database.ts';
import type { ZookeeperNsdb } from '../../../topology/nsdb/zookeeper/zookeeper-nsdb.ts';
import { CREDENTIALS } from '../../on-zookeeper.ts';
import { create, Diary, edit, fieldsOf, refuses, remove, uuid } from './harness.ts';
import { ManualTimers } from './manual-timers.ts';
import { TcpProxy } from './tcp-proxy.ts';
import { connected, until } from './zookeeper-harness.ts';

const [net, p1, p2] = [uuid(1), uuid(2), uuid(3)];
let roots = 0;

/** What only a database in ZooKeeper promises. */
export function zookeeperSuite(serverOf: () => ZookeeperServer): void {
  let database: ZookeeperDatabase;
  let a: ZookeeperNsdb;
  let b: ZookeeperNsdb;
  let raw: ZookeeperClient;
  let options: Parameters<typeof endSession>[0];
  const reports: string[] = [];
  const both = () => Promise.all([fieldsOf(b, 'Port', p1), fieldsOf(b, 'Port', p2)]);

  beforeEach(async () => {
    const servers = `127.0.0.1:${serverOf().port}`;
    options = { servers, root: `/troupe/${process.pid}/${++roots}`, credentials: CREDENTIALS, sessionTimeout: 10_000 };
    database = new ZookeeperDatabase(options, { timers: new MachineTimers() });
    reports.length = 0;
    a = await database.open('a');
    b = await database.open('b', { report: (cause) => reports.push(String(cause)) });
    raw = await connected(options);
  });

  afterEach(() => Promise.all([a.close(), b.close(), raw.close()]));

  describe('the tables of a deleted object', () => {
    it('are removed behind it, also what others have learned there, who go on without error', async () => {
      await create(a, ['Network', net], ['Network', p2]);
      const place = { owner: net, arg: 7 };
      const [mine, theirs] = [a.table(MAC_TABLE, place), b.table(MAC_TABLE, place)];
      const diary = new Diary().table(theirs);
      await mine.persist(macOf(0, 1), p1);
      for (let n = 2; n < 20; n++) theirs.add(macOf(0, n), p1);
      await b.settled();
      diary.read();
      const removal = remove(a, 'Network', net);
      for (let n = 20; n < 40; n++) theirs.add(macOf(0, n), p1); // on its way while the owner goes
      await removal;
      await a.settled();
      deepEqual(diary.read().at(-1), 'not-found');
      deepEqual([theirs.add(macOf(1, 1), p1), reports], ['refused', []]);
      deepEqual(await pathsBelow(raw, '/zoom/0/tables/Network'), ['/zoom/0/tables/Network']);
      const other = b.table(MAC_TABLE, { owner: p2 });
      other.add(macOf(0, 1), p1);
      await b.settled();
      equal(other.isOwn(macOf(0, 1)), true);
    });

    it('are not made again by a handle that was away', async () => {
      await create(a, ['Network', net]);
      const theirs = b.table(MAC_TABLE, { owner: net });
      theirs.add(macOf(0, 1), p1);
      await b.settled();
      b.cutLink();
      await remove(a, 'Network', net);
      await a.settled();
      b.restoreLink();
      await until(b, 'connected');
      await b.settled();
      deepEqual([await pathsBelow(raw, '/zoom/0/tables/Network'), reports], [['/zoom/0/tables/Network'], []]);
      equal(theirs.add(macOf(0, 2), p1), 'refused');
    });
  });

  describe('what stands in the tree', () => {
    it('hurts only itself where it cannot be read, and is named', async () => {
      const noise = ['{', '{"v":1}', '{"v":2,"made":"x","fields":{}}', 'x'.repeat(1_000_000), ''];
      await create(a, ['Network', net], ['Port', p1, { networkId: net }]);
      await raw.multi(
        noise
          .slice(0, 3)
          .map((text, n) => ({ kind: 'create', path: objectPath('Network', uuid(50 + n)), data: Buffer.from(text) })),
      );
      for (const [n, text] of noise.slice(3).entries()) {
        // oxlint-disable-next-line eslint/no-await-in-loop -- each is a request of its own
        await raw.multi([{ kind: 'create', path: objectPath('Network', uuid(60 + n)), data: Buffer.from(text) }]);
      }
      await raw.multi([{ kind: 'create', path: '/zoom/0/models/Network/no-id', data: Buffer.alloc(0) }]);
      const diary = new Diary().class(b, 'Network').object(b, 'Network', uuid(50));
      await database.settled();
      deepEqual([...diary.read()].toSorted(), ['+1', 'invalid']);
      equal(reports.length, 6);
      match(reports.join('\n'), /000000000052.*version 2, newer than 1/);
      match(reports.join('\n'), /models\/Network\/no-id: is no id of an object/);
      deepEqual(
        (await b.list('Network')).map(({ id }) => id),
        [net],
      );
      await refuses(b.find('Network', uuid(50)), 'invalid');
      await refuses(remove(b, 'Network', uuid(51)), 'invalid');
      await create(b, ['Port', p2, { networkId: net }]);
      await raw.multi([{ kind: 'set', path: objectPath('Network', uuid(50)), data: formatObject('m', { n: 1 }) }]);
      await database.settled();
      deepEqual([...diary.read()].toSorted(), ['+50', '{"n":1}']);
    });

    it('belongs to whoever has the credentials, every node of it', async () => {
      await create(a, ['Network', net], ['Port', p1, { networkId: net }]);
      await a.addState(PORT_ROUTES, { namespace: CLUSTER, id: p1 }, 'r');
      a.table(MAC_TABLE, { owner: net, arg: 0 }).add(macOf(0, 1), p1);
      a.elect('role', { leading: () => {}, following: () => {} });
      await a.next('overlay_tunnel_key');
      await (await a.lock('l', 1000)).release();
      await database.settled();
      const stranger = await connected({ ...options, credentials: { user: 'troupe', password: 'guess' } });
      const open: string[] = [];
      const walk = async (path: string): Promise<void> => {
        await stranger.data(path).then(
          () => open.push(path),
          () => {},
        );
        await stranger
          .multi([{ kind: 'create', path: `${path === '/' ? '' : path}/theirs`, data: Buffer.alloc(0) }])
          .then(
            () => open.push(`${path} (writing)`),
            () => {},
          );
        const names = (await raw.children(path)).value?.names ?? [];
        await Promise.all(names.map((name) => walk(`${path === '/' ? '' : path}/${name}`)));
      };
      await walk('/');
      await stranger.close();
      deepEqual(open, []);
    });
  });

  describe('a session', () => {
    it('that we gave up is ended by our own hand before another takes its place', async () => {
      const timers = new ManualTimers();
      const proxy = await TcpProxy.to(serverOf().port);
      const virtual = new ZookeeperDatabase(options, { timers });
      const c = await virtual.open('c', { sessionTimeout: 30_000 }, `127.0.0.1:${proxy.port}`);
      const place = { namespace: CLUSTER, id: p1 };
      await create(c, ['Port', p1]);
      await c.addState(PORT_BGP, place, 'up');
      const before = c.connection;
      proxy.cut();
      await until(c, 'suspended');
      await timers.advance(30_001, () => Promise.resolve());
      equal((await b.state(PORT_BGP, place)).length, 1); // the server still waits for it
      proxy.restore();
      await until(c, 'connected');
      const [state] = await b.state(PORT_BGP, place);
      deepEqual([state?.value, { kind: 'connected', session: state?.owner }], ['up', c.connection]);
      notEqual(JSON.stringify(c.connection), JSON.stringify(before));
      await c.close();
      await proxy.close();
    });
  });

  describe('a handle that is cut off by our own hand', () => {
    const place = { namespace: CLUSTER, id: p1 };
    let timers: ManualTimers;
    let virtual: ZookeeperDatabase;
    let c: ZookeeperNsdb;
    let diary: Diary;

    beforeEach(async () => {
      timers = new ManualTimers();
      virtual = new ZookeeperDatabase(options, { timers });
      c = await virtual.open('c', { sessionTimeout: 30_000 });
      await create(c, ['Port', p1], ['Network', net]);
      await c.addState(PORT_BGP, place, 'up');
      diary = new Diary().object(c, 'Port', p1);
      await virtual.settled();
      diary.read();
    });

    afterEach(() => c.close());

    it('has its session back within the time, and hears what it missed', async () => {
      const before = c.connection;
      c.cutLink();
      equal(c.connection.kind, 'suspended');
      await refuses(c.find('Port', p1), 'disconnected');
      await timers.advance(20_000, () => virtual.settled());
      await edit(b, 'Port', p1, { n: 2 });
      equal((await b.state(PORT_BGP, place)).length, 1);
      c.restoreLink();
      await until(c, 'connected');
      await virtual.settled();
      deepEqual([c.connection, diary.read()], [before, ['{"n":2}']]);
      await edit(b, 'Port', p1, { n: 3 });
      await virtual.settled();
      deepEqual(diary.read(), ['{"n":3}']);
    });

    it('loses its session at the time of its own clock, and is mended when it is let through', async () => {
      c.cutLink();
      await timers.advance(30_001, () => virtual.settled());
      deepEqual([c.connection.kind, await b.state(PORT_BGP, place)], ['expired', []]);
      await edit(b, 'Port', p1, { n: 2 });
      c.restoreLink();
      await until(c, 'connected');
      await virtual.settled();
      deepEqual([(await b.state(PORT_BGP, place)).length, diary.read()], [1, ['{"n":2}']]);
    });

    it('remembers what it has seen, for no server that is behind that to let it in', async () => {
      const before = linkOf(c).client;
      c.cutLink();
      c.restoreLink();
      deepEqual([linkOf(c).client === before, linkOf(c).client.seen], [false, before.seen]);
      await until(c, 'connected');
      const { seen } = linkOf(c).client;
      c.cutLink();
      await timers.advance(30_001, () => virtual.settled());
      c.restoreLink();
      equal(linkOf(c).client.seen, seen); // another session
      await until(c, 'connected');
    });
  });

  describe('a transaction', () => {
    it('does not take an object made anew for the one it read', async () => {
      await create(a, ['Port', p1, { n: 1 }]);
      let runs = 0;
      await a.transact(async (tx) => {
        const { fields } = await tx.get('Port', p1);
        if (++runs === 1) {
          await remove(b, 'Port', p1);
          await create(b, ['Port', p1, { n: 10 }]);
        }
        tx.update('Port', p1, { n: Number(fields['n']) + 1 });
      });
      deepEqual([runs, await fieldsOf(a, 'Port', p1)], [2, { n: 11 }]);
    });

    it('rests on what it found missing, too', async () => {
      let runs = 0;
      await a.transact(async (tx) => {
        const other = await tx.find('Port', p1);
        if (++runs === 1) await create(b, ['Port', p1]);
        tx.create('Port', p2, { isAlone: other === undefined });
      });
      deepEqual([runs, await fieldsOf(a, 'Port', p2)], [2, { isAlone: false }]);
    });

    it('of two processes that want the same is made by one after the other', async () => {
      await create(a, ['Port', p1, { n: 0 }]);
      const add = (nsdb: ZookeeperNsdb) =>
        nsdb.transact((tx) => tx.update('Port', p1, (fields) => ({ n: Number(fields['n']) + 1 })));
      const results = await Promise.allSettled(Array.from({ length: 12 }, (_, n) => add(n % 2 === 0 ? a : b)));
      const made = results.filter(({ status }) => status === 'fulfilled').length;
      ok(made > 0);
      deepEqual(await fieldsOf(b, 'Port', p1), { n: made });
      for (const result of results) {
        if (result.status === 'rejected')
          ok(result.reason instanceof NsdbError && result.reason.fault === 'concurrent-modification');
      }
    });
  });

  describe('a change too large for one request', () => {
    let writer: ZookeeperNsdb;
    let link: Link;
    let operations: readonly Operation[];

    // A writer that can be stopped between any two steps.
    beforeEach(async () => {
      await create(a, ['Port', p1, { n: 1 }], ['Port', p2, { n: 1 }]);
      writer = await database.open('writer');
      link = linkOf(writer);
      operations = [p1, p2].map((id) => ({
        kind: 'set',
        path: objectPath('Port', id),
        data: formatObject('m', { n: 2 }),
      }));
    });

    afterEach(() => writer.close());

    const parts = () => operations.flatMap((operation) => split(link.client, [operation]));
    const die = async () => {
      const { session } = writer;
      writer.abandon();
      await endSession(options, session);
    };

    it('is undone when its writer dies before it was made: others may write again', async () => {
      await link.journal.freeze('x');
      await link.journal.lay('x', parts());
      deepEqual(await both(), [{ n: 1 }, { n: 1 }]);
      const waiting = create(b, ['Network', net]);
      await die();
      await waiting;
      deepEqual(await both(), [{ n: 1 }, { n: 1 }]);
    });

    it('is not made when a part of it was taken away: there is nothing of it then', async () => {
      const { journal } = link;
      await journal.freeze('x');
      await journal.lay('x', parts());
      await raw.multi([{ kind: 'delete', path: '/zoom/0/journal/x,1' }]);
      await rejects(journal.commit(2), /journal.x,1 was deleted by another/);
      await die();
      await create(b, ['Network', net]);
      deepEqual([await both(), (await raw.children('/zoom/0/journal')).value?.names], [[{ n: 1 }, { n: 1 }], []]);
    });

    it('is completed by whoever comes when its writer dies after it was made: nobody sees a part of it', async () => {
      await link.journal.freeze('x');
      await link.journal.lay('x', parts());
      await link.journal.commit(2);
      const seen = both();
      await die();
      deepEqual(await seen, [{ n: 2 }, { n: 2 }]);
      await create(b, ['Network', net]);
    });

    it('waits for the one before it of the same handle, and is not taken for a leftover by what that handle writes besides', async () => {
      const { journal, client } = link;
      let decide: (() => void) | undefined;
      const decided = new Promise<void>((resolve) => (decide = resolve));
      const [first, second] = operations.map((operation, n) => {
        return journal.write(async () => {
          if (n > 0) await decided;
          return [operation];
        });
      });
      await first;
      const small = create(writer, ['Network', net]);
      for (let n = 0; n < 10; n++) {
        // oxlint-disable-next-line eslint/no-await-in-loop -- time for whoever wants to undo the second one
        await client.sync();
      }
      decide?.();
      await Promise.all([second, small]);
      deepEqual(await both(), [{ n: 2 }, { n: 2 }]);
    });

    it('is completed when its writer dies between two of its parts', async () => {
      await link.journal.freeze('x');
      await link.journal.lay('x', parts());
      await link.journal.commit(2);
      const [first] = operations;
      const { value } = await raw.stat('/zoom/0/journal');
      const data = Buffer.from('{"state":"committed","id":"x","parts":2,"next":1}');
      ok(first && value);
      await raw.multi([{ kind: 'set', path: '/zoom/0/journal', data, version: value.version }, first]);
      const seen = both();
      await die();
      deepEqual(await seen, [{ n: 2 }, { n: 2 }]);
    });
  });

  describe('the address of a database', () => {
    it('names servers, root and credentials', () => {
      deepEqual(parseZookeeperUrl('zookeeper://u:p%40@h1:2281,h2/a/b'), {
        servers: 'h1:2281,h2:2181',
        root: '/a/b',
        credentials: { user: 'u', password: 'p@' },
      });
      equal(parseZookeeperUrl('zookeeper://u:p@h')?.root, '/troupe');
      for (const text of [
        'zookeeper://h',
        'zookeeper://u:p@',
        'zookeeper://u:p@h:x',
        'zookeeper://u:p@h:0',
        'zookeeper://u:p@h:65536',
        'zookeeper://u:p@h/../a',
        'http://u:p@h',
        'zookeeper://u:%@h',
      ]) {
        equal(parseZookeeperUrl(text), undefined, text);
      }
    });

    it('is refused by name where it is in another database, or among what is of ZooKeeper itself', async () => {
      const open = (root: string) =>
        new ZookeeperDatabase({ ...options, root }, { timers: new MachineTimers() }).open('c');
      await rejects(
        open(`${options.root}/zoom`),
        ({ message }: Error) =>
          message === `${options.root}/zoom is in the database under ${options.root}: name another root`,
      );
      await rejects(
        open('/zookeeper/troupe'),
        /^NsdbError: \/zookeeper\/troupe is ZooKeeper's own: name another root$/,
      );
      equal((await raw.stat('/zoom/zoom')).value, undefined);
      await (await open(`${options.root}/runs/1`)).close(); // a run has a database of its own
    });

    it('of no server is refused by name, in time', async () => {
      const nowhere = new ZookeeperDatabase(
        { ...options, servers: '127.0.0.1:1' },
        { timers: new MachineTimers(), patience: 200 },
      );
      await refuses(nowhere.open('lost'), 'disconnected');
    });
  });
}

/** The link of a handle, for tests that stop a writer between two steps. */
function linkOf(nsdb: ZookeeperNsdb): Link {
  ok(nsdb.link instanceof Link);
  return nsdb.link;
}
