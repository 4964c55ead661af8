import { deepEqual, equal, ok } from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { endSession, type SessionKey } from '../../../topology/nsdb/zookeeper/client.ts';
import { MachineTimers } from '../../../topology/nsdb/zookeeper/machine-timers.ts';
import { ZookeeperDatabase } from '../../../topology/nsdb/zookeeper/zookeeper-database.ts';
import type { ZookeeperNsdb } from '../../../topology/nsdb/zookeeper/zookeeper-nsdb.ts';
import { CREDENTIALS, describeOnZookeeper, freshRoot } from '../../on-zookeeper.ts';
import { generateTopology } from '../../topology/file/generate.ts';
import { call, type Called } from '../call.ts';
import { hasJust, load } from './written.ts';

const CHILD = fileURLToPath(new URL('./apply.child.js', import.meta.url));
const MAIN = fileURLToPath(new URL('../../../ops/main.js', import.meta.url));

const BEFORE = `
hosts: { h1: , h2: }
bridges:
  web:
    arp: { 10.0.1.20: 02:00:00:00:01:20, 10.0.1.21: 02:00:00:00:01:21 }
    ports: { vm-1: { bind: h1/a }, up: , old: { bind: h2/c } }
routers:
  edge: { ports: { up: { address: 10.0.1.1/24, link: web:up }, out: { address: 10.9.0.1/30, bind: h1/out } } }
`;

/** Things come, change and go; a link is joined anew at both ends, and a port takes the place of another. */
const AFTER = `
hosts: { h1: }
bridges:
  web:
    arp: { 10.0.1.20: 02:00:00:00:01:99, 10.0.1.22: 02:00:00:00:01:22 }
    ports: { vm-1: { bind: h1/a, mtu: 9000 }, up: { link: edge:new }, right: { link: edge:up } }
routers:
  edge: { ports: { up: { address: 10.0.1.1/24 }, new: { address: 10.0.2.1/32 } } }
`;

describeOnZookeeper('troupe topology apply', (server) => {
  let folder: string;
  let address: {
    readonly servers: string;
    readonly root: string;
    readonly credentials: typeof CREDENTIALS;
  };
  let nsdb: ZookeeperNsdb;

  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'troupe-killed-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const open = async () => {
    const servers = `127.0.0.1:${server().port}`;
    address = { servers, root: freshRoot(), credentials: CREDENTIALS };
    nsdb = await new ZookeeperDatabase(address, { timers: new MachineTimers() }).open('test');
  };
  const environment = () => ({ TROUPE_NSDB: `zookeeper://troupe:secret@${address.servers}${address.root}` });
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const apply = (path: string): Promise<Called> => call(['topology', 'apply', '-q', '--prune', path], environment());

  it('killed between any two of its transactions is completed by applying again; then nothing is to do', async function () {
    this.timeout(0);
    const [before, after] = [file('before.yaml', BEFORE), file('after.yaml', AFTER)];
    let deaths = 0;
    for (let isAlive = false; !isAlive; deaths++) {
      /* oxlint-disable eslint/no-await-in-loop -- one life after another */
      await open();
      equal((await apply(before)).exitCode, 0);
      const { signal, status, stdout, stderr } = spawnSync(
        process.execPath,
        [CHILD, JSON.stringify(address), after, String(deaths)],
        { encoding: 'utf8' },
      );
      isAlive = status === 0;
      if (!isAlive) {
        equal(signal, 'SIGKILL', stderr);
        await endSession({ ...address, sessionTimeout: 10_000 }, sessionIn(stdout));
        const again = await apply(after);
        equal(again.exitCode, 0, again.err);
      }
      await hasJust(nsdb, load(AFTER));
      deepEqual(await apply(after), { exitCode: 0, out: 'Nothing to do\n', err: '' });
      await nsdb.close();
      /* oxlint-enable eslint/no-await-in-loop */
    }
    ok(deaths > 15, `${deaths} transactions`);
  });

  it('killed as a command leaves the next one waiting until its session ends, which then completes it', async function () {
    this.timeout(0);
    await open();
    const path = file('large.yaml', generateTopology(3000));
    const child = spawn(process.execPath, [MAIN, 'topology', 'apply', path], {
      env: { ...process.env, ...environment() },
    });
    const ended = new Promise<string | null>((resolve) => child.once('exit', (_, signal) => resolve(signal)));
    child.stdout.resume();
    await new Promise<void>((resolve) => {
      nsdb.observeClass('Network', { changed: (objects) => (objects.length > 0 ? resolve() : undefined) });
    });
    child.kill('SIGKILL');
    equal(await ended, 'SIGKILL');
    const { exitCode, err } = await apply(path);
    deepEqual([exitCode, err], [0, '']);
    await hasJust(nsdb, load(readFileSync(path, 'utf8')));
    await nsdb.close();
  });
});

function sessionIn(stdout: string): SessionKey {
  const { id, password } = JSON.parse(stdout.split('\n')[0] ?? '') as Record<'id' | 'password', { data: number[] }>;
  return { id: Buffer.from(id.data), password: Buffer.from(password.data) };
}
