import { deepEqual, equal, match } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseZookeeperUrl } from '../../../topology/nsdb/zookeeper/address.ts';
import { MachineTimers } from '../../../topology/nsdb/zookeeper/machine-timers.ts';
import { ZookeeperDatabase } from '../../../topology/nsdb/zookeeper/zookeeper-database.ts';
import { describeWithZookeeper } from '../../on-zookeeper.ts';
import { create, uuid } from '../../topology/nsdb/harness.ts';
import { call } from '../call.ts';

const net = uuid(1);

describe('troupe dev zookeeper', () => {
  const mistakes: readonly (readonly [words: readonly string[], message: RegExp])[] = [
    [
      ['--servers', '4'],
      /^troupe: --servers: "4" is wrong, .*: 4 survive no more failures than 3, and fail more often\n$/,
    ],
    [['--servers', 'many'], /^troupe: --servers: "many" is wrong, expected 1, 3, 5 or 7\n$/],
    [['--servers', '3', '--port', '65534'], /^troupe: --port: "65534" is wrong, expected a number from 0 to 65533\n$/],
  ];
  for (const [words, message] of mistakes) {
    it(`refuses ${words.join(' ')}, and says why`, async () => {
      const { exitCode, out, err } = await call(['dev', 'zookeeper', ...words]);
      deepEqual([exitCode, out], [2, '']);
      match(err, message);
    });
  }

  it('names the process that uses the folder already', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'troupe-dev-'));
    await writeFile(join(folder, 'troupe.pid'), `${process.pid}\n`);
    const { exitCode, out, err } = await call(['dev', 'zookeeper', '--port', '0', '--data', folder]);
    deepEqual(
      [exitCode, out, err],
      [
        3,
        '',
        `troupe: --data: ${folder} is in use by process ${process.pid}, by its troupe.pid: end that, or name another folder\n`,
      ],
    );
    deepEqual(await readdir(folder), ['troupe.pid']);
    await rm(folder, { recursive: true });
  });

  it('names the port that is taken, and what to do', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const { exitCode, err } = await call(['dev', 'zookeeper', '--port', String(port)]);
    server.close();
    deepEqual(
      [exitCode, err],
      [3, `troupe: port ${port} of 127.0.0.1 is taken: --port names others, --port 0 takes any\n`],
    );
  });
});

describeWithZookeeper('an ensemble that troupe dev zookeeper started', () => {
  let folder: string;
  const started: number[] = [];

  before(async () => (folder = await mkdtemp(join(tmpdir(), 'troupe-dev-'))));
  after(async () => {
    for (const pid of started.filter(isRunning)) process.kill(pid, 'SIGKILL'); // where the test failed
    await rm(folder, { recursive: true });
  });

  it('is reached as it says, outlives the end of a server, and ends with the command; --data keeps what it knows', async () => {
    const first = await start(folder);
    equal(started.push(...first.processes), 3);
    const same = await call(['dev', 'zookeeper', '--servers', '3', '--port', '0', '--data', folder]);
    equal(same.exitCode, 3);
    match(same.err, new RegExp(`is in use by process ${first.pid}, by its troupe\\.pid: `));
    await first.use(async (database) => {
      const a = await database.open('a');
      await create(a, ['Network', net]);
      await a.close();
      process.kill(first.processes[0] ?? 0, 'SIGKILL');
      match(await first.told(/has ended/), /^troupe: the server on 127\.0\.0\.1:\d+ has ended$/m);
      const b = await database.open('b');
      await create(b, ['Network', uuid(2)]);
      await b.close();
    });
    equal(await first.end('SIGTERM'), 130);

    const wrong = await call(['dev', 'zookeeper', '--servers', '5', '--port', '0', '--data', folder]);
    match(wrong.err, /has the data of an ensemble of 3, expected another folder or --servers 3\n$/);

    deepEqual(await readdir(folder), ['1', '2', '3']);
    await writeFile(join(folder, 'troupe.pid'), `${started[0]}\n`); // of one that has ended
    const second = await start(folder);
    equal(started.push(...second.processes), 6);
    await second.use(async (database) => {
      const nsdb = await database.open('a');
      deepEqual(
        (await nsdb.list('Network')).map(({ id }) => id),
        [net, uuid(2)],
      );
      await nsdb.close();
    });
    equal(await second.end('SIGINT'), 130);
    deepEqual(started.filter(isRunning), []);
  });
});

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** The command in a process of its own, once it has said all it says at the start. */
async function start(folder: string) {
  const words = ['dist/ops/main.js', 'dev', 'zookeeper', '--servers', '3', '--port', '0', '--data', folder];
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const told = async (what: RegExp): Promise<string> => {
    // oxlint-disable-next-line eslint/no-await-in-loop -- read on until it has been said
    while (!what.test(err)) await once(child.stderr, 'data');
    return err;
  };
  await told(/Ctrl-C ends all/);
  const [, url = ''] = /^--nsdb (\S+)\n$/.exec(out) ?? [];
  const address = parseZookeeperUrl(url);
  if (address === undefined) throw new Error(`no address: ${out}`);
  return {
    pid: child.pid,
    processes: [...err.matchAll(/process (\d+)/g)].map(([, pid]) => Number(pid)),
    told,
    use: (work: (database: ZookeeperDatabase) => Promise<void>) =>
      work(new ZookeeperDatabase(address, { timers: new MachineTimers(), patience: 30_000 })),
    end: async (signal: 'SIGINT' | 'SIGTERM'): Promise<unknown> => {
      child.kill(signal);
      const [code] = (await once(child, 'exit')) as [unknown];
      return code;
    },
  };
}
