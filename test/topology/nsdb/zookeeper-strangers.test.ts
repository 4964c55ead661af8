import { deepEqual, equal, match } from 'node:assert/strict';
import { objectPath } from '../../../topology/nsdb/paths.ts';
import { MachineTimers } from '../../../topology/nsdb/zookeeper/machine-timers.ts';
import { ZookeeperDatabase } from '../../../topology/nsdb/zookeeper/zookeeper-database.ts';
import type { ZookeeperNsdb } from '../../../topology/nsdb/zookeeper/zookeeper-nsdb.ts';
import { CREDENTIALS, describeOnZookeeper, freshRoot, rootOfOthers } from '../../on-zookeeper.ts';
import { foreignNodes } from '../../rights.ts';
import { zkCli } from '../../zk-cli.ts';
import { create, fieldsOf, uuid } from './harness.ts';

const net = uuid(1);

describeOnZookeeper("ZooKeeper's own command line", (server) => {
  let root: string;
  let nsdb: ZookeeperNsdb;
  /** All that reads or writes a node, or says what is under it. */
  let commands: readonly string[];

  beforeEach(async () => {
    root = freshRoot();
    const address = { servers: `127.0.0.1:${server().port}`, root, credentials: CREDENTIALS };
    nsdb = await new ZookeeperDatabase(address, { timers: new MachineTimers() }).open('owner');
    await create(nsdb, ['Network', net, { n: 1 }]);
    const node = `${root}${objectPath('Network', net)}`;
    commands = [
      `get ${node}`,
      `stat ${node}`,
      `getAcl ${node}`,
      `ls ${root}`,
      `getAllChildrenNumber ${root}`,
      `set ${node} theirs`,
      `create ${node}/theirs`,
      `setAcl ${node} world:anyone:cdrwa`,
      `delete ${root}/schema`,
      `deleteall ${root}`,
    ];
  });

  afterEach(async () => {
    deepEqual(await fieldsOf(nsdb, 'Network', net), { n: 1 });
    deepEqual(await foreignNodes(server().port, CREDENTIALS, { from: root }), []);
    await nsdb.close();
  });

  const as = (user: string, password: string) =>
    zkCli(server().port, [], [`addauth digest ${user}:${password}`, ...commands, 'quit', ''].join('\n'));

  it('reads and writes nothing of ours without credentials', async () => {
    const kinds = commands.filter((command) => /^(get|ls|set|create|setAcl|delete) /.test(command));
    for (const command of [...kinds, 'ls /', 'create /theirs']) {
      // oxlint-disable-next-line eslint/no-await-in-loop -- each takes a processor for a second
      const said = await zkCli(server().port, command.split(' '));
      match(said, /Session closed because client failed to authenticate/, command);
    }
  });

  it('reads and writes nothing of ours with the credentials of others', async () => {
    const refusals = (await as('troupe', 'guess')).match(/Insufficient permission : \S+/g) ?? [];
    equal(refusals.length, commands.length, refusals.join('\n'));
  });

  it('is not needed to find what is for the credentials of others: a walk over all nodes names it', async () => {
    const [servers, theirs] = [`127.0.0.1:${server().port}`, rootOfOthers()];
    const address = { servers, root: `${theirs}/below`, credentials: { user: 'troupe', password: 'guess' } };
    await (await new ZookeeperDatabase(address, { timers: new MachineTimers() }).open('other')).close();
    const found = await foreignNodes(server().port, CREDENTIALS);
    deepEqual(
      found.filter((problem) => problem.startsWith(theirs)),
      [`${theirs}: somebody else's`],
    );
    deepEqual(await foreignNodes(server().port, CREDENTIALS, { from: theirs, leftOut: new Set([theirs]) }), []);
  });

  it('reads what is ours with our credentials', async () => {
    commands = commands.slice(0, 5);
    const said = await as(CREDENTIALS.user, CREDENTIALS.password);
    match(said, /"n":1/);
    match(said, /'digest,'troupe/);
    match(said, /elections, schema, sequences, zoom/);
  });
});
