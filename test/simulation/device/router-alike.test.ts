import { deepEqual, ok } from 'node:assert/strict';
import { assert, boolean, constant, constantFrom, oneof, property, record, sample, type Arbitrary } from 'fast-check';
import { UNKEYED } from '../../../simulation/packet/fields.ts';
import { maskOf } from '../../../simulation/packet/key-layout.ts';
import type { Frame } from '../../../simulation/packet/frame.ts';
import { BROADCAST_MAC, ZERO_MAC } from '../../../topology/model/mac.ts';
import { millisOf } from '../../../topology/model/time.ts';
import type { PortId } from '../../../topology/model/ids.ts';
import { alike } from '../alike.ts';
import { frameOf, ip, mac } from '../packets.ts';
import { arpFrame, icmp, ipv4Frame, tcp, udp } from './router-frames.ts';
import {
  ann,
  beside,
  factsOf,
  inside,
  linked,
  outside,
  peer,
  PORT_MACS,
  RouterWorld,
  shared,
  uplink,
  type Judged,
} from './router-world.ts';

const portMacs = [inside, outside, beside, shared].map((port) => PORT_MACS[port] ?? ZERO_MAC);
const anyMac = constantFrom(ann.mac, peer.mac, ...portMacs, BROADCAST_MAC, mac`01:00:5e:00:00:05`);
const routerMac = oneof({ weight: 6, arbitrary: constant(portMacs[0] ?? ZERO_MAC) }, anyMac);
const anyIp = constantFrom(
  ann.ip,
  uplink.ip,
  linked.ip,
  ip`10.0.1.1`,
  ip`203.0.113.2`,
  ip`10.0.4.77`,
  ip`10.8.1.1`,
  ip`10.9.1.1`,
  ip`192.0.2.1`,
  ip`198.51.100.1`,
  ip`8.8.8.8`,
  ip`10.7.0.1`,
  ip`10.5.9.1`,
  ip`10.0.6.7`,
  ip`10.0.5.7`,
  ip`10.0.3.1`,
  ip`10.6.9.1`,
  ip`0.0.0.0`,
  ip`127.0.0.1`,
  ip`224.0.0.5`,
  ip`240.0.0.1`,
  ip`255.255.255.255`,
  ip`10.0.1.255`,
);
const tagged = oneof(
  { weight: 8, arbitrary: constant<number[]>([]) },
  constantFrom([0], [5], [0xe000], [0, 5], [0, 0]),
);

const anyPayload = oneof(
  record({ from: constantFrom(1, 53, 4000), to: constantFrom(53, 80) }).map(({ from, to }) => ({
    proto: 17,
    payload: udp(from, to),
  })),
  record({ from: constantFrom(1, 53, 4000), to: constantFrom(53, 80) }).map(({ from, to }) => ({
    proto: 6,
    payload: tcp(from, to),
  })),
  record({ type: constantFrom(0, 3, 5, 8, 8, 8, 11, 13), code: constantFrom(0, 0, 1) }).map(({ type, code }) => ({
    proto: 1,
    payload: icmp(type, code),
  })),
  constantFrom(1, 6, 17, 47).map((proto) => ({ proto, payload: new Uint8Array(3) })),
);

const anyIpv4 = record({
  ethSrc: anyMac,
  ethDst: routerMac,
  src: oneof({ weight: 3, arbitrary: constant(ann.ip) }, anyIp),
  dst: oneof({ weight: 5, arbitrary: anyIp }, constantFrom(ip`10.0.1.1`, ip`203.0.113.2`, ip`10.8.1.1`)),
  tags: tagged,
  ttl: constantFrom(0, 1, 2, 64, 64, 64, 255),
  tos: constantFrom(0, 32),
  more: constantFrom(false, false, true),
  offset: constantFrom(0, 0, 0, 1, 185),
  df: boolean(),
  options: constantFrom<number[]>([], [], [], [131, 7, 4, 10, 0, 0, 1, 0], [1, 1, 1, 1]),
  body: anyPayload,
  isBroken: constantFrom(false, false, false, true),
  padding: constantFrom(0, 7),
}).map(({ body, isBroken, ...frame }) => ipv4Frame({ ...frame, ...body, ...(isBroken && { headerChecksum: 1 }) }));

const anyArp = record({
  operation: constantFrom(1, 1, 2, 3, 0x0301),
  ethDst: oneof(constant(BROADCAST_MAC), routerMac),
  senderMac: anyMac,
  senderIp: oneof({ weight: 2, arbitrary: constant(ann.ip) }, anyIp),
  targetMac: anyMac,
  targetIp: oneof({ weight: 2, arbitrary: constantFrom(ann.ip, ip`10.0.1.1`) }, anyIp),
}).map((message) => arpFrame(message));

const anyOther = constantFrom(0x86dd, 60, 0x88cc).map((etherType) =>
  ipv4Frame({ ethSrc: ann.mac, ethDst: portMacs[0] ?? ZERO_MAC, src: ann.ip, dst: uplink.ip, etherType }),
);

const anyFrame: Arbitrary<Frame> = record({
  bytes: oneof({ weight: 6, arbitrary: anyIpv4 }, { weight: 2, arbitrary: anyArp }, anyOther),
  cut: constantFrom(0, 0, 0, 0, 9, 25),
}).map(({ bytes, cut }) => frameOf(bytes.subarray(0, Math.max(1, bytes.length - cut)), bytes.length));

/** Routers in all their moods: knowing the next hop, knowing it long since, having given up on it, not knowing it, being down. */
const WORLDS: Readonly<Record<string, () => RouterWorld>> = {
  fresh: () => new RouterWorld().knows(uplink.ip, uplink.mac).knows(ann.ip, ann.mac),
  stale: () => new RouterWorld().knows(uplink.ip, uplink.mac, -70_000),
  'given up': () => {
    const world = new RouterWorld();
    for (const address of [uplink.ip, ann.ip, ip`10.0.4.77`]) world.tables.neighbours.giveUp(address, millisOf(5000));
    return world;
  },
  unknown: () => new RouterWorld(),
  down: () => new RouterWorld({ adminUp: false }),
};

function judge(world: RouterWorld, { bytes, wireLength }: Frame, ingress: PortId): Judged {
  return world.send(bytes, { ingress, wireLength });
}

/** All that a flow takes over from a simulation, and what the simulation leaves behind. */
function outcomeOf({ verdict, packet, generated }: Judged, { heard, tables }: RouterWorld): object {
  const { key, simulation, mtu } = packet;
  const mask = maskOf(key.written);
  return {
    verdict,
    because: packet.because?.describe(),
    facts: factsOf(packet),
    seen: simulation.seen,
    written: key.written,
    values: key.words.map((word, n) => word & (mask[n] ?? 0)),
    generated: generated.map(({ cause, egress }) => [cause, egress]),
    isFlowless: simulation.isFlowless,
    mtu,
    heard,
    destinations: [...tables.destinations.entries()],
  };
}

describe('router, all of it', () => {
  it('judges alike all frames that are alike in what it saw', () => {
    assert(
      property(
        constantFrom(...Object.keys(WORLDS)),
        constantFrom(inside, inside, outside, beside),
        anyFrame,
        anyFrame,
        (name, ingress, a, b) => {
          const [world, other] = [WORLDS[name]?.(), WORLDS[name]?.()];
          if (world === undefined || other === undefined) return;
          const judged = judge(world, a, ingress);
          const { seen, isFlowless } = judged.packet.simulation;
          if (isFlowless || (seen & UNKEYED) !== 0) return; // no flow will stand for the frame
          const twin = judge(other, alike(seen, a, b), ingress);
          deepEqual(outcomeOf(twin, other), outcomeOf(judged, world));
        },
      ),
      { numRuns: 4000 },
    );
  });

  it('gives a verdict on every frame, with a reason, and changes no octet of it', () => {
    assert(
      property(constantFrom(...Object.keys(WORLDS)), anyFrame, (name, frame) => {
        const before = frame.bytes.slice();
        const world = WORLDS[name]?.();
        if (world === undefined) return;
        const { verdict, packet } = judge(world, frame, inside);
        ok(['forward', 'drop', 'consumed', 'suspend'].includes(verdict.kind));
        ok(packet.because !== undefined && packet.because.describe() !== '');
        deepEqual(frame.bytes, before);
      }),
      { numRuns: 1000 },
    );
  });

  it('is asked about frames of every fate', () => {
    // So that the properties above say something: what is never drawn is never wrong.
    const fates = new Set<string>();
    for (const [name, make] of Object.entries(WORLDS)) {
      for (const frame of sample(anyFrame, { numRuns: 1500, seed: name.length })) {
        const { verdict } = judge(make(), frame, inside);
        fates.add(verdict.kind === 'drop' || verdict.kind === 'consumed' ? verdict.reason : verdict.kind);
      }
    }
    const expected = `
      forward suspend tagged-at-router not-ip router-down link-broadcast
      not-for-router arp-ignored arp-opcode arp-answered arp-learned bad-ip-header
      source-route martian-source martian-destination limited-broadcast multicast-destination reject-route
      blackhole-route local-not-echo echo-answered ttl-expired no-port-address dead-route-port
      port-down no-next-hop neighbour-unreachable fragment-held echo-unanswerable`;
    deepEqual(
      expected
        .trim()
        .split(/\s+/)
        .filter((fate) => !fates.has(fate)),
      [],
    );
  });
});
