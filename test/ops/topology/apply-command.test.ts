import { deepEqual, equal, match } from 'node:assert/strict';
import { parseMac } from '../../../topology/model/mac.ts';
import { objectPath } from '../../../topology/nsdb/paths.ts';
import { HOST_ALIVE } from '../../../topology/nsdb/state-keys.ts';
import { MAC_TABLE } from '../../../topology/nsdb/state-tables.ts';
import { equalsGolden } from '../../golden.ts';
import { create, edit, fieldsOf, uuid } from '../../topology/nsdb/harness.ts';
import { connected } from '../../topology/nsdb/zookeeper-harness.ts';
import { call, callAtTerminal } from '../call.ts';
import { fitsSchema } from './fits-schema.ts';
import { AFTER, BEFORE, idIn } from './networks.ts';
import { describeOnStage } from './stage.ts';

const GOLDEN = 'test/ops/topology/golden';
const NOTHING = { exitCode: 0, out: 'Nothing to do\n', err: '' };

describeOnStage('troupe topology apply', (stage) => {
  const troupe = (...words: readonly string[]) => stage().topology(...words);
  const file = (name: string, text: string) => stage().file(name, text);
  const plain = (text: string) => stage().plain(text);
  /** Applies {@link AFTER} where somebody sits who types. */
  const applyWith = (typed: string | undefined, ...words: readonly string[]) =>
    callAtTerminal(['topology', 'apply', file('net.yaml', AFTER), '--nsdb', stage().url(), ...words], typed);
  const isApplied = async () => (await troupe('diff', file('net.yaml', AFTER))).exitCode === 0;

  it('shows what it will do, and does it; a second time nothing is to do', async () => {
    const { exitCode, out, err } = await troupe('apply', 'examples/two-bridges.yaml');
    deepEqual([exitCode, err], [0, '']);
    equalsGolden(out, `${GOLDEN}/apply-two-bridges.txt`);
    const again = { exitCode: 0, out: 'Nothing to do\n', err: '' };
    deepEqual(await troupe('apply', 'examples/two-bridges.yaml'), again);
    deepEqual(await troupe('apply', '--prune', 'examples/two-bridges.yaml'), again);
  });

  it('leaves no tables of what it deletes behind', async () => {
    await troupe('apply', file('before.yaml', BEFORE));
    equal((await troupe('apply', file('none.yaml', '{}'), '--prune')).exitCode, 0);
    const { exitCode, out } = await call(['nsdb', 'check', '--nsdb', stage().url()]);
    deepEqual([exitCode, out.startsWith('✓ clean')], [0, true]);
  });

  it('tells of each thing what differs, and deletes what the file does not have only when asked to', async () => {
    await troupe('apply', file('net.yaml', BEFORE));
    const after = file('net.yaml', AFTER);
    const seen = await troupe('apply', after, '--dry-run', '--prune');
    equalsGolden(seen.out, `${GOLDEN}/apply-pruning.txt`);
    const kept = await troupe('apply', after);
    equalsGolden(plain(kept.out), `${GOLDEN}/apply-changes.txt`);
    equal((await troupe('apply', after)).out.startsWith('Nothing to do\n'), true);
    const pruned = await troupe('apply', after, '--prune');
    deepEqual(
      [kept, pruned].map(({ exitCode, err }) => [exitCode, err]),
      [
        [0, ''],
        [0, ''],
      ],
    );
    deepEqual(await troupe('diff', after), { exitCode: 0, out: '', err: '' });
  });

  it('reports to programs in JSON', async () => {
    await troupe('apply', file('net.yaml', BEFORE));
    const { out } = await troupe('apply', '-o', 'json', '--prune', file('net.yaml', AFTER));
    equalsGolden(out, `${GOLDEN}/apply.json`);
    fitsSchema(out, 'topology-apply');
    const dry = await troupe('apply', '-o', 'json', '--dry-run', file('net.yaml', BEFORE));
    fitsSchema(dry.out, 'topology-apply');
  });

  it('changes nothing in a dry run', async () => {
    await troupe('apply', '--dry-run', 'examples/two-bridges.yaml');
    deepEqual(await stage().nsdb.list('Port'), []);
  });

  it('keeps what the cluster and others have put into objects and lists', async () => {
    const path = file('net.yaml', AFTER);
    await troupe('apply', path);
    const [vm, overlay, host] = [idIn(AFTER, 'web:vm-1'), idIn(AFTER, 'overlay'), uuid(1)];
    const { nsdb } = stage();
    await create(nsdb, ['Host', host, { name: 'h9' }]);
    await edit(nsdb, 'Port', vm, { tunnelKey: 7, mtu: 1400 });
    const zone = await fieldsOf(nsdb, 'TunnelZone', overlay);
    await edit(nsdb, 'TunnelZone', overlay, { hosts: [{ hostId: host, ip: '192.0.2.7' }], hostIds: [host] });
    equal((await troupe('apply', path)).exitCode, 0);
    const port = await fieldsOf(nsdb, 'Port', vm);
    deepEqual([port?.['tunnelKey'], port?.['mtu']], [7, undefined]);
    deepEqual((await fieldsOf(nsdb, 'TunnelZone', overlay))?.['hostIds'], [host, ...listOf(zone?.['hostIds'])]);
  });

  it('deletes no host whose agent runs', async () => {
    await create(stage().nsdb, ['Host', uuid(1), { name: 'h8' }], ['Host', uuid(2), { name: 'h9' }]);
    await stage().nsdb.addState(HOST_ALIVE, { namespace: uuid(1), id: uuid(1) }, 'alive');
    const { exitCode, out } = await troupe('apply', '--prune', file('net.yaml', '{}'));
    deepEqual(
      [exitCode, plain(out)],
      [0, '-  host  h9\n=  host  h8  stays: its agent runs\n1 to delete\nApplied net.yaml.\n'],
    );
    deepEqual(
      (await stage().nsdb.list('Host')).map(({ id }) => id),
      [uuid(1)],
    );
  });

  it('waits for another who applies, and gives up by name', async () => {
    const lock = await stage().nsdb.lock('topology-apply', 1000);
    deepEqual(await troupe('apply', 'examples/two-hosts.yaml', '--wait', '0.1'), {
      exitCode: 3,
      out: '',
      err: 'troupe: another "troupe topology apply" is at work on this database, and was not done within 0.1 seconds; --wait says how long to wait\n',
    });
    const waiting = troupe('apply', 'examples/two-hosts.yaml');
    await lock.release();
    equal((await waiting).exitCode, 0);
  });

  it('ends at once, having changed nothing, when it is interrupted while it waits', async () => {
    const lock = await stage().nsdb.lock('topology-apply', 1000);
    const interruption = new AbortController();
    const words = ['topology', 'apply', 'examples/two-hosts.yaml', '--nsdb', stage().url()];
    const waiting = call(words, {}, interruption.signal);
    interruption.abort();
    deepEqual(await waiting, { exitCode: 130, out: '', err: '' });
    await lock.release();
  });

  it('is done once when two do the same at the same time', async () => {
    const both = await Promise.all([1, 2].map(() => troupe('apply', 'examples/two-hosts.yaml')));
    deepEqual(
      both.map(({ exitCode, err }) => [exitCode, err]),
      [
        [0, ''],
        [0, ''],
      ],
    );
    equal(both.filter(({ out }) => out === 'Nothing to do\n').length, 1);
  });

  it('names what cannot be read, leaves it alone, and does the rest', async () => {
    const raw = await connected({ ...stage().address, sessionTimeout: 10_000 });
    const id = idIn(AFTER, 'web:vm-1');
    await raw.multi([{ kind: 'create', path: objectPath('Port', id), data: Buffer.from('{') }]);
    const { exitCode, out, err } = await troupe('apply', '--prune', file('net.yaml', AFTER));
    equal(exitCode, 0);
    match(out, /=  port +web:vm-1 +stays: it cannot be read\n/);
    match(err, new RegExp(`^troupe: /zoom/0/models/Port/${id}: "{" is no object's record`));
    equal((await raw.data(objectPath('Port', id))).value?.data.toString(), '{');
    equal((await fieldsOf(stage().nsdb, 'Port', idIn(AFTER, 'web:vm-2')))?.['mtu'], 9000);
    await raw.close();
  });

  it('mends what is not sound where the file says what it should be', async () => {
    const path = file('net.yaml', AFTER);
    await troupe('apply', path);
    await edit(stage().nsdb, 'Port', idIn(AFTER, 'web:vm-2'), { mtu: 'large', interfaceName: 7 });
    equal((await troupe('apply', path)).exitCode, 0);
    equal((await fieldsOf(stage().nsdb, 'Port', idIn(AFTER, 'web:vm-2')))?.['mtu'], 9000);
  });

  it('replaces persistent entries, and leaves what stations said', async () => {
    await troupe('apply', file('net.yaml', BEFORE));
    const table = stage().nsdb.table(MAC_TABLE, { owner: idIn(BEFORE, 'web'), arg: 0 });
    const mac = parseMac('02:00:00:00:01:20');
    if (mac === undefined) throw new TypeError('a MAC address');
    table.add(mac, idIn(BEFORE, 'web:old'));
    await stage().nsdb.settled();
    await troupe('apply', file('net.yaml', AFTER));
    await stage().nsdb.settled();
    equal(table.get(mac), idIn(BEFORE, 'web:old'));
    table.close();
    deepEqual(
      (await stage().nsdb.persistentEntries(MAC_TABLE, idIn(AFTER, 'web'))).map(({ value }) => value),
      [idIn(AFTER, 'web:vm-2')],
    );
  });

  it('refuses a file that is wrong, says where, and touches nothing; diff too', async () => {
    for (const word of ['apply', 'diff']) {
      // oxlint-disable-next-line eslint/no-await-in-loop -- one after another
      const { exitCode, out, err } = await troupe(
        word,
        file('net.yaml', 'bridges:\n  web: { ports: { a: { lnk: b } } }\n'),
      );
      deepEqual([exitCode, out], [2, '']);
      match(plain(err), /^net\.yaml:2:24: a bridge port has no "lnk"/);
    }
    deepEqual(await stage().nsdb.list('Network'), []);
  });

  describe('at a terminal', () => {
    it('asks before it changes anything, and takes nothing but yes for a yes', async () => {
      for (const typed of ['n\n', '\n', 'yesterday\n', '']) {
        // oxlint-disable-next-line eslint/no-await-in-loop -- one after another
        const { exitCode, out, err } = await applyWith(typed);
        equal(exitCode, 1);
        match(out, /^\d+ to create$/m);
        const end = typed === '' ? '\n' : '';
        equal(plain(err), `Apply this to zookeeper://troupe:***@HERE [y/N] ${end}troupe: nothing was changed\n`);
      }
      equal(await isApplied(), false);
      const { exitCode, out } = await applyWith('y\n');
      equal(exitCode, 0);
      match(plain(out), /\nApplied net\.yaml\.\n$/);
      equal(await isApplied(), true);
    });

    it('asks nothing when --yes was said, or there is nothing to do', async () => {
      deepEqual((await applyWith('n\n', '--yes')).err, '');
      equal(await isApplied(), true);
      deepEqual(await applyWith('n\n'), NOTHING);
    });

    it('ends, having changed nothing, when it is interrupted at the question', async () => {
      const { exitCode, err } = await applyWith(undefined);
      equal(exitCode, 130);
      match(err, /nothing was changed\n$/);
      deepEqual(await stage().nsdb.list('Port'), []);
    });
  });

  describe('by two at the same time', () => {
    it('has what both files say', async () => {
      const files = ['examples/two-hosts.yaml', 'examples/two-bridges.yaml'];
      const both = await Promise.all(files.map((path) => troupe('apply', path)));
      deepEqual(
        both.map(({ exitCode }) => exitCode),
        [0, 0],
      );
      for (const path of files) {
        // oxlint-disable-next-line eslint/no-await-in-loop -- one after another
        const { exitCode, out } = await troupe('apply', '-q', path);
        deepEqual([exitCode, out], [0, 'Nothing to do\n']);
      }
    });

    it('has just one of the files, when both prune', async () => {
      const files = [file('before.yaml', BEFORE), file('after.yaml', AFTER)];
      const both = await Promise.all(files.map((path) => troupe('apply', '--prune', path)));
      deepEqual(
        both.map(({ exitCode }) => exitCode),
        [0, 0],
      );
      const diffs = await Promise.all(files.map((path) => troupe('diff', path)));
      deepEqual(new Set(diffs.map(({ exitCode }) => exitCode)), new Set([0, 1]));
    });
  });
});

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
