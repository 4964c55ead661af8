import { deepEqual, equal, match } from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadTopology } from '../../../topology/file/load-topology.ts';
import type { ClassName } from '../../../topology/model/bindings.ts';
import type { Uuid } from '../../../topology/model/ids.ts';
import type { JsonObject } from '../../../topology/model/json.ts';
import { parseMac } from '../../../topology/model/mac.ts';
import { objectPath } from '../../../topology/nsdb/paths.ts';
import { HOST_ALIVE } from '../../../topology/nsdb/state-keys.ts';
import { MAC_TABLE } from '../../../topology/nsdb/state-tables.ts';
import { MachineTimers } from '../../../topology/nsdb/zookeeper/machine-timers.ts';
import { ZookeeperDatabase } from '../../../topology/nsdb/zookeeper/zookeeper-database.ts';
import type { ZookeeperNsdb } from '../../../topology/nsdb/zookeeper/zookeeper-nsdb.ts';
import { equalsGolden } from '../../golden.ts';
import { CREDENTIALS, describeOnZookeeper, freshRoot } from '../../on-zookeeper.ts';
import { create, edit, fieldsOf, uuid } from '../../topology/nsdb/harness.ts';
import { connected } from '../../topology/nsdb/zookeeper-harness.ts';
import { call, type Called } from '../call.ts';

const GOLDEN = 'test/ops/topology/golden';
const FILES = [
  'examples/two-bridges.yaml',
  'examples/two-hosts.yaml',
  'examples/bro-org/topology.yaml',
  'test/topology/file/odd/everything.yaml',
  'test/topology/file/odd/vlans.yaml',
];

const BEFORE = `
hosts: { h1: { tunnel: { overlay: 192.0.2.1 } }, h2: }
tunnelZones: { overlay: }
bridges:
  web:
    arp: { 10.0.1.20: 02:00:00:00:01:20, 10.0.1.21: 02:00:00:00:01:21 }
    macs: { 02:00:00:00:01:20: vm-1 }
    ports: { vm-1: { bind: h1/a, mtu: 1400 }, vm-2: { bind: h1/b }, old: { bind: h2/c } }
routers:
  edge:
    ports: { up: { address: 10.0.1.1/24, link: web }, out: { address: 10.9.0.1/24, bind: h1/out } }
    routes: [{ to: 0.0.0.0/0, via: 10.9.0.254 }]
`;

const AFTER = `
hosts: { h1: { tunnel: { overlay: 192.0.2.9 } } }
tunnelZones: { overlay: { type: gre } }
portGroups: { gold: }
bridges:
  web:
    up: false
    arp: { 10.0.1.20: 02:00:00:00:01:99 }
    macs: { 02:00:00:00:01:20: vm-2 }
    ports:
      vm-1: { bind: h1/a, groups: [gold] }
      vm-2: { bind: h1/c, mtu: 9000 }
      up:
routers:
  edge:
    ports: { up: { address: 10.0.1.1/24, link: web:up }, out: { address: 10.9.0.1/24, bind: h1/out } }
    routes: [{ to: 10.0.0.0/8, via: 10.9.0.254 }]
`;

describeOnZookeeper('a topology in a shared database', (server) => {
  let folder: string;
  let address: { readonly servers: string; readonly root: string; readonly credentials: typeof CREDENTIALS };
  let nsdb: ZookeeperNsdb;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'troupe-topology-'));
    address = { servers: `127.0.0.1:${server().port}`, root: freshRoot(), credentials: CREDENTIALS };
    nsdb = await new ZookeeperDatabase(address, { timers: new MachineTimers() }).open('test');
  });

  afterEach(async () => {
    await nsdb.close();
    rmSync(folder, { recursive: true });
  });

  const troupe = (...words: readonly string[]): Promise<Called> => {
    const { servers, root } = address;
    return call(['topology', ...words], { TROUPE_NSDB: `zookeeper://troupe:secret@${servers}${root}` });
  };
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  /** What was written, without the folder of this run. */
  const plain = (text: string): string => text.replaceAll(`${folder}/`, '').replaceAll(/127\.0\.0\.1:\d+\S*/g, 'HERE');

  describe('troupe topology apply', () => {
    it('shows what it will do, and does it; a second time nothing is to do', async () => {
      const { exitCode, out, err } = await troupe('apply', 'examples/two-bridges.yaml');
      deepEqual([exitCode, err], [0, '']);
      equalsGolden(out, `${GOLDEN}/apply-two-bridges.txt`);
      const again = { exitCode: 0, out: 'Nothing to do\n', err: '' };
      deepEqual(await troupe('apply', 'examples/two-bridges.yaml'), again);
      deepEqual(await troupe('apply', '--prune', 'examples/two-bridges.yaml'), again);
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
    });

    it('changes nothing in a dry run', async () => {
      await troupe('apply', '--dry-run', 'examples/two-bridges.yaml');
      deepEqual(await nsdb.list('Port'), []);
    });

    it('keeps what the cluster and others have put into objects and lists', async () => {
      const path = file('net.yaml', AFTER);
      await troupe('apply', path);
      const id = (name: string) => idIn(AFTER, name);
      await create(nsdb, ['Host', uuid(1), { name: 'h9' }]);
      await edit(nsdb, 'Port', id('web:vm-1'), { tunnelKey: 7, mtu: 1400 });
      const zone = await fieldsOf(nsdb, 'TunnelZone', id('overlay'));
      const members = { hosts: [{ hostId: uuid(1), ip: '192.0.2.7' }], hostIds: [uuid(1)] };
      await edit(nsdb, 'TunnelZone', id('overlay'), members);
      equal((await troupe('apply', path)).exitCode, 0);
      const port = await fieldsOf(nsdb, 'Port', id('web:vm-1'));
      deepEqual([port?.['tunnelKey'], port?.['mtu']], [7, undefined]);
      deepEqual((await fieldsOf(nsdb, 'TunnelZone', id('overlay')))?.['hostIds'], [
        uuid(1),
        ...listOf(zone?.['hostIds']),
      ]);
    });

    it('deletes no host whose agent runs', async () => {
      await create(nsdb, ['Host', uuid(1), { name: 'h8' }], ['Host', uuid(2), { name: 'h9' }]);
      await nsdb.addState(HOST_ALIVE, { namespace: uuid(1), id: uuid(1) }, 'alive');
      const { exitCode, out } = await troupe('apply', '--prune', file('net.yaml', '{}'));
      deepEqual(
        [exitCode, plain(out)],
        [0, '-  host  h9\n=  host  h8  stays: its agent runs\n1 to delete\nApplied net.yaml.\n'],
      );
      deepEqual(await ids('Host'), [uuid(1)]);
    });

    it('waits for another who applies, and gives up by name', async () => {
      const lock = await nsdb.lock('topology-apply', 1000);
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
      const lock = await nsdb.lock('topology-apply', 1000);
      const interruption = new AbortController();
      const { servers, root } = address;
      const flag = ['--nsdb', `zookeeper://troupe:secret@${servers}${root}`];
      const waiting = call(['topology', 'apply', 'examples/two-hosts.yaml', ...flag], {}, interruption.signal);
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
      const raw = await connected({ ...address, sessionTimeout: 10_000 });
      const id = idIn(AFTER, 'web:vm-1');
      await raw.multi([{ kind: 'create', path: objectPath('Port', id), data: Buffer.from('{') }]);
      const { exitCode, out, err } = await troupe('apply', '--prune', file('net.yaml', AFTER));
      equal(exitCode, 0);
      match(out, /=  port +web:vm-1 +stays: it cannot be read\n/);
      match(err, new RegExp(`^troupe: /zoom/0/models/Port/${id}: "{" is no object's record`));
      equal((await raw.data(objectPath('Port', id))).value?.data.toString(), '{');
      equal((await fieldsOf(nsdb, 'Port', idIn(AFTER, 'web:vm-2')))?.['mtu'], 9000);
      await raw.close();
    });

    it('mends what is not sound where the file says what it should be', async () => {
      const path = file('net.yaml', AFTER);
      await troupe('apply', path);
      await edit(nsdb, 'Port', idIn(AFTER, 'web:vm-2'), { mtu: 'large', interfaceName: 7 });
      equal((await troupe('apply', path)).exitCode, 0);
      equal((await fieldsOf(nsdb, 'Port', idIn(AFTER, 'web:vm-2')))?.['mtu'], 9000);
    });

    it('replaces persistent entries, and leaves what stations said', async () => {
      await troupe('apply', file('net.yaml', BEFORE));
      const table = nsdb.table(MAC_TABLE, { owner: idIn(BEFORE, 'web'), arg: 0 });
      const mac = parseMac('02:00:00:00:01:20');
      if (mac === undefined) throw new TypeError('a MAC address');
      table.add(mac, idIn(BEFORE, 'web:old'));
      await nsdb.settled();
      await troupe('apply', file('net.yaml', AFTER));
      await nsdb.settled();
      equal(table.get(mac), idIn(BEFORE, 'web:old'));
      table.close();
      deepEqual(
        (await nsdb.persistentEntries(MAC_TABLE, idIn(AFTER, 'web'))).map(({ value }) => value),
        [idIn(AFTER, 'web:vm-2')],
      );
    });

    it('touches nothing for a file that is wrong', async () => {
      const { exitCode, out } = await troupe('apply', 'test/topology/file/broken/self-link.yaml');
      deepEqual([exitCode, out], [2, '']);
    });
  });

  describe('troupe topology diff', () => {
    it('shows what differs and exits with 1, and with 0 and nothing where all is the same', async () => {
      await troupe('apply', file('before.yaml', BEFORE));
      const { exitCode, out } = await troupe('diff', file('after.yaml', AFTER));
      equal(exitCode, 1);
      equalsGolden(out, `${GOLDEN}/apply-pruning.txt`);
      deepEqual(await troupe('diff', '-q', file('before.yaml', BEFORE)), { exitCode: 0, out: '', err: '' });
      const json = JSON.parse((await troupe('diff', '-o', 'json', file('before.yaml', BEFORE))).out) as {
        same: boolean;
      };
      equal(json.same, true);
    });
  });

  describe('troupe topology export', () => {
    for (const path of FILES) {
      it(`gives ${path} back: applied, it changes nothing`, async () => {
        await troupe('apply', path);
        const exported = join(folder, 'exported.yaml');
        deepEqual(await troupe('export', '-q', '--out', exported), { exitCode: 0, out: '', err: '' });
        deepEqual(await troupe('diff', '-q', exported), { exitCode: 0, out: '', err: '' });
        deepEqual(objectsIn(readFileSync(exported, 'utf8')), objectsIn(readFileSync(path, 'utf8')));
      });
    }

    it('has ids and labels of what others made, and tells what no file can describe', async () => {
      await create(
        nsdb,
        ['Network', uuid(1), { name: 'private', tenantId: 't' }],
        ['Network', uuid(2), { name: 'private', adminStateUp: true }],
        ['Port', uuid(3), { networkId: uuid(2), tunnelKey: 5 }],
        ['Dhcp', uuid(4), { networkId: uuid(1) }],
        ['Router', uuid(5), { name: "Tom's", adminStateUp: true }],
        [
          'Port',
          uuid(6),
          {
            routerId: uuid(5),
            name: 'gw',
            portAddress: '10.0.0.1',
            portSubnet: ['10.0.0.0/24'],
            portMac: '02:00:00:00:00:09',
          },
        ],
        ['Route', uuid(7), { routerId: uuid(5), nextHop: 'LOCAL', nextHopPortId: uuid(6), dstSubnet: '10.0.0.1/32' }],
      );
      const { exitCode, out, err } = await troupe('export');
      equalsGolden(plain(out), `${GOLDEN}/export-of-others.yaml`);
      deepEqual(
        [exitCode, err],
        [
          0,
          'not for topology files, and left alone when this one is applied: Dhcp (1), Network.tenantId (1), Port.tunnelKey (1)\n',
        ],
      );
      deepEqual(await troupe('apply', '--prune', file('net.yaml', out)), {
        exitCode: 0,
        out: 'Nothing to do\n',
        err: '',
      });
    });

    it('tells what the file lacks, and exits with 1', async () => {
      await create(
        nsdb,
        ['Network', uuid(1), { name: 'n' }],
        ['Port', uuid(2), { networkId: uuid(1), name: 'a', mtu: 'large' }],
        ['Port', uuid(3), { networkId: uuid(1), name: 'b', peerId: uuid(2) }],
        ['Port', uuid(4), { name: 'homeless' }],
        ['Router', uuid(5), { name: 'r', adminStateUp: true }],
        ['Port', uuid(6), { routerId: uuid(5), name: 'p', portMac: '02:00:00:00:00:09' }],
        ['Route', uuid(7), { routerId: uuid(5), nextHop: 'PORT', dstSubnet: '10.0.0.0/8' }],
      );
      const { exitCode, err } = await troupe('export');
      equal(exitCode, 1);
      equalsGolden(plain(err), `${GOLDEN}/export-lacking.txt`);
    });

    it('says where the database has what no file may have', async () => {
      await create(
        nsdb,
        ['Network', uuid(1), { name: 'n' }],
        ['Router', uuid(2)],
        twinPort(3, uuid(2)),
        twinPort(4, uuid(2)),
      );
      for (const [n, far] of [
        [5, 3],
        [6, 4],
      ] as const) {
        await create(nsdb, ['Port', uuid(n), { networkId: uuid(1), peerId: uuid(far) }]); // oxlint-disable-line eslint/no-await-in-loop -- one after another
      }
      const { exitCode, err } = await troupe('export');
      equal(exitCode, 1);
      match(err, /the export:\d+:\d+: 10\.0\.0\.1 is on this segment already, at router-00000000:p3/);
    });
  });

  it('troupe topology show and graph look at the database where no file is named', async () => {
    await troupe('apply', 'examples/two-bridges.yaml');
    const { servers, root } = address;
    const flag = ['--nsdb', `zookeeper://troupe:secret@${servers}${root}`];
    equalsGolden((await troupe('show')).out, `${GOLDEN}/show-database.txt`);
    match((await troupe('show', ...flag, 'db')).out, /^bridge db\n( .*\n)+$/);
    match((await troupe('show', ...flag, 'edgy')).err, /did you mean "edge"\?/);
    match((await troupe('graph', '-o', 'mermaid')).out, /^flowchart TB\n(.*\n)*.*<b>edge<\/b> router/);
    match((await troupe('graph', ...flag, 'x.yaml')).err, /a file and --nsdb: either/);
  });

  it('says in one line that no server is there, or that the credentials are wrong', async () => {
    const { exitCode, out, err } = await call(['topology', 'export', '--nsdb', 'zookeeper://me:secret@127.0.0.1:1/x']);
    deepEqual([exitCode, out], [3, '']);
    match(
      err,
      /^troupe: zookeeper:\/\/me:\*\*\*@127\.0\.0\.1:1\/x: no ZooKeeper server of 127\.0\.0\.1:1 let .* in within \d+ ms\n$/,
    );
    await troupe('apply', 'examples/two-hosts.yaml');
    const { servers, root } = address;
    const wrong = await call([
      'topology',
      'diff',
      'examples/two-hosts.yaml',
      '--nsdb',
      `zookeeper://troupe:guess@${servers}${root}`,
    ]);
    equal(wrong.exitCode, 3);
    match((await call(['topology', 'export'])).err, /^troupe: no database is named: /);
    match((await call(['topology', 'show'])).err, /^troupe: a topology file is missing, or --nsdb/);
  });

  async function ids(cls: ClassName): Promise<readonly Uuid[]> {
    return (await nsdb.list(cls)).map(({ id }) => id);
  }
});

/** Ports of one router with the same address. */
function twinPort(n: number, routerId: Uuid): readonly [ClassName, Uuid, JsonObject] {
  const address = { portAddress: '10.0.0.1', portSubnet: ['10.0.0.0/24'] };
  return ['Port', uuid(n), { routerId, name: `p${n}`, portMac: `02:00:00:00:00:0${n}`, ...address }];
}

/** The id of what a file names. */
function idIn(text: string, name: string): Uuid {
  const result = loadTopology(text, { path: 'f' });
  if (!result.ok) throw new TypeError('a sound file');
  const { devices, ports, tunnelZones } = result.topology.names;
  const id = devices.get(name) ?? ports.get(name) ?? tunnelZones.get(name);
  if (id === undefined) throw new TypeError(`no ${name}`);
  return id;
}

function objectsIn(text: string): ReadonlySet<unknown> {
  const result = loadTopology(text, { path: 'f' });
  return new Set(result.ok ? result.topology.objects : []);
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
