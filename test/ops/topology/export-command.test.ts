import { deepEqual, equal, match } from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ClassName } from '../../../topology/model/bindings.ts';
import type { Uuid } from '../../../topology/model/ids.ts';
import type { JsonObject } from '../../../topology/model/json.ts';
import { loadTopology } from '../../../topology/file/load-topology.ts';
import { equalsGolden } from '../../golden.ts';
import { create, uuid } from '../../topology/nsdb/harness.ts';
import { describeOnStage } from './stage.ts';
import { hasJust, load } from './written.ts';

const GOLDEN = 'test/ops/topology/golden';

describeOnStage('troupe topology export', (stage) => {
  const troupe = (...words: readonly string[]) => stage().topology(...words);
  const file = (name: string, text: string) => stage().file(name, text);
  const plain = (text: string) => stage().plain(text);

  for (const path of topologiesIn('examples', 'test/topology/file/odd')) {
    it(`gives ${path} back: applied, it changes nothing, and elsewhere it makes the same objects`, async () => {
      await troupe('apply', path);
      const exported = join(stage().folder, 'exported.yaml');
      deepEqual(await troupe('export', '-q', '--out', exported), { exitCode: 0, out: '', err: '' });
      deepEqual(await troupe('diff', '-q', exported), { exitCode: 0, out: '', err: '' });
      const other = await stage().another();
      equal((await other.topology('apply', exported)).exitCode, 0);
      await hasJust(other.nsdb, load(readFileSync(path, 'utf8')));
      await other.close();
    });
  }

  it('has ids and labels of what others made, and tells what no file can describe', async () => {
    await create(
      stage().nsdb,
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
      stage().nsdb,
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
      stage().nsdb,
      ['Network', uuid(1), { name: 'n' }],
      ['Router', uuid(2)],
      twinPort(3, uuid(2)),
      twinPort(4, uuid(2)),
    );
    for (const [n, far] of [
      [5, 3],
      [6, 4],
    ] as const) {
      await create(stage().nsdb, ['Port', uuid(n), { networkId: uuid(1), peerId: uuid(far) }]); // oxlint-disable-line eslint/no-await-in-loop -- one after another
    }
    const { exitCode, err } = await troupe('export');
    equal(exitCode, 1);
    match(err, /the export:\d+:\d+: 10\.0\.0\.1 is on this segment already, at router-00000000:p3/);
  });
});

/** Ports of one router with the same address. */
function twinPort(n: number, routerId: Uuid): readonly [ClassName, Uuid, JsonObject] {
  const address = { portAddress: '10.0.0.1', portSubnet: ['10.0.0.0/24'] };
  return ['Port', uuid(n), { routerId, name: `p${n}`, portMac: `02:00:00:00:00:0${n}`, ...address }];
}

/** The topology files in folders and below, sound ones. */
function topologiesIn(...folders: readonly string[]): readonly string[] {
  return folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .map((name) => join(folder, name))
      .filter((path) => path.endsWith('.yaml') && loadTopology(readFileSync(path, 'utf8'), { path }).ok)
      .toSorted(),
  );
}
