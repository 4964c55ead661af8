import { deepEqual, equal, ok } from 'node:assert/strict';
import { portTowards } from '../../../simulation/device/router.ts';
import { prohibited } from '../../../simulation/device/routing.ts';
import { wayOf } from '../../../simulation/device/multipath.ts';
import {
  ETH_DST,
  ETH_SRC,
  ETHER_TYPE,
  IP_DST,
  IP_PROTO,
  IP_SRC,
  L4_SRC,
  SOUND_IPV4,
  TTL,
  UNKEYED,
  VLAN,
} from '../../../simulation/packet/fields.ts';
import type { Packet } from '../../../simulation/packet/packet.ts';
import { BROADCAST_MAC } from '../../../topology/model/mac.ts';
import { ip, mac } from '../packets.ts';
import { arpFrame, icmp, ipv4Frame, tcp, udp, type Ipv4Frame } from './router-frames.ts';
import {
  ann,
  arrival,
  bare,
  beside,
  closed,
  factsOf,
  gateway0,
  inside,
  linked,
  outside,
  peer,
  PORT_MACS,
  PORTS,
  routeTo,
  RouterWorld,
  segment0,
  shared,
  station,
  uplink,
  type Judged,
} from './router-world.ts';

const insideMac = PORT_MACS[inside] ?? ann.mac;
const world1 = ip`8.8.8.8`;

/** From ann to the world by way of the router, unless told otherwise. */
function frame(rest: Partial<Ipv4Frame> = {}): Uint8Array {
  return ipv4Frame({ ethSrc: ann.mac, ethDst: insideMac, src: ann.ip, dst: world1, ...rest });
}

function reasonOf({ verdict }: Judged): string {
  return verdict.kind === 'drop' || verdict.kind === 'consumed' ? verdict.reason : verdict.kind;
}

/** Type and code of the ICMP messages made. */
function answerOf({ generated }: Judged): readonly (number | undefined)[] {
  return generated.flatMap(({ bytes }) => [bytes[34], bytes[35]]);
}

function mayHaveFlow({ simulation }: Packet): boolean {
  return !simulation.isFlowless && (simulation.seen & UNKEYED) === 0;
}

describe('router', () => {
  let world: RouterWorld;
  const reason = (bytes: Uint8Array, options: Parameters<RouterWorld['send']>[1] = {}): string =>
    reasonOf(world.send(bytes, options));

  /** How many answers a packet gets that a port took in. */
  const answers = (bytes: Uint8Array, ingress = closed): number => {
    const packet = arrival(bytes, ingress);
    prohibited(world.router, packet);
    return packet.simulation.generated.length;
  };

  beforeEach(() => {
    world = new RouterWorld().knows(uplink.ip, uplink.mac);
  });

  describe('takes in', () => {
    it('no frame of a VLAN, but one that has a priority alone, whose tag it takes off', () => {
      equal(reason(frame({ tags: [5] })), 'tagged-at-router');
      const { verdict, packet } = world.send(frame({ tags: [0xe000] }));
      deepEqual(verdict, { kind: 'forward', to: outside });
      equal(packet.key.vlanCount, 0);
    });

    it('C37: no frame with a VLAN behind its priority tag', () => {
      equal(reason(frame({ tags: [0, 5] })), 'tagged-at-router');
    });

    it('nothing but IPv4 and ARP', () => {
      equal(reason(frame({ etherType: 0x86dd })), 'not-ip');
      equal(reason(frame({ etherType: 60 })), 'not-ip');
      equal(reason(frame().subarray(0, 9)), 'not-ip');
    });

    it('no frame for another station, or for a group of them', () => {
      equal(reason(frame({ ethDst: mac`02:00:00:00:09:09` })), 'not-for-router');
      equal(reason(frame({ ethDst: mac`01:00:5e:00:00:05` })), 'not-for-router');
      equal(reason(frame({ ethDst: BROADCAST_MAC })), 'link-broadcast');
    });

    it('no packet at all while it is down, and says so', () => {
      world = new RouterWorld({ adminUp: false });
      const { verdict, generated, packet } = world.send(frame());
      deepEqual(verdict, { kind: 'drop', reason: 'router-down' });
      deepEqual([generated[0]?.cause, generated[0]?.bytes[34], generated[0]?.bytes[35]], ['icmp-error', 3, 13]);
      deepEqual(factsOf(packet), [`Device ${gateway0} 0`]);
    });

    it('C10: no packet with a header that is wrong', () => {
      equal(reason(frame({ headerChecksum: 1 })), 'bad-ip-header');
      equal(reason(frame({ broken: { 0: 0x65 } })), 'bad-ip-header');
      equal(reason(frame({ broken: { 0: 0x44 } })), 'bad-ip-header');
      equal(reason(frame({ totalLength: 10 })), 'bad-ip-header');
      equal(reason(frame({ totalLength: 1000 })), 'bad-ip-header');
      equal(reason(frame().subarray(0, 30), { wireLength: 54 }), 'bad-ip-header');
      equal(reason(frame().subarray(0, 14)), 'bad-ip-header');
    });

    it('C10: no packet that says its own way', () => {
      equal(reason(frame({ options: [131, 7, 4, 10, 0, 0, 1, 0] })), 'source-route');
      equal(reason(frame({ options: [1, 137, 7, 4, 10, 0, 0, 1] })), 'source-route');
      equal(reason(frame({ options: [7, 7, 4, 0, 0, 0, 0, 0] })), 'forward'); // records the route
    });

    it('C10: no packet from an address that is nobody’s', () => {
      for (const src of [ip`0.0.0.0`, ip`0.1.2.3`, ip`127.0.0.1`, ip`224.0.0.5`, ip`240.0.0.1`, ip`255.255.255.255`]) {
        equal(reason(frame({ src })), 'martian-source');
      }
    });

    it('C10: no packet to an address that is nobody’s, to a group, or to all', () => {
      for (const dst of [ip`0.0.0.0`, ip`127.1.1.1`, ip`240.0.0.1`])
        equal(reason(frame({ dst })), 'martian-destination');
      equal(reason(frame({ dst: ip`224.0.0.5` })), 'multicast-destination');
      equal(reason(frame({ dst: ip`255.255.255.255` })), 'limited-broadcast');
    });

    it('C10: a packet that is shorter than its frame', () => {
      equal(reason(frame({ padding: 17 })), 'forward');
    });

    it('C39: sees that a header is sound, and keeps no flow for one that is not', () => {
      const { packet } = world.send(frame());
      equal(packet.simulation.seen & SOUND_IPV4, SOUND_IPV4);
      equal(mayHaveFlow(packet), true);
      equal(mayHaveFlow(world.send(frame({ headerChecksum: 1 })).packet), false);
    });

    it('nothing by a port that is not its own', () => {
      equal(reason(frame(), { ingress: gateway0 as unknown as typeof inside }), 'unknown-ingress');
    });
  });

  describe('forwards', () => {
    it('to the next hop: its own MAC as source, the next hop’s as destination, TTL one less', () => {
      const { verdict, packet } = world.send(frame({ ttl: 9 }));
      deepEqual(verdict, { kind: 'forward', to: outside });
      deepEqual([packet.key.ethSrc, packet.key.ethDst, packet.key.ttl], [PORT_MACS[outside], uplink.mac, 8]);
    });

    it('C8: on the facts of the route, the destination and the neighbour', () => {
      const { packet } = world.send(frame());
      const route = world.router.routes.lookup(ann.ip, world1)[0];
      deepEqual(factsOf(packet), [
        `Device ${gateway0} 0`,
        `DestIp ${gateway0} ${world1}`,
        `Route ${gateway0} ${route?.number}`,
        `ArpEntry ${gateway0} ${uplink.ip}`,
      ]);
      equal(packet.because, route);
    });

    it('C8: names the route that decided', () => {
      const { packet } = world.send(frame());
      equal(packet.because?.describe(), 'route 0.0.0.0/1 via 203.0.113.1 port outside weight 100');
    });

    it('seeing no more than it must', () => {
      const { packet } = world.send(frame({ payload: tcp(1, 2), proto: 6 }));
      equal(packet.simulation.seen, VLAN | ETHER_TYPE | ETH_DST | SOUND_IPV4 | IP_SRC | IP_DST | TTL);
    });

    it('C36: writes MAC addresses and TTL whatever they were, as the next packet’s may differ', () => {
      const { packet } = world.send(frame({ ethSrc: PORT_MACS[outside] ?? ann.mac }));
      equal(packet.key.written, ETH_SRC | ETH_DST | (1 << 11));
    });

    it('to the router behind a link, whatever the next hop’s address', () => {
      const { verdict, packet } = world.send(frame({ dst: ip`10.9.1.1` }));
      deepEqual(verdict, { kind: 'forward', to: beside });
      equal(packet.key.ethDst, peer.mac);
      equal(
        factsOf(packet).some((fact) => fact.startsWith('ArpEntry')),
        false,
      );
    });

    it('to a router or a station that the bridge behind a link knows', () => {
      for (const known of [linked, station]) {
        const { verdict, packet } = world.send(frame({ dst: known.ip }));
        deepEqual(verdict, { kind: 'forward', to: shared });
        equal(packet.key.ethDst, known.mac);
        deepEqual(factsOf(packet).slice(-1), [`ArpAnswer ${segment0} ${known.ip}`]);
      }
    });

    it('to a station that the bridge does not know and the neighbours table does', () => {
      const dst = ip`10.0.4.77`;
      world.knows(dst, ann.mac);
      const { verdict, packet } = world.send(frame({ dst }));
      deepEqual(verdict, { kind: 'forward', to: shared });
      deepEqual(factsOf(packet).slice(-2), [`ArpAnswer ${segment0} ${dst}`, `ArpEntry ${gateway0} ${dst}`]);
    });

    it('C3: a connection always the same way, seeing what chooses it', () => {
      const ways = new Set<number>();
      for (let port = 1; port < 40; port++) {
        const one = frame({ dst: ip`10.8.1.1`, payload: udp(port, 53) });
        const { verdict, packet } = world.send(one);
        equal(packet.simulation.seen & L4_SRC, L4_SRC);
        deepEqual(world.send(one).verdict, verdict);
        if (verdict.kind === 'forward') ways.add(verdict.to);
      }
      deepEqual(
        [...ways].toSorted((a, b) => a - b),
        [outside, beside],
      );
    });

    it('C3: all fragments of a datagram the same way, the first too', () => {
      for (let port = 1; port < 20; port++) {
        const dst = ip`10.8.1.1`;
        const payload = udp(port, 53, 16);
        const whole = frame({ dst, payload, more: true });
        const later = frame({ dst, payload: payload.subarray(8), offset: 1 });
        deepEqual(world.send(whole).verdict, world.send(later).verdict);
        equal(world.send(whole).packet.simulation.seen & L4_SRC & ~IP_PROTO, 0);
      }
    });

    it('C3: what has no ports by addresses and protocol', () => {
      const one = frame({ dst: ip`10.8.1.1`, proto: 47, payload: new Uint8Array(20) });
      const two = frame({ dst: ip`10.8.1.1`, proto: 47, payload: new Uint8Array(20).fill(7) });
      deepEqual(world.send(one).verdict, world.send(two).verdict);
    });

    it('spreads connections over all ways', () => {
      const count = [0, 0, 0];
      for (let port = 1; port <= 300; port++) {
        const way = wayOf(arrival(frame({ payload: udp(port, 80) }), inside).key, 3);
        count[way] = (count[way] ?? 0) + 1;
      }
      for (const share of count) ok(share > 60, count.join(' '));
    });
  });

  describe('suspends', () => {
    it('until the next hop’s MAC is known', () => {
      const { verdict, packet } = new RouterWorld().send(frame());
      deepEqual(verdict, {
        kind: 'suspend',
        need: { kind: 'next-hop', router: gateway0, port: outside, address: uplink.ip },
      });
      equal(packet.because?.describe(), 'neighbour 203.0.113.1 unknown');
      equal(packet.key.written, 0);
    });

    it('not while an entry is stale: it asks for a refresh when all has ended', () => {
      world = new RouterWorld().knows(uplink.ip, uplink.mac, -61_000);
      equal(reasonOf(world.whatIf(frame())), 'forward');
      deepEqual(world.heard, []);
      world.send(frame());
      deepEqual(world.heard, [['used', uplink.ip, outside]]);
      world.heard.length = 0;
      world.knows(uplink.ip, uplink.mac).send(frame());
      deepEqual(world.heard, []);
    });
  });

  describe('drops', () => {
    it('C6: keeping the facts that each drop rests on', () => {
      const { packet } = world.send(frame({ dst: ip`224.0.0.5` }));
      deepEqual(factsOf(packet), [`Device ${gateway0} 0`]);
      const lost = world.send(frame({ dst: ip`198.51.100.1` })).packet;
      deepEqual(factsOf(lost).slice(1), [
        `DestIp ${gateway0} ${ip`198.51.100.1`}`,
        `Route ${gateway0} ${lost.because?.number}`,
      ]);
    });

    it('what no route is for, and says 3/0; also when its TTL is at its end', () => {
      const dst = ip`10.200.0.1`;
      world = new RouterWorld({ routes: [routeTo('10.9.0.0/16', { port: beside })] });
      for (const ttl of [64, 1]) {
        const judged = world.send(frame({ dst, ttl }));
        deepEqual(judged.verdict, { kind: 'drop', reason: 'no-route' });
        deepEqual(answerOf(judged), [3, 0]);
        deepEqual(factsOf(judged.packet), [
          `Device ${gateway0} 0`,
          `DestIp ${gateway0} ${dst}`,
          `NoRoute ${gateway0} 0`,
        ]);
      }
    });

    it('what a route rejects, with 3/13, and what falls into a black hole in silence', () => {
      const rejected = world.send(frame({ dst: ip`192.0.2.1` }));
      deepEqual([reasonOf(rejected), ...answerOf(rejected)], ['reject-route', 3, 13]);
      const lost = world.send(frame({ dst: ip`198.51.100.1` }));
      deepEqual([reasonOf(lost), ...answerOf(lost)], ['blackhole-route']);
      equal(mayHaveFlow(lost.packet), true);
    });

    it('what has lived too long, with 11/0', () => {
      for (const ttl of [0, 1]) {
        const judged = world.send(frame({ ttl }));
        deepEqual([reasonOf(judged), ...answerOf(judged)], ['ttl-expired', 11, 0]);
      }
      equal(reason(frame({ ttl: 2 })), 'forward');
    });

    it('what would leave by a port that has no address, or that is not there', () => {
      equal(reason(frame({ dst: ip`10.7.0.1` })), 'no-port-address');
      equal(reason(frame({ dst: ip`10.6.9.1` })), 'dead-route-port');
      world = new RouterWorld({ ports: PORTS.filter(({ id }) => id !== bare) });
      equal(reason(frame({ dst: ip`10.7.0.1` })), 'dead-route-port');
    });

    it('what is for the port it would leave by, when no route says that it is local', () => {
      world = new RouterWorld({ routes: [routeTo('10.0.3.0/24', { port: beside })] });
      equal(reason(frame({ dst: ip`10.0.3.1` })), 'own-address');
    });

    it('what would leave by a port that is down, with 3/13', () => {
      const judged = world.send(frame({ dst: ip`10.0.6.7` }));
      deepEqual([reasonOf(judged), ...answerOf(judged)], ['port-down', 3, 13]);
      deepEqual(factsOf(judged.packet).slice(-2), [`Device ${closed} 0`, `PortTx ${closed} 0`]);
      equal(judged.packet.because?.describe(), 'port closed');
    });

    it('what has no next hop: 3/0 with a gateway, 3/1 without', () => {
      const far = world.send(frame({ dst: ip`10.5.9.1` }));
      deepEqual([reasonOf(far), ...answerOf(far)], ['no-next-hop', 3, 0]);
      const near = world.send(frame({ dst: ip`10.0.5.77` }));
      deepEqual([reasonOf(near), ...answerOf(near)], ['no-next-hop', 3, 1]);
      world = new RouterWorld({ routes: [routeTo('10.33.0.0/16', { port: outside })] });
      const away = world.send(frame({ dst: ip`10.33.0.1` }));
      deepEqual([reasonOf(away), ...answerOf(away)], ['no-next-hop', 3, 1]);
      equal(factsOf(away.packet).at(-1), `Device ${outside} 0`);
    });

    it('C17: what is for a neighbour that did not answer, with 3/1, and a flow may stand for it', () => {
      world = new RouterWorld();
      world.tables.neighbours.giveUp(uplink.ip, 10_000 as never);
      const judged = world.send(frame(), { now: 5000 });
      deepEqual([reasonOf(judged), ...answerOf(judged)], ['neighbour-unreachable', 3, 1]);
      equal(mayHaveFlow(judged.packet), true);
      deepEqual(factsOf(judged.packet).slice(-2), [`ArpEntry ${gateway0} ${uplink.ip}`, `Device ${outside} 0`]);
      equal(judged.packet.because?.describe(), 'neighbour 203.0.113.1 unreachable');
      equal(reason(frame(), { now: 10_000 }), 'suspend');
    });

    it('C15: what is too big and must not be cut, with 3/4 and the next hop’s MTU', () => {
      const judged = world.send(frame({ df: true, payload: udp(1, 2, 1373) }));
      deepEqual([reasonOf(judged), ...answerOf(judged)], ['too-big', 3, 4]);
      deepEqual([...(judged.generated[0]?.bytes.subarray(38, 42) ?? [])], [0, 0, 1400 >> 8, 1400 & 255]);
      equal(mayHaveFlow(judged.packet), false);
      equal(judged.packet.because?.describe(), 'MTU 1400 of port outside: 1401 octets, DF set');
      deepEqual(judged.packet.oversize, { port: outside, mtu: 1400, octets: 1401, fragments: 0 });
      equal(reason(frame({ df: true, payload: udp(1, 2, 1372) })), 'forward');
    });
  });

  it('says nothing to the sender of what is too big and was not captured whole, which it might have cut', () => {
    const bytes = frame({ payload: udp(1, 2, 1373) });
    const { generated, ...judged } = world.send(bytes.subarray(0, 200), { wireLength: bytes.length });
    deepEqual([reasonOf({ generated, ...judged }), generated.length], ['too-big', 0]);
    equal(judged.packet.because?.describe(), 'MTU 1400 of port outside: 1401 octets, cannot be fragmented');
  });

  it('C39: lets what is too big and may be cut go on, and leaves no flow for it', () => {
    const { verdict, packet, generated } = world.send(frame({ payload: udp(1, 2, 1373) }));
    deepEqual(verdict, { kind: 'forward', to: outside });
    deepEqual([packet.mtu, mayHaveFlow(packet), generated.length], [1400, false, 0]);
    deepEqual(packet.oversize, { port: outside, mtu: 1400, octets: 1401, fragments: 2 });
    equal(mayHaveFlow(world.send(frame({ payload: udp(1, 2, 1372) })).packet), true);
  });

  it('C39: notes the smallest MTU of the way for packets that fit', () => {
    equal(world.send(frame()).packet.mtu, 1400);
    equal(world.send(frame({ dst: ip`10.9.1.1` })).packet.mtu, 1500);
  });

  it('C35: a port’s own address is local, its segment is reached by it', () => {
    equal(reason(frame({ dst: ip`203.0.113.2`, proto: 1, payload: icmp(8) })), 'suspend');
    world.knows(ann.ip, ann.mac);
    equal(reason(frame({ dst: ip`203.0.113.2`, proto: 1, payload: icmp(8) })), 'echo-answered');
    equal(reason(frame({ dst: ip`203.0.113.1` })), 'forward');
  });

  it('counts the destinations of what it has routed, when all has ended', () => {
    world.whatIf(frame());
    deepEqual([...world.tables.destinations.entries()], []);
    world.send(frame());
    world.send(frame({ dst: ip`10.9.1.1` }));
    deepEqual(
      [...world.tables.destinations.entries()],
      [
        [world1, 1],
        [ip`10.9.1.1`, 16],
      ],
    );
  });

  it('answers what comes in by a port that is down, but only what was for it', () => {
    const ethDst = PORT_MACS[closed] ?? ann.mac;
    const src = ip`10.0.6.9`;
    equal(answers(frame({ ethDst, src })), 1);
    equal(answers(frame({ ethDst, src, tags: [5] })), 0);
    equal(answers(frame({ src })), 0);
    equal(answers(frame(), inside), 0);
  });

  it('knows the port towards an address', () => {
    equal(portTowards(world.router, ip`10.0.4.200`), shared);
    equal(portTowards(world.router, ip`10.99.0.1`), undefined);
  });

  it('ignores ARP by a port that has no address', () => {
    const message = { senderMac: ann.mac, senderIp: ann.ip, targetMac: ann.mac, targetIp: ip`10.0.1.1` };
    equal(reason(arpFrame({ operation: 1, ethDst: BROADCAST_MAC, ...message }), { ingress: bare }), 'arp-ignored');
  });
});
