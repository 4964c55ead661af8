import { deepEqual, match } from 'node:assert/strict';
import type { ZookeeperServer } from '../../../ops/servers/zookeeper-server.ts';
import { objectPath } from '../../../topology/nsdb/paths.ts';
import { MachineTimers } from '../../../topology/nsdb/zookeeper/machine-timers.ts';
import { ZookeeperDatabase } from '../../../topology/nsdb/zookeeper/zookeeper-database.ts';
import { rootOfOthers } from '../../on-zookeeper.ts';
import { create, Diary, edit, refuses, uuid } from './harness.ts';
import { allFor, setRights } from './set-rights.ts';

const [net, other] = [uuid(1), uuid(2)];
const ann = { user: 'ann', password: 'secret' };

/** What these credentials have no right to. */
export function rightsSuite(serverOf: () => ZookeeperServer): void {
  const open = (root: string, user: string, report?: (cause: unknown) => void) =>
    new ZookeeperDatabase(
      { servers: `127.0.0.1:${serverOf().port}`, root, credentials: { user, password: 'secret' } },
      { timers: new MachineTimers(), patience: 600_000 },
    ).open(user, report === undefined ? {} : { report });

  it('refuses by name, and at once, whoever comes with other credentials', async () => {
    const root = rootOfOthers();
    const a = await open(root, 'ann');
    await refuses(open(root, 'bob'), 'no-permission');
    await refuses(open(`${root}/below`, 'bob'), 'no-permission');
    await a.close();
  });

  it('names an object that is closed to it, and goes on with all others', async () => {
    const root = rootOfOthers();
    const reports: string[] = [];
    const a = await open(root, 'ann', (cause) => reports.push(String(cause)));
    await create(a, ['Network', net], ['Network', other]);
    const path = `${root}${objectPath('Network', other)}`;
    await setRights(serverOf(), ann, { [path]: allFor({ user: 'bob', password: 'secret' }) });
    await refuses(a.find('Network', other), 'no-permission');
    await refuses(edit(a, 'Network', other, { n: 1 }), 'no-permission');
    await refuses(create(a, ['Port', uuid(3), { networkId: other }]), 'no-permission');
    const diary = new Diary().class(a, 'Network').object(a, 'Network', other);
    await a.settled();
    deepEqual([...diary.read()].toSorted(), ['+1', 'no-permission']);
    deepEqual(
      (await a.list('Network')).map(({ id }) => id),
      [net],
    );
    match(reports[0] ?? '', /models\/Network\/00000000-0000-4000-8000-000000000002: no permission/);
    await create(a, ['Port', uuid(4), { networkId: net }]);
    await edit(a, 'Network', net, { n: 1 });
    await a.settled();
    deepEqual(diary.read(), ['+1']);
    await a.close();
  });
}
