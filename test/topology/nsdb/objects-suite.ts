import { deepEqual, equal, notEqual, ok } from 'node:assert/strict';
import { BINDINGS, type BindingEnd } from '../../../topology/model/bindings.ts';
import { TRANSACTION_BYTES, type Nsdb } from '../../../topology/nsdb/nsdb.ts';
import { create, Diary, edit, fieldsOf, refuses, remove, uuid, type NsdbHarness, type OpenHarness } from './harness.ts';

const net = uuid(1);
const rtr = uuid(2);
const p1 = uuid(3);
const p2 = uuid(4);
const p3 = uuid(5);
const chain = uuid(6);
const other = uuid(7);
const r1 = uuid(8);
const r2 = uuid(9);
const r3 = uuid(10);
const lb = uuid(11);
const pool = uuid(12);

/** Objects, references, transactions and their observation: spec 10 §1 to §3. */
export function objectsSuite(openHarness: OpenHarness): void {
  let harness: NsdbHarness;
  let a: Nsdb;
  let b: Nsdb;

  beforeEach(async () => {
    harness = await openHarness();
    a = await harness.open('a');
    b = await harness.open('b');
  });

  afterEach(() => harness.close());

  describe('objects', () => {
    it('are found by all as one has written them, unknown fields too', async () => {
      await create(a, ['Network', net, { name: 'blue', colourOfTomorrow: { r: 1 } }]);
      deepEqual(await fieldsOf(b, 'Network', net), { name: 'blue', colourOfTomorrow: { r: 1 } });
      equal(await b.find('Router', net), undefined);
    });

    it('have another version when they have other fields, and the same when nothing differs', async () => {
      await create(a, ['Network', net, { name: 'blue' }]);
      const first = await a.find('Network', net);
      await edit(a, 'Network', net, { name: 'blue' });
      equal((await b.find('Network', net))?.version, first?.version);
      await edit(a, 'Network', net, { name: 'red' });
      notEqual((await b.find('Network', net))?.version, first?.version);
    });

    it('say who wrote them last, when, and whether only a reference made it so (§3.5)', async () => {
      await create(a, ['Port', p1], ['Port', p2]);
      const version = (await b.find('Port', p1))?.version;
      const { at, ...written } = (await b.provenance('Port', p1)) ?? {};
      deepEqual(written, { writer: 'a', change: 'data', version });
      ok(at !== undefined && at >= 0);
      await edit(b, 'Port', p2, { peerId: p1 });
      const [one, two] = await Promise.all([a.provenance('Port', p1), a.provenance('Port', p2)]);
      deepEqual([one?.writer, one?.change, two?.change], ['b', 'reference', 'data']);
      ok(one !== undefined && one.at >= at, 'the clock of the database does not go back');
      equal(one?.version, (await a.find('Port', p1))?.version);
      equal(await a.provenance('Port', p3), undefined);
    });

    it('are listed by class, ids ascending', async () => {
      await create(a, ['Network', uuid(9)], ['Network', uuid(3)], ['Router', uuid(5)]);
      const found = await b.list('Network');
      deepEqual(
        found.map(({ id }) => id),
        [uuid(3), uuid(9)],
      );
    });

    it('are created once, and updated and deleted where they exist', async () => {
      await create(a, ['Network', net]);
      await refuses(create(b, ['Network', net]), 'already-exists');
      await refuses(edit(b, 'Router', rtr, { name: 'x' }), 'not-found');
      await refuses(remove(b, 'Router', rtr), 'not-found');
    });

    it('are deleted twice in one transaction only if that is said (rule 4)', async () => {
      await create(a, ['Network', net]);
      await refuses(
        a.transact((tx) => {
          tx.delete('Network', net);
          tx.delete('Network', net);
        }),
        'not-found',
      );
      notEqual(await a.find('Network', net), undefined);
      await a.transact((tx) => {
        tx.delete('Network', net);
        tx.delete('Network', net, { ignoreMissing: true });
      });
      equal(await a.find('Network', net), undefined);
    });

    it('keep no hold of what the writer has in hand', async () => {
      const fields = { tags: ['x'] };
      await create(a, ['Network', net, fields]);
      fields.tags.push('y');
      deepEqual(await fieldsOf(a, 'Network', net), { tags: ['x'] });
    });

    it('refuse an id that is no UUID, and a reference that is none', async () => {
      await refuses(create(a, ['Network', 'X' as never]), 'invalid');
      await refuses(create(a, ['Port', p1, { networkId: 7 }]), 'invalid', 'networkId');
      await refuses(create(a, ['Port', p1, { portGroupIds: [uuid(20), uuid(20)] }]), 'invalid', 'portGroupIds');
    });
  });

  describe('references', () => {
    it('tell at the other end who refers, ids ascending, and take no word from a client there', async () => {
      await create(a, ['Network', net], ['Port', p2, { networkId: net }], ['Port', p1, { networkId: net }]);
      deepEqual(await b.referrers('Network', net, 'portIds'), [p1, p2]);
      deepEqual(await fieldsOf(b, 'Network', net), {});
      await refuses(create(a, ['Network', uuid(30), { portIds: [p1] }]), 'invalid', 'portIds');
      await refuses(b.referrers('Network', rtr, 'portIds'), 'not-found');
      await refuses(b.referrers('Port', p1, 'networkId'), 'invalid', 'networkId');
    });

    it('follow the difference of an update (rule 5)', async () => {
      const [g1, g2, g3] = [uuid(21), uuid(22), uuid(23)];
      await create(
        a,
        ['PortGroup', g1],
        ['PortGroup', g2],
        ['PortGroup', g3],
        ['Port', p1, { portGroupIds: [g1, g2] }],
      );
      await edit(a, 'Port', p1, { portGroupIds: [g3, g2] });
      deepEqual(await Promise.all([g1, g2, g3].map((id) => b.referrers('PortGroup', id, 'portIds'))), [[], [p1], [p1]]);
    });

    it('outlive an update of the object referred to', async () => {
      await create(a, ['Network', net], ['Port', p1, { networkId: net }]);
      await edit(a, 'Network', net, { name: 'x' });
      deepEqual(await b.referrers('Network', net, 'portIds'), [p1]);
    });

    it('refuse a missing object, and change nothing then (rule 2)', async () => {
      await refuses(
        create(a, ['Network', net], ['Port', p1, { networkId: net, hostId: uuid(40) }]),
        'not-found',
        'hostId',
      );
      equal(await a.find('Network', net), undefined);
      equal(await a.find('Port', p1), undefined);
    });

    it('link two ports from either side, and are not stolen (rule 1)', async () => {
      await create(a, ['Port', p1], ['Port', p2, { peerId: p1 }], ['Port', p3]);
      deepEqual(await fieldsOf(b, 'Port', p1), { peerId: p2 });
      await refuses(edit(b, 'Port', p3, { peerId: p2 }), 'reference-conflict', 'peerId');
      deepEqual(await fieldsOf(b, 'Port', p3), {});
      deepEqual(await fieldsOf(b, 'Port', p2), { peerId: p1 });
      await refuses(edit(b, 'Port', p3, { peerId: p3 }), 'invalid', 'peerId');

      await remove(b, 'Port', p1);
      deepEqual(await fieldsOf(a, 'Port', p2), {});
      await edit(b, 'Port', p3, { peerId: p2 });
      deepEqual(await fieldsOf(a, 'Port', p2), { peerId: p3 });
    });

    it('leave the former partner when a link moves', async () => {
      await create(a, ['Port', p1], ['Port', p2, { peerId: p1 }], ['Port', p3]);
      await edit(a, 'Port', p1, { peerId: p3 });
      deepEqual(await fieldsOf(b, 'Port', p2), {});
      deepEqual(await fieldsOf(b, 'Port', p3), { peerId: p1 });
    });

    it("keep a chain's rules in the chain's order", async () => {
      await create(a, ['Chain', chain], ['Rule', r2, { chainId: chain }], ['Rule', r1, { chainId: chain }]);
      deepEqual(await fieldsOf(b, 'Chain', chain), { ruleIds: [r2, r1] });
      await edit(b, 'Chain', chain, { ruleIds: [r1, r2] });
      await create(b, ['Rule', r3, { chainId: chain }]);
      deepEqual(await fieldsOf(a, 'Chain', chain), { ruleIds: [r1, r2, r3] });
      await remove(a, 'Rule', r2);
      deepEqual(await fieldsOf(a, 'Chain', chain), { ruleIds: [r1, r3] });
      await edit(a, 'Chain', chain, { ruleIds: [r3] });
      deepEqual(await fieldsOf(b, 'Rule', r1), {});
    });

    it('refuse a rule that belongs to another chain', async () => {
      await create(a, ['Chain', chain], ['Chain', other], ['Rule', r1, { chainId: chain }]);
      await refuses(edit(a, 'Chain', other, { ruleIds: [r1] }), 'reference-conflict', 'ruleIds');
    });
  });

  describe('deletion', () => {
    it('of a network deletes its ports and DHCP, and frees their peers and groups', async () => {
      const [dhcp, group] = [uuid(20), uuid(21)];
      await create(
        a,
        ['Network', net],
        ['PortGroup', group],
        ['Dhcp', dhcp, { networkId: net }],
        ['Port', p1, { networkId: net, portGroupIds: [group] }],
        ['Port', p2, { peerId: p1 }],
      );
      await remove(b, 'Network', net);
      deepEqual(await Promise.all([a.find('Network', net), a.find('Port', p1), a.find('Dhcp', dhcp)]), [
        undefined,
        undefined,
        undefined,
      ]);
      deepEqual(await fieldsOf(a, 'Port', p2), {});
      deepEqual(await a.referrers('PortGroup', group, 'portIds'), []);
    });

    it('of a chain deletes its rules, clears filters, and leaves the jumps of others', async () => {
      await create(
        a,
        ['Chain', chain],
        ['Chain', other],
        ['Router', rtr, { inboundFilterId: chain }],
        ['Rule', r1, { chainId: chain }],
        ['Rule', r2, { chainId: other, jumpChainId: chain }],
      );
      deepEqual(await a.referrers('Chain', chain, 'jumpRuleIds'), [r2]);
      await remove(b, 'Chain', chain);
      deepEqual(await fieldsOf(a, 'Router', rtr), {});
      equal(await a.find('Rule', r1), undefined);
      deepEqual(await fieldsOf(a, 'Rule', r2), { chainId: other, jumpChainId: chain });
      await edit(a, 'Rule', r2, { name: 'still writable' });
      await remove(a, 'Rule', r2);
    });

    it('of a router is refused while it has a load balancer, and then is not', async () => {
      const [member, vip] = [uuid(20), uuid(21)];
      await create(
        a,
        ['Router', rtr],
        ['LoadBalancer', lb, { routerId: rtr }],
        ['Pool', pool, { loadBalancerId: lb }],
        ['PoolMember', member, { poolId: pool }],
        ['Vip', vip, { poolId: pool }],
      );
      await refuses(remove(b, 'Router', rtr), 'still-referenced', 'loadBalancerId');
      notEqual(await b.find('Router', rtr), undefined);
      await remove(b, 'LoadBalancer', lb);
      deepEqual([...(await a.list('Pool')), ...(await a.list('PoolMember')), ...(await a.list('Vip'))], []);
      await remove(b, 'Router', rtr);
      equal(await a.find('Router', rtr), undefined);
    });

    it('far below refuses the whole of it (rule 3)', async () => {
      const [route, vip] = [uuid(20), uuid(21)];
      await create(
        a,
        ['Router', rtr],
        ['Port', p1, { routerId: rtr }],
        ['Route', route, { routerId: rtr, nextHopPortId: p1 }],
        ['Vip', vip, { gatewayPortId: p1 }],
      );
      await refuses(remove(a, 'Router', rtr), 'still-referenced', 'vipIds');
      deepEqual(await a.referrers('Router', rtr, 'routeIds'), [route]);
      await a.transact((tx) => {
        tx.delete('Vip', vip);
        tx.delete('Router', rtr);
      });
      deepEqual(await Promise.all([a.find('Port', p1), a.find('Route', route)]), [undefined, undefined]);
    });

    it('takes with it who refers to an object, though the same transaction creates it again', async () => {
      await create(
        a,
        ['Chain', chain],
        ['Chain', other],
        ['Router', rtr, { inboundFilterId: chain }],
        ['Rule', r1, { chainId: other, jumpChainId: chain }],
        ['Port', p1, { inboundFilterId: chain }],
      );
      await a.transact((tx) => {
        tx.delete('Chain', chain);
        tx.create('Chain', chain, {});
        tx.update('Port', p1, { inboundFilterId: chain });
      });
      deepEqual(await fieldsOf(b, 'Router', rtr), {});
      deepEqual(await a.referrers('Chain', chain, 'routerInboundIds'), []);
      deepEqual(await a.referrers('Chain', chain, 'portInboundIds'), [p1], 'which named it anew');
      deepEqual(await a.referrers('Chain', chain, 'jumpRuleIds'), [r1], 'whose jump was left');
    });

    for (const [one, two] of BINDINGS) {
      it(`${one.onDelete}s over ${one.class}.${one.field}, and ${two.onDelete}s over ${two.class}.${two.field}`, async () => {
        await deleting(a, one, two);
        await deleting(a, two, one);
      });
    }
  });

  describe('a transaction', () => {
    it('sees what it has done, and others see it when it is whole', async () => {
      await a.transact(async (tx) => {
        tx.create('Network', net, {});
        tx.create('Port', p1, { networkId: net });
        deepEqual(await tx.referrers('Network', net, 'portIds'), [p1]);
        equal((await tx.get('Port', p1)).fields['networkId'], net);
        equal((await tx.list('Network')).length, 1);
        equal(await b.find('Network', net), undefined);
      });
      notEqual(await b.find('Network', net), undefined);
    });

    it('collapses what it does to one object (§3.2)', async () => {
      const diary = new Diary().class(b, 'Network');
      await create(a, ['Network', net, { n: 1 }]);
      await harness.settled();
      diary.read();
      const before = await a.find('Network', net);
      await a.transact((tx) => {
        tx.create('Network', p1, {});
        tx.delete('Network', p1);
        tx.create('Network', p2, { n: 1 });
        tx.update('Network', p2, { n: 2 });
        tx.delete('Network', net);
        tx.create('Network', net, { n: 3 });
      });
      await harness.settled();
      deepEqual(diary.tokens(), ['+1', '+4']);
      deepEqual(await fieldsOf(b, 'Network', p2), { n: 2 });
      deepEqual(await fieldsOf(b, 'Network', net), { n: 3 });
      notEqual((await b.find('Network', net))?.version, before?.version);
      await a.transact((tx) => {
        tx.update('Network', net, { n: 4 });
        tx.delete('Network', net);
      });
      equal(await b.find('Network', net), undefined);
    });

    it('keeps fields that its writer does not know', async () => {
      const later = { deep: [1, { two: null }] };
      await create(a, ['Network', net], ['Port', p1, { n: 1, later }], ['Port', p2]);
      await b.transact((tx) => tx.update('Port', p1, (fields) => ({ ...fields, n: 2, networkId: net })));
      await edit(b, 'Port', p2, { peerId: p1 }); // which writes the other end, too
      deepEqual(await fieldsOf(a, 'Port', p1), { n: 2, later, networkId: net, peerId: p2 });
      await remove(b, 'Port', p2);
      deepEqual(await fieldsOf(a, 'Port', p1), { n: 2, later, networkId: net });
    });

    it('writes nothing when its body throws, and hands on what was thrown', async () => {
      const own = new RangeError('mine');
      await a
        .transact((tx) => {
          tx.create('Network', net, {});
          throw own;
        })
        .then(
          () => ok(false),
          (cause: unknown) => equal(cause, own),
        );
      equal(await a.find('Network', net), undefined);
    });

    it('is run again when others changed what it had read, and sees the fresh copy', async () => {
      await create(a, ['Port', p1, { n: 1 }]);
      let runs = 0;
      await a.transact(async (tx) => {
        runs++;
        const { fields } = await tx.get('Port', p1);
        if (runs === 1) await edit(b, 'Port', p1, { n: 10 });
        tx.update('Port', p1, { n: Number(fields['n']) + 1 });
      });
      equal(runs, 2);
      deepEqual(await fieldsOf(b, 'Port', p1), { n: 11 });
    });

    it('gives up after three conflicts', async () => {
      await create(a, ['Port', p1, { n: 0 }]);
      let runs = 0;
      await refuses(
        a.transact(async (tx) => {
          const { fields } = await tx.get('Port', p1);
          await edit(b, 'Port', p1, { n: ++runs });
          tx.update('Port', p1, { n: Number(fields['n']) + 100 });
        }),
        'concurrent-modification',
      );
      equal(runs, 3);
      deepEqual(await fieldsOf(b, 'Port', p1), { n: 3 });
    });

    it('is run again when what it reads late was changed after it began', async () => {
      await create(a, ['Port', p1], ['Port', p2, { n: 1 }]);
      let runs = 0;
      const seen = await a.transact(async (tx) => {
        runs++;
        await tx.get('Port', p1);
        if (runs === 1) await edit(b, 'Port', p2, { n: 2 });
        return (await tx.get('Port', p2)).fields['n'];
      });
      deepEqual([runs, seen], [2, 2]);
    });

    it('lists what was there when it began, or is run again', async () => {
      await create(a, ['Network', net], ['Port', p1, { networkId: net }]);
      let runs = 0;
      const seen = await a.transact(async (tx) => {
        runs++;
        await tx.find('Router', rtr);
        if (runs === 1) await create(b, ['Port', p2, { networkId: net }], ['Port', p3]);
        if (runs === 2) await remove(b, 'Port', p3);
        const ports = await tx.list('Port');
        return ports.length;
      });
      deepEqual([runs, seen], [3, 2]);
      const referrers = await a.transact(async (tx) => {
        runs++;
        await tx.find('Router', rtr);
        if (runs === 4) await remove(b, 'Port', p2);
        return tx.referrers('Network', net, 'portIds');
      });
      deepEqual([runs, referrers], [5, [p1]]);
    });

    it('that goes on after a refusal is refused all the same', async () => {
      await refuses(
        a.transact(async (tx) => {
          tx.create('Network', net, {});
          tx.create('Port', p1, { networkId: other });
          await tx.find('Network', net).catch(() => undefined);
          tx.create('Router', rtr, {});
        }),
        'not-found',
        'networkId',
      );
      equal(await a.find('Network', net), undefined);
    });

    it('is refused for what is wrong first, in the order of asking, though that shows at the commit only', async () => {
      await create(a, ['Network', net]);
      await refuses(
        a.transact((tx) => {
          tx.create('Network', net, {});
          tx.create('Port', p1, { networkId: other });
        }),
        'already-exists',
      );
      equal(await a.find('Port', p1), undefined);
    });

    it('is refused for creating what exists, though it deletes it again, and leaves nothing to be written', async () => {
      await create(a, ['Network', net]);
      await refuses(
        b.transact((tx) => {
          tx.create('Network', net, {});
          tx.delete('Network', net);
        }),
        'already-exists',
      );
    });

    it('changes nothing when the link goes before its end', async () => {
      await refuses(
        a.transact(async (tx) => {
          tx.create('Network', net, {});
          await tx.find('Network', net);
          await harness.cutLink(a);
        }),
        'disconnected',
      );
      equal(await b.find('Network', net), undefined);
    });

    it('is under way until its caller has had time to go on', async () => {
      equal(a.idle, true);
      await create(a, ['Network', net]);
      equal(a.idle, false);
      await a.settled();
      equal(a.idle, true);
    });

    it('is waited for by whoever waits until all is settled', async () => {
      let isDone = false;
      const change = a
        .transact(async (tx) => {
          await turns(5);
          tx.create('Network', net, {});
        })
        .then(async () => {
          isDone = true;
          return create(a, ['Network', p1]);
        });
      await a.settled();
      equal(isDone, true);
      notEqual(await b.find('Network', p1), undefined);
      await change;
    });

    it('finds another port that came to the network it deletes', async () => {
      await create(a, ['Network', net], ['Port', p1, { networkId: net }]);
      let runs = 0;
      await a.transact(async (tx) => {
        tx.delete('Network', net);
        await tx.find('Router', rtr);
        if (++runs === 1) await create(b, ['Port', p2, { networkId: net }]);
      });
      deepEqual([runs, await a.find('Port', p2)], [2, undefined]);
    });

    it('does not refer to what was deleted meanwhile', async () => {
      await create(a, ['Network', net]);
      let runs = 0;
      await refuses(
        a.transact(async (tx) => {
          runs++;
          tx.create('Port', p1, { networkId: net });
          await tx.find('Router', rtr);
          if (runs === 1) await remove(b, 'Network', net);
        }),
        'not-found',
        'networkId',
      );
      deepEqual([runs, await a.find('Port', p1)], [2, undefined]);
    });

    it('does not disturb another that adds to the same network', async () => {
      await create(a, ['Network', net]);
      let runs = 0;
      await a.transact(async (tx) => {
        runs++;
        tx.create('Port', p1, { networkId: net });
        await tx.find('Router', rtr);
        await create(b, ['Port', p2, { networkId: net }]);
      });
      equal(runs, 1);
      deepEqual(await a.referrers('Network', net, 'portIds'), [p1, p2]);
    });

    it('is refused by name when it is too large, and says how large it is', async () => {
      const half = 'x'.repeat(TRANSACTION_BYTES / 2);
      await refuses(create(a, ['Network', net, { half }], ['Router', rtr, { half }]), 'too-large');
      await refuses(create(a, ['Network', net, { half: half + half }]), 'too-large');
      equal(await a.find('Network', net), undefined);
      await a.transact((tx) => {
        tx.create('Network', net, { half });
        ok(tx.bytes > half.length && tx.bytes < TRANSACTION_BYTES);
      });
    });

    it('deletes more than it could write, as a whole', async () => {
      await create(a, ['Network', net]);
      const note = 'x'.repeat(100_000);
      for (let part = 0; part < 3; part++) {
        // oxlint-disable-next-line eslint/no-await-in-loop -- one part after another
        await a.transact((tx) => {
          for (let n = 0; n < 8; n++) tx.create('Port', uuid(100 + part * 8 + n), { networkId: net, note });
        });
      }
      await remove(a, 'Network', net);
      deepEqual(await b.list('Port'), []);
    });
  });

  describe('observation', () => {
    it('of an object tells it, each change, and its end', async () => {
      await create(a, ['Network', net, { n: 1 }]);
      const diary = new Diary().object(b, 'Network', net);
      deepEqual(diary.read(), []); // never from within the call
      await harness.settled();
      deepEqual(diary.read(), ['{"n":1}']);
      await edit(a, 'Network', net, { n: 2 });
      await harness.settled();
      deepEqual(diary.read(), ['{"n":2}']);
      await remove(a, 'Network', net);
      await harness.settled();
      await create(a, ['Network', net, { n: 3 }]);
      await harness.settled();
      deepEqual(diary.read(), ['deleted']);
    });

    it('of a missing object says so', async () => {
      const diary = new Diary().object(b, 'Network', net).referrers(b, 'Network', net, 'portIds');
      await harness.settled();
      deepEqual(diary.read(), ['not-found', 'not-found']);
    });

    it('of an object hears of references written at the other end', async () => {
      await create(a, ['Port', p1], ['Port', p2]);
      const diary = new Diary().object(b, 'Port', p1);
      await harness.settled();
      diary.read();
      await edit(a, 'Port', p2, { peerId: p1 });
      await harness.settled();
      deepEqual(diary.read(), [`{"peerId":"${p2}"}`]);
    });

    it('of a class tells all there are, then what one transaction did at once', async () => {
      const diary = new Diary().class(b, 'Port');
      await harness.settled();
      deepEqual(diary.read(), ['']);
      await create(a, ['Port', p3], ['Port', p1]);
      await harness.settled();
      deepEqual(diary.read(), ['+3 +5']);
      diary.class(b, 'Port');
      await harness.settled();
      deepEqual(diary.read(), ['+3 +5']);
      await a.transact((tx) => {
        tx.delete('Port', p1);
        tx.update('Port', p3, { n: 1 });
      });
      await harness.settled();
      deepEqual(diary.tokens(), ['+5', '+5', '-3', '-3']);
    });

    it('of referrers tells who there are, then who came and went, and the end of the object', async () => {
      await create(a, ['Network', net], ['Port', p1, { networkId: net }]);
      const diary = new Diary().referrers(b, 'Network', net, 'portIds');
      await harness.settled();
      deepEqual(diary.read(), ['+3']);
      await a.transact((tx) => {
        tx.create('Port', p3, { networkId: net });
        tx.create('Port', p2, { networkId: net });
        tx.delete('Port', p1);
      });
      await harness.settled();
      deepEqual(diary.read(), ['+4 +5 -3']);
      await edit(a, 'Network', net, { name: 'x' });
      await harness.settled();
      deepEqual(diary.read(), []);
      await remove(a, 'Network', net);
      await harness.settled();
      deepEqual(diary.read(), ['deleted']);
    });

    it('of the referrers of an object that has none tells its end too', async () => {
      await create(a, ['Network', net]);
      const diary = new Diary().referrers(b, 'Network', net, 'portIds');
      await harness.settled();
      await remove(a, 'Network', net);
      await harness.settled();
      deepEqual(diary.read(), ['', 'deleted']);
    });

    it('ends with close, also for what was about to be told', async () => {
      await create(a, ['Network', net]);
      const told: string[] = [];
      const observation = b.observe('Network', net, {
        changed: () => told.push('changed'),
        deleted: () => told.push('deleted'),
        failed: () => told.push('failed'),
      });
      observation.close();
      observation.close();
      await harness.settled();
      deepEqual(told, []);
    });

    it('goes on when a listener throws, which is reported', async () => {
      const reports: unknown[] = [];
      const c = await harness.open('c', { report: (cause) => reports.push(cause) });
      await create(a, ['Network', net, { n: 1 }]);
      const told: unknown[] = [];
      c.observe('Network', net, {
        changed: ({ fields }) => {
          told.push(fields['n']);
          throw new RangeError('mine');
        },
        deleted: () => {},
        failed: () => {},
      });
      await harness.settled();
      await edit(a, 'Network', net, { n: 2 });
      await harness.settled();
      deepEqual(told, [1, 2]);
      deepEqual(
        reports.map((cause) => (cause as Error).message),
        ['mine', 'mine'],
      );
    });

    it('is settled when listeners that write have had their answers too', async () => {
      await create(a, ['Network', net, { n: 0 }]);
      const echo = (nsdb: Nsdb): void => {
        nsdb.observe('Network', net, {
          changed: ({ fields }) => {
            if (Number(fields['n']) < 20) void edit(nsdb, 'Network', net, { n: Number(fields['n']) + 1 });
          },
          deleted: () => {},
          failed: () => {},
        });
      };
      echo(a);
      equal(a.idle, false);
      await a.settled();
      equal(a.idle, true);
      deepEqual(await fieldsOf(b, 'Network', net), { n: 20 });
    });
  });

  describe('a barrier', () => {
    it('lets reads behind it show what others wrote before', async () => {
      for (let n = 1; n <= 20; n++) {
        /* oxlint-disable eslint/no-await-in-loop -- one write after another */
        await (n === 1 ? create(a, ['Network', net, { n }]) : edit(a, 'Network', net, { n }));
        await b.barrier();
        deepEqual(await fieldsOf(b, 'Network', net), { n });
        /* oxlint-enable eslint/no-await-in-loop */
      }
    });

    it('is not passed while the link is down', async () => {
      await harness.cutLink(a);
      await refuses(a.barrier(), 'disconnected');
      await a.close();
      await refuses(a.barrier(), 'closed');
    });
  });

  describe('sequences', () => {
    it('start at their seeds and give no number twice', async () => {
      equal(await a.next('vxgw_tunnel_key'), 10_000);
      const keys = await Promise.all([a, b, a, b].map((nsdb) => nsdb.next('overlay_tunnel_key')));
      deepEqual(
        keys.toSorted((x, y) => x - y),
        [1, 2, 3, 4],
      );
    });
  });
}

/** Links two objects, deletes the one at the near end, and looks at the other. */
async function deleting(a: Nsdb, near: BindingEnd, far: BindingEnd): Promise<void> {
  const [from, to] = [uuid(100), uuid(101)];
  const [writer, target] = near.holding === 'index' ? [far, near] : [near, far];
  const [writerId, targetId] = writer === near ? [from, to] : [to, from];
  const reference = writer.holding === 'list' ? [targetId] : targetId;
  await create(a, [target.class, targetId], [writer.class, writerId, { [writer.field]: reference }]);
  if (near.onDelete === 'error') await refuses(remove(a, near.class, from), 'still-referenced', near.field);
  else await remove(a, near.class, from);
  const partner = await fieldsOf(a, far.class, to);
  if (near.onDelete === 'cascade') equal(partner, undefined);
  else if (near.onDelete === 'leave' || near.onDelete === 'error') ok(partner);
  else if (far.holding === 'index') deepEqual(await a.referrers(far.class, to, far.field), []);
  else deepEqual(partner?.[far.field] ?? [], []);
  await a.transact((tx) => {
    tx.delete(far.class, to, { ignoreMissing: true });
    tx.delete(near.class, from, { ignoreMissing: true });
  });
}

/** Lets the event loop turn. */
async function turns(count: number): Promise<void> {
  // oxlint-disable-next-line eslint/no-await-in-loop -- one turn after another is the point
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}
