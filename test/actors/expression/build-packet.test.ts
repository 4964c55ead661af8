import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { buildPacket, type BuiltPacket } from '../../../actors/expression/build-packet.ts';
import { parsePacketExpression } from '../../../actors/expression/parse-expression.ts';
import { NOWHERE, type Surroundings } from '../../../actors/expression/surroundings.ts';
import { verifyL4 } from '../../../simulation/packet/checksum.ts';
import { extract } from '../../../simulation/packet/extract.ts';
import { KEY_WORDS, WORD } from '../../../simulation/packet/key-layout.ts';
import { Layers } from '../../../simulation/packet/frame.ts';
import { portIdOf } from '../../../topology/model/ids.ts';
import { parseIpv4 } from '../../../topology/model/ipv4.ts';
import { macOf } from '../../../topology/model/mac.ts';

const ann = macOf(0x0200, 0x0000_010a);
const gateway = macOf(0x0200, 0x0000_0101);

/** Ann and her gateway, which leads everywhere. */
const SEGMENT: Surroundings = {
  macOf: (address) =>
    new Map([
      [parseIpv4('10.0.1.10'), ann],
      [parseIpv4('10.0.1.1'), gateway],
    ]).get(address),
  stationMacFor: () => ann,
  nextHopMacFor: (_source, destination) => (destination === parseIpv4('10.0.1.10') ? ann : gateway),
};

function build(text: string, around = SEGMENT): BuiltPacket {
  const expression = parsePacketExpression(text);
  ok(expression.kind === 'packet' || expression.kind === 'octets', JSON.stringify(expression));
  const packet = buildPacket(expression, around);
  ok(packet.kind === 'built', JSON.stringify(packet));
  return packet;
}

function keyOf(bytes: Uint8Array): { readonly words: Uint32Array; readonly layers: Layers } {
  const words = new Uint32Array(KEY_WORDS);
  const layers = new Layers();
  extract(bytes, bytes.length, bytes.length, portIdOf(1), words, layers);
  return { words, layers };
}

function isSound(bytes: Uint8Array): boolean {
  return ((keyOf(bytes).words[WORD.fragmentSoundFlags] ?? 0) & 0x00ff_0000) !== 0;
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('a packet built from an expression', () => {
  it('has the MACs of its station and of the next hop, and says where they come from', () => {
    const { bytes, filledIn } = build('tcp 10.0.1.10:4000 > 10.0.2.20:80');
    equal(hex(bytes.subarray(0, 14)), '02000000010102000000010a0800');
    deepEqual(filledIn, [
      'eth.src=02:00:00:00:01:0a, whose address is 10.0.1.10',
      'eth.dst=02:00:00:00:01:01, the gateway towards 10.0.2.20',
    ]);
  });

  it('goes straight to a neighbour', () => {
    match(build('icmp echo 10.0.1.10 > 10.0.1.1').filledIn.join(), /eth\.dst=02:00:00:00:01:01, whose address/);
  });

  it('makes up the MAC of a sender whom nobody knows, but never that of a receiver', () => {
    const { filledIn } = build('udp 10.0.9.9:1 > 10.0.1.1:2');
    equal(filledIn[0], 'eth.src=02:00:0a:00:09:09, made up: nobody here has 10.0.9.9');
    const expression = parsePacketExpression('udp 10.0.9.9:1 > 10.0.1.1:2');
    ok(expression.kind === 'packet');
    const problem = buildPacket(expression, NOWHERE);
    ok(problem.kind === 'problem');
    equal(problem.message, 'nobody here has 10.0.1.1, and no gateway leads there: say eth.dst=…');
  });

  it('is sent, as an ARP probe, by the station at the port, or by somebody made up of the address asked for', () => {
    const probe = 'arp probe 10.0.1.77';
    deepEqual(build(probe).filledIn, ['eth.src=02:00:00:00:01:0a, of the station at this port']);
    deepEqual(build(probe, NOWHERE).filledIn, [
      'eth.src=02:00:0a:00:01:4d, made up: no station at this port has 10.0.1.77',
    ]);
    equal(hex(build(`${probe} eth.src=02:00:00:00:00:0e`).bytes.subarray(6, 12)), '02000000000e');
  });

  for (const text of [
    'tcp 10.0.1.10:4000 > 10.0.2.20:80',
    'tcp 10.0.1.10:4000 > 10.0.2.20:80 mss=1460 flags=SA seq=4294967295 ack=1 payload="odd"',
    'udp 10.0.1.10:53 > 10.0.2.20:53 len=1 vlan=10 vlan=20',
    'icmp echo 10.0.1.10 > 10.0.2.20 id=1 seq=1 len=56',
    'icmp type=3 code=4 mtu=1400 10.0.1.10 > 10.0.2.20',
  ])
    it(`has right lengths and checksums: ${text}`, () => {
      const { bytes } = build(text);
      equal(verifyL4(bytes, keyOf(bytes).layers), 'good');
      ok(isSound(bytes));
    });

  it('has a wrong checksum where one is asked for, and there only', () => {
    for (const kind of ['tcp', 'udp']) {
      const { bytes } = build(`${kind} 10.0.1.10:1 > 10.0.2.20:2 checksum=bad`);
      equal(verifyL4(bytes, keyOf(bytes).layers), 'bad');
      ok(isSound(bytes));
    }
    const { bytes } = build('tcp 10.0.1.10:1 > 10.0.2.20:2 ip.checksum=bad');
    ok(!isSound(bytes));
    const none = build('udp 10.0.1.10:1 > 10.0.2.20:2 checksum=none').bytes;
    equal(verifyL4(none, keyOf(none).layers), 'absent');
  });

  it('sends a UDP checksum that comes to zero as all ones (C11)', () => {
    const plain = build('udp 10.0.1.10:1 > 10.0.2.20:2 len=2').bytes;
    const { bytes } = build(`udp 10.0.1.10:1 > 10.0.2.20:2 payload=${hex(plain.subarray(40, 42))}`);
    equal(hex(bytes.subarray(40, 42)), 'ffff');
  });

  it('is padded to the shortest frame, and no shorter when tagged', () => {
    equal(build('udp 10.0.1.10:1 > 10.0.2.20:2').bytes.length, 60);
    const { bytes } = build('udp 10.0.1.10:1 > 10.0.2.20:2 vlan=10 vlan=20p5');
    equal(bytes.length, 68);
    equal(hex(bytes.subarray(12, 22)), '88a8000a8100a0140800');
  });

  it('is a fragment like any other', () => {
    const { bytes } = build('ip proto=17 10.0.1.10 > 10.0.2.20 frag=1480 len=100 id=7');
    const { words, layers } = keyOf(bytes);
    equal(layers.l4, -1);
    equal((words[WORD.fragmentSoundFlags] ?? 0) >>> 24, 2);
    equal(hex(bytes.subarray(18, 22)), '000700b9');
  });

  it('asks and answers by ARP', () => {
    equal(
      hex(build('arp request 10.0.1.10 asks 10.0.1.1').bytes.subarray(0, 42)),
      'ffffffffffff02000000010a0806000108000604000102000000010a0a00010a0000000000000a000101',
    );
    equal(
      hex(build('arp reply 10.0.1.10 to 10.0.1.1').bytes.subarray(0, 42)),
      '02000000010102000000010a0806000108000604000202000000010a0a00010a0200000001010a000101',
    );
  });

  it('goes to the MAC of a group where a group is addressed (RFC 1112)', () => {
    equal(hex(build('udp 10.0.1.10:1 > 239.129.2.3:2').bytes.subarray(0, 6)), '01005e010203');
    equal(hex(build('udp 10.0.1.10:68 > 255.255.255.255:67').bytes.subarray(0, 6)), 'ffffffffffff');
  });

  for (const text of [
    'tcp 10.0.1.10:1 > 10.0.1.1:2 len=65495',
    'udp 10.0.1.10:1 > 10.0.1.1:2 len=65507',
    'icmp echo 10.0.1.10 > 10.0.1.1 len=65507',
    'ip proto=47 10.0.1.10 > 10.0.1.1 len=65515',
  ])
    it(`is as long as IPv4 can carry: ${text}`, () => {
      equal(build(text).bytes.length, 14 + 65_535);
    });
});
