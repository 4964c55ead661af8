import { deepEqual, equal } from 'node:assert/strict';
import { assert, property } from 'fast-check';
import { dissect, valueOf } from '../../../simulation/packet/dissect.ts';
import { readVni, writeVxlan } from '../../../simulation/packet/vxlan.ts';
import { capturePath } from '../../captures/known.ts';
import { itWithTshark, tsharkFields } from '../../datapath/capture/tshark.ts';
import { anyFrameBytes } from '../any-packet.ts';
import { frameOf, ip, tcpFrame, udpFrame } from '../packets.ts';
import { framesOf } from './frames-of.ts';

const FIELDS = [
  'frame.len',
  'frame.cap_len',
  'eth.dst',
  'eth.src',
  'eth.type',
  'eth.len',
  'vlan.id',
  'vlan.priority',
  'vlan.dei',
  'vlan.etype',
  'arp.opcode',
  'arp.src.hw_mac',
  'arp.src.proto_ipv4',
  'arp.dst.hw_mac',
  'arp.dst.proto_ipv4',
  'ip.version',
  'ip.hdr_len',
  'ip.dsfield',
  'ip.dsfield.dscp',
  'ip.dsfield.ecn',
  'ip.len',
  'ip.id',
  'ip.flags.df',
  'ip.flags.mf',
  'ip.frag_offset',
  'ip.ttl',
  'ip.proto',
  'ip.checksum',
  'ip.src',
  'ip.dst',
  'ipv6.version',
  'ipv6.tclass',
  'ipv6.flow',
  'ipv6.plen',
  'ipv6.nxt',
  'ipv6.hlim',
  'ipv6.src',
  'ipv6.dst',
  'icmp.type',
  'icmp.code',
  'icmp.checksum',
  'icmp.ident',
  'icmp.seq',
  'icmpv6.type',
  'icmpv6.code',
  'icmpv6.checksum',
  'icmpv6.echo.identifier',
  'icmpv6.echo.sequence_number',
  'tcp.srcport',
  'tcp.dstport',
  'tcp.len',
  'tcp.hdr_len',
  'tcp.flags',
  'tcp.flags.fin',
  'tcp.flags.syn',
  'tcp.flags.reset',
  'tcp.flags.push',
  'tcp.flags.ack',
  'tcp.flags.urg',
  'tcp.flags.ece',
  'tcp.flags.cwr',
  'tcp.window_size_value',
  'tcp.checksum',
  'udp.srcport',
  'udp.dstport',
  'udp.length',
  'udp.checksum',
  'vxlan.flags',
  'vxlan.vni',
];

/** Captures without tunnels, quoted packets or fragments, of which tshark tells more than the outermost headers. */
const PLAIN = ['zeek/wikipedia.pcap', 'zeek/arp-who-has.pcap', 'zeek/vlan-collisions.pcap', 'tcpdump/icmpv6.pcap'];

describe('dissect', () => {
  for (const name of PLAIN) {
    itWithTshark(`names and prints the fields of ${name} as tshark does`, async () => {
      const theirs = tsharkFields(capturePath(name), FIELDS);
      for (const [n, frame] of (await framesOf(name)).entries()) {
        const fields = dissect(frame);
        const ours = FIELDS.map((field) => `${field}=${valueOf(fields, field) ?? ''}`);
        const expected = FIELDS.map((field, at) => `${field}=${theirs[n]?.[at]?.split('|')[0] ?? ''}`);
        deepEqual(ours, expected, `frame ${n + 1}`);
      }
    });
  }

  it('tells all there is of a tagged segment, outermost first', () => {
    const bytes = tcpFrame({
      src: ip`10.0.0.1`,
      dst: ip`10.0.0.2`,
      tags: [0x88a8_2005],
      seq: 7,
      dontFragment: true,
      padTo: 0,
    });
    const lines = dissect(frameOf(bytes)).map(([field, value]) => `${field}=${value}`);
    deepEqual(
      lines.join(' '),
      [
        'frame.len=58 frame.cap_len=58 eth.dst=02:00:00:00:00:0b eth.src=02:00:00:00:00:0a eth.type=0x88a8',
        'vlan.priority=1 vlan.dei=0 vlan.id=5 vlan.etype=0x0800 ip.version=4 ip.hdr_len=20 ip.dsfield=0x00 ip.dsfield.dscp=0',
        'ip.dsfield.ecn=0 ip.len=40 ip.id=0x1234 ip.flags.df=1 ip.flags.mf=0 ip.frag_offset=0 ip.ttl=64 ip.proto=6',
        'ip.checksum=0x149a ip.src=10.0.0.1 ip.dst=10.0.0.2 tcp.srcport=4000 tcp.dstport=80 tcp.len=0 tcp.seq=7 tcp.ack=0',
        'tcp.hdr_len=20 tcp.flags=0x0002 tcp.flags.fin=0 tcp.flags.syn=1 tcp.flags.reset=0 tcp.flags.push=0 tcp.flags.ack=0',
        'tcp.flags.urg=0 tcp.flags.ece=0 tcp.flags.cwr=0 tcp.window_size_value=65535 tcp.checksum=0x8be9',
      ].join(' '),
    );
  });

  it('tells the network of a VXLAN packet', () => {
    const payload = new Uint8Array(8);
    writeVxlan(payload, 0, 0x12_3456);
    const frame = frameOf(udpFrame({ src: ip`10.0.0.1`, dst: ip`10.0.0.2`, dstPort: 4789, payload }));
    equal(valueOf(dissect(frame), 'vxlan.vni'), String(0x12_3456));
    equal(valueOf(dissect(frame), 'vxlan.flags'), '0x0800');
    payload[0] = 0; // the I flag clear
    equal(readVni(payload, 0, 8), undefined);
    equal(readVni(frame.bytes, 42, 49), undefined);
  });

  it('leaves out what is cut off, whatever the bytes are', () => {
    assert(
      property(anyFrameBytes, (bytes) => {
        const names = dissect(frameOf(bytes)).map(([field]) => field);
        equal(names.includes('eth.src'), bytes.length >= 12);
        equal(
          new Set(names.filter((name) => !name.startsWith('vlan.'))).size,
          names.filter((name) => !name.startsWith('vlan.')).length,
        );
      }),
    );
  });
});
