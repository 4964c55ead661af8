import { deepEqual, equal, match } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ZookeeperAddress } from '../../../topology/nsdb/zookeeper/address.ts';
import { withClient } from '../../../topology/nsdb/zookeeper/one-client.ts';
import { CREDENTIALS, describeOnZookeeper, freshRoot } from '../../on-zookeeper.ts';
import { until } from '../../topology/nsdb/writers.ts';
import { call } from '../call.ts';
import { fill, urlOf } from './database-at.ts';

const MAIN = 'dist/ops/main.js';

describeOnZookeeper('troupe nsdb backup and restore', (server) => {
  let folder = '';
  let file = '';
  let address: ZookeeperAddress;
  const fresh = (): ZookeeperAddress => ({
    servers: `127.0.0.1:${server().port}`,
    root: freshRoot(),
    credentials: CREDENTIALS,
  });
  const backup = (at = address) => call(['nsdb', 'backup', file, '--nsdb', urlOf(at)]);
  const restore = (at: ZookeeperAddress, ...words: readonly string[]) =>
    call(['nsdb', 'restore', file, '--nsdb', urlOf(at), ...words]);
  /** What the backup says of nodes. */
  const nodesOf = () => {
    const lines = readFileSync(file, 'utf8').split('\n').slice(1, -2);
    return lines.map((line) => line.replace(/,"sum":"[0-9a-f]{32}"\}$/, ''));
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'troupe-nsdb-'));
    file = join(folder, 'net.backup');
    address = fresh();
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('write a database into a file of its owner alone, and put it under another root', async () => {
    await fill(address, 3, 10);
    const { exitCode, out, err } = await backup();
    deepEqual([exitCode, err], [0, '']);
    match(out, /net\.backup: 11 nodes of \/troupe-test-\S+ as of 0x[0-9a-f]+\n$/);
    equal(statSync(file).mode & 0o777, 0o600);
    const elsewhere = fresh();
    const restored = await restore(elsewhere);
    deepEqual([restored.exitCode, restored.err], [0, '']);
    match(restored.out, /net\.backup, of \d{4}-\S+Z: restored, 11 nodes\n$/);
    const before = nodesOf();
    await backup(elsewhere);
    deepEqual(nodesOf(), before);
  });

  it('put it in place of a database when told to, and say what that changed', async () => {
    await fill(address, 1, 10);
    await backup();
    const refused = await restore(address);
    equal(refused.exitCode, 2);
    match(refused.err, /a database of 5 nodes is there; --replace puts the backup in its place\n$/);
    match((await restore(address, '--replace')).out, /: the database was so already\n$/);
    address = fresh();
    await fill(address, 2, 5);
    const { exitCode, out } = await restore(address, '--replace');
    equal(exitCode, 0);
    match(out, /: restored as one change: \d+ made, \d+ changed, \d+ deleted\n$/);
  });

  it('tell what is wrong in a line, and exit as for bad input or a failing world', async () => {
    await fill(address, 1, 10);
    await backup();
    const whole = readFileSync(file, 'utf8');
    writeFileSync(file, whole.slice(0, -100));
    const elsewhere = fresh();
    const cut = await restore(elsewhere);
    deepEqual(
      [cut.exitCode, /net.backup:\d+: is cut short: its end is missing or damaged, after \d nodes/.test(cut.err)],
      [2, true],
    );
    writeFileSync(file, whole.replace('web', 'wob'));
    const damaged = await restore(elsewhere);
    deepEqual(
      [damaged.exitCode, /net.backup:\d+: was changed since it was written/.test(damaged.err)],
      [2, true],
      damaged.err,
    );
    await withClient({ ...elsewhere, sessionTimeout: 10_000 }, async (client) => {
      equal((await client.stat('/')).value, undefined); // nothing was written
    });
    const noise = fresh();
    await withClient({ ...noise, sessionTimeout: 10_000 }, async (client) => {
      await client.plantRoot();
      await client.multi([{ kind: 'create', path: '/schema', data: Buffer.from('\u009b31m\u007f') }]);
    });
    match((await backup(noise)).err, /^[^\u007f-\u009f]*\\x9b31m\\x7f[^\u007f-\u009f]*$/); // no terminal hears of it
    const theirs = await backup({ ...address, credentials: { ...CREDENTIALS, user: 'bob' } });
    deepEqual([theirs.exitCode, theirs.err.endsWith('/schema: no permission; other credentials made it\n')], [3, true]);
    const none = await backup(fresh());
    deepEqual([none.exitCode, none.err.endsWith('there is no database under this root\n')], [2, true]);
    const nowhere = await call(['nsdb', 'backup', '/no/such/folder/x', '--nsdb', urlOf(address)]);
    deepEqual([nowhere.exitCode, nowhere.err.includes('its folder does not exist')], [3, true]);
    const missing = await call(['nsdb', 'restore', '/no/such/file', '--nsdb', urlOf(address)]);
    deepEqual([missing.exitCode, missing.err], [2, 'troupe: /no/such/file: there is no such file\n']);
  });

  const ends = [
    ['killed', 'SIGKILL', ''],
    ['interrupted', 'SIGINT', 'troupe: interrupted: the restore is incomplete; restore again\n'],
  ] as const;
  for (const [how, signal, message] of ends) {
    it(`leave, ${how} in the middle, a database that everybody refuses by name; restoring again completes it`, async () => {
      await fill(address, 1000, 2000);
      await backup();
      const lines = nodesOf();
      const elsewhere = fresh();
      const words = ['nsdb', 'restore', file, '--nsdb', urlOf(elsewhere)];
      const child = spawn(process.execPath, [MAIN, ...words], { stdio: ['ignore', 'ignore', 'pipe'] });
      let said = '';
      child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
      const ended = new Promise((resolve) => child.once('close', resolve));
      await withClient({ ...elsewhere, sessionTimeout: 10_000 }, async (client) => {
        await until(async () => (await client.stat('/zoom/0/models/Network')).value !== undefined);
        child.kill(signal);
        deepEqual([await ended, said], [signal === 'SIGINT' ? 130 : null, message]);
        match((await client.data('/schema')).value?.data.toString() ?? '', /^restoring/);
      });
      const refused = await backup(elsewhere);
      equal(refused.exitCode, 2);
      match(
        refused.err,
        /a restore of this database was begun, and is not finished: "troupe nsdb restore" completes it\n$/,
      );
      const { exitCode, out } = await restore(elsewhere);
      equal(exitCode, 0);
      match(out, /restored, \d+ nodes/);
      await backup(elsewhere);
      deepEqual(nodesOf(), lines);
    });
  }
});
