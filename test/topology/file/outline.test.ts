import { deepEqual, equal } from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { fileURLToPath } from 'node:url';
import type { FileProblem } from '../../../topology/file/file-problem.ts';
import { outlineOf, type TopologyOutline } from '../../../topology/file/outline.ts';
import { readTopology } from '../../../topology/file/read-topology.ts';

const EXAMPLES = fileURLToPath(new URL('../../../../examples/', import.meta.url));

describe('The outline of a topology', () => {
  it('has the ports under their devices, by name, and says where each leads', async () => {
    const { devices } = await outline('two-hosts.yaml');
    deepEqual(
      devices.map(({ kind, name, ports }) => [
        kind,
        name,
        ports.map((port) => `${port.name} > ${port.peer ?? port.binding}`),
      ]),
      [
        ['bridge', 'red', ['vm-1 > h1/vm1', 'vm-2 > h2/vm2', 'outside > h1/eth1', 'gateway > gw:to-red']],
        ['bridge', 'blue', ['vm-3 > h1/vm3', 'vm-4 > h2/vm4', 'gw.to-blue > gw:to-blue']],
        ['router', 'gw', ['to-red > red:gateway', 'to-blue > blue:gw.to-blue']],
      ],
    );
  });

  it('has hosts with their tunnels and the ports at their interfaces', async () => {
    const { hosts } = await outline('two-hosts.yaml');
    deepEqual(hosts[1], {
      ...hosts[1],
      name: 'h2',
      tunnels: [{ zone: 'overlay', type: 'VXLAN', ip: '192.0.2.2' }],
      interfaces: [
        { name: 'vm2', port: 'red:vm-2' },
        { name: 'vm4', port: 'blue:vm-4' },
      ],
      derived: {},
    });
  });

  it('has routes in the order of their lookup, and marks the derived ones', async () => {
    const edge = (await outline('two-bridges.yaml')).devices.find(({ name }) => name === 'edge');
    deepEqual(
      edge?.routes.map(({ to, nextHop, gateway, port, derived }) => [
        to,
        nextHop,
        gateway ?? port,
        Object.entries(derived).join(),
      ]),
      [
        ['10.0.1.1/32', 'LOCAL', 'to-web', 'itself,from the address of edge:to-web'],
        ['10.0.2.1/32', 'LOCAL', 'to-db', 'itself,from the address of edge:to-db'],
        ['203.0.113.2/32', 'LOCAL', 'uplink', 'itself,from the address of edge:uplink'],
        ['10.0.1.0/24', 'PORT', 'to-web', 'itself,from the address of edge:to-web'],
        ['10.0.2.0/24', 'PORT', 'to-db', 'itself,from the address of edge:to-db'],
        ['203.0.113.0/24', 'PORT', 'uplink', 'itself,from the address of edge:uplink'],
        ['10.66.0.0/16', 'BLACKHOLE', undefined, ''],
        ['10.67.0.0/16', 'REJECT', undefined, ''],
        ['0.0.0.0/0', 'PORT', '203.0.113.1', 'nextHopPortId,from the gateway'],
      ],
    );
  });

  it('has addresses with their prefix lengths, and the persistent entries of bridges', async () => {
    const { devices } = await outline('two-bridges.yaml');
    equal(devices.find(({ name }) => name === 'edge')?.ports[2]?.address, '203.0.113.2/24');
    deepEqual(devices[0]?.macs, [{ mac: '02:00:00:00:01:20', vlan: 0, port: 'web:web-2' }]);
    deepEqual(devices[0].arp, [{ ip: '10.0.1.20', mac: '02:00:00:00:01:20' }]);
  });
});

describe('A topology file that cannot be read', () => {
  it('is an error without a line', async () => {
    const none = { severity: 'error', path: 'no/such.yaml', code: 'unreadable', what: 'there is no such file' };
    deepEqual(await told('no/such.yaml'), [{ ...none, expected: 'a file of UTF-8 text' }]);
    equal((await told(EXAMPLES))[0]?.what, 'this is a directory');
    const folder = await mkdtemp(join(tmpdir(), 'topology-'));
    try {
      await writeFile(join(folder, 'latin1.yaml'), Buffer.from('name: caf\u00e9\n', 'latin1'));
      equal((await told(join(folder, 'latin1.yaml')))[0]?.code, 'not-utf8');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

async function told(path: string): Promise<readonly FileProblem[]> {
  const result = await readTopology(path);
  return result.ok ? [] : result.errors;
}

async function outline(name: string): Promise<TopologyOutline> {
  const result = await readTopology(`${EXAMPLES}${name}`, { strict: true });
  if (!result.ok) throw new Error(result.errors.map(({ what }) => what).join('\n'));
  return outlineOf(result.topology);
}
