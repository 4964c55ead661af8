import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import { ZookeeperServer } from '../../../ops/servers/zookeeper-server.ts';
import { formatConnection } from '../../../topology/nsdb/format-connection.ts';
import type { Nsdb } from '../../../topology/nsdb/nsdb.ts';
import { MAC_TABLE } from '../../../topology/nsdb/state-tables.ts';
import { MachineTimers } from '../../../topology/nsdb/zookeeper/machine-timers.ts';
import { ZookeeperDatabase } from '../../../topology/nsdb/zookeeper/zookeeper-database.ts';
import { frameTo, LoneAgent } from '../../actors/lone-agent.ts';
import { CREDENTIALS, describeWithZookeeper } from '../../on-zookeeper.ts';
import { foreignNodes } from '../../rights.ts';
import { ANN, BOB, mac } from '../../simulation/packets.ts';
import { create, refuses, uuid } from './harness.ts';
import { Learners } from './learners.ts';
import { Readers } from './readers.ts';
import { until, Writers } from './writers.ts';

const [net, port] = [uuid(1), uuid(2)];
const CAT = mac`02:00:00:00:00:0c`;
/** Long enough that a leader that froze is replaced (`syncLimit`, 5 s) while sessions stand. */
const SESSION = 8000;
/** By which handles say since when they are away. */
const clock = new MachineTimers();

/** An ensemble with ten who write, ten who read and four who learn, on four handles. */
class Busy {
  readonly servers: ZookeeperServer[];
  readonly handles: readonly Nsdb[];
  readonly writers: Writers;
  readonly learners: Learners;

  private constructor(servers: readonly ZookeeperServer[], handles: readonly Nsdb[]) {
    this.servers = [...servers];
    this.handles = handles;
    this.writers = new Writers(handles.slice(0, 2));
    this.learners = new Learners(handles, net, port);
  }

  static async of(size: number): Promise<Busy> {
    const servers = await ZookeeperServer.startEnsemble(size);
    const database = databaseOn(servers);
    const handles = await Promise.all(
      ['a', 'b', 'c', 'd'].map((name) => database.open(name, { sessionTimeout: SESSION })),
    );
    if (handles[0] !== undefined) await create(handles[0], ['Network', net]);
    const busy = new Busy(servers, handles);
    await busy.writers.start(busy.first);
    busy.learners.start();
    return busy;
  }

  get first(): Nsdb {
    const [first] = this.handles;
    ok(first);
    return first;
  }

  /** The one that leads now, and those that follow. */
  async roles(): Promise<{ readonly leader: ZookeeperServer; readonly followers: readonly ZookeeperServer[] }> {
    const roles = await Promise.all(this.servers.map((server) => server.role()));
    const leader = this.servers[roles.indexOf('leader')];
    ok(leader, roles.join());
    return { leader, followers: this.servers.filter((_, n) => roles[n] === 'follower') };
  }

  /** Resolves when each writer has had its writes acknowledged. */
  async written(): Promise<void> {
    const before = this.writers.acknowledged;
    await until(() => this.writers.acknowledged.every((count, n) => count > (before[n] ?? 0) + 2));
  }

  /**
   * Does something to servers while ten read, and lets it be until all have had answers again. Asserts that none of them waited longer
   * than twice the session timeout, and that nothing acknowledged is lost.
   */
  async outlives(fault: () => Promise<void> | void): Promise<void> {
    const readers = new Readers(this.handles.slice(2), this.writers.ids);
    await until(() => readers.answers.every((count) => count > 0));
    await fault();
    const before = readers.answers;
    await Promise.all([this.written(), until(() => readers.answers.every((count, n) => count > (before[n] ?? 0) + 2))]);
    await readers.stop();
    ok(readers.longest <= 2 * SESSION, `a reader waited ${readers.longest} ms`);
    await this.writers.check(this.first);
  }

  async close(): Promise<void> {
    this.learners.stop();
    await Promise.all(this.handles.map((nsdb) => nsdb.close()));
    await Promise.all(this.servers.map((server) => server.stop()));
  }
}

function databaseOn(servers: readonly ZookeeperServer[]): ZookeeperDatabase {
  const address = {
    servers: servers.map((server) => `127.0.0.1:${server.port}`).join(','),
    root: '/troupe',
    credentials: CREDENTIALS,
  };
  return new ZookeeperDatabase(address, { timers: clock, patience: 60_000 });
}

/** Asserts that something takes ten seconds at most, a promise made to users. */
async function soon(happens: () => Promise<void>): Promise<void> {
  const begin = performance.now();
  await happens();
  const took = performance.now() - begin;
  ok(took <= 10_000, `it took ${took} ms`);
}

describe('an ensemble of ZooKeeper servers', () => {
  it('of an even number is refused, with the reason', async () => {
    await rejects(ZookeeperServer.startEnsemble(4), /not 4: 4 survive no more failures than 3/);
  });
});

describeWithZookeeper('an ensemble of three ZooKeeper servers', () => {
  let busy: Busy;

  before(async () => (busy = await Busy.of(3)));
  after(() => busy.close());

  /** The leader, or the follower with the most clients. */
  const one = async (which: 'leader' | 'follower'): Promise<ZookeeperServer> => {
    const { leader, followers } = await busy.roles();
    if (which === 'leader') return leader;
    const clients = await Promise.all(
      followers.map(async (server) => Number(/Connections: (\d+)/.exec(await server.ask('srvr'))?.[1])),
    );
    const server = followers[clients.indexOf(Math.max(...clients))];
    ok(server);
    return server;
  };

  for (const which of ['follower', 'leader'] as const) {
    it(`outlives that its ${which} is killed and started again: nothing is lost, and no reader waits for long`, async () => {
      const server = await one(which);
      await busy.outlives(() => server.kill());
      await busy.outlives(() => server.restart());
    });

    it(`outlives that its ${which} stops answering, and goes on later: nothing is lost, and no reader waits for long`, async () => {
      const server = await one(which);
      await busy.outlives(() => server.freeze());
      await busy.outlives(async () => {
        server.thaw();
        await until(async () => (await server.role()) === 'follower');
      });
    });
  }

  it('has the same in all tables within ten seconds of the last fault', async () => {
    const leader = await one('leader');
    await soon(async () => {
      await leader.kill();
      busy.learners.stop();
      await until(() => busy.learners.agree);
    });
    ok(busy.learners.learned > 20);
    await leader.restart();
  });

  it('is read only, and says since when, while two are gone; flows go on, and all is caught up with when they are back', async () => {
    const nsdb = await databaseOn(busy.servers).open('agent', { sessionTimeout: SESSION });
    const lone = await LoneAgent.of('bridges: { b: { ports: { p1: , p2: , p3: } } }', nsdb);
    const [toBob, toAnn] = [frameTo(BOB, ANN), frameTo(ANN, BOB)];
    await lone.send('b:p1', toBob);
    await lone.send('b:p2', toAnn);
    deepEqual(await lone.send('b:p1', toBob), ['forwarded', 'b:p2']);
    const { hits } = lone.agent.counts;

    const all = [...busy.handles, nsdb];
    await until(() => all.every(({ connection }) => connection.kind === 'connected')); // after what went before
    const begin = clock.now();
    const { leader, followers } = await busy.roles();
    const gone = [leader, followers[0]].filter((server) => server !== undefined);
    await Promise.all(gone.map((server) => server.kill()));
    await until(() => all.every(({ connection }) => connection.kind === 'suspended'));
    for (const { connection } of all) {
      ok(connection.kind === 'suspended');
      ok(connection.since >= begin && connection.since <= clock.now(), `since ${connection.since}, begun at ${begin}`);
      match(formatConnection(connection), /^read only, since 20\S+Z: no server answers$/);
    }
    await refuses(nsdb.find('Network', net), 'disconnected');
    await rejects(
      create(nsdb, ['Network', uuid(9)]),
      /^NsdbError: agent: read only, since 20\S+Z: no server answers; nothing/,
    );
    busy.learners.learn(); // which is refused
    ok(busy.learners.agree); // tables are read as before
    deepEqual(await lone.send('b:p1', toBob), ['forwarded', 'b:p2']);
    equal(lone.agent.counts.hits, hits + 1);
    deepEqual(await lone.send('b:p3', frameTo(BOB, CAT)), ['forwarded', 'b:p2']); // simulated, from the copies

    await Promise.all(gone.map((server) => server.restart()));
    await soon(async () => {
      await until(() => all.every(({ connection }) => connection.kind === 'connected'));
      busy.learners.learn();
      await until(() => busy.learners.agree);
      await busy.written();
    });
    equal(await nsdb.find('Network', uuid(9)), undefined);
    await lone.close();
    await nsdb.close();
  });

  it('grows to five, one at a time: it is written to all the while, and loses nothing', async () => {
    for (const number of [4, 5]) {
      /* oxlint-disable eslint/no-await-in-loop -- one step after another is what makes it safe */
      const { leader, followers } = await busy.roles();
      const another = await ZookeeperServer.another(busy.servers);
      equal(another.place.number, number);
      busy.servers.push(another);
      const places = busy.servers.map(({ place }) => place);
      await Promise.all(busy.servers.map((server) => server.configure(places)));
      await another.restart();
      for (const server of [...followers, leader]) {
        await server.kill();
        await server.restart();
        await busy.written();
      }
      /* oxlint-enable eslint/no-await-in-loop */
    }
    await busy.writers.check(busy.first);
    const { leader } = await busy.roles();
    match(await leader.ask('mntr'), /^zk_quorum_size\t5$/m);
  });

  it('of five survives the end of two, the leader among them: nothing is lost, and no reader waits for long', async () => {
    const { leader, followers } = await busy.roles();
    await busy.outlives(() => leader.kill());
    await busy.outlives(() => followers[0]?.kill());
    busy.learners.learn();
    await soon(() => until(() => busy.learners.agree));
  });

  it('has everything that was acknowledged, and for the credentials of its users alone', async () => {
    await busy.writers.stop(busy.first);
    const fresh = await databaseOn(busy.servers).open('fresh');
    const table = fresh.table(MAC_TABLE, { owner: net, arg: 0 });
    await until(() => busy.learners.agreesWith(table));
    await fresh.close();
    deepEqual(await foreignNodes((await one('leader')).port, CREDENTIALS), []);
  });
});
