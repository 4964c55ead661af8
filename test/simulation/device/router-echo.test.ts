import { deepEqual, equal, notEqual } from 'node:assert/strict';
import { fragmentFrame } from '../../../simulation/packet/fragment.ts';
import { UNKEYED } from '../../../simulation/packet/fields.ts';
import { u16, u8 } from '../../../simulation/packet/octets.ts';
import { frameOf, icmpEcho, ip } from '../packets.ts';
import { icmp, ipv4Frame, udp, type Ipv4Frame } from './router-frames.ts';
import {
  ann,
  beside,
  inside,
  outside,
  peer,
  PORT_MACS,
  routeTo,
  RouterWorld,
  uplink,
  type Judged,
} from './router-world.ts';

const insideMac = PORT_MACS[inside] ?? ann.mac;
const near = ip`10.0.1.1`;
const far = ip`203.0.113.2`;

/** Ann pings the router, unless told otherwise. */
function ping(rest: Partial<Ipv4Frame> = {}): Uint8Array {
  return ipv4Frame({ ethSrc: ann.mac, ethDst: insideMac, src: ann.ip, dst: near, proto: 1, payload: icmp(8), ...rest });
}

/** A ping of so many octets, in fragments of at most `mtu`. */
function pieces(length: number, mtu: number, rest: Partial<Ipv4Frame> = {}): readonly Uint8Array[] {
  const whole = ping({ payload: icmp(8, 0, length), ...rest });
  return fragmentFrame(whole, whole.length, frameOf(whole).layers, mtu);
}

function fateOf({ verdict }: Judged): string {
  return verdict.kind === 'drop' || verdict.kind === 'consumed' ? verdict.reason : verdict.kind;
}

describe('router, echo', () => {
  let world: RouterWorld;
  const fate = (bytes: Uint8Array, options: Parameters<RouterWorld['send']>[1] = {}): string =>
    fateOf(world.send(bytes, options));

  beforeEach(() => {
    world = new RouterWorld().knows(ann.ip, ann.mac);
  });

  it('answers with identifier, sequence number and data of the request, from the address that was pinged', () => {
    const { verdict, generated } = world.send(ping({ tos: 0x20, ttl: 3 }));
    deepEqual(verdict, { kind: 'consumed', reason: 'echo-answered' });
    const [answer] = generated;
    deepEqual([answer?.cause, answer?.egress], ['echo-reply', inside]);
    const expected = ipv4Frame({
      ethSrc: insideMac,
      ethDst: ann.mac,
      src: near,
      dst: ann.ip,
      proto: 1,
      id: 1,
      tos: 0x20,
      payload: icmp(0),
    });
    deepEqual(answer?.bytes, expected);
  });

  it('answers for the address of a port far from where the request came in', () => {
    const { verdict, generated } = world.send(ping({ dst: far }));
    deepEqual(verdict, { kind: 'consumed', reason: 'echo-answered' });
    deepEqual([generated[0]?.egress, u8(generated[0]?.bytes ?? new Uint8Array(), 29)], [inside, 2]);
  });

  it('leaves the padding of the request behind', () => {
    const { generated } = world.send(ping({ payload: icmp(8, 0, 0), padding: 18 }));
    equal(generated[0]?.bytes.length, 14 + 20 + 8);
  });

  it('routes its answer like any packet', () => {
    const outsideMac = PORT_MACS[outside] ?? ann.mac;
    const request = ping({ ethDst: outsideMac, src: ip`8.8.8.8`, dst: near });
    equal(fate(request, { ingress: outside }), 'suspend');
    world.knows(uplink.ip, uplink.mac);
    const { generated } = world.send(request, { ingress: outside });
    deepEqual([generated[0]?.egress, [...(generated[0]?.bytes.subarray(0, 6) ?? [])]], [outside, [2, 0, 0, 0, 2, 1]]);
  });

  it('C23: waits for the MAC address of who asked', () => {
    const { verdict } = new RouterWorld().send(ping());
    equal(verdict.kind === 'suspend' && verdict.need.kind === 'next-hop' && verdict.need.address, ann.ip);
  });

  it('gives no answer that has no way, or that would go to itself', () => {
    const local = routeTo('10.0.1.1/32', { kind: 'local' });
    world = new RouterWorld({ routes: [local] });
    equal(fate(ping()), 'echo-unanswerable');
    world = new RouterWorld({ routes: [local, routeTo('10.0.1.0/24', { kind: 'blackhole' })] });
    equal(fate(ping()), 'echo-unanswerable');
    world = new RouterWorld({ routes: [local, routeTo('10.0.3.0/24', { port: beside })] });
    equal(fate(ping({ src: ip`10.0.3.1` })), 'echo-unanswerable');
    equal(fate(ping({ src: peer.ip })), 'echo-answered');
    world = new RouterWorld();
    world.tables.neighbours.giveUp(ann.ip, 5000 as never);
    equal(fate(ping()), 'echo-unanswerable');
  });

  it('drops what is for itself and no echo request', () => {
    equal(fate(ping({ proto: 17, payload: udp(1, 2) })), 'local-not-echo');
    equal(fate(ping({ payload: icmp(0) })), 'local-not-echo');
    equal(fate(ping({ payload: icmp(8, 1) })), 'local-not-echo');
    equal(fate(ping({ payload: new Uint8Array(3) })), 'local-not-echo');
    equal(fate(ping({ proto: 17, offset: 3 })), 'local-not-echo');
  });

  it('drops a request whose checksum is wrong, one cut short by the capture, and one without a whole header', () => {
    const wrong = icmp(8);
    wrong[12] = 99;
    equal(fate(ping({ payload: wrong })), 'bad-echo-checksum');
    equal(fate(ping().subarray(0, 50), { wireLength: 58 }), 'echo-unanswerable');
    equal(fate(ping({ payload: icmp(8).subarray(0, 6) })), 'echo-unanswerable');
  });

  it('keeps no flow for an echo', () => {
    notEqual(world.send(ping()).packet.simulation.seen & UNKEYED, 0);
    equal(world.send(ping({ payload: icmp(0) })).packet.simulation.seen & UNKEYED, 0);
  });

  it('C23: puts the fragments of a request together, in any order, and answers once', () => {
    for (const order of [
      [0, 1, 2],
      [2, 0, 1],
      [1, 2, 0],
      [0, 0, 1, 1, 2],
    ]) {
      const parts = pieces(3000, 1500);
      equal(parts.length, 3);
      const judged = order.map((n) => world.send(parts[n] ?? new Uint8Array()));
      deepEqual(
        judged.slice(0, -1).map(fateOf),
        order.slice(1).map(() => 'fragment-held'),
      );
      deepEqual(judged.slice(-1).map(fateOf), ['echo-answered']);
      const bytes = judged.at(-1)?.generated[0]?.bytes ?? new Uint8Array();
      equal(u16(bytes, 16), 3028);
      deepEqual([...bytes.subarray(36)], [...icmp(0, 0, 3000).subarray(2)]);
      equal(world.tables.datagrams.size, 0);
    }
  });

  it('C23: answers a request of 64 KiB in a packet that the executor may cut', () => {
    const parts = pieces(65_467, 1500); // with room for the longest of headers
    const judged = parts.map((bytes) => world.send(bytes));
    deepEqual(judged.slice(-1).map(fateOf), ['echo-answered']);
    const bytes = judged.at(-1)?.generated[0]?.bytes ?? new Uint8Array();
    equal(u16(bytes, 16), 65_495);
    equal(u16(bytes, 20), 0); // DF clear
    const cut = fragmentFrame(bytes, bytes.length, frameOf(bytes).layers, 1500);
    equal(cut.length, 45);
  });

  it('C23: puts fragments together of which some have a priority tag', () => {
    const [first = ping(), second = ping()] = pieces(2000, 1500);
    const [tagged = ping()] = pieces(2000, 1500, { tags: [0xe000] });
    for (const order of [
      [tagged, second],
      [second, tagged],
    ]) {
      equal(order.map((bytes) => fate(bytes)).at(-1), 'echo-answered');
    }
    equal(fate(first), 'fragment-held');
  });

  it('C23: drops an overlapping fragment, and all later ones of its datagram', () => {
    const [first, second, third] = pieces(3000, 1500);
    const overlap = ping({ payload: new Uint8Array(64), offset: 2, more: true });
    equal(fate(first ?? overlap), 'fragment-held');
    equal(fate(overlap), 'bad-fragment');
    equal(fate(second ?? overlap), 'bad-fragment');
    equal(fate(third ?? overlap), 'bad-fragment');
  });

  it('C23: keeps the datagrams of different senders, and of different identifications, apart', () => {
    world.knows(ip`10.0.1.11`, ann.mac);
    const [mine = ping(), rest = ping()] = pieces(2000, 1500);
    const [, other = ping()] = pieces(2000, 1500, { src: ip`10.0.1.11` });
    const [, later = ping()] = pieces(2000, 1500, { id: 78 });
    deepEqual(
      [mine, other, later, rest].map((bytes) => fate(bytes)),
      ['fragment-held', 'fragment-held', 'fragment-held', 'echo-answered'],
    );
  });

  it('C23: forgets a fragment after 30 s', () => {
    const [first = ping(), second = ping()] = pieces(2000, 1500);
    equal(fate(first, { now: 0 }), 'fragment-held');
    equal(fate(second, { now: 30_000 }), 'fragment-held');
    equal(fate(first, { now: 30_001 }), 'echo-answered');
  });

  it('C23: holds at most so many datagrams, the oldest goes first', () => {
    const [first = ping(), second = ping()] = pieces(2000, 1500, { id: 0 });
    equal(fate(first), 'fragment-held');
    for (let id = 1; id <= 64; id++) fate(pieces(2000, 1500, { id })[0] ?? first);
    equal(world.tables.datagrams.size, 64);
    equal(fate(second), 'fragment-held');
  });

  it('holds nothing of a what-if, and answers nothing twice for one', () => {
    const [first = ping(), second = ping()] = pieces(2000, 1500);
    world.whatIf(first);
    equal(fateOf(world.whatIf(second)), 'fragment-held');
    equal(world.tables.datagrams.size, 0);
    world.send(first);
    equal(fateOf(world.whatIf(second)), 'echo-answered');
    equal(fateOf(world.whatIf(second)), 'echo-answered');
  });

  it('drops fragments that turn out to be no echo request', () => {
    const whole = ping({ payload: icmp(0, 0, 2000) });
    const [first = whole, second = whole] = fragmentFrame(whole, whole.length, frameOf(whole).layers, 1500);
    equal(fate(second), 'fragment-held');
    equal(fate(first), 'local-not-echo');
  });

  it('answers what a host sends', () => {
    const { src, dst, ethSrc, ethDst } = { src: ann.ip, dst: near, ethSrc: ann.mac, ethDst: insideMac };
    equal(fate(icmpEcho({ src, dst, ethSrc, ethDst, payload: Buffer.from('hello') })), 'echo-answered');
  });
});
