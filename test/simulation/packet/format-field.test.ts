import { deepEqual } from 'node:assert/strict';
import { formatField, formatRewrite, nameOfField } from '../../../simulation/packet/format-field.ts';
import { TUNNEL } from '../../../simulation/packet/fields.ts';
import { KEY_WORDS, SPANS, WORD } from '../../../simulation/packet/key-layout.ts';
import { rewriteOf } from '../../../simulation/packet/rewrite.ts';
import { portIdOf } from '../../../topology/model/ids.ts';
import { arpFrame, frameOf, icmpEcho, ip, ipv4Frame, ipv6Frame, tcpFrame, wordsOf } from '../packets.ts';

const p3 = portIdOf(3);
const here = { src: ip`10.0.0.1`, dst: ip`10.0.0.2` };

/** The present fields of a frame's key, on one line. */
function lineOf(bytes: Uint8Array): string {
  const words = wordsOf(frameOf(bytes), p3);
  const present = words[WORD.present] ?? 0;
  return SPANS.filter(({ bit }) => (present & bit) !== 0)
    .map(({ bit }) => `${nameOfField(bit, words)}=${formatField(bit, words)}`)
    .join(' ');
}

const ENDS = 'in_port=3 eth.dst=02:00:00:00:00:0b eth.src=02:00:00:00:00:0a';

describe('formatField', () => {
  it("names fields as Wireshark does, by the packet's own protocols", () => {
    deepEqual(
      lineOf(tcpFrame({ ...here, tags: [0x88a8_6064, 5] })),
      `${ENDS} eth.type=0x0800 vlan=100p3.5 ip.frag=none ip.sound=yes ip.proto=6 ip.src=10.0.0.1 ip.dst=10.0.0.2 ip.ttl=64 ` +
        'ip.dsfield=0x00 tcp.srcport=4000 tcp.dstport=80 tcp.flags=0x0002',
    );
    deepEqual(
      lineOf(icmpEcho({ ...here, ident: 9, moreFragments: true })),
      `${ENDS} eth.type=0x0800 ip.frag=first ip.sound=yes ip.proto=1 ip.src=10.0.0.1 ip.dst=10.0.0.2 ip.ttl=64 ` +
        'ip.dsfield=0x00 icmp.type=8 icmp.code=0 icmp.ident=9',
    );
    deepEqual(
      lineOf(arpFrame({ senderIp: ip`10.0.0.1`, targetIp: ip`10.0.0.2`, ethDst: 0x0200_0000_000b as never })),
      `${ENDS} eth.type=0x0806 arp.opcode=1 arp.src.proto_ipv4=10.0.0.1 arp.dst.proto_ipv4=10.0.0.2`,
    );
    const datagram = Uint8Array.of(0, 53, 0, 54, 0, 8, 0, 0);
    deepEqual(
      lineOf(ipv6Frame(17, datagram, { src: [0x2001_0db8, 0, 0, 1], dst: [0, 0, 0, 0] })),
      `${ENDS} eth.type=0x86dd ip.frag=none ipv6.nxt=17 ipv6.src=2001:db8::1 ipv6.dst=:: ipv6.hlim=64 ipv6.tclass=0x00 ` +
        'udp.srcport=53 udp.dstport=54',
    );
  });

  it('says how many tags there are beyond the second, and where a fragment lies', () => {
    const words = wordsOf(
      frameOf(ipv4Frame(6, new Uint8Array(8), { ...here, tags: [1, 2, 3], fragmentOffset: 8 })),
      p3,
    );
    const fields = SPANS.filter(({ name }) => name === 'vlan' || name === 'fragment');
    deepEqual(
      fields.map(({ bit }) => formatField(bit, words)),
      ['1.2+1', 'later'],
    );
  });

  it('tells tunnels by key and ends', () => {
    const words = new Uint32Array(KEY_WORDS);
    words.set([7, 0x0a00_0001, 0x0a00_0002], WORD.tunnelKey);
    deepEqual(formatField(TUNNEL, words), '7 from 10.0.0.1 to 10.0.0.2');
  });

  it('names the general field where a rewrite does not know the protocol', () => {
    const words = wordsOf(frameOf(tcpFrame(here)), p3);
    const rewrite = rewriteOf(words, words, 0x7fff_ffff, 0) ?? { fields: 0, words };
    const lines = formatRewrite({ ...rewrite, fields: 1 << 13 });
    deepEqual(lines, ['tcp.srcport=4000']);
    const bare = rewriteOf(words, words, 1 << 14, 0) ?? { fields: 0, words };
    deepEqual([formatRewrite(bare), formatRewrite(bare, words)], [['l4.dst=80'], ['tcp.dstport=80']]);
  });
});
