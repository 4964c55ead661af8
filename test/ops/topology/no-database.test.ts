import { deepEqual, equal, match } from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withClient } from '../../../topology/nsdb/zookeeper/one-client.ts';
import { pathsBelow } from '../../../topology/nsdb/zookeeper/remove-tree.ts';
import { CREDENTIALS, freshRoot } from '../../on-zookeeper.ts';
import { call } from '../call.ts';
import { describeOnStage } from './stage.ts';

const FILE = 'examples/two-bridges.yaml';

describeOnStage('troupe topology, where no database is under the root', (stage) => {
  let above: string;
  const troupe = (...words: readonly string[]) => {
    const { user, password } = CREDENTIALS;
    const url = `zookeeper://${user}:${password}@127.0.0.1:${stage().port}${above}/typo`;
    return call(['topology', ...words], { TROUPE_NSDB: url });
  };
  /** All nodes at and below the root's parent, which nobody has made. */
  const planted = () =>
    withClient({ ...stage().address, root: above, sessionTimeout: 10_000 }, (client) => pathsBelow(client, '/'));

  beforeEach(() => void (above = freshRoot()));

  for (const word of ['show', 'graph', 'export']) {
    it(`is refused in a line by ${word}, and nothing is made`, async () => {
      const { exitCode, out, err } = await troupe(word);
      deepEqual([exitCode, out], [2, '']);
      match(err, /^troupe: zookeeper:\S+: there is no database under this root\n$/);
      deepEqual(await planted(), []);
    });
  }

  it('leaves alone the file that an export was to write', async () => {
    const path = stage().file('net.yaml', 'precious');
    equal((await troupe('export', '--out', path)).exitCode, 2);
    equal((await troupe('graph', '--out', join(stage().folder, 'net.svg'))).exitCode, 2);
    deepEqual([readFileSync(path, 'utf8'), existsSync(join(stage().folder, 'net.svg'))], ['precious', false]);
  });

  for (const [words, exitCode] of [
    [['diff'], 1],
    [['apply', '--dry-run'], 0],
    [['apply', '--dry-run', '--prune'], 0],
  ] as const) {
    it(`is what ${words.join(' ')} plans against: it says so, has everything to create, and makes nothing`, async () => {
      const told = await troupe(...words, FILE);
      deepEqual([told.exitCode, told.out], [exitCode, (await stage().topology(...words, FILE)).out]);
      equal(told.err.split('\n')[0], 'there is no database under this root: "troupe topology apply" would make one');
      deepEqual(await planted(), []);
    });
  }

  it('is made by apply', async () => {
    equal((await troupe('apply', FILE)).exitCode, 0);
    match((await troupe('show')).out, /bridge db/);
  });
});
