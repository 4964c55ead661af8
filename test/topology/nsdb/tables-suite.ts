import { deepEqual, equal, ok } from 'node:assert/strict';
import type { Uuid } from '../../../topology/model/ids.ts';
import { parseIp } from '../../../topology/model/ip.ts';
import { ipv4Of, parseIpv4 } from '../../../topology/model/ipv4.ts';
import { parseIpv6 } from '../../../topology/model/ipv6.ts';
import { parseRouteKey } from '../../../topology/model/learned-route.ts';
import { formatMac, macOf, type Mac } from '../../../topology/model/mac.ts';
import { millisOf } from '../../../topology/model/time.ts';
import type { Nsdb } from '../../../topology/nsdb/nsdb.ts';
import { tablePath } from '../../../topology/nsdb/paths.ts';
import type { Codec } from '../../../topology/nsdb/state-key.ts';
import {
  ARP_TABLE,
  GATEWAY_TABLE,
  IP4_MAC_TABLE,
  IP6_MAC_TABLE,
  MAC_TABLE,
  PEERING_TABLE,
  ROUTE_TABLE,
} from '../../../topology/nsdb/state-tables.ts';
import type { StateTable, TableKind } from '../../../topology/nsdb/state-table.ts';
import { entryName, PERSISTENT } from '../../../topology/nsdb/table-entry.ts';
import { create, Diary, refuses, remove, uuid, type NsdbHarness, type OpenHarness } from './harness.ts';

const net = uuid(90);
const m1 = macOf(0, 1);
const m2 = macOf(0, 2);
const [port1, port2, port3] = [uuid(1), uuid(2), uuid(3)];
const untagged = { owner: net, arg: 0 };

type Macs = StateTable<Mac, Uuid>;

const TEXT: Codec<string> = { format: (text) => text, parse: (text) => text };
const TEXTS: TableKind<string, string> = { class: 'Router', table: 'texts', key: TEXT, value: TEXT };

/** State tables and their arbitration: spec 10 §5. */
export function tablesSuite(openHarness: OpenHarness): void {
  let harness: NsdbHarness;
  let a: Nsdb;
  let b: Nsdb;
  let x: Macs;
  let y: Macs;

  const seen = (table: Macs) => [...table.entries()].toSorted(([k], [l]) => k - l);

  beforeEach(async () => {
    harness = await openHarness();
    a = await harness.open('a');
    b = await harness.open('b');
    await create(a, ['Network', net]);
    x = a.table(MAC_TABLE, untagged);
    y = b.table(MAC_TABLE, untagged);
    await harness.settled();
  });

  afterEach(() => harness.close());

  describe('a state table', () => {
    it('is ready after its first snapshot (rule 7)', async () => {
      await x.persist(m1, port1);
      const z = b.table(MAC_TABLE, untagged);
      deepEqual([z.ready, z.get(m1)], [false, undefined]);
      await harness.settled();
      deepEqual([z.ready, z.get(m1), z.size], [true, port1, 1]);
    });

    it('shows everywhere what one has learned, once the database has answered', async () => {
      equal(x.add(m1, port1), 'proposed');
      equal(x.get(m1), undefined);
      await harness.settled();
      deepEqual([x.get(m1), y.get(m1), x.isOwn(m1), y.isOwn(m1)], [port1, port1, true, false]);
    });

    it('is another for each argument, and each owner', async () => {
      const tagged = a.table(MAC_TABLE, { owner: net, arg: 7 });
      x.add(m1, port1);
      await harness.settled();
      deepEqual([tagged.ready, tagged.size], [true, 0]);
    });

    it('tells each subscriber what there is, then each change (rule 8)', async () => {
      x.add(m1, port1);
      await harness.settled();
      const diary = new Diary().table(y);
      deepEqual(diary.read(), []);
      await harness.settled();
      deepEqual(diary.read(), ['1: >1', 'ready']);
      x.add(m1, port2);
      x.add(m2, port1);
      await harness.settled();
      deepEqual([...diary.read()].toSorted(), ['1: 1>2', '2: >1']);
      x.remove(m1);
      await harness.settled();
      deepEqual(diary.read(), ['1: 2>']);
    });

    it('ignores what is known (rule 3)', async () => {
      deepEqual([x.add(m1, port1), x.add(m1, port1)], ['proposed', 'known']);
      await harness.settled();
      const diary = new Diary().table(y);
      await harness.settled();
      diary.read();
      equal(x.add(m1, port1), 'known');
      await harness.settled();
      deepEqual(diary.read(), []);
      x.remove(m1);
      equal(x.add(m1, port1), 'proposed');
      await harness.settled();
      deepEqual([y.get(m1), diary.read()], [port1, []]);
    });

    it('removes only what is ours, shows, and has the value (rule 5)', async () => {
      x.add(m1, port1);
      await harness.settled();
      deepEqual([y.remove(m1), x.remove(m1, port2), x.remove(m2)], ['refused', 'refused', 'refused']);
      equal(x.remove(m1, port1), 'proposed');
      equal(x.get(m1), port1); // until the database has answered
      await harness.settled();
      deepEqual([x.get(m1), y.get(m1)], [undefined, undefined]);
    });

    it('takes back what was proposed a moment ago', async () => {
      x.add(m1, port1);
      equal(x.remove(m1), 'proposed');
      await harness.settled();
      deepEqual([x.get(m1), y.get(m1)], [undefined, undefined]);
    });

    it('lets the learned beat the persistent, the last learned the earlier, and what was hidden show again (rules 2, 4)', async () => {
      const diary = new Diary().table(a.table(MAC_TABLE, untagged));
      const c = await harness.open('c');
      const z = c.table(MAC_TABLE, untagged);
      await c.table(MAC_TABLE, untagged).persist(m1, port1);
      await harness.settled();
      x.add(m1, port2);
      await harness.settled();
      y.add(m1, port3);
      await harness.settled();
      deepEqual([x.get(m1), y.get(m1), z.get(m1)], [port3, port3, port3]);
      equal(x.isOwn(m1), false);
      await b.close();
      await harness.settled();
      deepEqual([x.get(m1), z.get(m1)], [port1, port1]); // not port2: x's entry had gone
      deepEqual(diary.read(), ['ready', '1: >1', '1: 1>2', '1: 2>3', '1: 3>1']);
    });

    it('lets the learned beat what is made persistent later, and the persistent that was read first stay (rule 2)', async () => {
      x.add(m1, port1);
      await harness.settled();
      await y.persist(m1, port2);
      await harness.settled();
      deepEqual([x.get(m1), y.get(m1)], [port1, port1]);
      const path = tablePath('Network', 'mac_table', untagged);
      await harness.plant(path, entryName({ key: formatMac(m1), value: port3, version: PERSISTENT }));
      await harness.settled();
      x.remove(m1);
      await harness.settled();
      deepEqual([x.get(m1), y.get(m1)], [port2, port2]);
    });

    it('tells its persistent entries, whatever hides them, for each argument', async () => {
      const table = (arg: number) => a.table(MAC_TABLE, { owner: net, arg });
      await table(0).persist(m2, port1);
      await table(0).persist(m1, port1);
      await table(10).persist(m1, port2);
      await table(9).persist(m1, port3);
      y.add(m1, port3);
      y.add(macOf(0, 3), port3);
      await harness.plant(tablePath('Network', 'mac_table', untagged), 'no entry,0000000000');
      await a.table(IP4_MAC_TABLE, { owner: net }).persist(ipv4Of(7), m1);
      await harness.settled();
      deepEqual(await b.persistentEntries(MAC_TABLE, net), [
        { arg: 0, key: m1, value: port1 },
        { arg: 0, key: m2, value: port1 },
        { arg: 9, key: m1, value: port3 },
        { arg: 10, key: m1, value: port2 },
      ]);
      deepEqual(await b.persistentEntries(IP4_MAC_TABLE, net), [{ arg: undefined, key: ipv4Of(7), value: m1 }]);
      await remove(a, 'Network', net);
      deepEqual(await b.persistentEntries(MAC_TABLE, net), []);
      await create(a, ['Network', net]);
      deepEqual(await b.persistentEntries(MAC_TABLE, net), []);
    });

    it('keeps persistent entries without a session, one for a key', async () => {
      await x.persist(m1, port1);
      await a.close();
      await harness.settled();
      equal(y.get(m1), port1);
      await y.persist(m1, port2);
      await harness.settled();
      equal(y.get(m1), port2);
      equal(await y.unpersist(m1, port1), false);
      equal(await y.unpersist(m1), true);
      await harness.settled();
      equal(y.get(m1), undefined);
    });

    it('counts malformed names and goes on (rule 8)', async () => {
      const path = tablePath('Network', 'mac_table', untagged);
      await harness.plant(path, 'nonsense');
      await harness.plant(path, '02:00:00:00:00:01,no-port,0000000001');
      await harness.plant(path, `02:00:00:00:00:0g,${port1},0000000001`);
      await harness.plant(path, `02:00:00:00:00:01,${port1},9999999999`);
      x.add(m1, port1);
      await harness.settled();
      const z = b.table(MAC_TABLE, untagged);
      await harness.settled();
      deepEqual([y.malformed, z.malformed, y.get(m1), z.size], [4, 4, port1, 1]);
    });

    it('goes when its owner is deleted, and is not there when the owner is not', async () => {
      const diary = new Diary().table(y);
      x.add(m1, port1);
      await harness.settled();
      diary.read();
      await remove(a, 'Network', net);
      await harness.settled();
      deepEqual(diary.read(), ['not-found']);
      equal(x.add(m1, port1), 'refused');
      await refuses(x.persist(m1, port1), 'not-found');
      diary.table(b.table(MAC_TABLE, untagged));
      await harness.settled();
      deepEqual(diary.read(), ['not-found']);
      await refuses(b.table(MAC_TABLE, untagged).persist(m1, port1), 'not-found');
      await create(a, ['Network', net]);
      const z = b.table(MAC_TABLE, untagged);
      await harness.settled();
      deepEqual([z.ready, z.size], [true, 0]);
    });

    it('takes back what it learned when it is closed', async () => {
      x.add(m1, port1);
      await harness.settled();
      x.close();
      await harness.settled();
      equal(y.get(m1), undefined);
    });

    it('carries any key and value through the names of its entries', async () => {
      const rtr = uuid(91);
      await create(a, ['Router', rtr]);
      const anyText = a.table(TEXTS, { owner: rtr });
      const arp = a.table(ARP_TABLE, { owner: rtr });
      const texts = ['0.0.0.0/0,10.0.0.0/8 100%', '.', '..', 'ü\u0000\ud83d\ude00', '%2F', ''];
      for (const text of texts) anyText.add(text, text);
      const entry = { mac: m1, expiry: millisOf(1500.25), stale: millisOf(7), lastArp: millisOf(0) };
      arp.add(ipv4Of(1), entry);
      arp.add(ipv4Of(2), { ...entry, mac: undefined });
      const gateways = a.table(GATEWAY_TABLE, {});
      gateways.add(port1, true);
      await harness.settled();
      const [others, neighbours, hosts] = [
        b.table(TEXTS, { owner: rtr }),
        b.table(ARP_TABLE, { owner: rtr }),
        b.table(GATEWAY_TABLE, {}),
      ];
      await harness.settled();
      for (const text of texts) equal(others.get(text), text);
      equal(others.size, texts.length);
      deepEqual(neighbours.get(ipv4Of(1)), entry);
      deepEqual(neighbours.get(ipv4Of(2)), { ...entry, mac: undefined });
      equal(hosts.get(port1), true);
    });

    it('has keys and values of both families of addresses', async () => {
      const rtr = uuid(91);
      await create(a, ['Router', rtr], ['Port', port1, { routerId: rtr }]);
      const [ip4, ip6] = [parseIpv4('10.0.0.1'), parseIpv6('fe80::1')];
      ok(ip4 !== undefined && ip6 !== undefined);
      const routes = ['0.0.0.0/0;10.0.0.1;20', '::/0;fe80::1;20', '2001:db8::/32;;0'].map((text) => {
        const key = parseRouteKey(`${text};${port1}`);
        ok(key, text);
        return key;
      });
      const peers = a.table(PEERING_TABLE, { owner: port1 });
      peers.add(m1, ip4);
      await peers.persist(m2, ip6);
      a.table(IP4_MAC_TABLE, { owner: net }).add(ip4, m1);
      a.table(IP6_MAC_TABLE, { owner: net }).add(ip6, m2);
      for (const key of routes) a.table(ROUTE_TABLE, { owner: rtr }).add(key, true);
      await harness.settled();
      const there = {
        peers: b.table(PEERING_TABLE, { owner: port1 }),
        ip4: b.table(IP4_MAC_TABLE, { owner: net }),
        ip6: b.table(IP6_MAC_TABLE, { owner: net }),
        routes: b.table(ROUTE_TABLE, { owner: rtr }),
      };
      await harness.settled();
      deepEqual([there.peers.get(m1), there.peers.get(m2)], [ip4, ip6]);
      deepEqual([there.ip4.get(ip4), there.ip6.get(ip6)], [m1, m2]);
      deepEqual([...there.routes.entries()].map(([key]) => key).toSorted(), routes.toSorted());
    });

    it('arbitrates between sessions whatever its kind', async () => {
      const rtr = uuid(91);
      await create(a, ['Router', rtr], ['Port', port1, { routerId: rtr }]);
      const [first, second, third] = ['10.0.0.1', 'fe80::1', '10.0.0.3'].map((text) => parseIp(text));
      ok(first !== undefined && second !== undefined && third !== undefined);
      const [p, q] = [a.table(PEERING_TABLE, { owner: port1 }), b.table(PEERING_TABLE, { owner: port1 })];
      await p.persist(m1, first);
      p.add(m1, second);
      await harness.settled();
      q.add(m1, third);
      await harness.settled();
      deepEqual([p.get(m1), q.get(m1), p.isOwn(m1), q.isOwn(m1)], [third, third, false, true]);
      await harness.expireSession(b);
      await harness.settled();
      deepEqual([p.get(m1), q.isOwn(m1)], [third, true]);
      await b.close();
      await harness.settled();
      equal(p.get(m1), first);
    });
  });

  describe('a state table whose link is down', () => {
    it('takes back what it learned, when closed, as soon as the link is back', async () => {
      x.add(m1, port1);
      x.add(m2, port1);
      await harness.settled();
      await harness.cutLink(a);
      x.remove(m2);
      x.close();
      await harness.settled();
      equal(y.size, 2);
      await refuses(x.persist(m1, port1), 'disconnected');
      await harness.restoreLink(a);
      await harness.settled();
      equal(y.size, 0);
      await refuses(x.persist(m1, port1), 'closed');
    });

    it('is read as before, refuses what is learned, and removes when the link is back (rule 6)', async () => {
      x.add(m1, port1);
      x.add(m2, port1);
      await harness.settled();
      const diary = new Diary().table(x);
      await harness.settled();
      diary.read();
      await harness.cutLink(a);
      equal(x.get(m1), port1);
      equal(x.add(macOf(0, 9), port1), 'refused');
      equal(x.refused, 1);
      equal(x.remove(m1), 'proposed');
      await refuses(x.persist(m1, port1), 'disconnected');
      y.add(m2, port3);
      await harness.settled();
      deepEqual([x.get(m2), y.get(m1), diary.read()], [port1, port1, []]);
      await harness.restoreLink(a);
      await harness.settled();
      deepEqual([seen(x), seen(y)], [[[m2, port3]], [[m2, port3]]]);
      deepEqual([...diary.read()].toSorted(), ['1: 1>', '2: 1>3']);
    });

    it('loses what it learned with its session, and puts back what nobody else has learned', async () => {
      x.add(m1, port1);
      x.add(m2, port1);
      const m3 = macOf(0, 3);
      x.add(m3, port1);
      await harness.settled();
      const diary = new Diary().table(x);
      const others = new Diary().table(y);
      await harness.settled();
      diary.read();
      others.read();
      await harness.cutLink(a);
      x.remove(m3);
      await harness.advance(harness.sessionTimeout * 2);
      deepEqual(seen(y), []);
      deepEqual([...others.read()].toSorted(), ['1: 1>', '2: 1>', '3: 1>']);
      deepEqual(seen(x).length, 3);
      y.add(m2, port2);
      await harness.settled();
      await harness.restoreLink(a);
      await harness.settled();
      const expected = [
        [m1, port1],
        [m2, port2],
      ];
      deepEqual([seen(x), seen(y)], [expected, expected]);
      deepEqual([x.isOwn(m1), x.isOwn(m2)], [true, false]);
      deepEqual([...diary.read()].toSorted(), ['2: 1>2', '3: 1>']); // nothing about m1
      deepEqual([...others.read()].toSorted(), ['1: >1', '2: >2']);
    });

    for (const [how, isSessionLost] of [
      ['its session ended', true],
      ['its link was down', false],
    ] as const) {
      it(`goes with an owner that was deleted while ${how}: one that was created anew has a table of its own`, async () => {
        x.add(m1, port1);
        await harness.settled();
        const diary = new Diary().table(x);
        await harness.settled();
        diary.read();
        await harness.cutLink(a);
        await remove(b, 'Network', net);
        await create(b, ['Network', net]);
        if (isSessionLost) await harness.advance(harness.sessionTimeout * 2);
        await harness.restoreLink(a);
        await harness.settled();
        deepEqual(diary.read(), ['not-found']);
        const [z, w] = [a.table(MAC_TABLE, untagged), b.table(MAC_TABLE, untagged)];
        await harness.settled();
        deepEqual([seen(z), seen(w)], [[], []]);
        equal(z.add(m2, port1), 'proposed');
        await harness.settled();
        deepEqual(seen(w), [[m2, port1]]);
      });
    }

    it('tells its own subscribers nothing of a session replaced at once', async () => {
      x.add(m1, port1);
      await harness.settled();
      const diary = new Diary().table(x);
      await harness.settled();
      diary.read();
      await harness.expireSession(a);
      deepEqual(diary.read(), []);
      deepEqual([y.get(m1), x.isOwn(m1)], [port1, true]);
      equal(x.remove(m1), 'proposed');
      await harness.settled();
      equal(y.get(m1), undefined);
    });
  });
}
