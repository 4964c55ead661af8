import { deepEqual, equal, notEqual } from 'node:assert/strict';
import type { Uuid } from '../../../topology/model/ids.ts';
import type { HostInterfaces } from '../../../topology/model/states/host-interfaces.ts';
import type { Nsdb } from '../../../topology/nsdb/nsdb.ts';
import { NsdbError } from '../../../topology/nsdb/nsdb-error.ts';
import type { StateKey, StatePlace } from '../../../topology/nsdb/state-key.ts';
import {
  CLUSTER,
  HOST_ALIVE,
  HOST_CONTAINER,
  HOST_INTERFACES,
  POOL_MEMBER_STATUS,
  PORT_ROUTES,
  SERVICE_CONTAINER_STATUS,
  TUNNEL_ZONE_FLOODING_PROXY,
  VTEP_CONFIG,
  VTEP_CONNECTION_STATE,
  VTEP_VXGW_MANAGER,
} from '../../../topology/nsdb/state-keys.ts';
import { create, Diary, refuses, remove, uuid, type NsdbHarness, type OpenHarness } from './harness.ts';

const host = uuid(1);
const vtep = uuid(2);
const port = uuid(3);
const alive = { namespace: host, id: host };
const manager = { namespace: CLUSTER, id: vtep };
const routes = { namespace: host, id: port };

const INTERFACES: HostInterfaces = {
  hostId: host,
  interfaces: [
    {
      name: 'eth0',
      type: 'PHYSICAL',
      mac: '02:00:00:00:00:01',
      addresses: ['10.0.0.1', 'fe80::1'],
      up: true,
      hasLink: true,
      mtu: 1500,
      endpoint: 'PHYSICAL',
    },
    { name: 'lo', type: 'VIRTUAL', addresses: [], up: false, hasLink: false, mtu: 65_536, endpoint: 'LOCALHOST' },
  ],
};

/** State keys, elections and locks: spec 10 §4, 70 §1. */
export function stateSuite(openHarness: OpenHarness): void {
  let harness: NsdbHarness;
  let a: Nsdb;
  let b: Nsdb;
  let diary: Diary;

  const told = async (): Promise<readonly string[]> => {
    await harness.settled();
    return diary.read();
  };

  beforeEach(async () => {
    harness = await openHarness();
    a = await harness.open('a');
    b = await harness.open('b');
    diary = new Diary();
    await create(a, ['Host', host], ['Vtep', vtep], ['Port', port]);
  });

  afterEach(() => harness.close());

  describe('a state key', () => {
    it('cannot be added to a missing object, nor read or observed there', async () => {
      const nowhere = { namespace: host, id: uuid(9) };
      await refuses(a.addState(HOST_ALIVE, nowhere, 'x'), 'not-found');
      await refuses(a.state(HOST_ALIVE, nowhere), 'not-found');
      diary.state(a, HOST_ALIVE, nowhere);
      deepEqual(await told(), ['not-found']);
    });

    it('tells its observers what it is now and each change', async () => {
      diary.state(b, HOST_ALIVE, alive);
      deepEqual(await told(), ['']);
      await a.addState(HOST_ALIVE, alive, 'up');
      deepEqual(await told(), ['theirs=up']);
      await a.addState(HOST_ALIVE, alive, 'up');
      deepEqual(await told(), []);
      await a.addState(HOST_ALIVE, alive, 'still up');
      deepEqual(await told(), ['theirs=still up']);
      equal(await a.removeState(HOST_ALIVE, alive, ''), true);
      deepEqual(await told(), ['']);
      equal(await a.removeState(HOST_ALIVE, alive, ''), false);
    });

    it('belongs to whoever wrote last, when the last wins', async () => {
      diary.state(a, HOST_ALIVE, alive);
      await a.addState(HOST_ALIVE, alive, 'a');
      deepEqual((await told()).at(-1), 'ours=a');
      await b.addState(HOST_ALIVE, alive, 'b');
      deepEqual(await told(), ['theirs=b']);
      await refuses(a.removeState(HOST_ALIVE, alive, 'a'), 'not-owner', 'alive');
      await a.close();
      deepEqual(
        (await b.state(HOST_ALIVE, alive)).map(({ value }) => value),
        ['b'],
      );
    });

    it('belongs to whoever wrote first, when the first wins', async () => {
      await a.addState(VTEP_VXGW_MANAGER, manager, 'a');
      await a.addState(VTEP_VXGW_MANAGER, manager, 'a again');
      await refuses(b.addState(VTEP_VXGW_MANAGER, manager, 'b'), 'not-owner', 'vxgw_manager');
      await a.close();
      await b.addState(VTEP_VXGW_MANAGER, manager, 'b');
      deepEqual(
        (await b.state(VTEP_VXGW_MANAGER, manager)).map(({ value, own }) => [value, own]),
        [['b', true]],
      );
    });

    it('holds many values, each with its owner', async () => {
      await Promise.all([
        a.addState(PORT_ROUTES, routes, 'r2'),
        a.addState(PORT_ROUTES, routes, 'r/1'),
        b.addState(PORT_ROUTES, routes, 'r3'),
      ]);
      deepEqual(
        (await a.state(PORT_ROUTES, routes)).map(({ value, own }) => [value, own]),
        [
          ['r/1', true],
          ['r2', true],
          ['r3', false],
        ],
      );
      await refuses(a.removeState(PORT_ROUTES, routes, 'r3'), 'not-owner');
      equal(await a.removeState(PORT_ROUTES, routes, 'r2'), true);
      await a.close();
      deepEqual(
        (await b.state(PORT_ROUTES, routes)).map(({ value }) => value),
        ['r3'],
      );
    });

    it('is another in each namespace', async () => {
      await a.addState(PORT_ROUTES, routes, 'r');
      deepEqual(await b.state(PORT_ROUTES, { namespace: uuid(8), id: port }), []);
    });

    it('of every kind is read by others as it was written', async () => {
      const [container, member, zone] = [uuid(4), uuid(5), uuid(6)];
      await create(a, ['ServiceContainer', container], ['PoolMember', member], ['TunnelZone', zone, { hostIds: [] }]);
      const own = (id: Uuid) => ({ namespace: host, id });
      const seen = async <V>(key: StateKey<V>, place: StatePlace, value: V) => {
        await a.addState(key, place, value);
        deepEqual(
          (await b.state(key, place)).map((one) => one.value),
          [value],
          key.key,
        );
      };
      await seen(HOST_INTERFACES, alive, INTERFACES);
      await seen(HOST_CONTAINER, alive, { weight: 1, quota: -1, count: 0 });
      await seen(SERVICE_CONTAINER_STATUS, own(container), { status: 'RUNNING', hostId: host, namespace: 'vpn' });
      await seen(POOL_MEMBER_STATUS, own(member), 'INACTIVE');
      await seen(TUNNEL_ZONE_FLOODING_PROXY, { namespace: CLUSTER, id: zone }, host);
      await seen(TUNNEL_ZONE_FLOODING_PROXY, { namespace: CLUSTER, id: zone }, null);
      await seen(VTEP_CONFIG, manager, { name: 'v', description: '', tunnelIps: ['10.0.0.1', 'fe80::1'] });
      await seen(VTEP_CONNECTION_STATE, manager, 'ERROR');
    });

    it('that holds nonsense is reported, and read as if it held nothing', async () => {
      const reports: unknown[] = [];
      const c = await harness.open('c', { report: (cause) => reports.push(cause) });
      const careless = { ...HOST_INTERFACES, codec: { format: String, parse: () => undefined } };
      await a.addState(careless, alive, '{"hostId":"no","interfaces":[]}');
      deepEqual(await c.state(HOST_INTERFACES, alive), []);
      deepEqual(
        reports.map((cause) => cause instanceof NsdbError && cause.fault),
        ['invalid'],
      );
    });

    it('goes with its object, and does not come back with it', async () => {
      await a.addState(HOST_ALIVE, alive, 'up');
      diary.state(b, HOST_ALIVE, alive);
      await told();
      await remove(b, 'Host', host);
      deepEqual(await told(), ['not-found']);
      const away = await harness.open('away');
      await create(b, ['Host', host]);
      diary.state(away, HOST_ALIVE, alive);
      deepEqual(await b.state(HOST_ALIVE, alive), []);
      await a.addState(HOST_ALIVE, alive, 'up');
      await told();
      await harness.cutLink(away);
      await remove(b, 'Host', host);
      await create(b, ['Host', host]);
      await b.addState(HOST_ALIVE, alive, 'up again');
      await a.close();
      equal((await b.state(HOST_ALIVE, alive)).length, 1);
    });
  });

  describe('a session', () => {
    it('outlives a link that is down for less than its timeout: nothing is lost', async () => {
      await a.addState(HOST_ALIVE, alive, 'up');
      diary.state(b, HOST_ALIVE, alive).connection(a);
      const before = a.connection;
      deepEqual(await told(), ['theirs=up', 'connected']);
      await harness.cutLink(a);
      await harness.advance(harness.sessionTimeout * 0.6);
      deepEqual(await told(), ['suspended']);
      await harness.restoreLink(a);
      deepEqual(await told(), ['connected']);
      deepEqual(a.connection, before);
    });

    it('ends when the link is down for longer: others see what it owned vanish, and come back with it', async () => {
      await a.addState(HOST_ALIVE, alive, 'up');
      diary.state(b, HOST_ALIVE, alive);
      await told();
      const before = a.connection;
      await harness.cutLink(a);
      await harness.advance(harness.sessionTimeout * 2);
      deepEqual(await told(), ['']);
      equal(a.connection.kind, 'expired');
      await harness.restoreLink(a);
      deepEqual(await told(), ['theirs=up']);
      equal(a.connection.kind, 'connected');
      notEqual(JSON.stringify(a.connection), JSON.stringify(before));
    });

    it('that the database ends is replaced at once', async () => {
      await a.addState(HOST_ALIVE, alive, 'up');
      await a.addState(PORT_ROUTES, routes, 'r1');
      await a.addState(PORT_ROUTES, routes, 'r2');
      await a.removeState(PORT_ROUTES, routes, 'r2');
      diary.state(b, HOST_ALIVE, alive).connection(a);
      await told();
      await harness.expireSession(a);
      const words = await told();
      deepEqual(
        words.filter((word) => !word.includes('=') && word !== ''),
        ['expired', 'connected'],
      );
      equal(
        words.findLast((word) => word.includes('=')),
        'theirs=up',
      );
      deepEqual(
        (await b.state(PORT_ROUTES, routes)).map(({ value }) => value),
        ['r1'],
      );
    });

    it('does not take back what another has taken meanwhile', async () => {
      await a.addState(HOST_ALIVE, alive, 'a');
      await a.addState(VTEP_VXGW_MANAGER, manager, 'a');
      await harness.cutLink(a);
      await harness.advance(harness.sessionTimeout * 2);
      await b.addState(HOST_ALIVE, alive, 'b');
      await b.addState(VTEP_VXGW_MANAGER, manager, 'b');
      diary.state(a, HOST_ALIVE, alive);
      await harness.restoreLink(a);
      deepEqual(await told(), ['theirs=b']);
      deepEqual(
        (await a.state(VTEP_VXGW_MANAGER, manager)).map(({ value }) => value),
        ['b'],
      );
    });

    it('that is away has its objects compared when it is back: only what differs is told', async () => {
      const [kept, changed, deleted] = [uuid(11), uuid(12), uuid(13)];
      await create(b, ['Network', kept, { n: 1 }], ['Network', changed, { n: 1 }], ['Network', deleted, { n: 1 }]);
      for (const id of [kept, changed, deleted]) diary.object(a, 'Network', id);
      diary.class(a, 'Network').referrers(a, 'Network', kept, 'portIds');
      await told();
      await harness.cutLink(a);
      await harness.advance(harness.sessionTimeout * 2);
      await b.transact((tx) => {
        tx.update('Network', changed, { n: 2 });
        tx.delete('Network', deleted);
        tx.create('Port', uuid(14), { networkId: kept });
      });
      deepEqual(await told(), []);
      await harness.restoreLink(a);
      await harness.settled();
      deepEqual(diary.tokens(), ['+12', '+14', '-13', 'deleted', '{"n":2}']);
      await harness.expireSession(a);
      deepEqual(await told(), []);
    });

    it('that is away when an object is deleted and made anew hears who refers to it no more', async () => {
      const net = uuid(11);
      await create(b, ['Network', net], ['Port', uuid(12), { networkId: net }], ['Port', uuid(13), { networkId: net }]);
      diary.referrers(a, 'Network', net, 'portIds');
      deepEqual(await told(), ['+12 +13']);
      await harness.cutLink(a);
      await remove(b, 'Network', net);
      await create(b, ['Network', net], ['Port', uuid(13), { networkId: net }], ['Port', uuid(14), { networkId: net }]);
      await harness.restoreLink(a);
      deepEqual(await told(), ['+14 -12']);
    });

    it('refuses by name what needs the link, and changes nothing', async () => {
      await a.addState(PORT_ROUTES, routes, 'r');
      await harness.cutLink(a);
      await refuses(create(a, ['Network', uuid(11)]), 'disconnected');
      await refuses(a.find('Host', host), 'disconnected');
      await refuses(a.addState(HOST_ALIVE, alive, 'up'), 'disconnected');
      await refuses(a.lock('l', 1000), 'disconnected');
      await refuses(a.next('overlay_tunnel_key'), 'disconnected');
      await harness.restoreLink(a);
      equal(await a.find('Network', uuid(11)), undefined);
    });

    it('withdraws when the link is back what was withdrawn meanwhile, and never puts it back', async () => {
      await a.addState(HOST_ALIVE, alive, 'up');
      await a.addState(PORT_ROUTES, routes, 'r');
      await harness.cutLink(a);
      const first = a.removeState(HOST_ALIVE, alive, 'up');
      await harness.restoreLink(a);
      equal(await first, true);
      deepEqual(await b.state(HOST_ALIVE, alive), []);
      await harness.cutLink(a);
      const second = a.removeState(PORT_ROUTES, routes, 'r');
      await harness.advance(harness.sessionTimeout * 2);
      await harness.restoreLink(a);
      equal(await second, false);
      deepEqual(await b.state(PORT_ROUTES, routes), []);
    });

    it('of its own length ends when that is over', async () => {
      const quick = await harness.open('quick', { sessionTimeout: harness.sessionTimeout / 5 });
      await quick.addState(HOST_ALIVE, alive, 'up');
      await harness.cutLink(quick);
      await harness.advance(harness.sessionTimeout * 0.6);
      deepEqual(await b.state(HOST_ALIVE, alive), []);
    });

    it('says since when it is suspended', async () => {
      const before = a.connection.kind;
      await harness.cutLink(a);
      deepEqual([before, a.connection.kind, 'since' in a.connection], ['connected', 'suspended', true]);
    });

    it('that is closed tells nothing more and answers by name', async () => {
      diary.object(a, 'Host', host);
      await told();
      await a.close();
      await b.transact((tx) => tx.update('Host', host, { n: 1 }));
      deepEqual(await told(), []);
      equal(a.connection.kind, 'closed');
      await refuses(a.find('Host', host), 'closed');
    });
  });

  describe('a handle that is closed while its link is down', () => {
    it('keeps what it owned until its time is over', async () => {
      await a.addState(HOST_ALIVE, alive, 'up');
      await harness.cutLink(a);
      const waiting = refuses(a.removeState(HOST_ALIVE, alive, 'up'), 'closed');
      await a.close();
      await waiting;
      await harness.advance(harness.sessionTimeout / 2);
      equal((await b.state(HOST_ALIVE, alive)).length, 1);
      await harness.advance(harness.sessionTimeout * 2);
      deepEqual(await b.state(HOST_ALIVE, alive), []);
      equal(a.connection.kind, 'closed');
    });
  });

  describe('an election', () => {
    it('is led by one, and by the next when that one goes', async () => {
      const [first, second] = [new Diary(), new Diary()];
      const candidacy = first.election(a, 'proxy/manager');
      second.election(b, 'proxy/manager');
      await harness.settled();
      deepEqual([first.read(), second.read()], [['leading'], ['following']]);
      candidacy.close();
      await harness.settled();
      deepEqual([first.read(), second.read()], [[], ['leading']]);
    });

    it('is left, by one whose link is down, when the link is back', async () => {
      const [first, second] = [new Diary(), new Diary()];
      const candidacy = first.election(a, 'role');
      await harness.settled();
      second.election(b, 'role');
      await harness.cutLink(a);
      candidacy.close();
      await harness.settled();
      deepEqual(second.read(), ['following']);
      await harness.restoreLink(a);
      await harness.settled();
      deepEqual([first.read(), second.read()], [['leading'], ['leading']]);
    });

    it('is left, by one whose link is down, when the session ends', async () => {
      const [first, second] = [new Diary(), new Diary()];
      const candidacy = first.election(a, 'role');
      await harness.settled();
      second.election(b, 'role');
      await harness.cutLink(a);
      candidacy.close();
      await harness.advance(harness.sessionTimeout * 2);
      await harness.restoreLink(a);
      await harness.settled();
      deepEqual([first.read(), second.read()], [['leading'], ['following', 'leading']]);
    });

    it('is lost with the session, which stands again behind the others', async () => {
      const [first, second] = [new Diary(), new Diary()];
      first.election(a, 'role');
      second.election(b, 'role');
      await harness.settled();
      first.read();
      second.read();
      await harness.cutLink(a);
      await harness.advance(harness.sessionTimeout * 2);
      deepEqual([first.read(), second.read()], [['following'], ['leading']]);
      await harness.restoreLink(a);
      await harness.settled();
      deepEqual([first.read(), second.read()], [[], []]);
      await b.close();
      await harness.settled();
      deepEqual(first.read(), ['leading']);
    });
  });

  describe('a lock', () => {
    it('is held by one at a time', async () => {
      const first = await a.lock('topology', 1000);
      equal(first.held, true);
      const second = b.lock('topology', harness.sessionTimeout);
      await harness.settled();
      await first.release();
      equal((await second).held, true);
      equal(first.held, false);
    });

    it('is not to be had in time while another holds it, nor waits on afterwards', async () => {
      const first = await a.lock('topology', 1000);
      const late = refuses(b.lock('topology', 1000), 'timeout');
      await harness.advance(1500);
      await late;
      await first.release();
      equal((await a.lock('topology', 1000)).held, true);
    });

    it('is lost with the session, and so is a place in the queue', async () => {
      const first = await a.lock('topology', 1000);
      const second = b.lock('topology', harness.sessionTimeout * 10);
      await harness.settled();
      await harness.expireSession(a);
      equal(first.held, false);
      equal((await second).held, true);
      const third = refuses(a.lock('topology', harness.sessionTimeout * 10), 'session-lost');
      await harness.settled();
      await harness.expireSession(a);
      await third;
    });
  });
}
