import { deepEqual, equal, ok } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { endSession } from '../../../topology/nsdb/zookeeper/client/end-session.ts';
import { describeOnZookeeper } from '../../on-zookeeper.ts';
import { generateTopology } from '../../topology/file/generate.ts';
import { WriteGate } from '../../topology/nsdb/write-gate.ts';
import { Stage } from './stage.ts';
import { hasJust, load } from './written.ts';

const CHILD = fileURLToPath(new URL('./apply.child.js', import.meta.url));
const MAIN = fileURLToPath(new URL('../../../ops/main.js', import.meta.url));
const NOTHING = { exitCode: 0, out: 'Nothing to do\n', err: '' };

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
  it('killed before any of its writes is completed by applying again, as if nothing had been; then nothing is to do', async function () {
    this.timeout(0);
    const whole = await Stage.on(server().port);
    await whole.topology('apply', whole.file('before.yaml', BEFORE));
    await whole.topology('apply', '--prune', whole.file('after.yaml', AFTER));
    const undisturbed = await exportOf(whole);
    await whole.close();

    let lives = 0;
    for (let wasKilled = true; wasKilled; lives++) {
      /* oxlint-disable eslint/no-await-in-loop -- one life after another */
      const stage = await Stage.on(server().port);
      const after = stage.file('after.yaml', AFTER);
      equal((await stage.topology('apply', stage.file('before.yaml', BEFORE))).exitCode, 0);
      wasKilled = await killBefore(stage, lives, (url) => [CHILD, url, after]);
      if (wasKilled) {
        const again = await stage.topology('apply', '--prune', after);
        deepEqual([again.exitCode, again.err], [0, '']);
      }
      await hasJust(stage.nsdb, load(AFTER));
      deepEqual(await stage.topology('apply', '--prune', after), NOTHING);
      equal(await exportOf(stage), undisturbed);
      await stage.close();
      /* oxlint-enable eslint/no-await-in-loop */
    }
    ok(lives > 17, `${lives} writes`);
  });

  it('killed as a command keeps the next one waiting until its session ends, which then completes it', async function () {
    this.timeout(0);
    const stage = await Stage.on(server().port);
    const text = generateTopology(2000);
    const path = stage.file('large.yaml', text);
    await stage.topology('apply', stage.file('nothing.yaml', '{}')); // now the lock has a place
    const gate = await WriteGate.to(stage.port, 2); // the lock, and the first of several transactions
    const child = spawn(process.execPath, [MAIN, 'topology', 'apply', path, '--nsdb', stage.url(gate.port)]);
    child.stdout.resume();
    const ended = new Promise<string | null>((resolve) => child.once('exit', (_, signal) => resolve(signal)));
    await gate.shut;
    child.kill('SIGKILL');
    equal(await ended, 'SIGKILL');
    await gate.close();
    const { length } = await stage.nsdb.list('Port');
    ok(length > 0 && length < 2000, `${length} ports`);

    equal((await stage.topology('apply', path, '--wait', '600')).exitCode, 0);
    await hasJust(stage.nsdb, load(text));
    deepEqual(await stage.topology('apply', path), NOTHING);
    await stage.close();
  });
});

/**
 * Runs a program on the stage's database, kills it (SIGKILL) before it has made one write more than so many, and ends its session, as the
 * server does in time.
 *
 * @returns whether it came to that; otherwise it ended well by itself
 */
async function killBefore(
  stage: Stage,
  writes: number,
  programOn: (url: string) => readonly string[],
): Promise<boolean> {
  const gate = await WriteGate.to(stage.port, writes);
  const child = spawn(process.execPath, programOn(stage.url(gate.port)), { stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = new Promise<number | string | null>((resolve) => {
    child.once('exit', (code, signal) => resolve(signal ?? code));
  });
  void gate.shut.then(() => child.kill('SIGKILL'));
  const end = await ended;
  const wasKilled = end === 'SIGKILL';
  if (wasKilled) await endSession({ ...stage.address, sessionTimeout: 10_000 }, gate.session);
  else equal(end, 0);
  await gate.close();
  return wasKilled;
}

/** What the database has as a file, without the line that says where it is. */
async function exportOf(stage: Stage): Promise<string> {
  const { exitCode, out } = await stage.topology('export', '-q');
  equal(exitCode, 0);
  return out.replace(/^#.*\n/, '');
}
