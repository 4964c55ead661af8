import { deepEqual, equal, ok } from 'node:assert/strict';
import { frameOf } from '../../../actors/frame-of.ts';
import { checksumOf, ipv6PseudoSum } from '../../../simulation/packet/checksum.ts';
import { signIpv4Header } from '../../../simulation/packet/ipv4-header.ts';
import { hexOf } from '../../../actors/trace-outputs.ts';
import { arpFrame, icmpEcho, ip, ipv6Frame, mac, neighbourSolicitation, udpFrame } from '../../simulation/packets.ts';
import { tellRun, type HandMade } from './told.ts';

const ANN = { mac: mac`02:00:00:00:00:01`, ip: ip`10.0.0.1` };
const BOB = { mac: mac`02:00:00:00:00:02`, ip: ip`10.0.0.2` };
const ROUTER = { mac: mac`02:00:00:00:00:fe`, ip: ip`10.0.0.254` };
const FAR = { mac: mac`02:00:00:00:00:0f`, ip: ip`203.0.113.1` };
const NOBODY = ip`10.0.0.9`;

/** Ann's frames are played; bob is a station beside her, far one behind a router. */
const NETWORK = `
topology:
  bridges: { lan: { ports: { ann: , bob: , third: , gateway: } } }
  routers:
    r:
      ports:
        to-lan: { address: 10.0.0.254/24, mac: 02:00:00:00:00:fe, link: lan:gateway }
        uplink: { address: 203.0.113.2/24, mac: 02:00:00:00:00:fd }
stations:
  bob: { port: lan:bob, mac: 02:00:00:00:00:02, addresses: [10.0.0.2, 10.0.0.20, 'fd00::2'], delay: 250us }
  far: { port: r:uplink, mac: 02:00:00:00:00:0f, address: 203.0.113.1, delay: 20ms }
`;

const who = (targetIp: typeof ANN.ip) => arpFrame({ ethSrc: ANN.mac, senderIp: ANN.ip, targetIp, padTo: 42 });
const ping = (ethDst: typeof ANN.mac, dst: typeof ANN.ip, seq = 1) =>
  icmpEcho({ ethSrc: ANN.mac, ethDst, src: ANN.ip, dst, id: 0x0707, ident: 0x0a0b, seq, padTo: 0 });

/** Ann answers whoever asked for her: a capture that plays her has to say so itself. */
const annIsHere = arpFrame({
  operation: 2,
  ethSrc: ANN.mac,
  ethDst: ROUTER.mac,
  senderIp: ANN.ip,
  targetMac: ROUTER.mac,
  targetIp: ROUTER.ip,
});

/** Plays ann's frames, one a second from 1 on. */
function play(frames: readonly Uint8Array[], text = NETWORK) {
  return tellRun(
    text,
    frames.map((bytes, n): HandMade => ({ at: n + 1, port: 'lan:ann', bytes })),
  );
}

const words = (bytes: Uint8Array) =>
  hexOf(bytes)
    .replaceAll(/(.{4})/g, '$1 ')
    .trim();

describe('A station', () => {
  it('answers ARP for each of its addresses, after its delay, by its port', async () => {
    const { said } = await play([who(BOB.ip), who(ip`10.0.0.20`)]);
    deepEqual(
      said.map(({ at, from, end, to }) => [at, from, end, ...to]),
      [
        [1.00025, 'lan:bob', 'forwarded', 'lan:ann'],
        [2.00025, 'lan:bob', 'forwarded', 'lan:ann'],
      ],
    );
    equal(
      words(said[0]?.bytes.subarray(0, 42) ?? new Uint8Array()),
      // to ann, from bob, ARP: Ethernet, IPv4, a reply; 10.0.0.2 is at bob's, for ann at 10.0.0.1
      '0200 0000 0001 0200 0000 0002 0806 0001 0800 0604 0002 0200 0000 0002 0a00 0002 0200 0000 0001 0a00 0001',
    );
  });

  it('answers pings: what was sent comes back, with a TTL of its own', async () => {
    const { said } = await play([ping(BOB.mac, BOB.ip, 5)]);
    equal(said.length, 1);
    const [{ bytes } = { bytes: new Uint8Array() }] = said;
    equal(
      words(bytes),
      // to ann, from bob, IPv4 of 28 octets, the request's identification; TTL 64, ICMP; an echo reply with ident and sequence
      '0200 0000 0001 0200 0000 0002 0800 4500 001c 0707 0000 4001 5fd8 0a00 0002 0a00 0001 0000 f5ef 0a0b 0005',
    );
    deepEqual([checksumOf(bytes, 14, 34), checksumOf(bytes, 34, 42)], [0, 0]);
  });

  it('answers through a router as through a bridge: its ARP, and pings that it routes', async () => {
    const { said, left } = await play([ping(ROUTER.mac, FAR.ip), annIsHere]);
    deepEqual(
      said.map(({ at, from, summary, end }) => [at, from, summary, end]),
      [
        [1.02, 'r:uplink', 'ARP 203.0.113.1 is-at 02:00:00:00:00:0f', 'consumed arp-learned'],
        [1.04, 'r:uplink', '203.0.113.1 > 10.0.0.1 ICMP echo reply id 2571 seq 1', 'forwarded'],
      ],
    );
    deepEqual(
      left.filter(({ summary }) => summary.includes('ICMP')).map(({ at, port, summary }) => [at, port, summary]),
      [
        [1.02, 'r:uplink', '10.0.0.1 > 203.0.113.1 ICMP echo request id 2571 seq 1'],
        [2, 'lan:ann', '203.0.113.1 > 10.0.0.1 ICMP echo reply id 2571 seq 1'], // as soon as ann has been found
      ],
    );
  });

  it('is silent about every other address, through bridge and router alike', async () => {
    const { said, packets } = await play([
      who(NOBODY),
      who(FAR.ip),
      who(ROUTER.ip),
      ping(BOB.mac, NOBODY),
      ping(BOB.mac, FAR.ip),
      ping(ROUTER.mac, ip`203.0.113.9`),
    ]);
    deepEqual(
      said.map(({ summary }) => summary),
      [],
    );
    equal(packets.at(-1)?.end, 'dropped neighbour-unreachable');
  });

  it('sends frames like any other: the network learns where it is', async () => {
    const to = (dstPort: number) => udpFrame({ ethSrc: ANN.mac, ethDst: BOB.mac, src: ANN.ip, dst: BOB.ip, dstPort });
    const { packets } = await play([to(1), who(BOB.ip), to(2)]);
    deepEqual(
      packets.map(({ to: ports }) => ports.toSorted()),
      [['lan:bob', 'lan:third'], ['lan:bob', 'lan:third'], ['lan:bob']],
    );
  });

  it('answers neighbour solicitations and pings of its IPv6 addresses, and of no other', async () => {
    const [own, other] = [
      [0xfd000000, 0, 0, 2],
      [0xfd000000, 0, 0, 3],
    ];
    const src = [0xfd000000, 0, 0, 1];
    const solicit = (target: readonly number[]) => neighbourSolicitation({ ethSrc: ANN.mac, src, target });
    const echo = (dst: readonly number[]) =>
      ipv6Frame(58, Uint8Array.of(128, 0, 0, 0, 1, 2, 3, 4), { ethSrc: ANN.mac, ethDst: BOB.mac, src, dst, padTo: 0 });
    const { said } = await play([solicit(own), solicit(other), echo(own), echo(other)]);
    deepEqual(
      said.map(({ summary }) => summary),
      ['fd00::2 > fd00::1 ICMPv6 neighbour advertisement', 'fd00::2 > fd00::1 ICMPv6 echo reply id 258 seq 772'],
    );
    for (const { bytes } of said) {
      const { l3, l4, end } = frameOf(bytes).layers;
      equal(checksumOf(bytes, l4, end, ipv6PseudoSum(bytes, l3, 58, end - l4)), 0);
    }
    equal(said[0]?.bytes[21], 255); // RFC 4861, section 7.1.2: a hop limit of 255, else it counts for nothing
  });

  it('says nothing to what is not asked of it, or not soundly', async () => {
    const bad = ping(BOB.mac, BOB.ip);
    bad[36] = (bad[36] ?? 0) ^ 1;
    const first = ping(BOB.mac, BOB.ip); // as the first of several pieces, right in all else
    first[20] = 0x20;
    signIpv4Header(first, 14, 20);
    const { said } = await play([
      bad,
      icmpEcho({ ethSrc: ANN.mac, ethDst: BOB.mac, src: ANN.ip, dst: BOB.ip, isReply: true }),
      first,
      icmpEcho({ ethSrc: ANN.mac, ethDst: BOB.mac, src: ANN.ip, dst: BOB.ip, tags: [7] }),
      ping(mac`02:00:00:00:00:77`, BOB.ip), // flooded to it, but for another MAC
      arpFrame({ ethSrc: ANN.mac, ethDst: mac`02:00:00:00:00:77`, senderIp: ANN.ip, targetIp: BOB.ip }),
      arpFrame({ ethSrc: ANN.mac, senderIp: BOB.ip, targetIp: BOB.ip }), // an announcement, of its own address even
      udpFrame({ ethSrc: ANN.mac, ethDst: BOB.mac, src: ANN.ip, dst: BOB.ip }),
    ]);
    deepEqual(said, []);
  });

  it('is silent altogether while a capture plays its MAC as recorded: from the start of the run on', async () => {
    const bobs = udpFrame({ ethSrc: BOB.mac, ethDst: ANN.mac, src: BOB.ip, dst: ANN.ip });
    const asked = [who(BOB.ip), ping(BOB.mac, BOB.ip)];
    equal((await play(asked)).said.length, 2);
    deepEqual((await play([...asked, bobs])).said, []);
  });

  it('resolves its address, and says no more, while an adapted capture speaks for it', async () => {
    const adapted = `${NETWORK}inputs: [{ capture: talk.pcap, l2: adapt, into: { lan:bob: { address: 10.0.0.2 } }, else: lan:ann }]`;
    const bobs = udpFrame({ ethSrc: mac`00:11:22:33:44:55`, src: BOB.ip, dst: ANN.ip });
    const { said, packets } = await play([bobs, who(BOB.ip), ping(BOB.mac, BOB.ip)], adapted);
    equal(packets[0]?.from, 'lan:bob');
    deepEqual(
      said.map(({ summary }) => summary),
      ['ARP 10.0.0.2 is-at 02:00:00:00:00:02'],
    );
  });

  it('answers the same bytes at the same time in each run', async () => {
    const asked = [who(BOB.ip), ping(BOB.mac, BOB.ip), who(ROUTER.ip), ping(ROUTER.mac, FAR.ip)];
    const [one, other] = [await play(asked), await play(asked)];
    ok(one.said.length === 4);
    deepEqual(other, one);
  });
});
