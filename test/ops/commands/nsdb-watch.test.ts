import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { NSDB_SCHEMAS } from '../../../ops/commands/nsdb/output-schemas.ts';
import type { WatchLine } from '../../../ops/commands/nsdb/outputs.ts';
import type { ZookeeperAddress } from '../../../topology/nsdb/zookeeper/address.ts';
import { askServer } from '../../../topology/nsdb/zookeeper/four-letter-word.ts';
import { withClient } from '../../../topology/nsdb/zookeeper/one-client.ts';
import { pathsBelow } from '../../../topology/nsdb/zookeeper/remove-tree.ts';
import type { ZookeeperNsdb } from '../../../topology/nsdb/zookeeper/zookeeper-nsdb.ts';
import { CREDENTIALS, describeOnZookeeper, freshRoot } from '../../on-zookeeper.ts';
import { create, edit, remove, uuid } from '../../topology/nsdb/harness.ts';
import { TcpProxy } from '../../topology/nsdb/tcp-proxy.ts';
import { until } from '../../topology/nsdb/writers.ts';
import { call } from '../call.ts';
import { fill, open, urlOf } from './database-at.ts';

const MAIN = 'dist/ops/main.js';
const [net, port, late] = [uuid(1), uuid(10), uuid(50)];

/** A watch in a process of its own. */
class Watching {
  out = '';
  err = '';
  readonly #child;
  readonly ended: Promise<number | null>;

  constructor(words: readonly string[]) {
    this.#child = spawn(process.execPath, [MAIN, 'nsdb', 'watch', ...words]);
    this.#child.stdout.on('data', (chunk: Buffer) => (this.out += chunk.toString()));
    this.#child.stderr.on('data', (chunk: Buffer) => (this.err += chunk.toString()));
    this.ended = new Promise((resolve) => this.#child.once('close', resolve));
  }

  get lines(): readonly string[] {
    return this.out.split('\n').slice(0, -1);
  }

  interrupt(): void {
    this.#child.kill('SIGINT');
  }
}

describeOnZookeeper('troupe nsdb watch', (server) => {
  let address: ZookeeperAddress;
  let a: ZookeeperNsdb;
  let watching: Watching | undefined;
  const watch = async (...words: readonly string[]): Promise<Watching> => {
    watching = new Watching(words);
    await until(() => watching?.err.includes('Ctrl-C ends it') === true);
    return watching;
  };

  beforeEach(async () => {
    address = { servers: `127.0.0.1:${server().port}`, root: freshRoot(), credentials: CREDENTIALS };
    await fill(address, 2);
    a = await open(address, 'ann');
  });
  afterEach(async () => {
    watching?.interrupt();
    await a.close();
  });

  it('tells of what is made, changed and removed, and by whom; Ctrl-C ends it, with exit code 130', async () => {
    const watched = await watch('--nsdb', urlOf(address));
    match(watched.err, /^troupe: watching 3 objects; Ctrl-C ends it\n$/);
    await create(a, ['Port', late, { name: 'late', mtu: 1500 }]);
    await until(() => watched.lines.length === 1);
    await edit(a, 'Port', late, { name: 'late', mtu: 9000 });
    await until(() => watched.lines.length === 2);
    await remove(a, 'Port', late);
    await until(() => watched.lines.length === 3);
    watched.interrupt();
    equal(await watched.ended, 130);
    equal(watched.err, 'troupe: watching 3 objects; Ctrl-C ends it\n');
    const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z {2}/;
    deepEqual(
      watched.lines.map((line) => line.replace(time, '')),
      [
        'made     Port "late"  mtu 1500  by ann',
        'changed  Port "late"  mtu 1500 → 9000  by ann',
        'removed  Port "late"',
      ],
    );
  });

  it('tells programs the same, as its schema has it, of the classes that were named', async () => {
    const watched = await watch('Port', '-o', 'ndjson', '--nsdb', urlOf(address));
    const before = Date.now();
    await edit(a, 'Network', net, { name: 'other' });
    await edit(a, 'Port', port, { name: 'one' });
    await until(() => watched.lines.length === 1);
    await remove(a, 'Port', port);
    await until(() => watched.lines.length === 2);
    watched.interrupt();
    equal(await watched.ended, 130);
    const validate = new Ajv2020({ strict: true, allErrors: true }).compile(NSDB_SCHEMAS.get('nsdb-watch') ?? false);
    const told = watched.lines.map((line) => JSON.parse(line) as WatchLine);
    for (const line of told) {
      validate(line);
      deepEqual(validate.errors ?? [], []);
      ok(Date.parse(line.at) >= before - 1 && Date.parse(line.at) <= Date.now());
    }
    const first = { networkId: net, text: 'x'.repeat(10) };
    const common = { version: 1, at: undefined, class: 'Port', id: port, name: 'one' };
    deepEqual(
      told.map((line) => ({ ...line, at: undefined })),
      [
        { ...common, change: 'changed', by: 'ann', before: first, fields: { ...first, name: 'one' } },
        { ...common, change: 'removed', before: { ...first, name: 'one' } },
      ],
    );
  });

  it('goes on when the connection comes back, and tells what was missed', async () => {
    const proxy = await TcpProxy.to(server().port);
    const watched = await watch('--nsdb', urlOf({ ...address, servers: `127.0.0.1:${proxy.port}` }));
    proxy.cut();
    await until(() => /read only, since .*: no server answers/.test(watched.err));
    await edit(a, 'Network', net, { name: 'missed' });
    deepEqual(watched.lines, []);
    proxy.restore();
    await until(() => watched.lines.length === 1);
    match(watched.lines[0] ?? '', /changed {2}Network "missed" {2}name "web" → "missed" {2}by ann$/);
    match(watched.err, /connected again: what was missed follows\n$/);
    await create(a, ['Port', late]);
    await until(() => watched.lines.length === 2);
    watched.interrupt();
    equal(await watched.ended, 130);
    await proxy.close();
  });

  it('leaves no node, no session and no watch behind', async () => {
    const watches = async () => {
      const answer = await askServer(address.servers, 'wchs', 5000);
      ok(answer.kind === 'answer');
      return /Total watches:(\d+)/.exec(answer.text)?.[1];
    };
    await withClient({ ...address, sessionTimeout: 10_000 }, async (client) => {
      const [nodes, before] = [await pathsBelow(client, '/'), await watches()];
      const watched = await watch('--nsdb', urlOf(address));
      ok(Number(await watches()) > Number(before));
      watched.interrupt();
      equal(await watched.ended, 130);
      await until(async () => Number(await watches()) <= Number(before));
      deepEqual(await pathsBelow(client, '/'), nodes);
    });
  });

  it('is refused in a line where there is no database, and makes none; or where there is no such class', async () => {
    const nowhere = { ...address, root: freshRoot() };
    const none = await call(['nsdb', 'watch', '--nsdb', urlOf(nowhere)]);
    deepEqual([none.exitCode, none.err.endsWith('there is no database under this root\n')], [2, true]);
    await withClient({ ...nowhere, sessionTimeout: 10_000 }, async (client) => {
      equal((await client.stat('/')).value, undefined);
    });
    const typo = await call(['nsdb', 'watch', 'port', '--nsdb', urlOf(address)]);
    deepEqual([typo.exitCode, typo.err], [2, 'troupe: no class of objects is called "port"; did you mean "Port"?\n']);
    const dead = await call(['nsdb', 'watch', '--nsdb', urlOf({ ...address, servers: '127.0.0.1:1' })]);
    equal(dead.exitCode, 3);
  });
});
