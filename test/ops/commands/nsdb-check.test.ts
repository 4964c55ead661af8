import { deepEqual, equal, match } from 'node:assert/strict';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { NSDB_SCHEMAS } from '../../../ops/commands/nsdb/output-schemas.ts';
import type { CheckOutput } from '../../../ops/commands/nsdb/outputs.ts';
import { objectPath } from '../../../topology/nsdb/paths.ts';
import type { ZookeeperAddress } from '../../../topology/nsdb/zookeeper/address.ts';
import { withClient } from '../../../topology/nsdb/zookeeper/one-client.ts';
import { referrerNode } from '../../../topology/nsdb/zookeeper/tree.ts';
import { CREDENTIALS, describeOnZookeeper, freshRoot } from '../../on-zookeeper.ts';
import { uuid } from '../../topology/nsdb/harness.ts';
import { call } from '../call.ts';
import { fill, urlOf } from './database-at.ts';

const [net, gone] = [uuid(1), uuid(99)];
const STRAY = referrerNode('Network', net, 'portIds', gone);
const NOISE = objectPath('Router', gone);

describeOnZookeeper('troupe nsdb check', (server) => {
  let address: ZookeeperAddress;
  const check = (...words: readonly string[]) => call(['nsdb', 'check', '--nsdb', urlOf(address), ...words]);

  beforeEach(async () => {
    address = { servers: `127.0.0.1:${server().port}`, root: freshRoot(), credentials: CREDENTIALS };
    await fill(address, 2);
  });

  /** A back-reference of nobody, and noise in place of an object. */
  const damage = () =>
    withClient({ ...address, sessionTimeout: 10_000 }, (client) =>
      client.multi([
        { kind: 'create', path: STRAY, data: Buffer.alloc(0) },
        { kind: 'create', path: NOISE, data: Buffer.from('noise') },
      ]),
    );

  it('says that a database is clean; exit code 0, and nothing at all where it is to be quiet', async () => {
    const { exitCode, out, err } = await check();
    deepEqual([exitCode, err], [0, '']);
    match(out, /^✓ clean: \d+ nodes, 3 objects, as of 0x[0-9a-f]+\n$/);
    deepEqual(await check('-q'), { exitCode: 0, out: '', err: '' });
  });

  it('names what it finds by its path, with what mends it; exit code 1', async () => {
    await damage();
    const { exitCode, out, err } = await check();
    deepEqual([exitCode, err], [1, '']);
    const lines = out.split('\n');
    equal(lines[0], `✗ ${STRAY} "web": Port ${gone} does not exist`);
    equal(lines[1], '    --repair deletes the back-reference');
    equal(lines[2], `✗ ${NOISE}: holds no object's record: "noise"`);
    equal(lines[3], '    --repair --discard deletes it, and its back-references');
    match(lines[4] ?? '', /^✗ 2 findings \(--repair mends 1; --repair --discard also deletes .*: 1\) in \d+ nodes, /);
  });

  it('mends what loses nothing when told to, and the rest when told so, too; each time it says what it has done', async () => {
    await damage();
    const careful = await check('--repair');
    equal(careful.exitCode, 1);
    match(careful.out, /^✓ .*portIds,.*\n {4}mended: deletes the back-reference\n✗ /);
    const thorough = await check('--repair', '--discard');
    equal(thorough.exitCode, 0);
    match(thorough.out, /mended: deletes it, and its back-references\n✓ 1 mended, clean: /);
    equal((await check()).exitCode, 0);
  });

  it('tells programs the same, as its schema has it', async () => {
    await damage();
    const { exitCode, out } = await check('-o', 'json', '--repair');
    equal(exitCode, 1);
    const told = JSON.parse(out) as CheckOutput;
    const validate = new Ajv2020({ strict: true, allErrors: true }).compile(NSDB_SCHEMAS.get('nsdb-check') ?? false);
    validate(told);
    deepEqual(validate.errors ?? [], []);
    deepEqual([told.clean, told.objects, told.unsettled], [false, 4, 0]);
    deepEqual(
      [...told.findings, ...told.mended].map(({ kind, path, repair }) => [kind, path, repair?.loss]),
      [
        ['unreadable', NOISE, true],
        ['stray-back-reference', STRAY, false],
      ],
    );
  });

  it('is refused in a line where it is called wrongly, there is no database, it is others, or no server answers', async () => {
    await refused(['--nsdb', urlOf(address), '--discard'], 2, /^troupe: --discard is said along with --repair/);
    await refused([], 2, /^troupe: no database is named/);
    const nowhere = { ...address, root: freshRoot() };
    await refused(['--nsdb', urlOf(nowhere)], 2, /there is no database under this root\n$/);
    const theirs = { ...address, credentials: { user: 'bob', password: 'guess' } };
    await refused(['--nsdb', urlOf(theirs)], 3, /no permission; other credentials made it\n$/);
    const dead = { ...address, servers: '127.0.0.1:1' };
    await refused(['--nsdb', urlOf(dead)], 3, /no ZooKeeper server of 127\.0\.0\.1:1 let us in/);
  });
});

async function refused(words: readonly string[], exitCode: number, why: RegExp): Promise<void> {
  const told = await call(['nsdb', 'check', ...words]);
  deepEqual([told.exitCode, told.out], [exitCode, '']);
  match(told.err, why);
}
