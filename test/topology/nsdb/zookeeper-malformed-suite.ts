import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import type { ZookeeperServer } from '../../../ops/servers/zookeeper-server.ts';
import { macOf } from '../../../topology/model/mac.ts';
import { objectPath } from '../../../topology/nsdb/paths.ts';
import { PORT_BGP, VTEP_VXGW_MANAGER } from '../../../topology/nsdb/state-keys.ts';
import { MAC_TABLE } from '../../../topology/nsdb/state-tables.ts';
import { load } from '../../../topology/nsdb/load.ts';
import type { ZookeeperAddress } from '../../../topology/nsdb/zookeeper/address.ts';
import { endSession } from '../../../topology/nsdb/zookeeper/client/end-session.ts';
import type { Operation } from '../../../topology/nsdb/zookeeper/client/operation.ts';
import type { ZookeeperClient } from '../../../topology/nsdb/zookeeper/client/zookeeper-client.ts';
import { MachineTimers } from '../../../topology/nsdb/zookeeper/machine-timers.ts';
import { incarnationOf, plant } from '../../../topology/nsdb/zookeeper/places.ts';
import { formatObject } from '../../../topology/nsdb/zookeeper/records.ts';
import { stateNode, targetOf } from '../../../topology/nsdb/zookeeper/state.ts';
import { JOURNAL, provenanceNode } from '../../../topology/nsdb/zookeeper/tree.ts';
import { ZookeeperDatabase } from '../../../topology/nsdb/zookeeper/zookeeper-database.ts';
import type { ZookeeperNsdb } from '../../../topology/nsdb/zookeeper/zookeeper-nsdb.ts';
import { CREDENTIALS, freshRoot } from '../../on-zookeeper.ts';
import { create, Diary, edit, fieldsOf, refuses, remove, uuid } from './harness.ts';
import { NOISE, spoil } from './malformed-nodes.ts';
import { connected } from './zookeeper-harness.ts';

const [host, net, port, later] = [uuid(1), uuid(2), uuid(3), uuid(4)];
const chain = uuid(10);

/** What no handle looks at, or tells to its caller alone. */
const UNREAD =
  /^.nonsense|models.Nonsense|^.sequences|objects.*,nonsense|(objects|tables).Network.nonsense|state.nonsense|journal./;

/** What was written by hand, and makes no sense, hurts only itself. */
export function malformedSuite(serverOf: () => ZookeeperServer): void {
  let address: ZookeeperAddress;
  let database: ZookeeperDatabase;
  let a: ZookeeperNsdb;
  let b: ZookeeperNsdb;
  let raw: ZookeeperClient;
  let reports: string[];

  beforeEach(async () => {
    address = { servers: `127.0.0.1:${serverOf().port}`, root: freshRoot(), credentials: CREDENTIALS };
    reports = [];
    const report = (cause: unknown) => void reports.push(String(cause));
    database = new ZookeeperDatabase(address, { timers: new MachineTimers() });
    a = await database.open('a', { report });
    b = await database.open('b', { report });
    raw = await connected({ ...address, sessionTimeout: 10_000 });
    await create(a, ['Host', host], ['Network', net], ['Port', port, { networkId: net }]);
  });

  afterEach(() => Promise.all([a.close(), b.close(), raw.close()]));

  for (const [what, noise] of Object.entries(NOISE)) {
    it(`${what}, at every kind of place, hurts only itself: what else is written goes through, and is told`, async () => {
      const place = { namespace: host, id: port };
      const diary = new Diary().class(b, 'Network').class(b, 'Port').referrers(b, 'Network', net, 'portIds');
      diary.state(b, PORT_BGP, place);
      const candidacy = diary.election(b, 'role');
      const table = b.table(MAC_TABLE, { owner: net, arg: 0 });
      diary.table(table);
      const own = a.table(MAC_TABLE, { owner: net, arg: 0 });
      own.add(macOf(0, 1), port);
      await database.settled();
      diary.read();

      const paths = await spoil(raw, { network: net, port }, noise);
      await database.settled();

      equal(await a.provenance('Network', net), undefined);
      // What is there is still read, and what nobody spoilt can be written.
      deepEqual(
        (await b.list('Network')).map(({ id }) => id),
        [net],
      );
      deepEqual(await b.referrers('Network', net, 'portIds'), [port]);
      equal(table.get(macOf(0, 1)), port);
      await create(a, ['Port', later, { networkId: net }]);
      await edit(a, 'Port', port, { n: 1 });
      await edit(a, 'Network', net, { n: 1 });
      await a.addState(PORT_BGP, place, 'up');
      own.add(macOf(0, 2), later);
      equal(await a.next('overlay_tunnel_key'), 1);
      await (await a.lock('lock', 20_000)).release();
      await database.settled();
      deepEqual(await a.transact(async (tx) => (await tx.list('Network')).map(({ id }) => id)), [net]);

      const told = diary.tokens();
      for (const token of ['+4', '+3', '+2', 'theirs=up']) ok(told.includes(token), `${token} in ${told.join(' ')}`);
      equal(table.get(macOf(0, 2)), later);
      const next = new Diary();
      next.election(a, 'role');
      await database.settled();
      candidacy.close();
      await database.settled();
      deepEqual(next.read(), ['following', 'leading']);

      // A change too large for one request, through the spoilt journal.
      const rules = Array.from({ length: 5000 }, (_, n) => uuid(1000 + n));
      await load(a, [
        { class: 'Chain', id: chain, fields: {} },
        ...rules.map((id) => ({ class: 'Rule' as const, id, fields: { chainId: chain, note: 'x'.repeat(200) } })),
      ]);
      await remove(a, 'Chain', chain);
      deepEqual(await b.list('Rule'), []);
      await rejects(a.next('vxgw_tunnel_key'), /^NsdbError: .sequences.vxgw_tunnel_key holds no number/);
      await refuses(a.find('Network', uuid(50)), 'invalid');
      await rejects(remove(a, 'Network', net), /cannot be written: .*nonsense under it is no back-reference/);
      deepEqual(await fieldsOf(b, 'Network', net), { n: 1 });

      // A new handle is let in, and reads the same.
      const fresh = await database.open('fresh');
      deepEqual(
        (await fresh.list('Port')).map(({ id }) => id),
        [port, later],
      );
      await fresh.close();

      // Named in the log: all that handles look at while they do this.
      deepEqual(
        paths.filter((path) => !UNREAD.test(path) && !reports.some((report) => report.includes(`${path}: `))),
        [],
      );
    });
  }

  it("a value of state that lives in no session is nobody's: the first to publish has the key", async () => {
    const vtep = { namespace: host, id: uuid(20) };
    await create(a, ['Vtep', uuid(20)]);
    const node = stateNode(targetOf(VTEP_VXGW_MANAGER, vtep), (await incarnationOf(raw, 'Vtep', uuid(20))) ?? '');
    await plant(raw, node);
    deepEqual(await b.state(VTEP_VXGW_MANAGER, vtep), []);
    equal(await a.removeState(VTEP_VXGW_MANAGER, vtep, ''), false);
    await a.addState(VTEP_VXGW_MANAGER, vtep, 'me');
    deepEqual(
      (await b.state(VTEP_VXGW_MANAGER, vtep)).map(({ value }) => value),
      ['me'],
    );
    await refuses(b.addState(VTEP_VXGW_MANAGER, vtep, 'you'), 'not-owner');
  });

  it('an object whose record of who wrote it was deleted by hand can be read; to write it is refused, by name', async () => {
    const record = provenanceNode('Port', port, (await incarnationOf(raw, 'Port', port)) ?? '');
    await raw.multi([{ kind: 'delete', path: record }]);
    equal(await a.provenance('Port', port), undefined);
    await rejects(edit(a, 'Port', port, { n: 1 }), /the record of who wrote it, .* is missing/);
    deepEqual(await fieldsOf(b, 'Port', port), { networkId: net });
  });

  describe('noise in the journal', () => {
    const operations: readonly Operation[] = [net, port].map((id) => ({
      kind: 'set',
      path: objectPath(id === net ? 'Network' : 'Port', id),
      data: formatObject('m', { n: 2 }),
    }));
    const parts = () => operations.map((operation) => [operation]);

    it('where parts of a change are left refuses all that would be written, by name; reading goes on', async () => {
      await a.link.journal.lay('x', parts());
      await scribble(raw, JOURNAL);
      await database.settled();
      await rejects(edit(b, 'Port', port, { n: 1 }), /journal cannot be read, and parts of a large change are left/);
      deepEqual(await fieldsOf(b, 'Port', port), { networkId: net });
    });

    it('where a part stood that counts already leaves out that part, by name; nobody waits for it', async () => {
      const { journal } = a.link;
      await journal.freeze('x');
      await journal.lay('x', parts());
      await journal.commit(2);
      await scribble(raw, `${JOURNAL}/x,0`);
      a.abandon();
      await endSession({ ...address, sessionTimeout: 10_000 }, a.session);
      deepEqual(await fieldsOf(b, 'Port', port), { n: 2 });
      deepEqual(await fieldsOf(b, 'Network', net), {});
      await edit(b, 'Network', net, { n: 3 });
      ok(reports.some((report) => report.includes(`${JOURNAL}/x,0: is no part`)));
    });

    it('in the way of a change that counts already is left as it is, by name; nobody waits for it', async () => {
      const { journal } = a.link;
      const creation: Operation = { kind: 'create', path: objectPath('Network', later), data: formatObject('m', {}) };
      await journal.freeze('x');
      await journal.lay('x', [[...operations, creation]]);
      await journal.commit(1);
      await raw.multi([{ ...creation, data: Buffer.from('noise') }]);
      a.abandon();
      await endSession({ ...address, sessionTimeout: 10_000 }, a.session);
      deepEqual(await fieldsOf(b, 'Port', port), { n: 2 });
      await refuses(b.find('Network', later), 'invalid');
      ok(reports.some((report) => report.includes(`${creation.path}: stood in the way`)));
    });
  });
}

function scribble(client: ZookeeperClient, path: string): Promise<unknown> {
  return client.multi([{ kind: 'set', path, data: Buffer.from('noise') }]);
}
