import { deepEqual, equal, ok } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { addressesOf } from '../../../actors/expression/addresses-of.ts';
import type { PacketExpression } from '../../../actors/expression/packet-expression.ts';
import { parsePacketExpression } from '../../../actors/expression/parse-expression.ts';
import type { Station } from '../../../actors/scenario/scenario.ts';
import { ANSWER_DELAY } from '../../../actors/scenario/station-place.ts';
import { WhatIf, type InitialState } from '../../../actors/scenario/what-if.ts';
import type { Topology } from '../../../topology/file/topology.ts';
import type { Uuid } from '../../../topology/model/ids.ts';
import { formatIpv4, parseIpv4, type Ipv4 } from '../../../topology/model/ipv4.ts';
import { hexOf } from '../../../actors/trace-outputs.ts';
import { arpRequest } from '../../../simulation/packet/arp.ts';
import { formatMac, macOf, ZERO_MAC, type Mac } from '../../../topology/model/mac.ts';
import { topologyOf } from './played.ts';

const EXAMPLES = `${import.meta.dirname}/../../../../examples`;
const STATIONS: InitialState = { kind: 'stations' };

function example(name: string): Topology {
  return topologyOf(readFileSync(`${EXAMPLES}/${name}.yaml`, 'utf8'));
}

function ip(text: string): Ipv4 {
  const address = parseIpv4(text);
  ok(address !== undefined);
  return address;
}

function portIn({ names }: Topology, name: string): Uuid {
  const port = names.ports.get(name);
  ok(port !== undefined, name);
  return port;
}

/** Asks something of a network in which the addresses talk, the first of them at the port. */
async function ask<T>(
  topology: Topology,
  at: string,
  talking: readonly string[],
  question: (whatIf: WhatIf, port: Uuid) => T | Promise<T>,
  state = STATIONS,
  stations: readonly Station[] = [],
): Promise<T> {
  const scenario = {
    topology,
    seed: 0,
    stations,
    inputs: [],
    events: [],
    expectations: undefined,
    until: undefined,
  };
  const port = portIn(topology, at);
  const addresses = talking.map(ip);
  const whatIf = await WhatIf.open({ ...scenario }, state, addresses, port);
  try {
    return await question(whatIf, port);
  } finally {
    await whatIf.close();
  }
}

function expressionOf(text: string): PacketExpression {
  const expression = parsePacketExpression(text);
  ok(expression.kind !== 'problem', text);
  return expression;
}

function assumed(topology: Topology, { assumptions }: WhatIf): readonly string[] {
  return assumptions.map(({ address, port }) => `${formatIpv4(address)} at ${topology.names.nameOf.get(port)}`);
}

describe('What a what-if takes for granted', () => {
  it('is a station where the topology knows its MAC, and with the MAC that the bridge answers with', async () => {
    const topology = example('two-bridges');
    const told = await ask(topology, 'db:db-2', ['10.0.2.10', '10.0.1.20'], (whatIf) => assumed(topology, whatIf));
    ok(told.includes('10.0.1.20 at web:web-2'), told.join(', '));
    const mac = await ask(topology, 'web:web-1', ['10.0.1.10', '10.0.1.20'], (whatIf, port) =>
      whatIf.surroundingsOf(port).macOf(ip('10.0.1.20')),
    );
    equal(mac && formatMac(mac), '02:00:00:00:01:20');
  });

  it('is no station at another port than the topology knows it at', async () => {
    const topology = example('two-bridges');
    const told = await ask(topology, 'web:web-1', ['10.0.1.20', '10.0.1.10'], (whatIf) => assumed(topology, whatIf));
    deepEqual(
      told.filter((line) => line.startsWith('10.0.1.20')),
      [],
    );
  });

  it('is, on linked bridges, a station on the bridge of its own subnet', async () => {
    const topology = example('two-hosts');
    const told = await ask(topology, 'red:vm-1', ['10.10.0.5', '10.20.0.9'], (whatIf) => assumed(topology, whatIf));
    ok(told.includes('10.20.0.9 at blue:vm-3'), told.join(', '));
  });

  it('is no station with the address of an ARP probe, which its sender asks for to have it', async () => {
    const topology = example('two-bridges');
    const told = async (packet: string) => {
      const talking = addressesOf(expressionOf(packet)).map((address) => formatIpv4(address));
      const all = await ask(topology, 'web:web-1', talking, (whatIf) => assumed(topology, whatIf));
      return all.filter((line) => line.startsWith('10.0.1.77'));
    };
    deepEqual(await told('arp who-has 10.0.1.77 tell 10.0.1.10'), ['10.0.1.77 at web:web-2']);
    deepEqual(await told('arp probe 10.0.1.77'), []);
  });
});

describe('The station at a port', () => {
  it('is the one with the address, else the only one there; none that is elsewhere', async () => {
    const topology = example('two-bridges');
    const [ann, bob, eve] = [macOf(0x0200, 0xa), macOf(0x0200, 0xb), macOf(0x0200, 0xe)];
    const stationAt = (name: string, mac: Mac, address: string): Station => ({
      name: address,
      port: portIn(topology, name),
      mac,
      addresses: [ip(address)],
      addresses6: [],
      delay: ANSWER_DELAY,
    });
    const stations = [
      stationAt('web:web-1', ann, '10.0.1.10'),
      stationAt('web:web-2', bob, '10.0.1.20'),
      stationAt('web:web-2', eve, '10.0.1.21'),
    ];
    const macs = await ask(
      topology,
      'web:web-1',
      [],
      (whatIf, port) => [
        whatIf.surroundingsOf(port).stationMacFor(ip('10.0.1.77')),
        whatIf.surroundingsOf(portIn(topology, 'web:web-2')).stationMacFor(ip('10.0.1.21')),
        whatIf.surroundingsOf(portIn(topology, 'web:web-2')).stationMacFor(ip('10.0.1.10')),
      ],
      STATIONS,
      stations,
    );
    deepEqual(macs, [ann, eve, undefined]);
  });
});

/** Bridges that are one segment, and a router with a subnet on either. */
const JOINED = `
bridges:
  red: { ports: { vm-1: , gateway: , over: { link: 'blue:over' } } }
  blue: { ports: { vm-3: , gateway: , over: } }
routers:
  gw: { ports: { to-red: { address: 10.10.0.1/24, link: 'red:gateway' }, to-blue: { address: 10.20.0.1/24, link: 'blue:gateway' } } }
`;

describe('The next hop of a packet', () => {
  it('is the router of its own subnet when another one holds the destination, on one segment too', async () => {
    const topology = topologyOf(JOINED);
    const [hop, near, router, own] = await ask(topology, 'red:vm-1', ['10.10.0.5', '10.20.0.9'], (whatIf, port) => {
      const around = whatIf.surroundingsOf(port);
      const [from, to] = [ip('10.10.0.5'), ip('10.20.0.9')];
      return [
        around.nextHopMacFor(from, to),
        around.nextHopMacFor(to, to),
        around.macOf(ip('10.10.0.1')),
        around.macOf(to),
      ];
    });
    ok(router !== undefined);
    equal(hop, router);
    equal(near, own);
  });

  it('is that router for a recorded frame that is adapted, too', async () => {
    const topology = topologyOf(JOINED);
    const frame = arpRequest({
      ethSrc: macOf(0x0200, 1),
      ethDst: macOf(0x0200, 2),
      senderMac: macOf(0x0200, 1),
      senderIp: ip('10.10.0.5'),
      targetMac: ZERO_MAC,
      targetIp: ip('10.20.0.9'),
    });
    const [adapted, router] = await ask(topology, 'red:vm-1', ['10.10.0.5', '10.20.0.9'], (whatIf, port) => [
      hexOf(whatIf.adapted(port, frame, frame.length)).slice(0, 12),
      whatIf.surroundingsOf(port).macOf(ip('10.10.0.1')),
    ]);
    equal(adapted, router && formatMac(router).replaceAll(':', ''));
  });
});

describe('A what-if after another run', () => {
  it('knows the stations that the run has learned of, by bridges and by routers', async () => {
    const topology = example('two-bridges');
    const state = {
      version: 1,
      stations: { web: { '02:00:00:00:00:aa': 'web:web-1' } },
      addresses: { web: { '10.0.1.33': '02:00:00:00:00:aa' } },
      neighbours: { edge: { '10.0.2.44': '02:00:00:00:00:bb' } },
    } as const;
    const given: InitialState = { kind: 'given', state };
    for (const [port, address, mac] of [
      ['web:web-2', '10.0.1.33', '02:00:00:00:00:aa'],
      ['db:db-1', '10.0.2.44', '02:00:00:00:00:bb'],
    ] as const) {
      // oxlint-disable-next-line eslint/no-await-in-loop -- one network after the other
      const known: Mac | undefined = await ask(
        topology,
        port,
        [address],
        (whatIf, at) => whatIf.surroundingsOf(at).macOf(ip(address)),
        given,
      );
      equal(known && formatMac(known), mac);
    }
  });
});
