/* oxlint-disable eslint/no-await-in-loop -- these are stories: one thing comes after another */
import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import type { ZookeeperServer } from '../../../ops/servers/zookeeper-server.ts';
import { macOf } from '../../../topology/model/mac.ts';
import type { NsdbError } from '../../../topology/nsdb/nsdb-error.ts';
import { objectPath, tablePath } from '../../../topology/nsdb/paths.ts';
import { HOST_ALIVE } from '../../../topology/nsdb/state-keys.ts';
import { MAC_TABLE } from '../../../topology/nsdb/state-tables.ts';
import type { ZookeeperAddress } from '../../../topology/nsdb/zookeeper/address.ts';
import { endSession } from '../../../topology/nsdb/zookeeper/client/end-session.ts';
import type { ZookeeperClient } from '../../../topology/nsdb/zookeeper/client/zookeeper-client.ts';
import { MachineTimers } from '../../../topology/nsdb/zookeeper/machine-timers.ts';
import { incarnationOf } from '../../../topology/nsdb/zookeeper/places.ts';
import { incarnated } from '../../../topology/nsdb/zookeeper/tree.ts';
import { takeBackup } from '../../../topology/nsdb/zookeeper/upkeep/backup.ts';
import type { Backup } from '../../../topology/nsdb/zookeeper/upkeep/backup-file.ts';
import { restore, type RestoreStage } from '../../../topology/nsdb/zookeeper/upkeep/restore.ts';
import { UpkeepSession } from '../../../topology/nsdb/zookeeper/upkeep/upkeep-session.ts';
import { ZookeeperDatabase } from '../../../topology/nsdb/zookeeper/zookeeper-database.ts';
import type { ZookeeperNsdb } from '../../../topology/nsdb/zookeeper/zookeeper-nsdb.ts';
import { CREDENTIALS, freshRoot } from '../../on-zookeeper.ts';
import { create, edit, fieldsOf, refuses, remove, uuid } from './harness.ts';

const [net, host, chain] = [uuid(1), uuid(2), uuid(3)];
const ports = [uuid(11), uuid(12), uuid(13)];

/** Backups of a whole database, and what is made of them. */
export function backupSuite(serverOf: () => ZookeeperServer): void {
  let address: ZookeeperAddress;
  let a: ZookeeperNsdb;
  let session: UpkeepSession;
  let opened: (ZookeeperNsdb | UpkeepSession)[];

  beforeEach(async () => {
    address = { servers: `127.0.0.1:${serverOf().port}`, root: freshRoot(), credentials: CREDENTIALS };
    opened = [];
    a = await open();
    session = await look();
    await create(a, ['Network', net], ['Host', host], ['Chain', chain, { ruleIds: [] }]);
    await create(a, ...ports.map((id) => ['Port', id, { networkId: net, hostId: host, n: 0 }] as const));
    await create(a, ['Rule', uuid(21), { chainId: chain }], ['Rule', uuid(22), { chainId: chain }]);
    await a.next('overlay_tunnel_key');
  });

  afterEach(() => Promise.all(opened.map((one) => one.close())));

  const open = async (at = address, name = 'a'): Promise<ZookeeperNsdb> => {
    const nsdb = await new ZookeeperDatabase(at, { timers: new MachineTimers() }).open(name);
    opened.push(nsdb);
    return nsdb;
  };
  const look = async (at = address): Promise<UpkeepSession> => {
    const one = await UpkeepSession.open(at);
    opened.push(one);
    return one;
  };
  const backup = () => takeBackup(session, address.root);
  /** Two generations of a database, each larger than a part of a large change. */
  const twoGenerations = async (): Promise<Backup> => {
    const text = 'x'.repeat(20_000);
    const many = Array.from({ length: 45 }, (_, n) => uuid(100 + n));
    await a.transact((tx) => {
      tx.update('Network', net, { gen: 1 });
      for (const id of ports) tx.update('Port', id, { networkId: net, gen: 1 });
      for (const id of many) tx.create('Port', id, { networkId: net, gen: 1, text });
    });
    const taken = await backup();
    await a.transact((tx) => {
      tx.update('Network', net, { gen: 2 });
      for (const id of ports) tx.delete('Port', id);
      for (const id of many) tx.update('Port', id, { networkId: net, gen: 2, text: `${text}2` });
      tx.create('Port', uuid(300), { networkId: net, gen: 2 });
    });
    return taken;
  };

  describe('a backup', () => {
    it('restored under another root gives the same objects, references, writers, entries that last and sequences', async () => {
      const table = a.table(MAC_TABLE, { owner: net, arg: 7 });
      await table.persist(macOf(0, 1), ports[0] ?? net);
      const taken = await backup();
      const elsewhere = { ...address, root: freshRoot() };
      const other = await look(elsewhere);
      deepEqual(await restore(other, taken, { isReplacing: false }), {
        isReplaced: false,
        made: taken.nodes.length,
        changed: 0,
        deleted: 0,
      });
      deepEqual((await takeBackup(other, elsewhere.root)).nodes, taken.nodes);
      const b = await open(elsewhere, 'b');
      deepEqual(await b.referrers('Network', net, 'portIds'), ports);
      deepEqual(await fieldsOf(b, 'Chain', chain), { ruleIds: [uuid(21), uuid(22)] });
      equal((await b.provenance('Port', ports[0] ?? net))?.writer, 'a');
      equal(await b.next('overlay_tunnel_key'), 2);
      const copy = b.table(MAC_TABLE, { owner: net, arg: 7 });
      await b.settled();
      equal(copy.get(macOf(0, 1)), ports[0]);
      await remove(b, 'Network', net); // every reference is as it should be
      deepEqual(await b.list('Port'), []);
    });

    it('holds nothing that lives in a session', async () => {
      const before = await backup();
      await a.addState(HOST_ALIVE, { namespace: host, id: host }, 'yes');
      a.table(MAC_TABLE, { owner: net, arg: 0 }).add(macOf(0, 1), ports[0] ?? net);
      a.elect('role', { leading: () => {}, following: () => {} });
      await a.lock('lock', 1000);
      await a.settled();
      deepEqual((await backup()).nodes, before.nodes);
    });

    it('is as of its transaction, to the last write before it, while others write and learn', async () => {
      const b = await open(address, 'b');
      const [one = net, other = net] = ports;
      const table = b.table(MAC_TABLE, { owner: net, arg: 0 });
      const written: Change[] = [{ zxid: 0, value: '0' }];
      const persisted: Change[] = [];
      const incarnation = (await incarnationOf(session.client, 'Network', net)) ?? '';
      const directory = incarnated(tablePath('Network', 'mac_table', { owner: net, arg: 0 }), net, incarnation);
      const over = new AbortController();
      const write = async () => {
        for (let n = 1; !over.signal.aborted; n++) {
          await a.transact((tx) => {
            for (const id of [one, other]) tx.update('Port', id, (fields) => ({ ...fields, n }));
          });
          written.push({ zxid: Number((await a.find('Port', one))?.version), value: String(n) });
          if (n % 5 === 0) await pause(5);
        }
      };
      const persist = async () => {
        for (let n = 0; !over.signal.aborted; n++) {
          const value = ports[n % ports.length] ?? one;
          await table.persist(macOf(0, 1), value);
          const { value: stat } = await session.client.stat(directory);
          persisted.push({ zxid: stat?.modified ?? 0, value });
          await pause(7);
        }
      };
      const learn = async () => {
        for (let n = 1; !over.signal.aborted; n = (n % 100) + 1) {
          table.add(macOf(1, n), one);
          table.remove(macOf(1, (n + 50) % 100));
          await pause(0);
        }
      };
      const work = [write(), persist(), learn()];
      for (let taken = 0; taken < 20; taken++) {
        const { header, nodes } = await backup();
        const zxid = Number(header.zxid);
        for (const log of [written, persisted]) while ((log.at(-1)?.zxid ?? 0) <= zxid) await pause(1);
        const found = [one, other].map((id) => {
          const text = nodes.find(({ path }) => path === objectPath('Port', id))?.data.toString() ?? '';
          return String((JSON.parse(text) as { readonly fields: { readonly n: number } }).fields.n);
        });
        deepEqual(found, [valueAt(written, zxid), valueAt(written, zxid)]);
        const entries = nodes.flatMap(({ path }) => /mac_table.0.[^,]*,([^,]*),/.exec(path)?.[1] ?? []);
        deepEqual(entries.join(), valueAt(persisted, zxid));
      }
      over.abort();
      await Promise.all(work);
      ok(written.length > 20);
    });

    it('does not take a table for unchanged that was changed and changed back', async () => {
      const [one = net, other = net] = ports;
      const table = a.table(MAC_TABLE, { owner: net, arg: 0 });
      await table.persist(macOf(0, 1), one);
      const sync = session.client.sync.bind(session.client);
      let asOfOther = 0;
      session.client.sync = async () => {
        session.client.sync = sync;
        await table.persist(macOf(0, 1), other);
        asOfOther = await sync();
        await table.persist(macOf(0, 1), one);
        return asOfOther;
      };
      const { header, nodes } = await backup();
      ok(nodes.some(({ path }) => path.includes(`,${one},`)));
      ok(Number(header.zxid) > asOfOther);
    });

    it('is refused by name when writes never stop', async () => {
      const data = session.client.data.bind(session.client);
      session.client.data = async (path, watch) => {
        const read = await data(path, watch);
        if (path !== objectPath('Network', net)) return read;
        await edit(a, 'Network', net, { n: Math.random() });
        await session.client.sync(); // behind which we have heard of it
        return read;
      };
      await refuses(backup(), 'concurrent-modification');
    });

    it('is refused by name where there is no database, or one of a newer schema', async () => {
      await refuses(takeBackup(await look({ ...address, root: freshRoot() }), ''), 'not-found');
      await session.client.multi([{ kind: 'set', path: '/schema', data: Buffer.from('2.0') }]);
      await refuses(backup(), 'invalid');
    });
  });

  describe('a restore into a root where nothing is', () => {
    it('cut short at any step leaves a database that is refused by name; restored again, it is complete', async () => {
      const taken = await backup();
      for (let steps = 1; ; steps++) {
        const at = { ...address, root: freshRoot() };
        const isDone = await dieAfter(steps, at, taken, false);
        if (isDone) break;
        const names = await childrenOf(at);
        if (names !== undefined) {
          await rejects(open(at), /a restore of this database was begun, and is not finished/);
          await refuses(takeBackup(await look(at), ''), 'invalid');
        }
        const again = await look(at);
        await restore(again, taken, { isReplacing: false });
        deepEqual((await takeBackup(again, '')).nodes, taken.nodes);
        ok(steps < 20);
      }
    });

    it('keeps out whoever would make a database there meanwhile, and a second that restores', async () => {
      const taken = await backup();
      const at = { ...address, root: freshRoot() };
      const [one, two] = [await look(at), await look(at)];
      const results = await Promise.allSettled([
        restore(one, taken, { isReplacing: false }),
        restore(two, taken, { isReplacing: false }),
      ]);
      const refusals = results.flatMap((result) => (result.status === 'rejected' ? [String(result.reason)] : []));
      equal(refusals.length, 1);
      match(refusals.join(), /somebody else has made a database|a database of \d+ nodes is there/);
      deepEqual((await takeBackup(one, '')).nodes, taken.nodes);
    });

    it('does not begin over another that has just come to its end', async () => {
      const taken = await backup();
      const at = { ...address, root: freshRoot() };
      const [one, two] = [await look(at), await look(at)];
      const data = two.client.data.bind(two.client);
      let asked = 0;
      two.client.data = async (path, watch) => {
        const before = await data(path, watch);
        if (++asked === 2) await restore(one, taken, { isReplacing: false });
        return before;
      };
      await two.client.plantRoot();
      await two.client.multi([{ kind: 'create', path: '/schema', data: Buffer.from('restoring 1.0') }]);
      await refuses(restore(two, taken, { isReplacing: false }), 'already-exists');
      deepEqual((await takeBackup(one, '')).nodes, taken.nodes);
    });

    it('refuses a root that holds something else', async () => {
      const at = { ...address, root: freshRoot() };
      const other = await look(at);
      await other.client.plantRoot();
      await other.client.multi([{ kind: 'create', path: '/theirs', data: Buffer.alloc(0) }]);
      await refuses(restore(other, await backup(), { isReplacing: true }), 'already-exists');
    });
  });

  describe('a restore in place of a database', () => {
    it('is not made unless it is asked for', async () => {
      const taken = await backup();
      await edit(a, 'Network', net, { n: 1 });
      await refuses(restore(session, taken, { isReplacing: false }), 'already-exists');
      deepEqual(await fieldsOf(a, 'Network', net), { n: 1 });
      await edit(a, 'Network', net, { n: 2 });
    });

    it('is seen as a whole or not at all, and told to whoever watches', async () => {
      const taken = await twoGenerations();
      const b = await open(address, 'b');
      const told: string[] = [];
      b.observeClass('Port', { changed: (objects, deleted) => told.push(`+${objects.length} -${deleted.length}`) });
      const seen = new Set<string>();
      const over = new AbortController();
      const reading = (async () => {
        while (!over.signal.aborted) seen.add(await gens(b).catch((cause: unknown) => (cause as NsdbError).fault));
      })();
      const { deleted, made } = await restore(session, taken, { isReplacing: true });
      ok(deleted > 0 && made > 0);
      over.abort();
      await reading;
      seen.delete('concurrent-modification');
      ok(
        [...seen].every((one) => ['47 2', '49 1'].includes(one)),
        [...seen].join(),
      );
      equal(await gens(b), '49 1');
      deepEqual((await backup()).nodes, taken.nodes);
      await b.settled();
      ok(told.length > 1);
      await edit(a, 'Network', net, { n: 2 });
      deepEqual(await restore(session, taken, { isReplacing: true }), {
        isReplaced: true,
        made: 0,
        changed: 2,
        deleted: 0,
      });
      equal((await a.provenance('Network', net))?.writer, 'a');
    });

    it('that is cut short the moment it counts says so, and is completed by whoever comes next', async () => {
      const taken = await twoGenerations();
      const reached: string[] = [];
      const reach = (stage: RestoreStage) => {
        reached.push(stage);
        if (stage === 'counts') void session.close();
      };
      await rejects(restore(session, taken, { isReplacing: true, reach }));
      deepEqual(reached, ['deciding', 'counts']);
      equal(await gens(await open(address, 'b')), '49 1');
    });

    it('that dies at any step has been made, or has changed nothing; all can write again', async () => {
      const taken = await twoGenerations();
      const before = (await backup()).nodes;
      const b = await open(address, 'b');
      for (let steps = 1; ; steps++) {
        const isDone = await dieAfter(steps, address, taken, true);
        const seen = await gens(b);
        ok(['47 2', '49 1'].includes(seen), `after ${steps} steps: ${seen}`);
        await create(b, ['Router', uuid(500)]);
        await remove(b, 'Router', uuid(500));
        if (isDone || seen === '49 1') {
          equal(seen, '49 1');
          deepEqual((await backup()).nodes, taken.nodes);
          await restore(session, { ...taken, nodes: before }, { isReplacing: true });
        }
        if (isDone) break;
        ok(steps < 30);
      }
    });

    it('lets nobody write what lasts, sequences and entries too, until it is made', async () => {
      const table = a.table(MAC_TABLE, { owner: net, arg: 0 });
      const done: string[] = [];
      let waiting: readonly Promise<unknown>[] = [];
      await session.journal.write(async () => {
        waiting = [
          a.next('overlay_tunnel_key').then(() => done.push('next')),
          table.persist(macOf(0, 1), net).then(() => done.push('persist')),
          edit(a, 'Network', net, { n: 1 }).then(() => done.push('edit')),
        ];
        await pause(200);
        deepEqual(done, []);
        return [];
      });
      await Promise.all(waiting);
      equal(done.length, 3);
    });

    it('puts back noise of 1 MB under another root; as a part of one change it is too large, which names it, and nothing is changed', async () => {
      const noise = Buffer.from(Array.from({ length: 1_000_000 }, (_, n) => (n * 131 + (n >> 8)) % 256));
      await session.client.multi([{ kind: 'create', path: '/noise', data: noise }]);
      const taken = await backup();
      const other = await look({ ...address, root: freshRoot() });
      await restore(other, taken, { isReplacing: false });
      deepEqual((await takeBackup(other, '')).nodes, taken.nodes);
      await session.client.multi([{ kind: 'set', path: '/noise', data: Buffer.alloc(0) }]);
      const { nodes } = await backup();
      await rejects(restore(session, taken, { isReplacing: true }), {
        fault: 'too-large',
        message: /^\/noise takes \d{7} bytes as a part of a large change/,
      });
      deepEqual((await backup()).nodes, nodes);
      await edit(a, 'Network', net, { n: 1 });
    });

    it('takes an empty database for none', async () => {
      const taken = await backup();
      const at = { ...address, root: freshRoot() };
      await open(at);
      const other = await look(at);
      await restore(other, taken, { isReplacing: false });
      deepEqual((await takeBackup(other, '')).nodes, taken.nodes);
    });
  });

  async function childrenOf(at: ZookeeperAddress): Promise<readonly string[] | undefined> {
    const one = await look(at);
    return (await one.client.children('/')).value?.names;
  }
}

/** Restores as one who dies behind so many writes; whether it had ended by then. */
async function dieAfter(steps: number, at: ZookeeperAddress, taken: Backup, isReplacing: boolean): Promise<boolean> {
  const dying = await UpkeepSession.open(at, { patience: 1000 });
  const { client } = dying;
  const { session: key } = client;
  const dead = interrupted(client, steps);
  const isDone = await Promise.race([
    dead,
    restore(dying, taken, { isReplacing }).then(
      () => true,
      () => false,
    ),
  ]);
  client.abandon();
  await endSession({ ...at, sessionTimeout: 10_000 }, key);
  return isDone;
}

/** How many objects a snapshot shows, and of which generations. */
async function gens(nsdb: ZookeeperNsdb): Promise<string> {
  const found = await nsdb.transact(async (tx) => [...(await tx.list('Port')), ...(await tx.list('Network'))]);
  return `${found.length} ${[...new Set(found.map(({ fields }) => JSON.stringify(fields['gen'])))].join('+')}`;
}

/** Resolves to false when a client has written so often; it then writes nothing more. */
function interrupted(client: ZookeeperClient, steps: number): Promise<false> {
  const multi = client.multi.bind(client);
  let left = steps;
  return new Promise((resolve) => {
    client.multi = async (operations) => {
      if (left === 0) {
        resolve(false);
        return new Promise(() => {});
      }
      left--;
      return multi(operations);
    };
  });
}

/** What was written, by the transaction that did it. */
interface Change {
  readonly zxid: number;
  readonly value: string;
}

function valueAt(log: readonly Change[], zxid: number): string {
  return log.findLast((change) => change.zxid <= zxid)?.value ?? '';
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
