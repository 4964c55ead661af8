import { deepEqual, equal } from 'node:assert/strict';
import { assert, boolean, constantFrom, property, subarray } from 'fast-check';
import {
  bridgeFrom,
  forward,
  tagsOfBridgeChange,
  type Bridge,
  type BridgeLink,
  type BridgeParts,
} from '../../../simulation/device/bridge.ts';
import { leave, portFrom } from '../../../simulation/device/port.ts';
import { ETHER_TYPE, ETH_DST, ETH_SRC, UNKEYED, VLAN } from '../../../simulation/packet/fields.ts';
import type { Packet } from '../../../simulation/packet/packet.ts';
import { AddressTable } from '../../../simulation/state/address-table.ts';
import { MacLearning } from '../../../simulation/state/mac-learning.ts';
import { MacTable } from '../../../simulation/state/mac-table.ts';
import { tagOf, type Tag } from '../../../simulation/tag.ts';
import type { Verdict } from '../../../simulation/verdict.ts';
import { deviceIdOf, portIdOf, type PortId } from '../../../topology/model/ids.ts';
import { BROADCAST_MAC as everyone, type Mac } from '../../../topology/model/mac.ts';
import { millisOf } from '../../../topology/model/time.ts';
import { ANN as ann, BOB as bob, ip, mac } from '../packets.ts';
import { anyFrame, GATE as gate, GROUP as group } from './any-frame.ts';
import { answer, arp, arrival, ethernet, factsOf, outcomeOf, twinOf } from './simulated.ts';

const [p1, p2, p3, toRouter, toBridge] = [portIdOf(1), portIdOf(2), portIdOf(3), portIdOf(4), portIdOf(5)];
const br0 = deviceIdOf(7);
const exterior: BridgeLink = { kind: 'exterior' };
const router: BridgeLink = { kind: 'router', mac: gate, address: ip`10.0.0.1` };
const PORTS: BridgeParts['ports'] = [
  { id: p1, link: exterior },
  { id: p2, link: exterior },
  { id: p3, link: exterior },
  { id: toRouter, link: router },
  { id: toBridge, link: { kind: 'bridge' } },
];
const [annIp, bobIp, gateIp, cyIp] = [ip`10.0.0.10`, ip`10.0.0.11`, ip`10.0.0.1`, ip`10.0.0.9`];
const cy = mac`02:00:00:00:00:0c`;
const fromAnn = { mac: ann, ip: annIp };

const flood: Verdict = { kind: 'flood', to: [p1, p2, p3] };
const to = (port: PortId): Verdict => ({ kind: 'forward', to: port });
const fact = (kind: string, ...about: readonly number[]): string =>
  [kind, br0, ...about, 0, 0, 0].slice(0, 5).join(' ');

/** What a bridge makes of a request that it answers, in at `p1`. */
const answered = (known: Mac, address = cyIp, asker = fromAnn): unknown => [
  { kind: 'consumed', reason: 'arp-answered' },
  [{ cause: 'arp-reply', egress: p1, bytes: answer(known, address, asker) }],
];
/** The ports with one less. */
const without = (gone: PortId): BridgeParts['ports'] => PORTS.filter(({ id }) => id !== gone);
/** The ports with one that leads elsewhere. */
const relinked = (port: PortId, link: BridgeLink): BridgeParts['ports'] =>
  PORTS.map(({ id, link: old }) => ({ id, link: id === port ? link : old }));

/** A bridge with tables that do at once what they are asked, and say what they were asked. */
class Segment {
  readonly writes: string[] = [];
  readonly stations = new MacTable(br0, (port) => `p${port}`);
  readonly learning = new MacLearning(
    br0,
    {
      add: (station, vlan, port) => {
        this.writes.push(`${station} on ${vlan} behind ${port}`);
        this.stations.set(station, vlan, port);
      },
      remove: (station, vlan) => this.stations.delete(station, vlan),
    },
    millisOf(0),
  );
  readonly addresses = new AddressTable(br0, {
    replace: (address, station) => {
      this.writes.push(`${address} at ${station}`);
      this.addresses.set(address, station);
    },
  });
  readonly bridge: Bridge;

  constructor(parts: Partial<BridgeParts> = {}) {
    const { stations, learning, addresses } = this;
    this.bridge = bridgeFrom({
      id: br0,
      name: 'net',
      adminUp: true,
      ports: PORTS,
      stations,
      learning,
      addresses,
      ...parts,
    });
  }

  /** The same tables under another configuration. */
  after(parts: Partial<BridgeParts>): Bridge {
    const { stations, learning, addresses } = this;
    return bridgeFrom({ id: br0, name: 'net', adminUp: true, ports: PORTS, stations, learning, addresses, ...parts });
  }

  whatIf(bytes: Uint8Array, ingress: PortId): [Verdict, Packet] {
    const packet = arrival(bytes, ingress);
    return [forward(this.bridge, packet), packet];
  }

  send(bytes: Uint8Array, ingress: PortId): Verdict {
    const [verdict, packet] = this.whatIf(bytes, ingress);
    for (const proposal of packet.simulation.proposals) proposal.carryOut(millisOf(0));
    return verdict;
  }

  facts(bytes: Uint8Array, ingress: PortId): string[] {
    return factsOf(this.whatIf(bytes, ingress)[1]);
  }
}

describe('bridge', () => {
  let segment: Segment;
  beforeEach(() => {
    segment = new Segment();
  });
  const seen = (bytes: Uint8Array): number => segment.whatIf(bytes, p1)[1].simulation.seen;

  it('floods for a station not yet heard, to every exterior port', () => {
    deepEqual(segment.send(ethernet(ann, bob), p1), flood);
    deepEqual(segment.facts(ethernet(ann, bob), p1), [
      fact('Device'),
      fact('Learned', ann, 0, p1),
      fact('VlanPort', ann, 0, p1),
      fact('FloodByDst', bob, 0),
      fact('Broadcast'),
    ]);
  });

  it('forwards to the port where the station was last heard', () => {
    segment.send(ethernet(bob, everyone), p2);
    segment.send(ethernet(bob, everyone), p3);
    deepEqual(segment.send(ethernet(ann, bob), p1), to(p3));
    deepEqual(segment.facts(ethernet(ann, bob), p1), [
      fact('Device'),
      fact('Learned', ann, 0, p1),
      fact('VlanPort', ann, 0, p1),
      fact('VlanPort', bob, 0, p3),
    ]);
  });

  it('kills the flood to a station when it appears', () => {
    segment.send(ethernet(ann, bob), p1);
    deepEqual(segment.stations.set(bob, 0, p2), [tagOf('FloodByDst', br0, bob, 0)]);
  });

  it('reaches a learned station behind a link to another bridge, and takes in what comes from there', () => {
    equal(segment.send(ethernet(bob, everyone), toBridge).kind, 'flood');
    deepEqual(segment.send(ethernet(ann, bob), p1), to(toBridge));
  });

  it('never floods to a router or to another bridge', () => {
    deepEqual(segment.send(ethernet(ann, group), p1), flood);
    deepEqual(segment.facts(ethernet(ann, group), p1), [
      fact('Device'),
      fact('Learned', ann, 0, p1),
      fact('Broadcast'),
    ]);
  });

  it('leaves it to the port of the ingress to drop its copy of a flood', () => {
    const [verdict, packet] = segment.whatIf(ethernet(ann, group), p1);
    const copies = packet.fork(verdict.kind === 'flood' ? verdict.to.length : 0);
    const kinds = copies.map((copy, n) => {
      const link = { kind: 'exterior', active: true } as const;
      const port = {
        id: PORTS[n]?.id ?? p1,
        name: '',
        device: br0,
        owner: 'bridge',
        adminUp: true,
        link,
        mtu: Infinity,
      } as const;
      return leave(portFrom(port), copy).kind;
    });
    deepEqual(kinds, ['drop', 'emit', 'emit']);
  });

  it('drops what it would flood when it has no exterior port', () => {
    segment = new Segment({ ports: [{ id: p1, link: { kind: 'bridge' } }] });
    deepEqual(segment.send(ethernet(ann, bob), p1), { kind: 'drop', reason: 'no-flood-ports' });
    equal(segment.facts(ethernet(ann, bob), p1).includes(fact('Broadcast')), true);
  });

  it('forwards to a router by its MAC, resting on the link alone', () => {
    segment.stations.set(gate, 0, p2);
    deepEqual(segment.send(ethernet(ann, gate), p1), to(toRouter));
    deepEqual(segment.facts(ethernet(ann, gate), p1), [
      fact('Device'),
      fact('Learned', ann, 0, p1),
      fact('BridgePort', toRouter),
    ]);
  });

  it('takes the first of two routers that are alike', () => {
    segment = new Segment({ ports: [...PORTS, { id: portIdOf(6), link: router }] });
    deepEqual(segment.send(ethernet(ann, gate), p1), to(toRouter));
    deepEqual(segment.send(arp(2, fromAnn, gateIp), p1), to(toRouter));
  });

  it('does not learn the MAC of a linked router', () => {
    segment.send(ethernet(gate, ann), toRouter);
    segment.send(ethernet(gate, ann), p1);
    deepEqual(segment.writes, []);
    deepEqual(segment.facts(ethernet(gate, group), p1), [
      fact('Device'),
      fact('BridgePort', toRouter),
      fact('Broadcast'),
    ]);
  });

  it('refuses a group source without looking further', () => {
    for (const source of [group, everyone]) {
      const [verdict, packet] = segment.whatIf(ethernet(source, bob), p1);
      deepEqual(verdict, { kind: 'drop', reason: 'group-source' });
      equal(packet.simulation.seen, ETH_SRC);
      deepEqual(factsOf(packet), [fact('Device')]);
      deepEqual(packet.simulation.proposals, []);
    }
  });

  it('drops silently and learns nothing when it is down', () => {
    segment = new Segment({ adminUp: false });
    deepEqual(segment.send(ethernet(ann, bob), p1), { kind: 'drop', reason: 'bridge-down' });
    deepEqual(segment.facts(ethernet(ann, bob), p1), [fact('Device')]);
    deepEqual(segment.writes, []);
  });

  it('names a group source before its own state', () => {
    segment = new Segment({ adminUp: false });
    deepEqual(segment.send(ethernet(group, bob), p1), { kind: 'drop', reason: 'group-source' });
  });

  it('C1: drops a frame cut short in its addresses, and learns nothing of it', () => {
    const [verdict, packet] = segment.whatIf(ethernet(ann, bob, { length: 11 }), p1);
    deepEqual(verdict, { kind: 'drop', reason: 'cut-frame' });
    equal(packet.simulation.seen, ETH_SRC);
    deepEqual(packet.simulation.proposals, []);
  });

  it('C6: filters a frame whose receiver is where it came from, and keeps the tags', () => {
    segment.send(ethernet(bob, everyone), p1);
    deepEqual(segment.send(ethernet(ann, bob), p1), { kind: 'drop', reason: 'same-segment' });
    deepEqual(segment.facts(ethernet(ann, bob), p1), [
      fact('Device'),
      fact('Learned', ann, 0, p1),
      fact('VlanPort', ann, 0, p1),
      fact('VlanPort', bob, 0, p1),
    ]);
  });

  it('filters a frame that a station sends to itself, wherever it was heard before', () => {
    segment.send(ethernet(ann, everyone), p2);
    deepEqual(segment.send(ethernet(ann, ann), p1), { kind: 'drop', reason: 'same-segment' });
  });

  it('drops what is for a station behind a port that it has not', () => {
    segment.stations.set(bob, 0, portIdOf(99));
    deepEqual(segment.send(ethernet(ann, bob), p1), { kind: 'drop', reason: 'no-such-port' });
  });

  it('drops what came in by no port', () => {
    deepEqual(forward(segment.bridge, arrival(ethernet(ann, bob))), { kind: 'drop', reason: 'unknown-ingress' });
  });

  it('learns nothing from a what-if', () => {
    segment.whatIf(ethernet(bob, everyone), p2);
    deepEqual(segment.writes, []);
    deepEqual(segment.send(ethernet(ann, bob), p1), flood);
  });

  it('C37: carries tagged frames as they are, learns them in table 0, and looks at no tag', () => {
    segment.send(ethernet(bob, everyone, { tags: [10] }), p2);
    equal(segment.stations.portOf(bob), p2);
    const [verdict, packet] = segment.whatIf(ethernet(ann, bob, { tags: [20, 30, 40] }), p1);
    deepEqual(verdict, to(p2));
    equal(packet.simulation.seen, ETH_SRC | ETH_DST);
    equal(packet.key.written, 0);
  });

  it('sees the ethertype of broadcasts, and tags and addresses of ARP alone', () => {
    equal(seen(ethernet(ann, bob, { type: 0x0806 })), ETH_SRC | ETH_DST);
    equal(seen(ethernet(ann, group, { type: 0x0806 })), ETH_SRC | ETH_DST);
    equal(seen(ethernet(ann, everyone)), ETH_SRC | ETH_DST | ETHER_TYPE);
    equal(seen(arp(1, fromAnn, bobIp)) & VLAN, VLAN);
  });

  it('names what decided', () => {
    segment.stations.set(bob, 0, p2);
    segment.addresses.set(cyIp, cy);
    const because = (bytes: Uint8Array): string | undefined => segment.whatIf(bytes, p1)[1].because?.describe();
    equal(because(ethernet(ann, bob)), 'station 02:00:00:00:00:0b behind p2');
    equal(because(ethernet(ann, gate)), 'router port 02:00:00:00:00:01 at 10.0.0.1');
    equal(because(arp(1, fromAnn, cyIp)), 'address 10.0.0.9 at 02:00:00:00:00:0c');
    equal(because(ethernet(ann, group)), 'flood of bridge net');
    equal(because(ethernet(group, ann)), 'bridge net');
  });
});

describe('broadcast ARP at a bridge', () => {
  let segment: Segment;
  beforeEach(() => {
    segment = new Segment();
    segment.addresses.set(cyIp, cy);
  });
  const generated = (bytes: Uint8Array, ingress = p1): unknown => {
    const [verdict, { simulation }] = segment.whatIf(bytes, ingress);
    return [verdict, simulation.generated];
  };

  it('answers a request for an address that it knows, out of the port of the ingress, and floods nothing', () => {
    deepEqual(generated(arp(1, fromAnn, cyIp)), answered(cy));
  });

  it('answers for the routers linked to it, before its address table', () => {
    segment.addresses.set(gateIp, cy);
    deepEqual(generated(arp(1, fromAnn, gateIp)), answered(gate, gateIp));
  });

  it('keeps no flow of what it answered', () => {
    equal(segment.whatIf(arp(1, fromAnn, cyIp), p1)[1].simulation.seen & ~0xffff, 1 << 17);
  });

  it('C6: floods a request that it cannot answer, until there is an answer', () => {
    deepEqual(generated(arp(1, fromAnn, bobIp)), [flood, []]);
    const facts = segment.facts(arp(1, fromAnn, bobIp), p1);
    deepEqual(facts.slice(2), [fact('ArpAnswer', bobIp), fact('ArpRequests'), fact('Broadcast')]);
    deepEqual(segment.addresses.set(bobIp, bob), [tagOf('ArpAnswer', br0, bobIp)]);
    deepEqual(generated(arp(1, fromAnn, bobIp)), answered(bob, bobIp));
  });

  it('floods requests inside a VLAN, whatever it knows', () => {
    for (const tags of [[10], [10, 20], [0, 5], [10, 0], [0, 0, 10]])
      deepEqual(generated(arp(1, fromAnn, cyIp, { tags })), [flood, []]);
    deepEqual(generated(arp(1, fromAnn, gateIp, { tags: [10] })), [flood, []]);
    deepEqual(segment.facts(arp(1, fromAnn, cyIp, { tags: [10] }), p1).slice(2), [
      fact('ArpRequests'),
      fact('Broadcast'),
    ]);
  });

  it('C37: takes a priority tag alone for none, but not one with a VLAN behind it', () => {
    deepEqual(generated(arp(1, fromAnn, cyIp, { tags: [0] })), answered(cy));
    deepEqual(generated(arp(1, fromAnn, cyIp, { tags: [0, 5] })), [flood, []]);
  });

  it('floods a request for an address that it does not know when it has no address table', () => {
    const { stations, learning } = segment;
    const bridge = bridgeFrom({ id: br0, name: 'net', adminUp: true, ports: PORTS, stations, learning });
    const packet = arrival(arp(1, { mac: ann, ip: cyIp }, cyIp), p1);
    deepEqual(forward(bridge, packet), flood);
    equal(packet.simulation.isFlowless, false);
    equal(packet.simulation.proposals.length, 1);
  });

  it('C20: never answers for an address whose MAC is the asker’s own', () => {
    const probe = { mac: cy, ip: ip`0.0.0.0` };
    deepEqual(generated(arp(1, probe, cyIp)), [flood, []]);
    deepEqual(generated(arp(1, probe, cyIp, { ethSrc: ann })), [flood, []]);
    deepEqual(generated(arp(1, fromAnn, cyIp, { ethSrc: cy })), [flood, []]);
    equal(segment.facts(arp(1, probe, cyIp), p1).includes(fact('ArpAnswer', cyIp)), true);
  });

  it('C20: answers a probe for an address that somebody else has', () => {
    const probe = { mac: ann, ip: ip`0.0.0.0` };
    deepEqual(generated(arp(1, probe, cyIp)), answered(cy, cyIp, probe));
  });

  it('hands a router only what is about its address and needs no answer', () => {
    deepEqual(generated(arp(2, fromAnn, gateIp)), [to(toRouter), []]);
    deepEqual(segment.facts(arp(2, fromAnn, gateIp), p1).slice(2), [
      fact('ArpAnswer', gateIp),
      fact('BridgePort', toRouter),
    ]);
    deepEqual(generated(arp(1, { mac: ann, ip: gateIp }, gateIp)), [to(toRouter), []]);
    deepEqual(generated(arp(1, { mac: gate, ip: annIp }, gateIp)), [to(toRouter), []]);
  });

  it('C19: takes for gratuitous what has one address twice, request or reply', () => {
    for (const operation of [1, 2]) {
      segment = new Segment();
      segment.addresses.set(cyIp, cy);
      const [verdict, packet] = segment.whatIf(arp(operation, { mac: bob, ip: cyIp }, cyIp), p2);
      deepEqual(verdict, flood);
      deepEqual(packet.simulation.generated, []);
      equal(packet.simulation.isFlowless, true);
      equal(factsOf(packet).includes(fact('ArpRequests')), true);
      deepEqual(segment.addresses.macOf(cyIp), cy);
      segment.send(arp(operation, { mac: bob, ip: cyIp }, cyIp), p2);
      deepEqual(generated(arp(1, fromAnn, cyIp)), answered(bob));
    }
  });

  it('C19: does not ask what the target hardware address says', () => {
    const bytes = arp(1, { mac: bob, ip: cyIp }, cyIp);
    bytes.fill(0xff, 32, 38);
    segment.send(bytes, p2);
    deepEqual(segment.addresses.macOf(cyIp), bob);
  });

  it('floods ARP in no form that it knows', () => {
    const otherHardware = arp(1, fromAnn, cyIp);
    otherHardware[15] = 6;
    deepEqual(generated(otherHardware), [flood, []]);
    deepEqual(generated(arp(1, fromAnn, cyIp).subarray(0, 41)), [flood, []]);
    deepEqual(generated(arp(9, fromAnn, cyIp)), [flood, []]);
    const [, { simulation }] = segment.whatIf(otherHardware, p1);
    equal(simulation.isFlowless, false);
    equal(simulation.proposals.length, 1);
  });

  it('forwards unicast ARP like any frame', () => {
    const bytes = arp(1, fromAnn, cyIp);
    bytes.set(ethernet(ann, bob).subarray(0, 6));
    deepEqual(generated(bytes), [flood, []]);
    equal(segment.facts(bytes, p1).includes(fact('FloodByDst', bob, 0)), true);
  });
});

describe('a change of a bridge', () => {
  let segment: Segment;
  beforeEach(() => {
    segment = new Segment();
  });
  const change = (ports: BridgeParts['ports']): Tag[] => tagsOfBridgeChange(segment.bridge, segment.after({ ports }));
  const other = mac`02:00:00:00:00:02`;
  const broadcast = tagOf('Broadcast', br0);
  const arpRequests = tagOf('ArpRequests', br0);
  const bridgePort = tagOf('BridgePort', br0, toRouter);

  it('C38: invalidates nothing when the bridge does the same as before', () => {
    deepEqual(tagsOfBridgeChange(segment.bridge, segment.after({ name: 'lan' })), []);
    deepEqual(change([...PORTS]), []);
  });

  it('C38: invalidates nothing when a port comes or goes that no flow concerns', () => {
    deepEqual(change([...PORTS, { id: portIdOf(6), link: { kind: 'unplugged' } }]), []);
    deepEqual(change(without(toBridge)), []);
  });

  it('invalidates its tag when it goes up or down, or is gone', () => {
    deepEqual(tagsOfBridgeChange(segment.bridge, segment.after({ adminUp: false })), [tagOf('Device', br0)]);
    deepEqual(tagsOfBridgeChange(segment.bridge, undefined), [tagOf('Device', br0)]);
  });

  it('invalidates floods, and nothing else, when an exterior port comes or goes', () => {
    deepEqual(change([...PORTS, { id: portIdOf(6), link: exterior }]), [broadcast]);
    deepEqual(change(without(p3)), [broadcast]);
    deepEqual(change(relinked(p3, { kind: 'unplugged' })), [broadcast]);
  });

  it('C6: lets a port that comes take what was dropped for want of it', () => {
    const p6 = portIdOf(6);
    segment.stations.set(bob, 0, p6);
    equal(segment.facts(ethernet(ann, bob), p1).includes(fact('VlanPort', bob, 0, p6)), true);
    deepEqual(change([...PORTS, { id: p6, link: { kind: 'bridge' } }]), [tagOf('VlanPort', br0, bob, 0, p6)]);
  });

  it('invalidates ARP floods and floods to its MAC when a router is linked', () => {
    deepEqual(change(relinked(toBridge, { kind: 'router', mac: other })), [
      arpRequests,
      tagOf('FloodByDst', br0, other, 0),
    ]);
  });

  it('invalidates also what took the router for a station', () => {
    segment.send(ethernet(other, everyone), p2);
    deepEqual(change(relinked(toBridge, { kind: 'router', mac: other })), [
      arpRequests,
      tagOf('FloodByDst', br0, other, 0),
      tagOf('Learned', br0, other, 0, p2),
      tagOf('VlanPort', br0, other, 0, p2),
    ]);
  });

  it('invalidates answers about the address of a router that comes, goes or moves', () => {
    const [gone, come] = [tagOf('ArpAnswer', br0, gateIp), tagOf('ArpAnswer', br0, cyIp)];
    deepEqual(change(relinked(toRouter, { kind: 'router', mac: gate, address: cyIp })), [gone, come]);
    deepEqual(change(relinked(toRouter, { kind: 'router', mac: gate })), [gone]);
  });

  it('invalidates what went to a router when it is unlinked, moves or has another MAC', () => {
    const answers = tagOf('ArpAnswer', br0, gateIp);
    deepEqual(change(relinked(toRouter, { kind: 'unplugged' })), [bridgePort, answers]);
    deepEqual(change(without(toRouter)), [bridgePort, answers]);
    deepEqual(change([...without(toRouter), { id: portIdOf(6), link: router }]), [bridgePort, answers]);
    deepEqual(change(relinked(toRouter, { kind: 'router', mac: other, address: gateIp })), [
      bridgePort,
      arpRequests,
      tagOf('FloodByDst', br0, other, 0),
      answers,
    ]);
  });

  it('invalidates ARP floods when it gets or loses its address table', () => {
    const { stations, learning } = segment;
    const silent = bridgeFrom({ id: br0, name: 'net', adminUp: true, ports: PORTS, stations, learning });
    deepEqual(tagsOfBridgeChange(segment.bridge, silent), [arpRequests]);
    deepEqual(tagsOfBridgeChange(silent, segment.bridge), [arpRequests]);
  });
});

/** All that came of a packet, the writes of its proposals too. */
const outcomeIn = (segment: Segment, packet: Packet, bridge = segment.bridge): object => {
  segment.writes.length = 0;
  const verdict = forward(bridge, packet);
  for (const proposal of packet.simulation.proposals) proposal.carryOut(millisOf(0));
  return { ...outcomeOf(verdict, packet), writes: [...segment.writes] };
};
/** Whether a flow comes of it. */
const isKept = ({ simulation }: Packet): boolean => (simulation.seen & UNKEYED) === 0 && !simulation.isFlowless;

describe('bridge, whatever comes', () => {
  /** A segment in one of many states, made anew for each run. */
  interface State {
    readonly adminUp: boolean;
    readonly ports: BridgeParts['ports'];
    readonly known: readonly Mac[];
    readonly addressed: readonly Mac[];
  }
  const segmentIn = ({ adminUp, ports, known, addressed }: State): Segment => {
    const segment = new Segment({ adminUp, ports });
    for (const station of known) segment.stations.set(station, 0, station === ann ? p1 : p2);
    for (const station of addressed) segment.addresses.set(station === ann ? annIp : bobIp, station);
    return segment;
  };
  const anyKnown = subarray([ann, bob]);
  const anyIngress = constantFrom(p1, p2, toRouter);
  const anyPorts = constantFrom(PORTS, PORTS, PORTS.slice(3));

  it('C1, C36: judges alike all frames that are alike in what it saw', () => {
    assert(
      property(
        anyFrame,
        anyFrame,
        anyIngress,
        boolean(),
        anyPorts,
        anyKnown,
        anyKnown,
        (bytes, other, ingress, down, ports, known, addressed) => {
          const state: State = { adminUp: !down || bytes.length % 2 === 0, ports, known, addressed };
          const packet = arrival(bytes, ingress);
          const outcome = outcomeIn(segmentIn(state), packet);
          deepEqual(outcomeIn(segmentIn(state), twinOf(packet, other, ingress)), outcome);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('C6: invalidates a tag of every flow that a change of its tables gives another end', () => {
    const anyChange = constantFrom<(segment: Segment) => Tag[]>(
      ({ stations, learning }) => [...stations.set(ann, 0, p2), ...learning.changed(ann, 0, p2)],
      ({ stations, learning }) => [...stations.set(bob, 0, p1), ...learning.changed(bob, 0, p1)],
      ({ stations, learning }) => [...stations.delete(ann, 0), ...learning.changed(ann, 0, undefined)],
      ({ stations, learning }) => [...stations.delete(bob, 0), ...learning.changed(bob, 0, undefined)],
      ({ addresses }) => addresses.set(annIp, bob),
      ({ addresses }) => addresses.set(bobIp, bob),
      ({ addresses }) => addresses.delete(annIp),
    );
    assert(
      property(anyFrame, anyIngress, anyKnown, anyKnown, anyChange, (bytes, ingress, known, addressed, change) => {
        const segment = segmentIn({ adminUp: true, ports: PORTS, known, addressed });
        const packet = arrival(bytes, ingress);
        const outcome = outcomeIn(segment, packet);
        const dead = new Set(change(segment));
        if (!isKept(packet) || packet.facts.tags.some((tag) => dead.has(tag))) return;
        const anew = arrival(bytes, ingress);
        deepEqual(outcomeIn(segment, anew), { ...outcome, writes: [] });
      }),
      { numRuns: 2000 },
    );
  });

  it('C38: invalidates a tag of every flow that a change of its configuration gives another end', () => {
    const anyLink = constantFrom<BridgeLink>(
      exterior,
      router,
      { ...router, mac: bob },
      { ...router, address: bobIp },
      { kind: 'bridge' },
    );
    const anyConfiguration = property(
      anyFrame,
      anyIngress,
      anyKnown,
      anyKnown,
      anyLink,
      anyLink,
      boolean(),
      (bytes, ingress, known, addressed, linkBefore, linkAfter, isThere) => {
        const portsWith = (link: BridgeLink): BridgeParts['ports'] => [...PORTS.slice(0, 3), { id: toRouter, link }];
        const state: State = {
          adminUp: true,
          ports: isThere ? portsWith(linkBefore) : PORTS.slice(0, 3),
          known,
          addressed,
        };
        const segment = segmentIn(state);
        const after = segment.after({ ports: portsWith(linkAfter) });
        const packet = arrival(bytes, ingress);
        const outcome = outcomeIn(segment, packet);
        const dead = new Set(tagsOfBridgeChange(segment.bridge, after));
        if (!isKept(packet) || packet.facts.tags.some((tag) => dead.has(tag))) return;
        const anew = arrival(bytes, ingress);
        // What an entry says to people may change alone.
        deepEqual({ ...outcomeIn(segment, anew, after), because: '' }, { ...outcome, because: '', writes: [] });
      },
    );
    assert(anyConfiguration, { numRuns: 2000 });
  });
});
