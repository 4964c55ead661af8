import { deepEqual, equal, ok } from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ClassName } from '../../../../topology/model/bindings.ts';
import type { Nsdb } from '../../../../topology/nsdb/nsdb.ts';
import type { ClientOptions } from '../../../../topology/nsdb/zookeeper/client/client-options.ts';
import { endSession } from '../../../../topology/nsdb/zookeeper/client/end-session.ts';
import type { ZookeeperClient } from '../../../../topology/nsdb/zookeeper/client/zookeeper-client.ts';
import { MachineTimers } from '../../../../topology/nsdb/zookeeper/machine-timers.ts';
import { JOURNAL } from '../../../../topology/nsdb/zookeeper/tree.ts';
import { ZookeeperDatabase } from '../../../../topology/nsdb/zookeeper/zookeeper-database.ts';
import { CREDENTIALS, describeOnZookeeper, freshRoot } from '../../../on-zookeeper.ts';
import { connected } from '../bare-client.ts';
import { create, Diary, remove, uuid } from '../harness.ts';
import { TcpProxy } from '../tcp-proxy.ts';
import { endOf } from './end-of.ts';

const CHILD = fileURLToPath(new URL('cascade.child.js', import.meta.url));
const PORTS = 40;
const [net, rtr, host, other] = [uuid(1), uuid(2), uuid(3), uuid(4)];
const ports = Array.from({ length: PORTS }, (_, n) => uuid(100 + n));
const routes = Array.from({ length: PORTS }, (_, n) => uuid(200 + n));
/** By how much the requests of a process have to seem larger, for the cascade of this test to be too large for one. */
const LENS = 25;
/** The kind of a request that writes. */
const MULTI = 14;

/** What became of a process: it has done what it was to do, or it died, and its session still stands. */
type Fate = { readonly kind: 'done' } | { readonly kind: 'dead'; endSession(): Promise<void> };

type Extent = 'all' | 'nothing';

describeOnZookeeper('a cascade whose writer dies', (server) => {
  let options: ClientOptions;
  let raw: ZookeeperClient;
  let watcher: Nsdb;
  let opened: { close(): Promise<void> }[];
  let children: ChildProcess[];

  beforeEach(async () => {
    const servers = `127.0.0.1:${server().port}`;
    options = { servers, root: freshRoot(), credentials: CREDENTIALS, sessionTimeout: 10_000 };
    [opened, children] = [[], []];
    watcher = await open('watcher');
    await create(watcher, ['Router', rtr], ['Host', host]);
    opened.push((raw = await connected(options)));
  });

  afterEach(async () => {
    for (const child of children) child.kill('SIGKILL');
    await Promise.all(opened.map((one) => one.close()));
  });

  /** A handle that shares nothing with others. */
  const open = async (name: string): Promise<Nsdb> => {
    const nsdb = await new ZookeeperDatabase(options, { timers: new MachineTimers() }).open(name);
    opened.push(nsdb);
    return nsdb;
  };

  /** Runs a process (see the child's file), and kills it when it is about to send a request of a kind. */
  const run = async (args: readonly (number | string)[], isLast: (request: Buffer) => boolean): Promise<Fate> => {
    const proxy = await TcpProxy.to(server().port);
    opened.push(proxy);
    const held = proxy.holdFrom(isLast);
    const url = `zookeeper://${CREDENTIALS.user}:${CREDENTIALS.password}@127.0.0.1:${proxy.port}${options.root}`;
    const child = spawn(process.execPath, [CHILD, url, ...args.map(String)], { stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(child);
    const ended = endOf(child);
    const session = new Promise<string>((resolve) => createInterface(child.stdout).once('line', resolve));
    const isDead = await Promise.race([held.then(() => child.kill('SIGKILL')), ended.then(() => false)]);
    equal(await ended, isDead ? 'SIGKILL' : 0);
    await proxy.close();
    if (!isDead) return { kind: 'done' };
    return { kind: 'dead', endSession: async () => endSession(options, keyOf(await session)) };
  };

  /** What there is, in whichever way one looks: all of it, or nothing. */
  const whatIsThere = async (nsdb: Nsdb): Promise<Extent> => {
    const isThere = (await nsdb.find('Network', net)) !== undefined;
    const idsOf = async (cls: ClassName) => (await nsdb.list(cls)).map(({ id }) => id);
    const [expectedPorts, expectedRoutes] = isThere ? [ports, routes] : [[], []];
    deepEqual(await idsOf('Port'), expectedPorts);
    deepEqual(await idsOf('Route'), expectedRoutes);
    deepEqual(await nsdb.referrers('Router', rtr, 'routeIds'), expectedRoutes);
    deepEqual(await nsdb.referrers('Host', host, 'portIds'), expectedPorts);
    if (isThere) deepEqual(await nsdb.referrers('Network', net, 'portIds'), expectedPorts);
    deepEqual(await recordsOf('Port'), expectedPorts);
    deepEqual(await recordsOf('Route'), expectedRoutes);
    return isThere ? 'all' : 'nothing';
  };

  /** The objects of a class of which is on record who wrote them. */
  const recordsOf = async (cls: ClassName): Promise<readonly string[]> => {
    const { value } = await raw.children(`/zoom/0/objects/${cls}`);
    return (value?.names ?? []).map((name) => name.slice(0, 36));
  };

  /** Asserts that others can write, and that nothing is left of a large change. */
  const allIsOver = async () => {
    await create(watcher, ['Network', other]);
    await remove(watcher, 'Network', other);
    const { value: journal } = await raw.data(JOURNAL);
    deepEqual([journal?.data.toString(), (await raw.children(JOURNAL)).value?.names], ['{"state":"clean"}', []]);
  };

  /** Lists the ports over and over while something goes on: each time there are all, or none. */
  const watching = async <T>(work: Promise<T>): Promise<T> => {
    const isOver = work.then(() => true);
    // oxlint-disable-next-line eslint/no-await-in-loop -- over and over
    while (!(await Promise.race([isOver, watcher.list('Port').then(isHalf)])));
    return work;
  };

  /** Has processes delete the network that die after 0, 1, 2 ... writes, until one lives to see the end; says what was there after each. */
  const deleteAndDie = async (lens: number): Promise<readonly Extent[]> => {
    const found: Extent[] = [];
    for (let writes = 0; ; writes++) {
      /* oxlint-disable eslint/no-await-in-loop -- one death after another */
      if (found.at(-1) !== 'all') await fill(watcher);
      const diary = new Diary().object(watcher, 'Network', net);
      const fate = await watching(run([lens, net], after(writes)));
      const soon = whatIsThere(watcher); // though nobody knows of the death yet
      if (fate.kind === 'dead') await fate.endSession();
      const extent = await soon;
      equal(await whatIsThere(await open('reader')), extent);
      await watcher.settled();
      deepEqual(diary.read(), extent === 'all' ? ['{}'] : ['{}', 'deleted']);
      await allIsOver();
      if (fate.kind === 'done') {
        equal(extent, 'nothing');
        return found;
      }
      found.push(extent);
      /* oxlint-enable eslint/no-await-in-loop */
    }
  };

  it('before its one request leaves all of it', async () => {
    deepEqual(await deleteAndDie(1), ['all']);
  });

  it('between any two of its many requests leaves all of it, or nothing, where it is too large for one', async () => {
    const found = await deleteAndDie(LENS);
    const made = found.indexOf('nothing');
    ok(made > 3 && found.length - made > 3, found.join(' ')); // parts are laid before, and carried out after
    deepEqual(found, [...found.slice(0, made).fill('all'), ...found.slice(made).fill('nothing')]);
  });

  it('is completed by a reader who may die as well, between any two of its own requests', async () => {
    for (let writes = 0; ; writes++) {
      /* oxlint-disable eslint/no-await-in-loop -- one death after another */
      await fill(watcher);
      const fate = await run([LENS, net], afterCommit());
      ok(fate.kind === 'dead');
      await fate.endSession();
      const helper = await run([LENS], after(writes));
      if (helper.kind === 'dead') await helper.endSession();
      equal(await whatIsThere(watcher), 'nothing');
      await allIsOver();
      if (helper.kind === 'dead') continue;
      ok(writes > 3, String(writes));
      return;
      /* oxlint-enable eslint/no-await-in-loop */
    }
  });
});

/** Makes all that the deletion of the network takes along. */
function fill(nsdb: Nsdb): Promise<void> {
  return create(
    nsdb,
    ['Network', net],
    ...ports.map((id) => ['Port', id, { networkId: net, hostId: host }] as const),
    ...routes.map((id, n) => ['Route', id, { routerId: rtr, nextHopPortId: ports[n] ?? '' }] as const),
  );
}

/** Whether there are some and not all; false. */
function isHalf(found: readonly unknown[]): false {
  ok([0, PORTS].includes(found.length), `${found.length} of ${PORTS} ports`);
  return false;
}

/** Holds for the first write that comes after so many. */
function after(writes: number): (request: Buffer) => boolean {
  let left = writes;
  return (request) => kindOf(request) === MULTI && left-- === 0;
}

/** Holds for the first write that comes after the one by which a large change is made. */
function afterCommit(): (request: Buffer) => boolean {
  let isMade = false;
  return (request) => {
    if (kindOf(request) !== MULTI) return false;
    if (isMade) return true;
    isMade = request.includes('"committed"');
    return false;
  };
}

function kindOf(request: Buffer): number {
  return request.readInt32BE(8);
}

function keyOf(line: string): { readonly id: Buffer; readonly password: Buffer } {
  const [id = '', password = ''] = line.split(' ');
  return { id: Buffer.from(id, 'hex'), password: Buffer.from(password, 'hex') };
}
