import { deepEqual, equal, ok } from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ZookeeperServer } from '../../../../ops/servers/zookeeper-server.ts';
import { chanceFor } from '../../../../actors/chance.ts';
import { objectPath } from '../../../../topology/nsdb/paths.ts';
import { endSession } from '../../../../topology/nsdb/zookeeper/client/end-session.ts';
import { MachineTimers } from '../../../../topology/nsdb/zookeeper/machine-timers.ts';
import { ZookeeperDatabase } from '../../../../topology/nsdb/zookeeper/zookeeper-database.ts';
import type { ZookeeperNsdb } from '../../../../topology/nsdb/zookeeper/zookeeper-nsdb.ts';
import { CREDENTIALS, describeWithZookeeper } from '../../../on-zookeeper.ts';
import { foreignNodes } from '../../../rights.ts';
import { connected } from '../bare-client.ts';
import { create, fieldsOf, uuid } from '../harness.ts';
import { TcpProxy } from '../tcp-proxy.ts';
import { until } from '../writers.ts';
import { checkHistory, formatVerdict } from './check-history.ts';
import { formatHistory, type Operation } from './operation.ts';
import { Recorder, type RecordedProcess } from './recorder.ts';
import { ServerNetwork } from './server-network.ts';

const SESSION_TIMEOUT = 4000;
const KEYS = [uuid(1), uuid(2), uuid(3), uuid(4)];
const PROCESSES = 10;

/** Servers, or proxies by which they are reached. */
type Reached = readonly { readonly port: number }[];

describeWithZookeeper('histories of an ensemble of three ZooKeeper servers', () => {
  const servers: ZookeeperServer[] = [];
  let network: ServerNetwork;
  const opened: { close(): Promise<void> }[] = [];

  before(async () => {
    for (let n = 0; n < 3; n++) servers.push(await ZookeeperServer.another(servers)); // oxlint-disable-line eslint/no-await-in-loop -- each is numbered after those before
    network = await ServerNetwork.between(servers.map(({ place }) => place));
    await Promise.all(servers.map((server) => server.configure(network.seenBy(server.place.number))));
    await Promise.all(servers.map((server) => server.restart()));
  });

  afterEach(async () => {
    network.heal();
    await Promise.all(opened.splice(0).map((one) => one.close()));
  });

  after('all that was made there is for the credentials of its users alone', async () => {
    try {
      deepEqual(await foreignNodes((await leader()).port, CREDENTIALS), []);
    } finally {
      await Promise.all(servers.map((server) => server.stop()));
      await network.close();
    }
  });

  const leader = async (): Promise<ZookeeperServer> => {
    for (;;) {
      /* oxlint-disable eslint/no-await-in-loop -- asked again and again until there is one */
      for (const server of servers) if ((await server.role()) === 'leader') return server;
      await new Promise((resolve) => setTimeout(resolve, 20));
      /* oxlint-enable eslint/no-await-in-loop */
    }
  };

  /** Handles on one database, each with servers of its own, or ways to them; it begins with the first. */
  const database = (root: string) => {
    const address = { servers: '', root, credentials: CREDENTIALS };
    const made = new ZookeeperDatabase(address, { timers: new MachineTimers(), patience: 60_000 });
    return {
      open: async (name: string, reached: Reached): Promise<ZookeeperNsdb> => {
        const nsdb = await made.open(name, { sessionTimeout: SESSION_TIMEOUT }, hostsOf(reached));
        opened.push(nsdb);
        return nsdb;
      },
    };
  };
  const proxy = async (server: ZookeeperServer): Promise<TcpProxy> => {
    const made = await TcpProxy.to(server.port);
    opened.push(made);
    return made;
  };

  describe('a leader that was cut off', () => {
    const key = uuid(9);
    let old: ZookeeperServer;
    let others: readonly ZookeeperServer[];

    beforeEach(async () => {
      old = await leader();
      others = servers.filter((server) => server !== old);
    });

    it('does not let in who has seen more, though it knows the session', async () => {
      const { open } = database('/seen');
      const [away, home] = [await proxy(old), await proxy(others[0] ?? old)];
      const writer = await open('writer', [await proxy(others[1] ?? old)]);
      away.cut();
      const reader = await open('reader', [home, away]);
      await create(writer, ['Port', key, { n: 1 }]);
      network.isolate(old.place.number);
      await until(() => edited(writer, key, 2));
      await until(async () => (await valueAt(reader, key)) === 2);

      home.cut();
      away.restore();
      reader.cutLink();
      reader.restoreLink(); // the former leader would take up the session, and answer `sync`
      await until(async () => reader.connection.kind === 'connected' || (await old.role()) !== 'leader');
      network.heal();
      await until(() => reader.connection.kind === 'connected');
      equal(await valueAt(reader, key), 2);
    });

    it('answers `sync`, and lets nobody pass a write barrier', async () => {
      const { open } = database('/barrier');
      const writer = await open('writer', [await proxy(others[0] ?? old)]);
      await create(writer, ['Port', key, { n: 1 }]);
      const options = { servers: `127.0.0.1:${old.port}`, root: '/barrier', credentials: CREDENTIALS };
      const client = await connected({ ...options, sessionTimeout: SESSION_TIMEOUT });
      opened.push(client);
      network.isolate(old.place.number);
      await until(() => edited(writer, key, 2));

      const path = objectPath('Port', key);
      const late = await client
        .sync()
        .then(() => client.data(path))
        .catch(() => undefined); // it has noticed already
      if (late !== undefined) ok(late.value?.data.toString().includes('"n":1'));
      const passed = client.barrier().then(
        () => 'passed',
        ({ fault }: { fault: string }) => fault,
      );
      equal(await passed, 'connection-loss'); // when the server gave up
    });
  });

  it('are linearizable by writes and reads behind a barrier; plain reads are sequential, whatever breaks', async function () {
    this.timeout(240_000);
    const { open } = database('/history');
    const ways = await Promise.all(servers.map((server) => proxy(server)));
    const handles: ZookeeperNsdb[] = [];
    for (let n = 0; n < PROCESSES * 2; n++) {
      // Half of them by proxies that will be cut, the others directly; at home at the three servers in turn.
      const all: Reached = n % 4 < 2 ? ways : servers;
      handles.push(await open(`process ${n}`, [...all.slice(n % 3), ...all.slice(0, n % 3)])); // oxlint-disable-line eslint/no-await-in-loop -- few
    }
    const [first] = handles;
    ok(first);
    await create(first, ...KEYS.map((id) => ['Port', id, { n: 0 }] as const));

    const recorder = new Recorder();
    const over = new AbortController();
    let written = 0;
    const running = handles.map((nsdb, n) => {
      const process = recorder.process(nsdb);
      const chance = chanceFor(n, 'process');
      return n < PROCESSES ? write(process, over.signal, chance, () => ++written) : read(process, over.signal, chance);
    });
    /** Until every process has been answered anew. */
    const allGoOn = async (): Promise<void> => {
      const from = recorder.history.length;
      await until(() => new Set(recorder.history.slice(from).map(({ process }) => process)).size === handles.length);
    };

    await allGoOn();
    const cut = await leader();
    network.isolate(cut.place.number); // for a while it answers reads all the same
    await allGoOn();
    await until(async () => (await cut.role()) !== 'leader');
    network.heal();
    await allGoOn();

    const frozen = servers.find((server) => server !== cut) ?? cut;
    frozen.freeze();
    await allGoOn();
    frozen.thaw();
    await allGoOn();

    const dead = await leader();
    await dead.kill();
    await allGoOn();
    await dead.restart();
    await allGoOn();

    for (const way of ways) way.cut();
    await until(() => handles.filter(({ connection }) => connection.kind === 'expired').length === PROCESSES);
    for (const way of ways) way.restore();
    await allGoOn();
    const ended = handles.filter((_, n) => n % 5 === 0);
    const address = { servers: hostsOf(servers), root: '/history', credentials: CREDENTIALS };
    await Promise.all(ended.map(({ session }) => endSession({ ...address, sessionTimeout: 10_000 }, session)));
    await allGoOn();

    over.abort();
    await Promise.all(running);
    const { history } = recorder;
    const file = keep(history);
    for (const kind of ['write', 'cas', 'read', 'plain-read']) {
      ok(history.filter(({ operation }) => operation === kind).length > 100, `${kind}: too few in ${file}`);
    }
    equal(formatVerdict(checkHistory(history, 0)), 'sound', file);
  });
});

/** One who writes, and looks at what it has written, until it is told to stop. */
async function write(
  process: RecordedProcess,
  over: AbortSignal,
  chance: () => number,
  next: () => number,
): Promise<void> {
  while (!over.aborted) {
    /* oxlint-disable eslint/no-await-in-loop -- one thing after another */
    const key = KEYS[Math.floor(chance() * KEYS.length)] ?? uuid(0);
    if (chance() < 0.3) {
      await process.write(key, next());
    } else {
      const found = chance() < 0.5 ? await process.plainRead(key) : await process.read(key);
      if (found !== undefined) await process.exchange(key, found, next());
    }
    await pause(chance() * 30);
    /* oxlint-enable eslint/no-await-in-loop */
  }
}

/** One who reads until it is told to stop. */
async function read(process: RecordedProcess, over: AbortSignal, chance: () => number): Promise<void> {
  while (!over.aborted) {
    /* oxlint-disable eslint/no-await-in-loop -- one thing after another */
    const key = KEYS[Math.floor(chance() * KEYS.length)] ?? uuid(0);
    if (chance() < 0.2) await process.read(key);
    else await process.plainRead(key);
    await pause(chance() * 20);
    /* oxlint-enable eslint/no-await-in-loop */
  }
}

/** Puts a history where it is not committed; says where. */
function keep(history: readonly Operation[]): string {
  const folder = fileURLToPath(new URL('../../../../../out/histories/', import.meta.url));
  mkdirSync(folder, { recursive: true });
  const file = `${folder}ensemble.ndjson`;
  writeFileSync(file, formatHistory(history));
  return file;
}

function hostsOf(servers: Reached): string {
  return servers.map(({ port }) => `127.0.0.1:${port}`).join(',');
}

/** Tries to write; false where that could not be done, or perhaps was. */
async function edited(nsdb: ZookeeperNsdb, key: (typeof KEYS)[number], n: number): Promise<boolean> {
  return nsdb
    .transact((tx) => tx.update('Port', key, { n }))
    .then(
      () => true,
      () => false,
    );
}

async function valueAt(nsdb: ZookeeperNsdb, key: (typeof KEYS)[number]): Promise<unknown> {
  return (await fieldsOf(nsdb, 'Port', key).catch(() => undefined))?.['n'];
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
