import { deepEqual, equal, ok } from 'node:assert/strict';
import { describe, it } from 'mocha';
import { formatProblem } from '../../../topology/file/file-problem.ts';
import { loadTopology } from '../../../topology/file/load-topology.ts';
import { resolvePort, type Topology } from '../../../topology/file/topology.ts';
import type { ObjectClass, ObjectClasses } from '../../../topology/model/objects/object-classes.ts';
import { generateTopology } from './generate.ts';

const EDGE = `
bridges:
  web: { ports: { web-1: {}, trunk: {} } }
routers:
  edge:
    ports:
      to-web: { address: 10.0.1.1/24, link: web }
      uplink: { address: 203.0.113.2/30 }
    routes:
      - { to: 0.0.0.0/0, via: 203.0.113.1 }
`;

describe('A topology file', () => {
  it('C35: has its devices and ports up unless it says otherwise', () => {
    const topology = load('bridges: { a: , b: { up: false, ports: { p: , q: { up: false } } } }\n');
    deepEqual(
      topology.objects.flatMap(({ object }) => ('adminStateUp' in object ? [[object.name, object.adminStateUp]] : [])),
      [
        ['a', true],
        ['b', false],
        ['p', true],
        ['q', false],
      ],
    );
  });

  it('C35: gives a router port a MAC address from its name, individual and locally administered, the same each time', () => {
    const { portMac = '' } = port(load(EDGE), 'edge:to-web');
    equal(portMac, port(load(EDGE.replace('web-1', 'web-2')), 'edge:to-web').portMac);
    equal(Number.parseInt(portMac.slice(0, 2), 16) & 3, 2);
    ok(portMac !== port(load(EDGE), 'edge:uplink').portMac);
  });

  it('C35: gives a router port with an address its connected and its LOCAL route, which weigh nothing', () => {
    const topology = load(EDGE);
    const ofPort = all(topology, 'Route').filter(({ nextHopPortId }) => nextHopPortId === id(topology, 'edge:to-web'));
    deepEqual(
      ofPort.map(({ dstSubnet, nextHop, weight }) => [dstSubnet, nextHop, weight]),
      [
        ['10.0.1.0/24', 'PORT', 0],
        ['10.0.1.1/32', 'LOCAL', 0],
      ],
    );
  });

  it('C35: gives a router port with a /32 its LOCAL route alone', () => {
    const topology = load('routers: { r: { ports: { lo: { address: 10.9.9.9/32 } } } }\n');
    deepEqual(
      all(topology, 'Route').map(({ nextHop }) => nextHop),
      ['LOCAL'],
    );
  });

  it('says of everything that it derived why it is there', () => {
    const topology = load(EDGE);
    const told = topology.objects.flatMap(({ object }) =>
      (topology.derivations.get(object.id) ?? []).map(
        ({ field = '', reason }) => `${topology.names.nameOf.get(object.id) ?? ''} ${field}: ${reason}`,
      ),
    );
    deepEqual(told, [
      'local : as the file has no hosts',
      'web:web-1 hostId: as it is not linked',
      'web:web-1 interfaceName: from the name',
      'web:trunk hostId: as it is not linked',
      'web:trunk interfaceName: from the name',
      'edge:to-web portMac: from the name',
      'edge:uplink portMac: from the name',
      'edge:uplink hostId: as it is not linked',
      'edge:uplink interfaceName: from the name',
      'web:edge.to-web : from the link of edge:to-web',
      'edge 10.0.1.0/24 port to-web : from the address of edge:to-web',
      'edge 10.0.1.1/32 local to-web : from the address of edge:to-web',
      'edge 203.0.113.0/30 port uplink : from the address of edge:uplink',
      'edge 203.0.113.2/32 local uplink : from the address of edge:uplink',
      'edge 0.0.0.0/0 via 203.0.113.1 nextHopPortId: from the gateway',
    ]);
  });

  it('links a port to a bridge by a port of the bridge called after it, and to a port by name', () => {
    const whole = load(EDGE);
    equal(port(whole, 'edge:to-web').peerId, id(whole, 'web:edge.to-web'));
    equal(port(whole, 'web:edge.to-web').peerId, id(whole, 'edge:to-web'));
    const named = load(EDGE.replace('link: web', 'link: web:trunk'));
    equal(port(named, 'edge:to-web').peerId, id(named, 'web:trunk'));
    const bare = load(EDGE.replace('link: web', 'link: trunk'));
    deepEqual(bare.objects, named.objects);
    const listed = load(`${EDGE.replace(', link: web', '')}links: [[edge:to-web, web:trunk]]\n`);
    deepEqual(listed.objects, named.objects);
  });

  it('may say a link at both ends', () => {
    const topology = load(
      EDGE.replace('link: web', 'link: web:trunk').replace('trunk: {}', 'trunk: { link: edge:to-web }'),
    );
    equal(port(topology, 'web:trunk').peerId, id(topology, 'edge:to-web'));
  });

  it('binds ports as it says; those of the same name, where no host is named, with their device before it', () => {
    const topology = load(
      'bridges: { a: { ports: { p: , q: , r: { bind: q } } }, b: { ports: { p: , s: { bind: none } } } }\n',
    );
    deepEqual(
      all(topology, 'Port').map(({ interfaceName }) => interfaceName),
      ['a.p', 'a.q', 'q', 'b.p', undefined],
    );
    equal(port(topology, 'b:s').hostId, undefined);
    const hosts = load('hosts: { h1: }\nbridges: { a: { ports: { p: { bind: h1/eth0 }, q: { bind: eth1 } } } }\n');
    equal(port(hosts, 'a:q').hostId, hosts.names.hosts.get('h1'));
  });

  it('has tunnel zones with the addresses of their hosts', () => {
    const topology = load(
      'hosts: { h1: { tunnel: { overlay: 192.0.2.1 } } }\ntunnelZones: { overlay: { type: gre } }\n',
    );
    const hostId = topology.names.hosts.get('h1');
    const [zone] = all(topology, 'TunnelZone');
    deepEqual(zone, { ...zone, name: 'overlay', type: 'GRE', hosts: [{ hostId, ip: '192.0.2.1' }], hostIds: [hostId] });
  });

  it('puts ports into groups', () => {
    const topology = load(
      'portGroups: { gold: { stateful: true } }\nbridges: { a: { ports: { p: { groups: [gold] } } } }\n',
    );
    deepEqual(port(topology, 'a:p').portGroupIds, [topology.names.portGroups.get('gold')]);
    equal(all(topology, 'PortGroup')[0]?.stateful, true);
  });

  it('gives bridges persistent entries, MAC addresses in canonical text, in the table of the port\u2019s VLAN', () => {
    const topology = load(
      `bridges:
  core:
    arp: { 10.0.0.9: 02:00:00:00:00:AB }
    macs: { 02:00:00:00:00:AB: trunk }
    ports: { trunk: { vlan: 7, link: leaf:up } }
  leaf: { ports: { up: } }
`,
    );
    const networkId = topology.names.devices.get('core');
    deepEqual(topology.macEntries, [
      { networkId, vlan: 7, mac: '02:00:00:00:00:ab', portId: id(topology, 'core:trunk') },
    ]);
    deepEqual(topology.ipMacEntries, [{ networkId, ip: '10.0.0.9', mac: '02:00:00:00:00:ab' }]);
  });

  it('calls a route what it says, and numbers those that say the same', () => {
    const same = '      - { to: 10.9.0.0/16, via: 203.0.113.1, weight: 7 }\n';
    const topology = load(EDGE + same + same);
    const names = all(topology, 'Route').map(({ name }) => name);
    deepEqual(names.slice(-2), ['10.9.0.0/16 via 203.0.113.1 weight 7', '10.9.0.0/16 via 203.0.113.1 weight 7 #2']);
    equal(new Set(topology.objects.map(({ object }) => object.id)).size, topology.objects.length);
  });

  it('gives an object the id that it says, and those below it the ids of their names', () => {
    const own = uuid(1);
    const before = load('portGroups: { g: }\nbridges: { a: { ports: { p: { groups: [g] } } } }\n');
    const after = load(
      `portGroups: { g: { id: ${own} } }\nbridges: { a: { id: ${uuid(2)}, ports: { p: { groups: [g] } } } }\n`,
    );
    equal(after.names.devices.get('a'), uuid(2));
    deepEqual(port(after, 'a:p'), {
      ...port(before, 'a:p'),
      networkId: uuid(2),
      portGroupIds: [own],
    });
  });

  it('calls an object by its label in the database, and by its name elsewhere', () => {
    const topology = load(
      `bridges: { a: { label: Tom's network, ports: { p: { label: } } } }\nrouters: { r: { ports: { p: { address: 10.0.0.1/24 } }, routes: [{ to: 10.1.0.0/16, action: reject, label: out }] } }\n`,
    );
    deepEqual(
      topology.objects.flatMap(({ class: cls, object }) => (cls === 'Host' ? [] : [[cls, object.name]])),
      [
        ['Network', "Tom's network"],
        ['Router', 'r'],
        ['Port', undefined],
        ['Port', 'p'],
        ['Route', '10.0.0.0/24 port p'],
        ['Route', '10.0.0.1/32 local p'],
        ['Route', 'out'],
      ],
    );
    deepEqual([...topology.names.ports.keys()], ['a:p', 'r:p']);
  });

  it('may leave out what an address brings along, and say it as routes like any other', () => {
    const topology = load(
      `routers:
  r:
    ports: { p: { address: 10.0.0.1/24, addressRoutes: false } }
    routes: [{ to: 10.0.0.1/32, action: local, port: p, weight: 0 }]
`,
    );
    deepEqual(
      all(topology, 'Route').map(({ dstSubnet, nextHop, nextHopPortId }) => [dstSubnet, nextHop, nextHopPortId]),
      [['10.0.0.1/32', 'LOCAL', id(topology, 'r:p')]],
    );
  });

  it('gives an object the same id whatever else is in the file, and in whatever order', () => {
    const before = load(EDGE);
    const after = load(
      `name: other\nrouters:\n  first: { ports: { p: { address: 10.3.0.1/24 } } }\n${EDGE.replace('routers:\n', '')
        .replace('bridges:\n', '')
        .replace(/  web:.*\n/, '')}bridges:\n  new: {}\n  web: { ports: { trunk: {}, web-1: {} } }\n`,
    );
    for (const [name, known] of before.names.ports) equal(after.names.ports.get(name), known, name);
    equal(id(before, 'web:web-1'), 'ee0b2313-e5fc-5c94-b417-8de6bdfe4c52');
  });

  it('has its objects in an order in which they can be created', () => {
    const created = new Set<string>();
    for (const { object } of load(generateTopology(250)).objects) {
      for (const [field, value] of Object.entries(object)) {
        if (!/Ids?$/.test(field) || field === 'id' || field === 'peerId') continue;
        for (const reference of [value].flat()) ok(created.has(String(reference)), `${object.name ?? ''} ${field}`);
      }
      created.add(object.id);
    }
  });

  it('knows where everything stands', () => {
    const topology = load(EDGE);
    const placeOf = (name: string) => {
      const place = topology.places.get(id(topology, name));
      return place && `${place.path}:${place.line}:${place.column}`;
    };
    equal(placeOf('web:web-1'), 'test.yaml:3:19');
    equal(placeOf('edge:uplink'), 'test.yaml:8:7');
    equal(placeOf('web:edge.to-web'), 'test.yaml:7:39');
  });

  it('may have Windows line ends, a byte order mark, and names that look like numbers or prototypes', () => {
    const topology = load('\uFEFFbridges:\r\n  10:\r\n    ports:\r\n      1.10:\r\n      __proto__:\r\n');
    deepEqual([...topology.names.ports.keys()].toSorted(), ['10:1.10', '10:__proto__']);
  });

  it('may share values by anchors', () => {
    const topology = load('bridges:\n  a: &same { ports: { p: { mtu: 1400 } } }\n  b: *same\n');
    equal(port(topology, 'b:p').mtu, 1400);
  });

  it('keeps to the limits of its reader', () => {
    const limits = { length: 10, depth: 2, values: 3 };
    const told = (text: string) => {
      const result = loadTopology(text, { path: 'f', limits });
      return result.ok ? [] : result.errors.map(formatProblem);
    };
    deepEqual(told('name: abcdefgh'), ['f: the file has 14 characters, expected at most 10']);
    deepEqual(told('a: {b: []}'), ['f:1:8: more than 2 levels of nesting']);
    deepEqual(told('[a,b,c]'), [
      'f:1:6: the file comes to more than 3 values here, aliases counted for what they stand for',
    ]);
  });

  it('may be large', () => {
    const topology = load(generateTopology(2000));
    equal(all(topology, 'Port').length, 2000 + 2 * 20 + 2 * 2);
    equal(all(topology, 'Route').length, 2 * (20 + 2 * 2) + 20 + 2);
  });
});

describe('A port', () => {
  const topology = load('bridges: { a: { ports: { p: , web: } }, b: { ports: { p: , q: } } }\n');

  it('is found by device:port, and by its name alone where only one device has it', () => {
    deepEqual(resolvePort(topology, 'a:p'), { ok: true, id: id(topology, 'a:p'), name: 'a:p' });
    deepEqual(resolvePort(topology, 'q'), { ok: true, id: id(topology, 'b:q'), name: 'b:q' });
  });

  it('is not found by a name that is not its own, and the answer says what may have been meant', () => {
    deepEqual(resolvePort(topology, 'p'), {
      ok: false,
      message: 'several ports are called "p": a:p, b:p',
      didYouMean: undefined,
    });
    deepEqual(resolvePort(topology, 'wbe'), { ok: false, message: 'no port is called "wbe"', didYouMean: 'web' });
    deepEqual(resolvePort(topology, 'a:wbe'), { ok: false, message: 'no port is called "a:wbe"', didYouMean: 'a:web' });
    deepEqual(resolvePort(topology, 'c:q'), {
      ok: false,
      message: 'no bridge or router is called "c"',
      didYouMean: undefined,
    });
  });
});

function load(text: string): Topology {
  const result = loadTopology(text, { path: 'test.yaml' });
  if (result.ok) return result.topology;
  throw new Error(result.errors.map(formatProblem).join('\n'));
}

function all<Class extends ObjectClass>(topology: Topology, cls: Class): readonly ObjectClasses[Class][] {
  return topology.objects.filter((each) => each.class === cls).map(({ object }) => object as ObjectClasses[Class]);
}

function uuid(n: number) {
  return `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
}

function id(topology: Topology, name: string) {
  const found = topology.names.ports.get(name);
  if (found === undefined) throw new Error(`no port ${name}`);
  return found;
}

function port(topology: Topology, name: string) {
  const found = all(topology, 'Port').find((each) => each.id === id(topology, name));
  if (found === undefined) throw new Error(`no port ${name}`);
  return found;
}
