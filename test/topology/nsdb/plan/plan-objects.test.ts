import { deepEqual, equal } from 'node:assert/strict';
import type { ClassName } from '../../../../topology/model/bindings.ts';
import type { Uuid } from '../../../../topology/model/ids.ts';
import type { JsonObject } from '../../../../topology/model/json.ts';
import type { NewObject } from '../../../../topology/nsdb/creation-order.ts';
import type { NsdbObject } from '../../../../topology/nsdb/nsdb.ts';
import { isEmpty, type ObjectName, type Plan } from '../../../../topology/nsdb/plan/plan.ts';
import { planObjects } from '../../../../topology/nsdb/plan/plan-objects.ts';
import { uuid } from '../harness.ts';

const DESCRIBED: { readonly [Class in ClassName]?: readonly string[] } = {
  Host: ['name'],
  TunnelZone: ['name', 'hosts', 'hostIds'],
  PortGroup: ['name'],
  Network: ['name', 'adminStateUp'],
  Router: ['name'],
  Port: ['name', 'networkId', 'routerId', 'peerId', 'hostId', 'mtu', 'portGroupIds'],
  Route: ['name', 'routerId', 'nextHopPortId'],
};

const [net, other, p1, p2, p3, p4] = [uuid(1), uuid(2), uuid(3), uuid(4), uuid(5), uuid(6)];
const [h1, h2, zone, gold, silver, router, balancer, vip, route, dhcp] = [
  uuid(11),
  uuid(12),
  uuid(13),
  uuid(14),
  uuid(15),
  uuid(16),
  uuid(17),
  uuid(18),
  uuid(19),
  uuid(20),
];

type Object = readonly [cls: ClassName, id: Uuid, fields?: JsonObject];

describe('A plan', () => {
  it('is empty where all is as it is wanted, said in other words or not', () => {
    const objects: readonly Object[] = [
      ['Network', net, { name: 'web', adminStateUp: true }],
      ['Port', p1, { networkId: net }],
    ];
    deepEqual(told(plan(objects, objects)), []);
    equal(isEmpty({ ...plan(objects, objects), entries: [] }), true);
    const wordy: readonly Object[] = [
      ['Network', net, { name: 'web' }],
      ['Port', p1, { networkId: net, portGroupIds: [], peerId: null, vlanId: 0 }],
    ];
    deepEqual(told(plan(objects, wordy)), []);
    deepEqual(told(plan(wordy, objects)), []);
  });

  it('creates what is not there, and changes field by field what differs; fields that are not described stay', () => {
    const wanted: readonly Object[] = [
      ['Network', net, { name: 'web', adminStateUp: false }],
      ['Port', p1, { networkId: net, mtu: 9000 }],
      ['Port', p2, { networkId: net }],
    ];
    const present: readonly Object[] = [
      ['Network', net, { name: 'old', tunnelKey: 7, tenantId: 'x' }],
      ['Port', p1, { networkId: net, mtu: 1500, hostId: h1, tunnelKey: 8 }],
    ];
    deepEqual(told(plan(wanted, present)), [
      '+ Port 4',
      '~ Network 1 name: "old" > "web"',
      '~ Network 1 adminStateUp: true > false',
      `~ Port 3 hostId: "${h1}" > none`,
      '~ Port 3 mtu: 1500 > 9000',
    ]);
  });

  it('leaves alone what is not wanted, unless it prunes', () => {
    const present: readonly Object[] = [
      ['Network', net],
      ['Chain', uuid(30)],
    ];
    deepEqual(told(plan([], present)), []);
    deepEqual(told(plan([], present, { prune: true })), ['- Network 1']);
  });

  it('keeps members that others put into a list, as long as they are there and nobody wants them elsewhere', () => {
    const wanted: readonly Object[] = [
      ['Host', h1],
      ['PortGroup', gold],
      ['Network', net],
      ['Port', p1, { networkId: net }],
      ['TunnelZone', zone, { hosts: [], hostIds: [] }],
    ];
    const present: readonly Object[] = [
      ...wanted.slice(0, 3),
      ['Host', h2],
      ['PortGroup', silver],
      ['Port', p1, { networkId: net, portGroupIds: [gold, silver, uuid(99)] }],
      ['TunnelZone', zone, { hosts: [h1, h2].map((hostId) => ({ hostId, ip: '192.0.2.1' })), hostIds: [h1, h2] }],
    ];
    deepEqual(told(plan(wanted, present)), [
      `~ Port 3 portGroupIds: ${ids(gold, silver, uuid(99))} > ${ids(silver)}`,
      `~ TunnelZone 13 hosts: ${hosts(h1, h2)} > ${hosts(h2)}`,
      `~ TunnelZone 13 hostIds: ${ids(h1, h2)} > ${ids(h2)}`,
    ]);
    deepEqual(told(plan(wanted, present, { prune: true })).slice(0, 3), [
      `~ Port 3 portGroupIds: ${ids(gold, silver, uuid(99))} > none`,
      `~ TunnelZone 13 hosts: ${hosts(h1, h2)} > []`,
      `~ TunnelZone 13 hostIds: ${ids(h1, h2)} > []`,
    ]);
  });

  it('takes lists of members in another order for the same', () => {
    const hostsAre: readonly Object[] = [
      ['Host', h1],
      ['Host', h2],
    ];
    deepEqual(told(plan([...hostsAre, zoneOf(h1, h2)], [...hostsAre, zoneOf(h2, h1)])), []);
  });

  it('tells what loses its partner to what is wanted', () => {
    const wanted: readonly Object[] = [
      ['Network', net],
      ['Network', other],
      ['Port', p1, { networkId: net, peerId: p2 }],
      ['Port', p2, { networkId: other, peerId: p1 }],
    ];
    const present: readonly Object[] = [
      ...wanted.slice(0, 2),
      ['Port', p2, { networkId: other, peerId: p3 }],
      ['Port', p3, { networkId: net, peerId: p2 }],
    ];
    deepEqual(told(plan(wanted, present)), [
      '+ Port 3',
      `~ Port 4 peerId: "${p3}" > "${p1}"`,
      `~ Port 5 peerId: "${p2}" > none (in consequence)`,
    ]);
  });

  it('prunes with a device what belongs to it, of whatever class', () => {
    const present: readonly Object[] = [
      ['Network', net],
      ['Port', p1, { networkId: net }],
      ['Dhcp', dhcp, { networkId: net }],
      ['Route', route, { routerId: router, gatewayDhcpId: dhcp }],
      ['Router', router],
    ];
    deepEqual(told(plan([['Router', router]], present, { prune: true })), [
      '- Route 19',
      '- Port 3',
      '- Dhcp 20 with Network 1',
      '- Network 1',
    ]);
  });

  it('prunes no host that is alive, and leaves it in its tunnel zones', () => {
    const present: readonly Object[] = [['Host', h1], ['Host', h2], zoneOf(h1, h2)];
    deepEqual(told(plan([zoneOf()], present, { prune: true, alive: [h1] })), [
      `~ TunnelZone 13 hosts: ${hosts(h1, h2)} > ${hosts(h1)}`,
      `~ TunnelZone 13 hostIds: ${ids(h1, h2)} > ${ids(h1)}`,
      '- Host 12',
      '= Host 11 alive',
    ]);
  });

  it('prunes nothing that something needs which is not its own, and nothing that belongs to that', () => {
    const present: readonly Object[] = [
      ['Router', router, { loadBalancerId: balancer }],
      ['LoadBalancer', balancer, { routerId: router }],
      ['Port', p1, { routerId: router, peerId: p2 }],
      ['Route', route, { routerId: router, nextHopPortId: p1 }],
      ['Network', net],
      ['Port', p2, { networkId: net, peerId: p1 }],
      ['Network', other],
      ['Port', p3, { networkId: other }],
      ['Port', p4, { networkId: other }],
      ['Vip', vip, { gatewayPortId: p3 }],
    ];
    deepEqual(told(plan([], present, { prune: true })), [
      `~ Port 3 peerId: "${p2}" > none (in consequence)`,
      '- Port 4',
      '- Network 1',
      '= Router 16 used by LoadBalancer 17',
      '= Port 3 part of Router 16',
      '= Route 19 part of Router 16',
      '= Network 2 used by Vip 18',
      '= Port 5 used by Vip 18',
      '= Port 6 part of Network 2',
    ]);
  });

  it('leaves alone what cannot be read, and what links to it', () => {
    const wanted: readonly Object[] = [
      ['Network', net],
      ['Port', p1, { networkId: net, peerId: p2 }],
      ['Port', p2, { networkId: net, peerId: p1 }],
      ['Port', p3, { networkId: net, peerId: p4, mtu: 9000 }],
      ['Port', p4, { networkId: net, peerId: p3 }],
    ];
    const present: readonly Object[] = [
      ['Port', p3, { networkId: net, peerId: uuid(88) }],
      ['Port', p4, { networkId: 'nonsense' }],
      ['Network', other],
      ['Port', uuid(40), { networkId: other, hostId: 7 }],
    ];
    const unreadable: readonly ObjectName[] = [
      { class: 'Network', id: net },
      { class: 'Port', id: p2 },
    ];
    deepEqual(told(plan(wanted, present, { prune: true, unreadable })), [
      '+ Port 3',
      '~ Port 5 mtu: none > 9000',
      '= Network 2 used by Port 40',
      '= Port 40 unreadable',
      '= Network 1 unreadable',
      '= Port 4 unreadable',
      '= Port 6 unreadable',
    ]);
  });
});

interface Wish {
  readonly prune?: boolean;
  readonly alive?: readonly Uuid[];
  readonly unreadable?: readonly ObjectName[];
}

function plan(wanted: readonly Object[], present: readonly Object[], wish: Wish = {}): Omit<Plan, 'entries'> {
  const { prune = false, alive = [], unreadable = [] } = wish;
  return planObjects({
    wanted: wanted.map(([cls, id, fields = {}]): NewObject => ({ class: cls, id, fields })),
    described: (cls) => DESCRIBED[cls],
    present: present.map(([cls, id, fields = {}]): NsdbObject => ({ class: cls, id, fields, version: '1' })),
    unreadable,
    prune,
    isAlive: ({ id }) => alive.includes(id),
  });
}

/** A plan in short words, ids by their numbers. */
function told({ creations, changes, deletions, kept }: Omit<Plan, 'entries'>): readonly string[] {
  return [
    ...creations.map((object) => `+ ${name(object)}`),
    ...changes.flatMap((object) =>
      object.changes.map(({ field, before, after }) => {
        const values = [before, after].map((value) => JSON.stringify(value) ?? 'none').join(' > ');
        return `~ ${name(object)} ${field}: ${values}${object.isConsequence ? ' (in consequence)' : ''}`;
      }),
    ),
    ...deletions.map((object) => `- ${name(object)}${object.with === undefined ? '' : ` with ${name(object.with)}`}`),
    ...kept.map((object) => {
      const { reason } = object;
      if (reason.kind === 'used') return `= ${name(object)} used by ${name(reason.by)}`;
      return `= ${name(object)} ${reason.kind === 'part' ? `part of ${name(reason.of)}` : reason.kind}`;
    }),
  ];
}

function name({ class: cls, id }: ObjectName): string {
  return `${cls} ${Number(id.slice(-12))}`;
}

function zoneOf(...members: readonly Uuid[]): Object {
  return ['TunnelZone', zone, { hosts: members.map((hostId) => ({ hostId, ip: '192.0.2.1' })), hostIds: members }];
}

function ids(...members: readonly Uuid[]): string {
  return JSON.stringify(members);
}

function hosts(...members: readonly Uuid[]): string {
  return JSON.stringify(members.map((hostId) => ({ hostId, ip: '192.0.2.1' })));
}
