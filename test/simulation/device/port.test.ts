import { deepEqual, equal } from 'node:assert/strict';
import { assert, boolean, constantFrom, property } from 'fast-check';
import {
  enter,
  leave,
  MAX_HOPS,
  portFrom,
  tagsOfPortChange,
  type Port,
  type PortParts,
} from '../../../simulation/device/port.ts';
import { ETHER_TYPE } from '../../../simulation/packet/fields.ts';
import type { Packet } from '../../../simulation/packet/packet.ts';
import { tagOf } from '../../../simulation/tag.ts';
import { deviceIdOf, portIdOf } from '../../../topology/model/ids.ts';
import { ANN as ann, BOB as bob, ip, ipv6Frame, mac, udpFrame } from '../packets.ts';
import { anyFrame } from './any-frame.ts';
import { arrival, ethernet, factsOf, outcomeOf, twinOf } from './simulated.ts';

const [p1, p2] = [portIdOf(1), portIdOf(2)];
const br0 = deviceIdOf(7);
const lan = { mac: mac`02:00:00:00:00:01`, address: ip`10.0.0.1`, prefix: { address: ip`10.0.0.0`, length: 24 } };
const words = { src: ip`10.0.1.10`, dst: ip`10.0.2.20`, ethSrc: ann, ethDst: bob };
const IPV6 = { type: 0x86dd };

const bridgePort = (parts: Partial<PortParts> = {}): Port =>
  portFrom({
    id: p1,
    name: 'web-1',
    device: br0,
    owner: 'bridge',
    adminUp: true,
    link: { kind: 'exterior', active: true },
    mtu: Infinity,
    ...parts,
  });
const routerPort = (parts: Partial<PortParts> = {}): Port => bridgePort({ owner: 'router', router: lan, ...parts });

describe('port ingress', () => {
  it('hands the packet to the device that the port belongs to', () => {
    const packet = arrival(ethernet(ann, bob));
    deepEqual(enter(bridgePort(), packet), { kind: 'deliver', to: br0 });
    deepEqual(factsOf(packet), ['Device 1 0 0 0', 'PortRx 1 0 0 0']);
    equal(packet.ingress, p1);
    equal(packet.because?.describe(), 'port web-1');
  });

  it('C5: lets a packet in 12 times; the 13th is an error drop', () => {
    const packet = arrival(ethernet(ann, bob));
    for (let n = 0; n < MAX_HOPS; n++) equal(enter(bridgePort(), packet).kind, 'deliver');
    const facts = factsOf(packet).length;
    deepEqual(enter(bridgePort({ id: p2 }), packet), { kind: 'drop', reason: 'loop-limit' });
    equal(factsOf(packet).length, facts);
  });

  it('sees nothing of a packet that enters a bridge', () => {
    const packet = arrival(ethernet(ann, bob, IPV6));
    equal(enter(bridgePort(), packet).kind, 'deliver');
    equal(packet.simulation.seen, 0);
  });

  it('drops IPv6 at a router, and keeps no flow of it', () => {
    const packet = arrival(ethernet(ann, bob, IPV6));
    deepEqual(enter(routerPort(), packet), { kind: 'drop', reason: 'ipv6-at-router' });
    equal(packet.simulation.isFlowless, true);
    deepEqual(factsOf(packet), []);
    const other = arrival(ethernet(ann, bob));
    equal(enter(routerPort(), other).kind, 'deliver');
    equal(other.simulation.seen, ETHER_TYPE);
    equal(other.simulation.isFlowless, false);
  });

  it('drops silently at a port of a bridge that is down', () => {
    const packet = arrival(ethernet(ann, bob));
    deepEqual(enter(bridgePort({ adminUp: false }), packet), { kind: 'drop', reason: 'port-down' });
    deepEqual(factsOf(packet), ['Device 1 0 0 0', 'PortRx 1 0 0 0']);
    deepEqual(packet.simulation.generated, []);
  });

  it('lets a router answer what its port refuses because it is down', () => {
    const refused: (number | undefined)[] = [];
    const port = routerPort({ adminUp: false, onDown: ({ ingress }) => refused.push(ingress) });
    equal(enter(port, arrival(ethernet(ann, bob))).kind, 'drop');
    equal(leave(port, arrival(ethernet(ann, bob), p2)).kind, 'drop');
    deepEqual(refused, [p1, p2]);
  });
});

describe('port egress', () => {
  it('lets a frame out of the network by an exterior port', () => {
    const packet = arrival(ethernet(ann, bob), p2);
    deepEqual(leave(bridgePort(), packet), { kind: 'emit', from: p1 });
    deepEqual(factsOf(packet), ['Device 1 0 0 0', 'PortTx 1 0 0 0', 'DpPort 1 0 0 0']);
    deepEqual(
      packet.simulation.emissions.map(({ port }) => port),
      [p1],
    );
    equal(packet.simulation.seen, 0);
  });

  it('lets a frame out through a tunnel by an exterior port of another host, and rests the flow on that way', () => {
    const packet = arrival(ethernet(ann, bob), p2);
    const tunnel = { key: 7, source: ip`192.0.2.1`, destination: ip`192.0.2.2` };
    deepEqual(leave(bridgePort({ link: { kind: 'exterior', active: true, tunnel } }), packet), {
      kind: 'emit',
      from: p1,
    });
    deepEqual(packet.simulation.emissions[0]?.tunnel, tunnel);
    deepEqual(factsOf(packet).at(-1), `TunnelRoute ${ip`192.0.2.1`} ${ip`192.0.2.2`} 0 0`);
  });

  it('is another port to flows when the way to its host is another', () => {
    const through = (key: number) =>
      bridgePort({
        link: { kind: 'exterior', active: true, tunnel: { key, source: ip`192.0.2.1`, destination: ip`192.0.2.2` } },
      });
    deepEqual(tagsOfPortChange(through(7), through(7)), []);
    equal(tagsOfPortChange(through(7), through(8)).length, 1);
    equal(tagsOfPortChange(through(7), bridgePort()).length, 1);
  });

  it('crosses the link of an interior port', () => {
    const packet = arrival(ethernet(ann, bob), p2);
    const port = bridgePort({ link: { kind: 'interior', peer: portIdOf(9) } });
    deepEqual(leave(port, packet), { kind: 'cross', to: 9 });
    deepEqual(factsOf(packet), ['Device 1 0 0 0', 'PortTx 1 0 0 0']);
    deepEqual(packet.simulation.emissions, []);
  });

  it('drops at an exterior port that no agent serves now', () => {
    const packet = arrival(ethernet(ann, bob), p2);
    const port = bridgePort({ link: { kind: 'exterior', active: false } });
    deepEqual(leave(port, packet), { kind: 'drop', reason: 'port-inactive' });
    deepEqual(factsOf(packet), ['Device 1 0 0 0', 'PortTx 1 0 0 0']);
    deepEqual(packet.simulation.emissions, []);
  });

  it('drops at an unplugged port', () => {
    const packet = arrival(ethernet(ann, bob), p2);
    deepEqual(leave(bridgePort({ link: { kind: 'unplugged' } }), packet), { kind: 'drop', reason: 'port-unplugged' });
    deepEqual(factsOf(packet), ['Device 1 0 0 0', 'PortTx 1 0 0 0']);
  });

  it('drops at a port that is down, tagged with the port', () => {
    const packet = arrival(ethernet(ann, bob), p2);
    deepEqual(leave(bridgePort({ adminUp: false }), packet), { kind: 'drop', reason: 'port-down' });
    deepEqual(factsOf(packet), ['Device 1 0 0 0', 'PortTx 1 0 0 0']);
    deepEqual(packet.simulation.emissions, []);
  });

  it('never hands a frame back to the port of a bridge that it entered by, and gathers no tags for it', () => {
    const packet = arrival(ethernet(ann, bob), p1);
    deepEqual(leave(bridgePort(), packet), { kind: 'drop', reason: 'ingress-port' });
    deepEqual(factsOf(packet), []);
  });

  it('lets a router send a packet out by the port that it entered by', () => {
    equal(leave(routerPort(), arrival(ethernet(ann, bob), p1)).kind, 'emit');
  });

  it('takes in again what a router sends to the MAC it sends from', () => {
    const packet = arrival(ethernet(ann, ann), p2);
    deepEqual(leave(routerPort(), packet), { kind: 'deliver', to: br0 });
    deepEqual(factsOf(packet), ['Device 1 0 0 0', 'PortRx 1 0 0 0']);
    equal(packet.hops, 1);
  });

  it('C5: does not check the hops of what leaves', () => {
    const packet = arrival(ethernet(ann, bob), p2);
    packet.hops = MAX_HOPS;
    equal(leave(bridgePort(), packet).kind, 'emit');
    equal(packet.hops, MAX_HOPS);
  });

  it('gives the packet the smallest MTU on its way', () => {
    const packet = arrival(ethernet(ann, bob), p2);
    leave(bridgePort(), packet);
    equal(packet.mtu, Infinity);
    for (const mtu of [9000, 1400, 1500]) leave(bridgePort({ mtu }), packet);
    equal(packet.mtu, 1400);
    deepEqual(
      packet.simulation.emissions.map((emission) => emission.mtu),
      [Infinity, 9000, 1400, 1400],
    );
  });

  it('lets a packet longer than its MTU out in fragments, and keeps no flow of it', () => {
    const packet = arrival(udpFrame({ ...words, payload: new Uint8Array(1400) }), p2);
    deepEqual(
      [routerPort({ mtu: 1000 }), routerPort({ mtu: 1200 }), bridgePort()].map((port) => leave(port, packet).kind),
      ['emit', 'emit', 'emit'],
    );
    deepEqual(packet.oversize, { port: p1, mtu: 1000, octets: 1428, fragments: 2 });
    equal(packet.simulation.isFlowless, true);
  });

  it('drops one that must not be cut, because of its MTU', () => {
    for (const port of [routerPort({ mtu: 1000 }), bridgePort({ mtu: 1000 })]) {
      const packet = arrival(udpFrame({ ...words, payload: new Uint8Array(1400), dontFragment: true }), p2);
      deepEqual(leave(port, packet), { kind: 'drop', reason: 'too-big' });
      equal(packet.because?.describe(), 'MTU 1000 of port web-1: 1428 octets, DF set');
      deepEqual([packet.simulation.isFlowless, packet.simulation.emissions.length], [true, 0]);
    }
  });

  it('drops one that nobody can cut: IPv6 on a bridge', () => {
    const packet = arrival(ipv6Frame(17, new Uint8Array(1400), { src: [1, 2, 3, 4], dst: [5, 6, 7, 8] }), p2);
    deepEqual(leave(bridgePort({ mtu: 1280 }), packet), { kind: 'drop', reason: 'too-big' });
    equal(packet.because?.describe(), 'MTU 1280 of port web-1: 1440 octets, cannot be fragmented');
  });
});

describe('a change of a port', () => {
  const device = [tagOf('Device', p1)];
  const changes: Readonly<Record<string, Partial<PortParts>>> = {
    'is shut down': { adminUp: false },
    'is linked': { link: { kind: 'interior', peer: p2 } },
    'is unplugged': { link: { kind: 'unplugged' } },
    'becomes inactive': { link: { kind: 'exterior', active: false } },
    'has another MTU': { mtu: 1400 },
    'has another owner': { device: deviceIdOf(8) },
    'has another MAC address': { router: { ...lan, mac: ann } },
    'has another address': { router: { ...lan, address: ip`10.0.0.2` } },
    'has no address': { router: { mac: lan.mac } },
    'has another prefix': { router: { ...lan, prefix: { address: ip`10.0.0.0`, length: 25 } } },
  };
  for (const [what, parts] of Object.entries(changes)) {
    it(`invalidates its tag when it ${what}`, () => {
      deepEqual(tagsOfPortChange(routerPort(), routerPort(parts)), device);
      deepEqual(tagsOfPortChange(routerPort(parts), routerPort()), device);
    });
  }

  it('invalidates its tag when it is gone', () => {
    deepEqual(tagsOfPortChange(bridgePort(), undefined), device);
  });

  it('C38: invalidates nothing when the port does the same as before', () => {
    deepEqual(
      tagsOfPortChange(bridgePort(), bridgePort({ name: 'web-2', link: { kind: 'exterior', active: true } })),
      [],
    );
    deepEqual(tagsOfPortChange(routerPort(), routerPort({ router: { ...lan, prefix: { ...lan.prefix } } })), []);
    const interior: Partial<PortParts> = { link: { kind: 'interior', peer: p2 } };
    deepEqual(tagsOfPortChange(bridgePort(interior), bridgePort({ link: { kind: 'interior', peer: p2 } })), []);
  });
});

const onDown = (packet: Packet): void => packet.keepFlowless();

describe('port', () => {
  it('C1, C36: judges alike all frames that are alike in what it saw', () => {
    const anyOwner = constantFrom(bridgePort, routerPort);
    const anyStep = constantFrom(enter, leave);
    const anyIngress = constantFrom(p1, p2, undefined);
    assert(
      property(
        anyFrame,
        anyFrame,
        anyOwner,
        anyStep,
        anyIngress,
        boolean(),
        (bytes, other, make, step, ingress, adminUp) => {
          const port = make({ adminUp, mtu: 1500, onDown });
          const packet = arrival(bytes, ingress);
          const verdict = step(port, packet);
          if (packet.simulation.isFlowless) return; // longer than the MTU: no flow stands for it (C39)
          const twin = twinOf(packet, other, ingress);
          deepEqual(outcomeOf(step(port, twin), twin), outcomeOf(verdict, packet));
        },
      ),
      { numRuns: 500 },
    );
  });
});
