import { deepEqual, equal, match } from 'node:assert/strict';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { NSDB_SCHEMAS } from '../../../ops/commands/nsdb/output-schemas.ts';
import type { OpenLine, TreeLine, TreeOutput } from '../../../ops/commands/nsdb/outputs.ts';
import { HOST_ALIVE } from '../../../topology/nsdb/state-keys.ts';
import type { ZookeeperAddress } from '../../../topology/nsdb/zookeeper/address.ts';
import { withClient } from '../../../topology/nsdb/zookeeper/one-client.ts';
import type { ZookeeperNsdb } from '../../../topology/nsdb/zookeeper/zookeeper-nsdb.ts';
import { CREDENTIALS, describeOnZookeeper, freshRoot } from '../../on-zookeeper.ts';
import { create, uuid } from '../../topology/nsdb/harness.ts';
import { allFor, setRights } from '../../topology/nsdb/set-rights.ts';
import { call } from '../call.ts';
import { fill, open, urlOf } from './database-at.ts';

const NETWORKS = '/zoom/0/models/Network';
const host = uuid(5);

describeOnZookeeper('troupe nsdb tree', (server) => {
  let address: ZookeeperAddress;
  let nsdb: ZookeeperNsdb;
  const tree = (...words: readonly string[]) => call(['nsdb', 'tree', '--nsdb', urlOf(address), ...words]);

  const refused = async (words: readonly string[], exitCode: number, why: RegExp) => {
    const told = await tree(...words);
    deepEqual([told.exitCode, told.out], [exitCode, '']);
    match(told.err, why);
  };

  before(async () => {
    address = { servers: `127.0.0.1:${server().port}`, root: freshRoot(), credentials: CREDENTIALS };
    await fill(address, 2);
    nsdb = await open(address, 'a');
    await create(nsdb, ['Host', host]);
    await nsdb.addState(HOST_ALIVE, { namespace: host, id: host }, 'up');
  });
  after(() => nsdb.close());

  it('shows the nodes below a path, with names, sizes and versions', async () => {
    const { exitCode, out, err } = await tree(NETWORKS);
    deepEqual([exitCode, err], [0, '']);
    const time = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g;
    equal(
      out.replaceAll(time, 'TIME').replace(address.root, 'ROOT'),
      [
        'NODE                                                SIZE  VERSION  CHANGED',
        '/zoom/0/models/Network                                          0  TIME',
        '└─ 00000000-0000-4000-8000-000000000001 "web"       49 B        0  TIME',
        '   ├─ portIds,00000000-0000-4000-8000-000000000010              0  TIME',
        '   └─ portIds,00000000-0000-4000-8000-000000000011              0  TIME',
        '',
        '4 nodes of ROOT',
        '',
      ].join('\n'),
    );
    equal((await tree('-q', NETWORKS)).out, `${out.split('\n').slice(0, 5).join('\n')}\n`);
  });

  it('goes as deep as it is told, and says how many are below', async () => {
    const { out } = await tree('--depth', '1', '-q', '/zoom/0/models');
    match(out, /^├─ Network +0  \S+ {2}1 below$/m);
    match(out, /^├─ Port +0  \S+ {2}2 below$/m);
    match(out, /^└─ Vtep +0  \S+$/m);
    match((await tree('--depth', '0', '-q')).out, /^NODE.*\n\/ .* {2}4 below\n$/);
  });

  it('tells programs of each node, as its schema has it, and in which session it lives', async () => {
    const { exitCode, out } = await tree('-o', 'json');
    equal(exitCode, 0);
    const told = JSON.parse(out) as TreeOutput;
    const validate = new Ajv2020({ strict: true, allErrors: true }).compile(NSDB_SCHEMAS.get('nsdb-tree') ?? false);
    validate(told);
    deepEqual(validate.errors ?? [], []);
    equal(told.root, address.root);
    const nodes = told.nodes.filter((node): node is OpenLine => 'bytes' in node);
    const inSessions = nodes.filter(({ session }) => session !== undefined);
    deepEqual(
      inSessions.map(({ session, path }) => [session, path.slice(path.lastIndexOf('/') + 1)]),
      [[`0x${nsdb.session.id.toString('hex')}`, 'alive']],
    );
    const lines = (await tree('-o', 'ndjson')).out.trimEnd().split('\n');
    deepEqual(
      lines.map((line) => JSON.parse(line) as TreeLine),
      told.nodes,
    );
    const validateLine = new Ajv2020({ strict: true }).compile(NSDB_SCHEMAS.get('nsdb-tree-line') ?? false);
    deepEqual(
      lines.filter((line) => !validateLine(JSON.parse(line))),
      [],
    );
    equal(validateLine({ path: 'x' }), false);
    equal(new Set(told.nodes.map(({ path }) => path)).size, told.nodes.length);
    const { path, name, bytes, version, children } = nodes.find((node) => node.name === 'web') ?? {};
    deepEqual([path, name, bytes, version, children], [`${NETWORKS}/${uuid(1)}`, 'web', 49, 0, 2]);
  });

  it('names what is not ours: nodes that are closed to it, open to others, or no part of a database', async () => {
    await withClient({ ...address, sessionTimeout: 10_000 }, (client) =>
      client.multi([{ kind: 'create', path: '/theirs', data: Buffer.from('noise') }]),
    );
    const bob = { user: 'bob', password: 'secret' };
    await setRights(server(), CREDENTIALS, {
      [`${address.root}/elections`]: allFor(bob),
      [`${address.root}/sequences`]: `${allFor(CREDENTIALS)},world:anyone:r`,
    });
    const { exitCode, out } = await tree('--depth', '1');
    equal(exitCode, 0);
    match(out, /^├─ elections +closed to these credentials: others made it$/m);
    match(out, /^├─ sequences .* digest:troupe may do anything; anyone may read$/m);
    match(out, /^├─ theirs +5 B .* is no part of the tree$/m);
    const lines = (await tree('--depth', '1', '-o', 'ndjson')).out.trimEnd().split('\n');
    deepEqual(JSON.parse(lines.find((line) => line.includes('elections')) ?? ''), { path: '/elections', closed: true });
    await setRights(server(), CREDENTIALS, { [`${address.root}/sequences`]: allFor(CREDENTIALS) });
    await setRights(server(), bob, { [`${address.root}/elections`]: allFor(CREDENTIALS) });
  });

  it('is refused where no database is, whatever else is there, and shows one that is damaged', async () => {
    for (const root of [`${address.root}/zoom`, '/zookeeper', freshRoot()]) {
      const elsewhere = urlOf({ ...address, root });
      // oxlint-disable-next-line eslint/no-await-in-loop -- one after another
      const told = await call(['nsdb', 'tree', '--depth', '0', '--nsdb', elsewhere]);
      deepEqual([told.exitCode, told.out], [2, '']);
      match(told.err, /there is no database under this root\n$/);
    }
    const damaged = { ...address, root: freshRoot() };
    await fill(damaged, 1);
    await withClient({ ...damaged, sessionTimeout: 10_000 }, async (client) => {
      await client.multi([{ kind: 'set', path: '/schema', data: Buffer.from('noise') }]);
      equal((await call(['nsdb', 'tree', '--nsdb', urlOf(damaged)])).exitCode, 0);
      await client.multi([{ kind: 'delete', path: '/schema' }]);
      equal((await call(['nsdb', 'tree', '--nsdb', urlOf(damaged)])).exitCode, 0);
    });
  });

  it('is refused in a line where there is no such node, it is others, or it is called wrongly', async () => {
    await refused(['/nothing'], 2, /there is no node \/nothing\n$/);
    await refused(['nothing'], 2, /^troupe: "nothing" is no path, expected one like/);
    await refused(['/a/'], 2, /is no path/);
    await refused(['--depth', '-1'], 2, /^troupe: --depth: "-1" is wrong, expected a number of levels/);
    const theirs = { ...address, credentials: { user: 'bob', password: 'guess' } };
    const told = await call(['nsdb', 'tree', '--nsdb', urlOf(theirs)]);
    deepEqual([told.exitCode, told.err.endsWith('/: no permission; other credentials made it\n')], [3, true]);
  });
});
