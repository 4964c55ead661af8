import { deepEqual, equal, ok } from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ZookeeperRunDatabase } from '../../../topology/nsdb/zookeeper/zookeeper-run-database.ts';
import { withClient } from '../../../topology/nsdb/zookeeper/one-client.ts';
import { parseZookeeperUrl } from '../../../topology/nsdb/zookeeper/address.ts';
import { ZookeeperDatabase } from '../../../topology/nsdb/zookeeper/zookeeper-database.ts';
import { MachineTimers } from '../../../topology/nsdb/zookeeper/machine-timers.ts';
import { waysOut } from '../../../actors/trace-way.ts';
import { VirtualTime } from '../../../actors/virtual-time.ts';
import { ZookeeperServer } from '../../../ops/servers/zookeeper-server.ts';
import { DATABASE_UNDER_TEST } from '../../database-under-test.ts';
import { eventful } from '../eventful.ts';
import { CREDENTIALS, describeOnZookeeper, freshRoot } from '../../on-zookeeper.ts';
import { call } from '../../ops/call.ts';
import { ip, mac, udpFrame } from '../../simulation/packets.ts';
import { play } from './played.ts';
import { tellRun, type HandMade } from './told.ts';

const TESTS = fileURLToPath(new URL('../..', import.meta.url));
/** Where tests of replays are. */
const FOLDERS = ['actors/scenario', 'actors/scenario/expectations', 'actors', 'ops/commands', 'ops/run'];
const SCENARIO = 'examples/bro-org/scenario.yaml';

const [A, B] = [mac`02:00:00:00:00:0a`, mac`02:00:00:00:00:0b`];
const TWO_BRIDGES = 'topology: { bridges: { red: { ports: { a: , b: } }, blue: { ports: { a: , b: } } } }\n';

if (process.env[DATABASE_UNDER_TEST] === undefined) {
  describeOnZookeeper('a run on ZooKeeper', function (server) {
    let root = '';
    const url = () => `zookeeper://${CREDENTIALS.user}:${CREDENTIALS.password}@127.0.0.1:${server().port}${root}`;
    const address = () => {
      const parsed = parseZookeeperUrl(url());
      ok(parsed);
      return parsed;
    };
    const runsLeft = () =>
      withClient(
        { ...address(), sessionTimeout: 10_000 },
        async (client) => (await client.children('/runs')).value?.names,
      );
    beforeEach(() => (root = freshRoot()));

    it('passes every test of replays', async function () {
      this.timeout(600_000);
      const files = FOLDERS.flatMap((folder) => playing(join(TESTS, folder)));
      ok(files.length >= 8, 'the tests of replays have moved');
      const report = await mocha(files, url());
      deepEqual(
        report.failures.map(({ fullTitle, err }) => `${fullTitle}: ${err.message}`),
        [],
      );
      ok(report.stats.passes > 60);
      deepEqual(await runsLeft(), []);
    });

    it('tells the same events at the same times, with the same bytes', async () => {
      const here = await play(eventful());
      const there = await play(eventful(), { database: (timers) => new ZookeeperRunDatabase(address(), timers) });
      deepEqual(there.events, here.events);
      ok(here.events.length > 100);
    });

    it('writes the same bytes into every output', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'troupe-'));
      const words = ['replay', SCENARIO, '--hops', '--traces', '-q', '--out'];
      const [here, there] = [join(folder, 'here'), join(folder, 'there')];
      equal((await call([...words, here])).exitCode, 0);
      deepEqual(await call([...words, there, '--nsdb', url()]), { exitCode: 0, out: '', err: '' });
      const files = readdirSync(here);
      ok(files.length >= 4);
      deepEqual(readdirSync(there), files);
      for (const file of files) ok(readFileSync(join(here, file)).equals(readFileSync(join(there, file))), file);
      rmSync(folder, { recursive: true });
    });

    it('hears of a change that another process writes, removes the flows that rested on it and no others, and tells the way', async () => {
      const other = new ZookeeperDatabase({ ...address(), root: `${root}/shared` }, { timers: new MachineTimers() });
      const writer = await other.open('an operator');
      const frames = [1, 2].flatMap((at): HandMade[] => [
        { at, port: 'red:a', bytes: udpFrame({ ethSrc: A, ethDst: B, src: ip`10.0.0.1`, dst: ip`10.0.0.2` }) },
        { at, port: 'red:b', bytes: udpFrame({ ethSrc: B, ethDst: A, src: ip`10.0.0.2`, dst: ip`10.0.0.1` }) },
        { at, port: 'blue:a', bytes: udpFrame({ ethSrc: A, ethDst: B, src: ip`10.0.0.1`, dst: ip`10.0.0.2` }) },
      ]);
      const { changes } = await tellRun(TWO_BRIDGES, frames, {
        database: (timers) => {
          const database = new ZookeeperDatabase({ ...address(), root: `${root}/shared` }, { timers });
          return { open: (name) => database.open(name), close: () => database.close() };
        },
        followsChanges: { clock: () => performance.timeOrigin + performance.now(), isDatabaseTimed: true },
        after: async (network, { topology }) => {
          const port = topology.names.ports.get('red:b');
          ok(port);
          const before = network.flows().length;
          await writer.transact((tx) => tx.update('Port', port, (fields) => ({ ...fields, adminStateUp: false })));
          // oxlint-disable-next-line eslint/no-await-in-loop -- looked at again and again until it is so
          while (network.flows().length === before) await new Promise((resolve) => setTimeout(resolve, 1));
          await network.agent.settled();
          const left = network.flows().map(({ path }) => waysOut(path, network.agent.directory).join(' '));
          ok(left.length > 0);
          ok(
            left.every((path) => !path.includes('red:b')),
            left.join('; '),
          );
          ok(left.some((path) => path.includes('blue:b')));
        },
      });
      const change = changes.at(-1);
      ok(change);
      deepEqual(change.causes, [
        { what: 'Port red:b', by: 'an operator', owner: undefined, was: undefined, is: undefined },
      ]);
      deepEqual(
        change.steps.map(({ step }) => step),
        ['written', 'heard', 'read', 'told', 'removed'],
      );
      const clocks = change.steps.map(({ clock = 0 }) => clock);
      ok((clocks[1] ?? 0) - (clocks[0] ?? 0) > -2, 'the clocks of one machine, in whole milliseconds and in fractions');
      deepEqual(
        clocks.slice(1),
        clocks.slice(1).toSorted((a, b) => a - b),
      );
      await writer.close();
    });

    it('removes what a run that was killed has left', async () => {
      const run = new ZookeeperRunDatabase(address(), new VirtualTime());
      const nsdb = await run.open('first');
      const { value } = await nsdb.link.client.data('/schema');
      ok(value);
      await withClient({ ...address(), sessionTimeout: 10_000 }, async (client) => {
        const long = '/runs/1000-0123456789ab';
        for (const path of [long, `${long}/zoom`]) {
          // oxlint-disable-next-line eslint/no-await-in-loop -- one under the other
          await client.multi([{ kind: 'create', path, data: Buffer.alloc(0) }]);
        }
      });
      const other = new ZookeeperRunDatabase(address(), new VirtualTime());
      await other.open('second');
      await other.close();
      equal((await runsLeft())?.length, 1, 'the run that is alive');
      await run.close();
      deepEqual(await runsLeft(), []);
    });

    it('that loses the database ends by name, in time', async () => {
      const own = await ZookeeperServer.start();
      const lost = `zookeeper://ann:secret@127.0.0.1:${own.port}/x`;
      const topology = eventful();
      let packets = 0;
      const failure = await play(topology, {
        database: (timers) => new ZookeeperRunDatabase({ ...address(), servers: `127.0.0.1:${own.port}` }, timers),
        afterPacket: async () => {
          if (++packets === 20) await own.kill();
        },
      }).then(
        () => undefined,
        (cause: unknown) => cause,
      );
      ok(failure instanceof Error);
      equal(failure.message, 'the link to the database was lost during the run; start it again');
      const { exitCode, out, err } = await call(['replay', SCENARIO, '--no-out', '--nsdb', lost]);
      deepEqual([exitCode, out], [3, '']);
      equal(
        err,
        `troupe: zookeeper://ann:***@127.0.0.1:${own.port}/x: no ZooKeeper server of 127.0.0.1:${own.port} let agent in within 10000 ms\n`,
      );
      await own.stop();
    });
  });
}

/** The compiled tests of a folder, but this one, that play runs. */
function playing(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.test.js') && !name.startsWith('on-zookeeper'))
    .map((name) => join(folder, name))
    .filter((path) => {
      const text = readFileSync(path, 'utf8');
      if (/(?:played|told|eventful|outputs-of|database-under-test)\.js/.test(text)) return true;
      return text.includes("/call.js'") && text.includes("'replay'");
    });
}

interface Report {
  readonly stats: { readonly passes: number };
  readonly failures: readonly { readonly fullTitle: string; readonly err: { readonly message: string } }[];
}

/** Runs tests in a process of their own, in which all runs are played on that database. */
async function mocha(files: readonly string[], nsdb: string): Promise<Report> {
  const folder = mkdtempSync(join(tmpdir(), 'troupe-'));
  const output = join(folder, 'report.json');
  const words = ['node_modules/mocha/bin/mocha.js', '--no-config', '--timeout', '300000', '--reporter', 'json'];
  await promisify(execFile)(
    process.execPath,
    [...words, '--reporter-option', `output=${output}`, ...files.map((file) => relative('.', file))],
    { env: { ...process.env, [DATABASE_UNDER_TEST]: nsdb }, maxBuffer: 2 ** 26 },
  ).catch(() => {}); // it fails where a test does
  const report = JSON.parse(readFileSync(output, 'utf8')) as Report;
  rmSync(folder, { recursive: true });
  return report;
}
