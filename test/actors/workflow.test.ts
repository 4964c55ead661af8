/* oxlint-disable eslint/no-await-in-loop -- a story tells one thing after the other */
import { deepEqual, equal, ok } from 'node:assert/strict';
import { tagOf } from '../../simulation/tag.ts';
import {
  ACK,
  ANN,
  arpFrame,
  BOB,
  ethernetFrame,
  icmpEcho,
  ip,
  ipv4Frame,
  ipv6Frame,
  mac,
  tcpFrame,
  udpFrame,
} from '../simulation/packets.ts';
import { hexOf } from '../../actors/trace-outputs.ts';
import { Network, tagsOf, type Sent } from './network.ts';

const CAT = mac`02:00:00:00:00:0c`;
const NEAR = mac`02:00:00:00:00:01`;
const FAR = mac`02:00:00:00:00:02`;
const BRIDGE = 'bridges: { b: { ports: { p1: , p2: , p3: } } }';
const ROUTER = `
routers:
  r:
    ports:
      in: { address: 10.0.1.1/24, mac: 02:00:00:00:00:01 }
      out: { address: 10.0.2.1/24, mac: 02:00:00:00:00:02 }
      more: { address: 10.0.3.1/24, mac: 02:00:00:00:00:03 }
    routes:
      - { to: 172.16.0.0/16, via: 10.0.2.20, port: out }
      - { to: 172.16.0.0/16, via: 10.0.3.20, port: more }
`;
const CATS = [
  { port: 'r:out', mac: CAT, addresses: [ip`10.0.2.20`] },
  { port: 'r:more', mac: CAT, addresses: [ip`10.0.3.20`] },
];
const between = { src: ip`10.0.0.1`, dst: ip`10.0.0.2` };
const across = { src: ip`10.0.1.10`, dst: ip`10.0.2.20`, ethDst: NEAR };

/** A router whose neighbour is known. */
async function routed(text = ROUTER): Promise<Network> {
  const network = await Network.of(text, { stations: CATS, traced: true });
  for (const dst of [ip`10.0.2.20`, ip`10.0.3.20`]) await network.send('r:in', udpFrame({ ...across, dst }));
  await network.advance(2);
  network.out.length = 0;
  return network;
}

/** Two routers in a row, their ports of these MTUs on the way out. */
function rowOf(first: number, second: number): string {
  return `
routers:
  one:
    ports:
      in: { address: 10.0.1.1/24, mac: 02:00:00:00:00:01 }
      to-two: { address: 10.0.9.1/24, link: two:to-one, mtu: ${first} }
    routes: [{ to: 10.0.2.0/24, via: 10.0.9.2 }]
  two:
    ports:
      to-one: { address: 10.0.9.2/24 }
      out: { address: 10.0.2.1/24, mtu: ${second} }
`;
}

/** What the story of a long packet through them says of their MTUs; last, how many frames leave. */
async function mtusTold(text: string, wish: object = {}): Promise<readonly unknown[]> {
  const cats = [{ port: 'two:out', mac: CAT, addresses: [ip`10.0.2.20`] }];
  const network = await Network.of(text, { stations: cats });
  await network.send('one:in', udpFrame(across));
  await network.advance(2);
  const long = udpFrame({ ...across, ...wish, payload: new Uint8Array(1400) });
  const { suspended, hops, outputs } = await network.whatIf('one:in', long);
  await network.close();
  const last = hops.length > 0 ? hops : (suspended.at(-1)?.hops ?? []);
  const told = last.flatMap(({ device, oversize }) => (oversize === undefined ? [] : [[device, oversize]]));
  return [...told, outputs.length];
}

function flowOf({ trace }: Sent): string {
  const { flow, hit } = trace ?? {};
  return hit === true ? 'hit' : (flow?.state ?? 'none');
}

describe('a flow', () => {
  it('C1: presence is seen: an untagged flow never catches tagged frames, nor a whole header cut ones, nor IP anything else', async () => {
    const network = await routed();
    equal(flowOf(await network.send('r:in', udpFrame(across))), 'hit');
    const tagged = await network.send('r:in', udpFrame({ ...across, tags: [5] }));
    deepEqual([flowOf(tagged), tagged.end], ['installed', 'dropped tagged-at-router']);
    const other = await network.send('r:in', ethernetFrame(0x88b5, new Uint8Array(20), { ethDst: NEAR }));
    equal(other.end, 'dropped not-ip');
    const chosen = { ...across, dst: ip`172.16.0.1` };
    await network.send('r:in', tcpFrame(chosen));
    const cut = await network.send('r:in', tcpFrame(chosen).subarray(0, 36));
    ok(flowOf(cut) !== 'hit');
    await network.close();
  });

  it('C2: IPv6 fields match like those of IPv4: each is exact if it was seen, and only then', async () => {
    const network = await Network.of(BRIDGE, { traced: true });
    const words = { src: [1, 2, 3, 4], dst: [5, 6, 7, 8] };
    await network.send('b:p1', ipv6Frame(17, new Uint8Array(8), words));
    const other = { src: [9, 9, 9, 9], dst: [8, 8, 8, 8], hopLimit: 1 };
    equal(flowOf(await network.send('b:p1', ipv6Frame(6, new Uint8Array(20), other))), 'hit');
    equal(flowOf(await network.send('b:p1', ipv6Frame(6, new Uint8Array(20), { ...other, ethSrc: CAT }))), 'installed');
    await network.close();
  });

  it('C3: what a choice among routes hashes, it sees: no connection is carried by the flow of another', async () => {
    const network = await routed();
    const ways = new Set<string>();
    for (let srcPort = 1; srcPort <= 16; srcPort++) {
      const first = await network.send('r:in', udpFrame({ ...across, dst: ip`172.16.0.1`, srcPort }));
      equal(flowOf(first), 'installed');
      const again = await network.send('r:in', udpFrame({ ...across, dst: ip`172.16.0.1`, srcPort }));
      deepEqual([flowOf(again), again.to], ['hit', first.to]);
      ways.add(first.to.join());
    }
    deepEqual([...ways].toSorted(), ['r:more', 'r:out']);
    const pieces = await Promise.all(
      [0, 8, 16].map((fragmentOffset) =>
        network.send(
          'r:in',
          ipv4Frame(17, new Uint8Array(8), { ...across, dst: ip`172.16.0.1`, fragmentOffset, moreFragments: true }),
        ),
      ),
    );
    equal(new Set(pieces.map(({ to }) => to.join())).size, 1);
    await network.close();
  });

  it('C5: twelve port ingresses get a packet through, the thirteenth drops it', async () => {
    for (const [bridges, end] of [
      [12, 'forwarded'],
      [13, 'dropped loop-limit'],
    ] as const) {
      const texts = Array.from({ length: bridges }, (_, n) => {
        const on = n === bridges - 1 ? 'out: ' : `on: { link: 'b${n + 1}:back' }`;
        return `b${n}: { macs: { 02:00:00:00:00:0b: ${n === bridges - 1 ? 'out' : 'on'} }, ports: { ${n === 0 ? 'in: ' : 'back: '}, ${on} } }`;
      });
      const network = await Network.of(`bridges: { ${texts.join(', ')} }`, { traced: true });
      const sent = await network.send('b0:in', udpFrame(between));
      deepEqual([sent.end, sent.to], [end, end === 'forwarded' ? [`b${bridges - 1}:out`] : []]);
      await network.close();
    }
  });

  it('C7: a failed branch of a flood fails alone, and the flow lives as long as the shortest-lived branch', async () => {
    const network = await Network.of(BRIDGE, { traced: true });
    await network.link('b:p3', false);
    const sent = await network.send('b:p1', udpFrame(between));
    deepEqual([sent.end, sent.to, sent.trace?.flow?.lifetimeSeconds], ['forwarded', ['b:p2'], 5]);
    ok(tagsOf(sent).includes('Device(b:p3)'));
    await network.link('b:p3', true);
    deepEqual((await network.send('b:p1', udpFrame(between))).to, ['b:p2', 'b:p3']);
    await network.close();
  });

  it('C9: that expires at an instant serves no frame of that instant', async () => {
    const network = await Network.of(BRIDGE, { traced: true });
    await network.send('b:p1', udpFrame(between));
    await network.advanceTo(59_999.999);
    equal(flowOf(await network.send('b:p1', udpFrame(between))), 'hit');
    await network.advanceTo(60_000);
    equal(flowOf(await network.send('b:p1', udpFrame(between))), 'installed');
    await network.close();
  });

  it('C11: leaves a UDP checksum of zero at zero through every rewrite', async () => {
    const network = await routed();
    for (let n = 0; n < 2; n++) await network.send('r:in', udpFrame({ ...across, srcPort: 9, checksum: false }));
    deepEqual(
      network.out.map(({ bytes }) => [bytes[22], bytes[40], bytes[41]]),
      [
        [63, 0, 0],
        [63, 0, 0],
      ],
    );
    await network.close();
  });

  it('C36: rewrites what a device writes, though the first packet already had that value', async () => {
    const network = await routed();
    const bridged = udpFrame({ ...across, ethSrc: FAR, srcPort: 77 });
    const first = await network.send('r:in', bridged);
    ok(flowOf(first) !== 'none');
    const second = await network.send('r:in', udpFrame({ ...across, ethSrc: ANN, srcPort: 78 }));
    equal(flowOf(second), 'hit');
    deepEqual([...(network.out.at(-1)?.bytes.subarray(0, 12) ?? [])], [2, 0, 0, 0, 0, 12, 2, 0, 0, 0, 0, 2]);
    await network.close();
  });

  it('C37: stands for up to two tags, and for both of them; with more none is installed', async () => {
    const network = await Network.of(BRIDGE, { traced: true });
    equal(flowOf(await network.send('b:p1', udpFrame({ ...between, tags: [1, 2] }))), 'installed');
    const three = { ...between, ethSrc: CAT, tags: [1, 2, 3] };
    equal(flowOf(await network.send('b:p1', udpFrame(three))), 'not-installed');
    equal(flowOf(await network.send('b:p1', udpFrame(three))), 'not-installed');
    await network.close();
    const router = await routed();
    equal((await router.send('r:in', udpFrame({ ...across, tags: [0] }))).end, 'forwarded');
    equal((await router.send('r:in', udpFrame({ ...across, tags: [0, 5] }))).end, 'dropped tagged-at-router');
    await router.close();
  });

  it('C39: of sound packets catches no unsound one, and none that is longer than its way takes', async () => {
    const network = await routed(ROUTER.replace('mac: 02:00:00:00:00:02', 'mac: 02:00:00:00:00:02, mtu: 600'));
    const bad = udpFrame(across);
    bad[24] = (bad[24] ?? 0) ^ 1;
    equal((await network.send('r:in', bad)).end, 'dropped bad-ip-header');
    const long = udpFrame({ ...across, payload: new Uint8Array(700) });
    const sent = await network.send('r:in', long);
    deepEqual([flowOf(sent), sent.end, sent.to], ['not-installed', 'forwarded', ['r:out', 'r:out']]);
    const left = network.out.filter(({ packet }) => packet === sent.packet).map(({ bytes }) => hexOf(bytes));
    deepEqual(
      sent.trace?.outputs.map(({ frame, fragment }) => [fragment, frame]),
      left.map((frame, n) => [n + 1, frame]),
    );
    const whole = await network.send('r:in', udpFrame({ ...across, payload: new Uint8Array(700), dontFragment: true }));
    deepEqual(
      [whole.end, flowOf(whole), whole.trace?.generated[0]?.cause],
      ['dropped too-big', 'not-installed', 'icmp-error'],
    );
    await network.close();
  });

  it('C39: the story of a packet too long says at which hop it was cut into how many, by which MTU of which port', async () => {
    const octets = 1428;
    const byOne = ['one', { port: 'one:to-two', mtu: 1000, octets, fragments: 2 }];
    deepEqual(await mtusTold(rowOf(1000, 1200)), [byOne, 2]);
    deepEqual(await mtusTold(rowOf(1000, 600)), [
      byOne,
      ['two', { port: 'two:out', mtu: 600, octets, fragments: 3 }],
      3,
    ]);
    deepEqual(await mtusTold(rowOf(9000, 600)), [['two', { port: 'two:out', mtu: 600, octets, fragments: 3 }], 3]);
    const forbidden = { dontFragment: true };
    deepEqual(await mtusTold(rowOf(1000, 600), forbidden), [
      ['one', { port: 'one:to-two', mtu: 1000, octets, fragments: 0 }],
      0,
    ]);
    deepEqual(await mtusTold(rowOf(9000, 1500), forbidden), [1]);
    // What waits for its next hop is not on its way yet.
    deepEqual(await mtusTold(rowOf(1000, 600), { dst: ip`10.0.2.99` }), [byOne, 0]);
  });

  it('C39: the story of a packet that a device made says at its first port how it was cut', async () => {
    const network = await routed(ROUTER.replace('mac: 02:00:00:00:00:01', 'mac: 02:00:00:00:00:01, mtu: 600'));
    await network.send('r:in', arpFrame({ senderIp: ip`10.0.1.10`, targetIp: ip`10.0.1.1` }));
    const ping = icmpEcho({ ...across, dst: ip`10.0.1.1`, payload: new Uint8Array(1000) });
    equal((await network.send('r:in', ping)).end, 'consumed echo-answered');
    await network.settled();
    const reply = network.traces.findLast(({ origin }) => origin.kind === 'generated' && origin.cause === 'echo-reply');
    deepEqual(
      reply?.hops.map(({ device, oversize }) => [device, oversize]),
      [['r:in', { port: 'r:in', mtu: 600, octets: 1028, fragments: 2 }]],
    );
    equal(reply.outputs.length, 2);
    await network.close();
  });

  it('C12: comes of no packet that was answered: each is answered, until the bucket is empty', async () => {
    const network = await routed();
    const expiring = udpFrame({ ...across, ttl: 1 });
    for (let n = 0; n < 60; n++) equal(flowOf(await network.send('r:in', expiring)), 'not-installed');
    deepEqual([network.out.length, network.limited], [50, 10]);
    await network.advance(100);
    for (let n = 0; n < 20; n++) await network.send('r:in', expiring);
    deepEqual([network.out.length, network.limited], [60, 20]);
    await network.close();
  });

  it('comes of nothing that was consumed, nor of a packet that a device made', async () => {
    const network = await routed();
    const before = network.agent.flows.size;
    const ask = await network.send('r:in', arpFrame({ senderIp: ip`10.0.1.10`, targetIp: ip`10.0.1.1` }));
    deepEqual([ask.end, flowOf(ask)], ['consumed arp-answered', 'not-installed']);
    const ping = await network.send('r:in', icmpEcho({ ...across, dst: ip`10.0.2.1` }));
    deepEqual([ping.end, flowOf(ping)], ['consumed echo-answered', 'not-installed']);
    equal(network.agent.flows.size, before);
    for (const packet of network.made.keys()) equal(flowOf(network.fateOf(packet)), 'not-installed');
    await network.close();
  });

  it('is not installed when a fact it rests on fell while its packet was on its way', async () => {
    const network = await Network.of(BRIDGE, { traced: true });
    await network.send('b:p1', udpFrame({ ...between, ethSrc: CAT }));
    const [packet] = network.post('b:p1', udpFrame(between));
    network.agent.flows.invalidate(
      tagOf('Broadcast', network.agent.directory.deviceOf(network.id('b'))),
      network.time.now(),
    );
    await network.settled();
    const sent = network.fateOf(packet);
    deepEqual([sent.end, flowOf(sent)], ['forwarded', 'not-installed']);
    equal(sent.trace?.flow?.because, 'a fact it rests on changed meanwhile');
    equal(flowOf(await network.send('b:p1', udpFrame(between))), 'installed');
    await network.close();
  });
});

describe('a packet that must wait', () => {
  it('C17: for a next hop waits with fifteen others at most, five seconds, and is then answered; a flow drops what comes after', async () => {
    const network = await Network.of(ROUTER, { traced: true });
    for (let n = 0; n < 20; n++) await network.send('r:in', udpFrame({ ...across, srcPort: n + 1 }));
    equal(network.agent.pending, 16);
    const gone = [...network.ends.entries()]
      .filter(([, { reason }]) => reason === 'waiting-room-full')
      .map(([packet]) => packet);
    equal(gone.length, 4);
    ok(gone.every((packet, n) => n === 0 || packet > (gone[n - 1] ?? 0)));
    await network.advance(4999);
    const requests = network.out.filter(({ port }) => port === 'r:out').map(({ at }) => at);
    equal(requests.length, 5);
    ok(
      requests.every(
        (at, n) => n === 0 || (at - (requests[n - 1] ?? 0) >= 1000 && at - (requests[n - 1] ?? 0) <= 1100),
      ),
    );
    equal(network.agent.pending, 16);
    network.out.length = 0;
    await network.advance(1);
    equal(network.agent.pending, 0);
    equal(network.out.filter(({ port }) => port === 'r:in').length, 16);
    const after = await network.send('r:in', udpFrame({ ...across, srcPort: 99 }));
    deepEqual([flowOf(after), after.end], ['hit', 'dropped neighbour-unreachable']);
    await network.send(
      'r:out',
      arpFrame({
        operation: 2,
        ethSrc: CAT,
        ethDst: FAR,
        targetMac: FAR,
        senderIp: ip`10.0.2.20`,
        targetIp: ip`10.0.2.1`,
      }),
    );
    equal((await network.send('r:in', udpFrame(across))).end, 'forwarded');
    await network.close();
  });

  it('C18: an entry that a flow uses never lapses; a dead neighbour is noticed within 90 s and its flows go', async () => {
    const network = await routed();
    for (let n = 0; n < 12; n++) {
      equal((await network.send('r:in', udpFrame(across))).end, 'forwarded');
      await network.advance(30_000);
    }
    const dead = await Network.of(ROUTER, { traced: true });
    await dead.send('r:in', udpFrame(across));
    await dead.send(
      'r:out',
      arpFrame({
        operation: 2,
        ethSrc: CAT,
        ethDst: FAR,
        targetMac: FAR,
        senderIp: ip`10.0.2.20`,
        targetIp: ip`10.0.2.1`,
      }),
    );
    const learnt = dead.time.now();
    for (let n = 0; n < 8; n++) {
      equal((await dead.send('r:in', udpFrame(across))).end, 'forwarded');
      await dead.advance(11_000);
    }
    await dead.advanceTo(learnt + 90_000);
    ok((await dead.send('r:in', udpFrame(across))).end !== 'forwarded');
    await network.close();
    await dead.close();
  });

  it('is simulated anew, and nothing of the abandoned run survives: no tag twice, no answer, no learning', async () => {
    const network = await Network.of(
      `
bridges: { b: { ports: { p1: , p2: } } }
routers: { r: { ports: { to-b: { address: 10.0.1.1/24, link: b, mac: 02:00:00:00:00:01 }, out: { address: 10.0.2.1/24 } } } }
`,
      { traced: true, stations: [{ port: 'r:out', mac: CAT, addresses: [ip`10.0.2.20`], delay: 3000 }] },
    );
    const [packet] = network.post('b:p1', udpFrame(across));
    await network.settled();
    equal(network.agent.pending, 1);
    const back = await network.send(
      'b:p2',
      udpFrame({ src: ip`10.0.1.11`, dst: ip`10.0.1.10`, ethSrc: BOB, ethDst: ANN }),
    );
    deepEqual(back.to, ['b:p1'], 'flooded: nobody has learned of ann yet');
    ok(tagsOf(back).some((tag) => tag.startsWith('FloodByDst')));
    await network.advance(3000);
    const sent = network.fateOf(packet);
    deepEqual([sent.end, sent.to], ['forwarded', ['r:out']]);
    const tags = tagsOf(sent);
    equal(new Set(tags).size, tags.length, tags.join());
    ok((sent.trace?.suspended.length ?? 0) >= 1);
    await network.close();
  });

  it('for a device waits five seconds, not a moment longer; then a flow of 5 s drops what is like it', async () => {
    const network = await Network.of(BRIDGE, { traced: true });
    network.nsdb.cutLink();
    const [packet] = network.post('b:p1', udpFrame(between));
    await network.settled();
    await network.advance(4999);
    equal(network.agent.pending, 1);
    await network.advance(1);
    const sent = network.fateOf(packet);
    deepEqual([sent.end, network.agent.pending], ['gave-up waited-too-long', 0]);
    deepEqual([sent.trace?.flow?.lifetimeSeconds, network.agent.flows.size], [5, 1]);
    const after = await network.send('b:p1', udpFrame({ ...between, srcPort: 5 }));
    deepEqual([flowOf(after), after.end], ['hit', 'gave-up waited-too-long']);
    network.nsdb.restoreLink();
    await network.advance(5000);
    equal((await network.send('b:p1', udpFrame(between))).end, 'forwarded');
    await network.close();
  });

  it('gives up by name when its device does not exist', async () => {
    const network = await Network.of(BRIDGE, { traced: true });
    await network.delete('Port', network.id('b:p1'));
    const sent = await network.send('b:p1', udpFrame(between));
    deepEqual([sent.end, network.agent.pending], ['gave-up no-such-device', 0]);
    await network.close();
  });

  it('C21: an answer to an ARP request does not wait for the table', async () => {
    const network = await Network.of(ROUTER);
    const sent = await network.send('r:in', arpFrame({ senderIp: ip`10.0.1.10`, targetIp: ip`10.0.1.1` }));
    equal(sent.end, 'consumed arp-answered');
    deepEqual(
      network.out.map(({ port, at }) => [port, at]),
      [['r:in', 0]],
    );
    await network.send('r:out', tcpFrame({ src: ip`10.0.2.20`, dst: ip`10.0.1.10`, ethDst: FAR, flags: ACK }));
    equal(network.out.at(-1)?.port, 'r:in');
    equal(network.out.length, 2, 'and the table has learned meanwhile: nobody need ask');
    await network.close();
  });

  it('C20: a router answers a probe for its own address, a bridge none for an address of the asker itself', async () => {
    const network = await Network.of(
      `bridges: { b: { arp: { 10.0.0.9: 02:00:00:00:00:0a }, ports: { p1: , p2: } } }\n${ROUTER}`,
    );
    const probe = { senderIp: ip`0.0.0.0`, targetIp: ip`10.0.1.1` };
    equal((await network.send('r:in', arpFrame(probe))).end, 'consumed arp-answered');
    const own = await network.send('b:p1', arpFrame({ ...probe, targetIp: ip`10.0.0.9`, ethSrc: ANN }));
    deepEqual(own.to, ['b:p2']);
    const others = await network.send('b:p2', arpFrame({ ...probe, targetIp: ip`10.0.0.9`, ethSrc: BOB }));
    equal(others.end, 'consumed arp-answered');
    await network.close();
  });
});

describe('a learned station', () => {
  it('stays while a flow carries it and 15 s longer, then is forgotten at the next sweep', async () => {
    const network = await Network.of(BRIDGE, { traced: true });
    await network.send('b:p1', udpFrame(between));
    const toAnn = udpFrame({ ...between, ethSrc: BOB, ethDst: ANN });
    await network.advanceTo(74_900);
    deepEqual((await network.whatIf('b:p2', toAnn)).outputs.length, 1);
    await network.advanceTo(77_000);
    deepEqual((await network.whatIf('b:p2', toAnn)).outputs.length, 2);
    await network.close();
  });

  it('that moves takes its flows along', async () => {
    const network = await Network.of(BRIDGE, { traced: true });
    await network.send('b:p1', udpFrame(between));
    await network.send('b:p2', udpFrame({ ...between, ethSrc: BOB, ethDst: ANN }));
    deepEqual((await network.send('b:p1', udpFrame(between))).to, ['b:p2']);
    await network.send('b:p3', udpFrame({ ...between, ethSrc: BOB, ethDst: ANN }));
    deepEqual((await network.send('b:p1', udpFrame(between))).to, ['b:p3']);
    await network.close();
  });

  it('is flooded no longer once it has been heard, and the flow that flooded it is gone', async () => {
    const network = await Network.of(BRIDGE, { traced: true });
    const flooded = await network.send('b:p1', udpFrame(between));
    for (const tag of ['Device(b)', 'Broadcast(b)']) ok(tagsOf(flooded).includes(tag), tag);
    for (const kind of ['VlanPort', 'FloodByDst', 'Learned'])
      ok(
        tagsOf(flooded).some((tag) => tag.startsWith(kind)),
        kind,
      );
    await network.send('b:p2', udpFrame({ ...between, ethSrc: BOB, ethDst: ANN }));
    deepEqual((await network.send('b:p1', udpFrame(between))).to, ['b:p2']);
    await network.close();
  });
});
