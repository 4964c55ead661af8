/* oxlint-disable eslint/no-await-in-loop -- these are stories: one thing comes after another */
import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import type { ZookeeperServer } from '../../../ops/servers/zookeeper-server.ts';
import type { ClassName } from '../../../topology/model/bindings.ts';
import type { Uuid } from '../../../topology/model/ids.ts';
import type { JsonObject } from '../../../topology/model/json.ts';
import { macOf } from '../../../topology/model/mac.ts';
import { lockPath, objectPath, provenancePath, sequencePath } from '../../../topology/nsdb/paths.ts';
import { HOST_ALIVE, PORT_BGP, PORT_ROUTES } from '../../../topology/nsdb/state-keys.ts';
import { MAC_TABLE } from '../../../topology/nsdb/state-tables.ts';
import type { ZookeeperAddress } from '../../../topology/nsdb/zookeeper/address.ts';
import { endSession } from '../../../topology/nsdb/zookeeper/client/end-session.ts';
import type { ZookeeperClient } from '../../../topology/nsdb/zookeeper/client/zookeeper-client.ts';
import { MachineTimers } from '../../../topology/nsdb/zookeeper/machine-timers.ts';
import { incarnationOf, parentOf, plant } from '../../../topology/nsdb/zookeeper/places.ts';
import { formatObject, formatProvenance } from '../../../topology/nsdb/zookeeper/records.ts';
import { pathsBelow } from '../../../topology/nsdb/zookeeper/remove-tree.ts';
import { JOURNAL, provenanceNode, referrerNode, tablesNode } from '../../../topology/nsdb/zookeeper/tree.ts';
import { check, type CheckReport } from '../../../topology/nsdb/zookeeper/upkeep/check.ts';
import type { FindingKind } from '../../../topology/nsdb/zookeeper/upkeep/finding.ts';
import { UpkeepSession } from '../../../topology/nsdb/zookeeper/upkeep/upkeep-session.ts';
import { ZookeeperDatabase } from '../../../topology/nsdb/zookeeper/zookeeper-database.ts';
import type { ZookeeperNsdb } from '../../../topology/nsdb/zookeeper/zookeeper-nsdb.ts';
import { CREDENTIALS, freshRoot } from '../../on-zookeeper.ts';
import { create, edit, fieldsOf, refuses, remove, uuid } from './harness.ts';
import { NOISE, spoil } from './malformed-nodes.ts';
import { allFor, setRights } from './set-rights.ts';
import { WriteGate } from './write-gate.ts';
import { Writers } from './writers.ts';

const [net, host, chain, router] = [uuid(1), uuid(2), uuid(3), uuid(4)];
const [p1, p2, p3, rule, group] = [uuid(11), uuid(12), uuid(13), uuid(21), uuid(31)];
const gone = uuid(99);

interface Fault {
  readonly what: string;
  /** Writes by hand; answers the path that must be named. */
  readonly plant: (hand: Hand) => Promise<string>;
  readonly kind: FindingKind;
  readonly says: RegExp;
  /** What must be so when it is mended; absent where only a person can mend it. */
  readonly mended?: (nsdb: ZookeeperNsdb) => Promise<void>;
  /** Mended only where that may lose something. */
  readonly isLoss?: true;
}

/** Somebody who writes nodes by hand. */
class Hand {
  readonly client: ZookeeperClient;

  constructor(client: ZookeeperClient) {
    this.client = client;
  }

  /** Changes fields of an object without regard for anything else. */
  async scribble(cls: ClassName, id: Uuid, changes: JsonObject): Promise<string> {
    const path = objectPath(cls, id);
    const { value } = await this.client.data(path);
    const record = JSON.parse(value?.data.toString() ?? '') as { readonly fields: JsonObject };
    const data = Buffer.from(JSON.stringify({ ...record, fields: { ...record.fields, ...changes } }));
    await this.client.multi([{ kind: 'set', path, data }]);
    return path;
  }

  async write(path: string, text = ''): Promise<string> {
    await plant(this.client, parentOf(path));
    const kind = (await this.client.stat(path)).value === undefined ? 'create' : 'set';
    await this.client.multi([{ kind, path, data: Buffer.from(text) }]);
    return path;
  }

  async remove(path: string): Promise<string> {
    await this.client.multi([{ kind: 'delete', path }]);
    return path;
  }

  async recordOf(cls: ClassName, id: Uuid): Promise<string> {
    return provenanceNode(cls, id, (await incarnationOf(this.client, cls, id)) ?? '');
  }
}

const FAULTS: readonly Fault[] = [
  {
    what: 'a reference to an object that is not there',
    plant: (hand) => hand.scribble('Port', p1, { hostId: gone }),
    kind: 'dangling-reference',
    says: /^hostId names Host .*99, which does not exist$/,
    mended: async (nsdb) => deepEqual(await fieldsOf(nsdb, 'Port', p1), { networkId: net, name: 'one' }),
  },
  {
    what: 'a reference in a list to an object that is not there',
    plant: async (hand) => {
      await hand.write(referrerNode('PortGroup', group, 'portIds', p1));
      return hand.scribble('Port', p1, { portGroupIds: [gone, group] });
    },
    kind: 'dangling-reference',
    says: /^portGroupIds names PortGroup .*99, which does not exist$/,
    mended: async (nsdb) => deepEqual((await fieldsOf(nsdb, 'Port', p1))?.['portGroupIds'], [group]),
  },
  {
    what: 'a missing back-reference',
    plant: async (hand) => {
      await hand.remove(referrerNode('Network', net, 'portIds', p1));
      return objectPath('Port', p1);
    },
    kind: 'missing-back-reference',
    says: /^networkId names Network .*, which has no back-reference portIds,/,
    mended: async (nsdb) => deepEqual(await nsdb.referrers('Network', net, 'portIds'), [p1, p2]),
  },
  {
    what: 'a back-reference of an object that is not there',
    plant: (hand) => hand.write(referrerNode('Network', net, 'portIds', gone)),
    kind: 'stray-back-reference',
    says: /^Port .*99 does not exist$/,
    mended: async (nsdb) => deepEqual(await nsdb.referrers('Network', net, 'portIds'), [p1, p2]),
  },
  {
    what: 'a back-reference of an object that names another',
    plant: (hand) => hand.write(referrerNode('Network', net, 'portIds', p3)),
    kind: 'stray-back-reference',
    says: /^Port .*13 does not name it in networkId$/,
    mended: async (nsdb) => deepEqual(await nsdb.referrers('Network', net, 'portIds'), [p1, p2]),
  },
  {
    what: 'a peer that does not know of it',
    plant: (hand) => hand.scribble('Port', p1, { peerId: p3 }),
    kind: 'one-sided-reference',
    says: /^peerId names Port .*13, which does not name it$/,
    mended: async (nsdb) => equal((await fieldsOf(nsdb, 'Port', p3))?.['peerId'], p1),
  },
  {
    what: 'a peer that has another',
    plant: async (hand) => {
      await hand.scribble('Port', p2, { peerId: p3 });
      await hand.scribble('Port', p3, { peerId: p2 });
      return hand.scribble('Port', p1, { peerId: p3 });
    },
    kind: 'one-sided-reference',
    says: /^peerId names Port .*13, which has .*12" for its peerId$/,
    mended: async (nsdb) => {
      equal((await fieldsOf(nsdb, 'Port', p1))?.['peerId'], undefined);
      equal((await fieldsOf(nsdb, 'Port', p3))?.['peerId'], p2);
    },
  },
  {
    what: 'a rule that its chain does not list',
    plant: async (hand) => {
      await hand.scribble('Chain', chain, { ruleIds: [] });
      return objectPath('Rule', rule);
    },
    kind: 'one-sided-reference',
    says: /^chainId names Chain .*, which does not name it$/,
    mended: async (nsdb) => deepEqual((await fieldsOf(nsdb, 'Chain', chain))?.['ruleIds'], [rule]),
  },
  {
    what: 'a list that names an object twice',
    plant: (hand) => hand.scribble('Chain', chain, { ruleIds: [rule, rule] }),
    kind: 'invalid-reference',
    says: /^ruleIds names an object twice$/,
    mended: async (nsdb) => deepEqual((await fieldsOf(nsdb, 'Chain', chain))?.['ruleIds'], [rule]),
  },
  {
    what: 'an object that names itself',
    plant: (hand) => hand.scribble('Port', p1, { peerId: p1 }),
    kind: 'invalid-reference',
    says: /^peerId names the object itself$/,
    mended: async (nsdb) => equal((await fieldsOf(nsdb, 'Port', p1))?.['peerId'], undefined),
  },
  {
    what: 'a reference of the wrong type',
    plant: (hand) => hand.scribble('Port', p1, { hostId: 7 }),
    kind: 'invalid-reference',
    says: /^hostId is no reference: 7$/,
    isLoss: true,
    mended: async (nsdb) => equal((await fieldsOf(nsdb, 'Port', p1))?.['hostId'], undefined),
  },
  {
    what: 'a list of references with nonsense in it',
    plant: (hand) => hand.scribble('Chain', chain, { ruleIds: [rule, 'nonsense'] }),
    kind: 'invalid-reference',
    says: /^ruleIds is no reference: \["0.*","nonsense"\]$/,
    isLoss: true,
    mended: async (nsdb) => deepEqual((await fieldsOf(nsdb, 'Chain', chain))?.['ruleIds'], [rule]),
  },
  {
    what: 'back-references among the fields',
    plant: (hand) => hand.scribble('Network', net, { portIds: [p1] }),
    kind: 'invalid-reference',
    says: /^portIds is kept by the database, and not by the object$/,
    isLoss: true,
    mended: (nsdb) => edit(nsdb, 'Network', net, { n: 1 }),
  },
  {
    what: 'a field of the wrong type',
    plant: (hand) => hand.scribble('Port', p1, { mtu: 'large' }),
    kind: 'wrong-type',
    says: /^mtu is "large", expected an MTU in bytes, from 68 to 65535$/,
  },
  {
    what: 'a missing record of who wrote an object',
    plant: async (hand) => hand.remove(await hand.recordOf('Port', p1)),
    kind: 'missing',
    says: /^is missing: without the record of who wrote it, Port .*11 cannot be written$/,
    mended: (nsdb) => edit(nsdb, 'Port', p1, { n: 1 }),
  },
  {
    what: 'a record of who wrote an object that is not there',
    plant: (hand) => hand.write(`${provenancePath('Port', gone)},made`, '{"writer":"x","change":"data"}'),
    kind: 'leftover',
    says: /^is the record of who wrote Port .*99, which was deleted$/,
    mended: () => Promise.resolve(),
  },
  {
    what: 'a record of who wrote a former making of an object',
    plant: (hand) => hand.write(`${provenancePath('Port', p1)},former`, '{"writer":"x","change":"data"}'),
    kind: 'leftover',
    says: /^is the record of who wrote Port .*11, which was deleted, and made anew$/,
    mended: (nsdb) => edit(nsdb, 'Port', p1, { n: 1 }),
  },
  {
    what: 'a missing node of the tree',
    plant: (hand) => hand.remove('/zoom/0/models/Vip'),
    kind: 'missing',
    says: /^is missing, and in every database$/,
    mended: (nsdb) => create(nsdb, ['Vip', uuid(40)]),
  },
  {
    what: 'a missing journal',
    plant: (hand) => hand.remove(JOURNAL),
    kind: 'missing',
    says: /^is missing, and in every database$/,
    mended: (nsdb) => create(nsdb, ['Vip', uuid(40)]),
  },
  {
    what: 'a missing schema version',
    plant: (hand) => hand.remove('/schema'),
    kind: 'missing',
    says: /^is missing, and in every database$/,
    mended: (nsdb) => create(nsdb, ['Vip', uuid(40)]),
  },
  {
    what: 'noise for a schema version',
    plant: (hand) => hand.write('/schema', 'one'),
    kind: 'unreadable',
    says: /^holds no schema version: "one"$/,
    isLoss: true,
    mended: (nsdb) => create(nsdb, ['Vip', uuid(40)]),
  },
  {
    what: 'noise in the journal while parts of a large change are left',
    plant: async (hand) => {
      await hand.write(`${JOURNAL}/x,0`, 'delete /nothing');
      return hand.write(JOURNAL, 'noise');
    },
    kind: 'unreadable',
    says: /^holds no state of the journal: "noise"$/,
    isLoss: true,
    mended: (nsdb) => create(nsdb, ['Vip', uuid(40)]),
  },
  {
    what: 'noise for a sequence',
    plant: (hand) => hand.write(sequencePath('overlay_tunnel_key'), '1e3'),
    kind: 'unreadable',
    says: /^holds no number: "1e3". Set it above every number that was drawn$/,
  },
  {
    what: 'a place in a queue that lives in no session',
    plant: (hand) => hand.write(`${lockPath('a/b')}/x,0000000000`),
    kind: 'sessionless',
    says: /^is a place in the queue of the lock a\/b that lives in no session$/,
    mended: async (nsdb) => (await nsdb.lock('a/b', 5000)).release(),
  },
  {
    what: 'a leased block of ports that lives in no session',
    plant: (hand) => hand.write(`/nat/${router}/10.0.0.1/7/taken`),
    kind: 'sessionless',
    says: /^is a lease of a block of ports that lives in no session$/,
    mended: () => Promise.resolve(),
  },
  {
    what: 'a child where nothing belongs',
    plant: async (hand) => parentOf(await hand.write(`${referrerNode('Network', net, 'portIds', p1)}/x/y`)),
    kind: 'stranger',
    says: /^stands under a back-reference, where nothing belongs$/,
    isLoss: true,
    mended: (nsdb) => remove(nsdb, 'Network', net),
  },
];

/** What an operator is told is wrong with a database, and what mends it. */
export function checkSuite(serverOf: () => ZookeeperServer): void {
  let address: ZookeeperAddress;
  let session: UpkeepSession;
  let hand: Hand;
  let opened: (ZookeeperNsdb | UpkeepSession)[];

  beforeEach(async () => {
    address = { servers: `127.0.0.1:${serverOf().port}`, root: freshRoot(), credentials: CREDENTIALS };
    opened = [];
    const a = await open();
    await create(a, ['Network', net], ['Host', host], ['Chain', chain, { ruleIds: [] }], ['PortGroup', group]);
    await create(a, ['Rule', rule, { chainId: chain }], ['Router', router]);
    await create(a, ['Port', p1, { networkId: net, name: 'one' }], ['Port', p2, { networkId: net }], ['Port', p3]);
    await a.close();
    session = await UpkeepSession.open(address);
    opened.push(session);
    hand = new Hand(session.client);
  });

  afterEach(() => Promise.all(opened.map((one) => one.close())));

  const open = async (): Promise<ZookeeperNsdb> => {
    const nsdb = await new ZookeeperDatabase(address, { timers: new MachineTimers() }).open('a');
    opened.push(nsdb);
    return nsdb;
  };
  const look = () => check(session, { isRepairing: false, isDiscarding: false });
  const mend = (isDiscarding = false) => check(session, { isRepairing: true, isDiscarding });

  describe('a check', () => {
    it('finds nothing in a database in full use', async () => {
      const a = await open();
      await a.addState(HOST_ALIVE, { namespace: host, id: host }, 'yes');
      await a.addState(PORT_ROUTES, { namespace: host, id: p1 }, ['10.0.0.0/8', 'a/b']);
      const table = a.table(MAC_TABLE, { owner: net, arg: 7 });
      table.add(macOf(0, 1), p1);
      await table.persist(macOf(0, 1), p2);
      a.elect('role', { leading: () => {}, following: () => {} });
      await a.lock('a/b', 1000);
      await a.next('overlay_tunnel_key');
      await a.settled();
      const { findings, nodes, objects, unsettled } = await look();
      deepEqual([findings, objects, unsettled], [[], 9, 0]);
      ok(nodes > 120);
    });

    for (const { what, plant: spoilt, kind, says, mended, isLoss } of FAULTS) {
      it(`finds ${what}, and ${mended === undefined ? 'leaves it to a person' : 'mends it'}`, async () => {
        const path = await spoilt(hand);
        const { findings } = await look();
        const found = findings.filter((finding) => finding.path === path && finding.kind === kind);
        deepEqual([found.length, findings.length], [1, 1], JSON.stringify(findings));
        match(found[0]?.what ?? '', says);
        equal(found[0]?.repair?.isLoss, mended === undefined ? undefined : isLoss === true);
        const careful = await mend();
        equal(careful.findings.length, mended === undefined || isLoss === true ? 1 : 0);
        if (mended === undefined) return;
        const thorough = await mend(true);
        deepEqual(thorough.findings, []);
        deepEqual((await look()).findings, []);
        await mended(await open());
        deepEqual((await look()).findings, []);
      });
    }

    it('names the object that a finding is about', async () => {
      await hand.scribble('Port', p1, { hostId: gone });
      equal((await look()).findings[0]?.name, 'one');
    });

    it('lets be what deleting leaves on purpose: a jump to a chain that is no more', async () => {
      const a = await open();
      await create(a, ['Chain', uuid(70)], ['Rule', uuid(71), { jumpChainId: uuid(70) }]);
      await remove(a, 'Chain', uuid(70));
      deepEqual((await look()).findings, []);
      await create(a, ['Chain', uuid(70)]);
      deepEqual((await look()).findings, []);
    });

    it('finds tables and state that deleted objects have left, and clears them away', async () => {
      const a = await open();
      const table = a.table(MAC_TABLE, { owner: net, arg: 7 });
      await table.persist(macOf(0, 1), p2);
      await a.addState(PORT_BGP, { namespace: host, id: p3 }, 'up');
      await a.settled();
      const tables = tablesNode('Network', net, (await incarnationOf(hand.client, 'Network', net)) ?? '');
      await remove(a, 'Network', net);
      await remove(a, 'Port', p3);
      await create(a, ['Network', net]);
      await a.settled();
      await hand.write(`${tables}/mac_table/7`); // whoever deleted it died before he had removed its tables
      const { findings } = await look();
      deepEqual(
        findings.map(({ kind, what }) => [kind, what.replaceAll(/[0-9a-f-]{36}/g, 'ID')]),
        [
          ['leftover', 'holds state of Port ID, which was deleted'],
          ['leftover', 'holds the tables of Network ID, which was deleted, and made anew'],
        ],
      );
      deepEqual((await mend()).findings, []);
      deepEqual((await look()).findings, []);
    });

    it('finds what was kept in the name of a host that was deleted, once nobody publishes it', async () => {
      const a = await open();
      await a.addState(PORT_BGP, { namespace: host, id: p1 }, 'up');
      await remove(a, 'Host', host);
      deepEqual((await look()).findings, []);
      await a.removeState(PORT_BGP, { namespace: host, id: p1 }, 'up');
      const { findings } = await look();
      deepEqual(
        findings.map(({ kind, path }) => [kind, path]),
        [['leftover', `/zoom/0/state/${host}`]],
      );
      deepEqual((await mend()).findings, []);
    });

    it('finds parts of a large change that was never made, when they are old; a writer that comes back begins anew', async () => {
      const a = await open();
      const creation = { kind: 'create', path: objectPath('Vip', uuid(40)), data: Buffer.from('{}') } as const;
      await a.link.journal.lay('x', [[creation]]);
      deepEqual((await look()).findings, []);
      const now = Date.now() + 120_000;
      const late = await check(session, { isRepairing: true, isDiscarding: false, now });
      deepEqual([late.findings, late.mended.map(({ path }) => path)], [[], [`${JOURNAL}/x,0`]]);
      await a.link.journal.freeze('x');
      await rejects(a.link.journal.commit(1), /x,0 was deleted by another/);
      await edit(a, 'Network', net, { n: 1 });
    });

    for (const [what, noise] of Object.entries(NOISE)) {
      it(`names ${what} at every kind of place`, async () => {
        const paths = await spoil(session.client, { network: net, port: p1 }, noise);
        const { findings } = await look();
        const named = new Set(findings.map(({ path }) => path));
        deepEqual(
          paths.filter((path) => !named.has(path)),
          [],
        );
        const { findings: left } = await mend(true);
        deepEqual(
          left.map(({ path }) => path),
          what === 'a newer schema'
            ? ['/sequences/vxgw_tunnel_key', objectPath('Network', uuid(50))]
            : ['/sequences/vxgw_tunnel_key'],
        );
      });
    }

    it('finds what others may use, and takes it from them; what is closed to us is left to a person', async () => {
      const [anyones, shared, theirs] = [
        objectPath('Port', p1),
        `${objectPath('Network', net)}/portIds,${p1}`,
        '/sequences',
      ];
      const bob = { user: 'bob', password: 'secret' };
      await setRights(serverOf(), CREDENTIALS, {
        [`${address.root}${anyones}`]: 'world:anyone:cdrwa',
        [`${address.root}${shared}`]: `${allFor(CREDENTIALS)},world:anyone:r`,
        [`${address.root}${theirs}`]: allFor(bob),
      });
      const { findings } = await look();
      deepEqual(
        findings.map(({ path, kind, what, repair }) => [path, kind, what, repair?.isLoss]),
        [
          [theirs, 'closed', 'cannot be read with these credentials: others made it', undefined],
          [
            shared,
            'rights',
            'is not for these credentials alone: digest:troupe may do anything; anyone may read',
            false,
          ],
          [anyones, 'rights', 'is not for these credentials alone: anyone may do anything', false],
        ],
      );
      const { findings: left, mended } = await mend();
      deepEqual([left.map(({ path }) => path), mended.map(({ path }) => path)], [[theirs], [shared, anyones]]);
      for (const path of [anyones, shared])
        deepEqual((await session.client.rights(path)).value?.rights, [session.client.ownRight]);
      await setRights(serverOf(), bob, { [`${address.root}${theirs}`]: allFor(CREDENTIALS) });
      deepEqual((await look()).findings, []);
    });

    it('names a large change that its writer left half done, and ends it when it is to mend', async () => {
      const a = await open();
      const { journal } = a.link;
      const creations = [uuid(41), uuid(42)].map(
        (id) => ({ kind: 'create', path: objectPath('Vip', id), data: formatObject('made', {}) }) as const,
      );
      const records = [uuid(41), uuid(42)].map(
        (id) =>
          ({ kind: 'create', path: provenanceNode('Vip', id, 'made'), data: formatProvenance('a', 'data') }) as const,
      );
      await journal.freeze('x');
      await journal.lay('x', [
        [...creations.slice(0, 1), ...records.slice(0, 1)],
        [...creations.slice(1), ...records.slice(1)],
      ]);
      deepEqual((await look()).findings, []); // its writer lives
      await journal.commit(2);
      a.link.abandon();
      await endSession({ ...address, sessionTimeout: 10_000 }, a.session);
      const { findings } = await look();
      match(
        findings[0]?.what ?? '',
        /^tells of a large change of which 0 of 2 parts were carried out; its writer is gone/,
      );
      deepEqual(
        [findings.length, findings[0]?.kind, findings[0]?.repair?.what],
        [1, 'unfinished', 'carries out the others'],
      );
      equal((await session.client.stat(objectPath('Vip', uuid(41)))).value, undefined); // a look changes nothing
      const { findings: left, mended } = await mend();
      deepEqual([left, mended.map(({ kind }) => kind)], [[], ['unfinished']]);
      deepEqual(await fieldsOf(await open(), 'Vip', uuid(42)), {});
    });

    it('names a large change that does not count yet, and undoes it when it is to mend', async () => {
      const a = await open();
      const creation = { kind: 'create', path: objectPath('Vip', uuid(40)), data: Buffer.from('{}') } as const;
      await a.link.journal.freeze('x');
      await a.link.journal.lay('x', [[creation]]);
      a.link.abandon();
      await endSession({ ...address, sessionTimeout: 10_000 }, a.session);
      const { findings } = await look();
      match(
        findings[0]?.what ?? '',
        /^tells of a large change that does not count yet, and keeps all others from writing/,
      );
      const { findings: left, mended } = await mend();
      deepEqual([left, mended.map(({ kind }) => kind)], [[], ['unfinished']]);
      equal((await session.client.children(JOURNAL)).value?.names.length, 0);
    });

    it('mends many things at once, and leaves every sound node as it is', async () => {
      const before = await nodesOf(session.client);
      const touched = new Set(await breakMany(hand));
      equal((await look()).findings.length, 7);
      const { findings, mended } = await mend(true);
      deepEqual([findings, mended.length], [[], 7]);
      const after = await nodesOf(session.client);
      for (const path of touched) {
        before.delete(path);
        after.delete(path);
      }
      deepEqual(after, before);
    });

    it('that is to mend and ends before any of its writes leaves the rest to the next one, and every sound node as it is', async () => {
      const before = await nodesOf(session.client);
      const touched = new Set<string>();
      let lives = 0;
      for (let isCutShort = true; isCutShort; lives++) {
        for (const path of await breakMany(hand)) touched.add(path);
        const gate = await WriteGate.to(serverOf().port, lives);
        const mortal = await UpkeepSession.open({ ...address, servers: `127.0.0.1:${gate.port}` }, { patience: 100 });
        void gate.shut.then(() => gate.cut());
        isCutShort = await check(mortal, { isRepairing: true, isDiscarding: true }).then(
          () => false,
          () => true,
        );
        mortal.client.abandon();
        if (!isCutShort) gate.cut();
        await endSession({ ...address, sessionTimeout: 10_000 }, gate.session);
        deepEqual((await mend(true)).findings, []);
      }
      ok(lives > 7, `${lives} writes`);
      const after = await nodesOf(session.client);
      for (const path of touched) {
        before.delete(path);
        after.delete(path);
      }
      deepEqual(after, before);
    });

    it('leaves alone what a newer version may have made', async () => {
      await hand.write('/schema', '1.7');
      const paths = [
        await hand.write('/newer'),
        await hand.write('/zoom/0/models/Newer'),
        await hand.write(`${objectPath('Network', net)}/newerIds,${p1}`),
        await hand.write('/sequences/newer', '7'),
      ];
      const { findings } = await mend(true);
      deepEqual(
        findings.map(({ path }) => path),
        paths.toSorted(),
      );
      ok(findings.every(({ kind, repair }) => kind === 'stranger' && repair === undefined));
    });

    it('is refused by name where there is no database, a newer one, or half of one', async () => {
      const nowhere = await UpkeepSession.open({ ...address, root: freshRoot() });
      opened.push(nowhere);
      await refuses(check(nowhere, { isRepairing: false, isDiscarding: false }), 'not-found');
      await hand.write('/schema', '2.0');
      await rejects(look(), /schema version 2\.0/);
      await hand.write('/schema', 'restoring 1.0');
      await rejects(look(), /a restore of this database was begun/);
    });
  });

  describe('a check while others write', () => {
    it('tells nothing that is not so', async () => {
      const a = await open();
      const writers = new Writers([a]);
      await writers.start(a);
      const over = new AbortController();
      const churn = (async () => {
        for (let n = 0; !over.signal.aborted; n++) {
          const [port, hostId] = [uuid(5000 + (n % 7)), n % 2 === 0 ? host : undefined];
          await a.transact(async (tx) => {
            if ((await tx.find('Port', port)) === undefined)
              tx.create('Port', port, { networkId: net, ...(hostId && { hostId }) });
            else tx.delete('Port', port);
          });
        }
      })();
      const reports: CheckReport[] = [];
      for (let n = 0; n < 15; n++) reports.push(await look());
      over.abort();
      await churn;
      await writers.stop(a);
      deepEqual(
        reports.flatMap(({ findings }) => findings),
        [],
      );
    });

    it('leaves out what rests on nodes that never rest, and says how much that is', async () => {
      const a = await open();
      await hand.scribble('Rule', rule, { fipPortId: gone });
      const children = session.client.children.bind(session.client);
      let made = 1000;
      session.client.children = async (path, watch) => {
        const read = await children(path, watch);
        if (path !== '/zoom/0/models/Port') return read;
        await create(a, ['Port', uuid(++made), { networkId: net }]);
        await children(objectPath('Network', net)); // behind which we have heard of it
        return read;
      };
      const { findings, unsettled } = await look();
      deepEqual([findings, unsettled > 0], [[], true]);
    });

    it('mends nothing that has changed since it was found', async () => {
      const a = await open();
      await hand.scribble('Port', p1, { hostId: gone });
      const multi = session.client.multi.bind(session.client);
      let isFirst = true;
      session.client.multi = async (operations) => {
        if (isFirst) {
          isFirst = false;
          await create(a, ['Host', gone]);
          await hand.write(referrerNode('Host', gone, 'portIds', p1));
        }
        return multi(operations);
      };
      const { findings, mended } = await mend();
      deepEqual([findings, mended], [[], []]);
      equal((await fieldsOf(a, 'Port', p1))?.['hostId'], gone);
    });

    it('keeps what others write into an object that it mends', async () => {
      const a = await open();
      await hand.scribble('Port', p1, { hostId: gone });
      const multi = session.client.multi.bind(session.client);
      let isFirst = true;
      session.client.multi = async (operations) => {
        if (isFirst) {
          isFirst = false;
          await hand.scribble('Port', p1, { name: 'another' });
        }
        return multi(operations);
      };
      const { findings } = await mend();
      deepEqual(findings, []);
      deepEqual(await fieldsOf(a, 'Port', p1), { networkId: net, name: 'another' });
    });
  });
}

/** Makes seven things wrong. @returns the paths of what is wrong, and of what says who has mended it */
async function breakMany(hand: Hand): Promise<readonly string[]> {
  return [
    await hand.scribble('Port', p1, { hostId: gone }),
    await hand.write(referrerNode('Network', net, 'portIds', gone)),
    await hand.write('/sequences/nonsense', 'noise'),
    await hand.remove('/zoom/0/models/Vip'),
    await hand.remove(await hand.recordOf('Port', p2)),
    await hand.write(objectPath('Router', gone), 'noise'),
    await hand.write(`${provenancePath('Port', gone)},made`, '{"writer":"x","change":"data"}'),
    await hand.recordOf('Port', p1),
  ];
}

/** What every node holds, and how often it was set. */
async function nodesOf(client: ZookeeperClient): Promise<Map<string, string>> {
  const paths = await pathsBelow(client, '/');
  const nodes = await Promise.all(paths.map((path) => client.data(path)));
  return new Map(
    paths.map((path, n) => {
      const value = nodes[n]?.value;
      return [path, `${value?.stat.created} ${value?.stat.version} ${value?.data.toString('base64')}`];
    }),
  );
}
