import { deepEqual, equal } from 'node:assert/strict';
import { checksumOf } from '../../../simulation/packet/checksum.ts';
import { u16, u8 } from '../../../simulation/packet/octets.ts';
import { RouterTables } from '../../../simulation/state/router-tables.ts';
import { BROADCAST_MAC } from '../../../topology/model/mac.ts';
import { ip, mac } from '../packets.ts';
import { icmp, ipv4Frame, udp, type Ipv4Frame } from './router-frames.ts';
import { ann, arrival, beside, inside, peer, PORT_MACS, RouterWorld } from './router-world.ts';
import { route } from '../../../simulation/device/routing.ts';

const insideMac = PORT_MACS[inside] ?? ann.mac;

/** From ann to a destination that a route rejects, unless told otherwise. */
function frame(rest: Partial<Ipv4Frame> = {}): Uint8Array {
  return ipv4Frame({ ethSrc: ann.mac, ethDst: insideMac, src: ann.ip, dst: ip`192.0.2.1`, ...rest });
}

function idOf(bytes: Uint8Array | undefined): number {
  return u16(bytes ?? new Uint8Array(), 18);
}

describe('router, ICMP errors', () => {
  let world: RouterWorld;
  const errorAbout = (bytes: Uint8Array): Uint8Array | undefined => world.send(bytes).generated[0]?.bytes;
  const isAnswered = (bytes: Uint8Array): boolean => world.whatIf(bytes).generated.length > 0;

  /** Whether the answer to a packet gets a token. */
  const take = (now: number): boolean | undefined => {
    const { generated, packet } = world.whatIf(frame(), { now });
    return generated[0]?.limiter?.take(packet.now);
  };

  beforeEach(() => {
    world = new RouterWorld();
  });

  it('C14: goes back where the packet came from, with the contents of the rule', () => {
    const bytes = errorAbout(frame()) ?? new Uint8Array();
    deepEqual([...bytes.subarray(0, 14)], [...hex('02000000010a 020000000101 0800')]);
    equal(u8(bytes, 15), 0xc0);
    equal(u16(bytes, 18), 1); // the port's first identification
    equal(u16(bytes, 20), 0); // DF clear
    deepEqual([u8(bytes, 22), u8(bytes, 23)], [64, 1]);
    deepEqual([...bytes.subarray(26, 34)], [10, 0, 1, 1, 10, 0, 1, 10]);
    deepEqual([u8(bytes, 34), u8(bytes, 35)], [3, 13]);
    equal(u16(bytes, 16), bytes.length - 14);
    equal(checksumOf(bytes, 14, 34), 0);
    equal(checksumOf(bytes, 34, bytes.length), 0);
  });

  it('C14: quotes the datagram as it came in, as much of it as fits into 576 octets', () => {
    const short = frame({ ttl: 9, padding: 6 });
    deepEqual([...(errorAbout(short)?.subarray(42) ?? [])], [...short.subarray(14, short.length - 6)]);
    const long = frame({ payload: udp(1, 2, 1200) });
    const error = errorAbout(long) ?? new Uint8Array();
    equal(error.length, 14 + 576);
    deepEqual([...error.subarray(42)], [...long.subarray(14, 14 + 548)]);
    equal(checksumOf(error, 34, error.length), 0);
  });

  it('C14: quotes the TTL that routers before have left, with a right header checksum', () => {
    const packet = arrival(frame({ ttl: 64 }), inside);
    packet.key.ttl = 60;
    route(world.router, packet);
    const error = packet.simulation.generated[0]?.bytes ?? new Uint8Array();
    equal(u8(error, 42 + 8), 60);
    equal(checksumOf(error, 42, 62), 0);
  });

  it('C14: counts its identification up for each port apart, and for no packet that was not sent', () => {
    equal(idOf(errorAbout(frame())), 1);
    world.whatIf(frame());
    equal(idOf(world.whatIf(frame()).generated[0]?.bytes), 0);
    equal(idOf(errorAbout(frame())), 2);
    const besideMac = PORT_MACS[beside] ?? ann.mac;
    const other = frame({ ethSrc: peer.mac, ethDst: besideMac, src: peer.ip });
    equal(idOf(world.send(other, { ingress: beside }).generated[0]?.bytes), 1);
  });

  it('C12: answers each packet, and keeps no flow for one', () => {
    for (let n = 0; n < 3; n++) {
      const { packet, generated } = world.send(frame());
      deepEqual([generated.length, packet.simulation.isFlowless], [1, true]);
    }
  });

  it('C12: has its tokens from the bucket of the port, which a what-if does not touch', () => {
    for (let n = 0; n < 100; n++) world.whatIf(frame());
    equal(Array.from({ length: 60 }, () => take(0)).filter(Boolean).length, 50);
    equal(take(9), false);
    equal(take(20), true);
  });

  it('C13: is not sent to a source that is no host’s', () => {
    // Even a router that is down, which looks at nothing else, does not answer these.
    world = new RouterWorld({ adminUp: false });
    for (const src of [ip`0.0.0.0`, ip`127.0.0.1`, ip`224.0.0.1`, ip`240.0.0.1`, ip`255.255.255.255`]) {
      equal(isAnswered(frame({ src })), false);
    }
    equal(isAnswered(frame()), true);
  });

  it('C13: is not sent about an ICMP error, nor about what may be one', () => {
    for (const type of [3, 4, 5, 11, 12]) equal(isAnswered(frame({ proto: 1, payload: icmp(type) })), false);
    for (const type of [0, 8, 13]) equal(isAnswered(frame({ proto: 1, payload: icmp(type) })), true);
    equal(isAnswered(frame({ proto: 1, payload: new Uint8Array(3) })), false);
  });

  it('C13: is not sent about a later fragment, but about a first one', () => {
    equal(isAnswered(frame({ offset: 1 })), false);
    equal(isAnswered(frame({ more: true, payload: udp(1, 2, 8) })), true);
  });

  it('C13: is not sent about a frame to a group, or a packet to one or to all', () => {
    world = new RouterWorld({ adminUp: false });
    equal(isAnswered(frame({ ethDst: BROADCAST_MAC })), false);
    equal(isAnswered(frame({ ethDst: mac`01:00:5e:00:00:05` })), false);
    equal(isAnswered(frame({ ethSrc: mac`01:00:5e:00:00:05` })), false);
    equal(isAnswered(frame({ dst: ip`224.0.0.5` })), false);
    equal(isAnswered(frame({ dst: ip`255.255.255.255` })), false);
    equal(isAnswered(frame({ dst: ip`10.0.1.255` })), false);
  });

  it('C13: is not sent about a packet whose header is wrong', () => {
    world = new RouterWorld({ adminUp: false });
    equal(isAnswered(frame({ headerChecksum: 5 })), false);
    equal(isAnswered(frame({ options: [131, 7, 4, 10, 0, 0, 1, 0] })), false);
  });

  it('C13: lets the drop of what it does not answer stand for others', () => {
    const { packet } = world.send(frame({ offset: 1 }));
    equal(packet.simulation.isFlowless, false);
  });

  it('C15: says nothing about first fragments but what it says about all', () => {
    const { verdict, generated } = world.send(frame({ dst: ip`198.51.100.1`, more: true, payload: udp(1, 2, 8) }));
    deepEqual([verdict, generated], [{ kind: 'drop', reason: 'blackhole-route' }, []]);
  });

  it('is not sent by a port without an address', () => {
    world = new RouterWorld({ ports: [...world.router.ports.values()].map(nameless) });
    equal(isAnswered(frame()), false);
  });

  it('keeps its counters when the router is configured anew', () => {
    const tables = new RouterTables({ learned: () => undefined, used: () => undefined });
    equal(tables.portState(inside).nextIdentification(), 1);
    equal(tables.portState(inside).nextIdentification(), 2);
    for (let n = 0; n < 0xfffd; n++) tables.portState(inside).nextIdentification();
    equal(tables.portState(inside).nextIdentification(), 0);
  });
});

function nameless<Port extends object>(port: Port): Port & { address: undefined; prefix: undefined } {
  return { ...port, address: undefined, prefix: undefined };
}

function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(' ', ''), 'hex');
}
