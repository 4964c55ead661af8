import { equal } from 'node:assert/strict';
import { assert, property } from 'fast-check';
import { describeFrame } from '../../../simulation/packet/format-packet.ts';
import { anyFrameBytes } from '../any-packet.ts';
import {
  ACK,
  arpFrame,
  ethernetFrame,
  frameOf,
  icmpEcho,
  icmpFrame,
  ip,
  ipv4Frame,
  ipv6Frame,
  mac,
  SYN,
  tcpFrame,
  udpFrame,
} from '../packets.ts';

const here = { src: ip`10.0.2.15`, dst: ip`192.168.1.1` };
const here6 = { src: [0x2001_0db8, 0, 0, 1], dst: [0xff02_0000, 0, 0, 1] };

function line(bytes: Uint8Array): string {
  return describeFrame(frameOf(bytes));
}

describe('describeFrame', () => {
  it('tells ends, protocol and payload', () => {
    equal(
      line(udpFrame({ ...here, srcPort: 53_152, payload: new Uint8Array(43) })),
      '10.0.2.15:53152 > 192.168.1.1:53 UDP 43',
    );
    equal(line(tcpFrame({ ...here, flags: SYN | ACK })), '10.0.2.15:4000 > 192.168.1.1:80 TCP [S.] 0');
    equal(line(tcpFrame({ ...here, tags: [100, 5] })), 'vlan 100.5 10.0.2.15:4000 > 192.168.1.1:80 TCP [S] 0');
    equal(line(ipv4Frame(89, new Uint8Array(24), here)), '10.0.2.15 > 192.168.1.1 OSPF 24');
    equal(line(ipv4Frame(200, new Uint8Array(24), here)), '10.0.2.15 > 192.168.1.1 protocol 200 24');
    const datagram = Uint8Array.of(0, 53, 0, 54, 0, 8, 0, 0);
    equal(line(ipv6Frame(17, datagram, here6)), '[2001:db8::1]:53 > [ff02::1]:54 UDP 0');
  });

  it('calls ICMP messages by name', () => {
    equal(line(icmpEcho({ ...here, ident: 7, seq: 2 })), '10.0.2.15 > 192.168.1.1 ICMP echo request id 7 seq 2');
    const data = Uint8Array.of(0, 0, 0x05, 0xdc);
    equal(
      line(icmpFrame({ ...here, type: 3, code: 4, data })),
      '10.0.2.15 > 192.168.1.1 ICMP fragmentation needed, mtu 1500',
    );
    equal(line(icmpFrame({ ...here, type: 11 })), '10.0.2.15 > 192.168.1.1 ICMP time exceeded in transit');
    equal(line(icmpFrame({ ...here, type: 99, code: 1 })), '10.0.2.15 > 192.168.1.1 ICMP type 99 code 1');
    const solicitation = Uint8Array.of(135, 0, 0, 0, 0, 0, 0, 0);
    equal(line(ipv6Frame(58, solicitation, here6)), '2001:db8::1 > ff02::1 ICMPv6 neighbour solicitation');
  });

  it('tells what ARP asks and answers', () => {
    const ends = { senderIp: ip`10.0.0.1`, targetIp: ip`10.0.0.2`, targetMac: mac`02:00:00:00:00:0b` };
    equal(line(arpFrame(ends)), 'ARP who-has 10.0.0.2 tell 10.0.0.1');
    equal(line(arpFrame({ ...ends, operation: 2 })), 'ARP 10.0.0.1 is-at 02:00:00:00:00:0a');
    equal(line(arpFrame({ ...ends, senderIp: ip`0.0.0.0` })), 'ARP probe for 10.0.0.2 from 02:00:00:00:00:0a');
    equal(line(arpFrame({ ...ends, targetIp: ip`10.0.0.1` })), 'ARP 10.0.0.1 is at 02:00:00:00:00:0a, announced');
    equal(line(arpFrame({ ...ends, operation: 9 })), 'ARP operation 9 from 10.0.0.1 to 10.0.0.2');
  });

  it('says where a fragment lies', () => {
    const later = ipv4Frame(17, new Uint8Array(16), { ...here, fragmentOffset: 1480 });
    equal(line(later), '10.0.2.15 > 192.168.1.1 UDP, fragment at 1480, the last');
    const first = udpFrame({ ...here, moreFragments: true, payload: new Uint8Array(8) });
    equal(line(first), '10.0.2.15:4000 > 192.168.1.1:53 UDP 8, fragment at 0');
  });

  it('says what is left of frames that are no packets, or cut', () => {
    equal(line(new Uint8Array(5)), '5 octets, cut short');
    equal(line(tcpFrame(here).slice(0, 40)), '10.0.2.15 > 192.168.1.1 TCP, cut short');
    equal(line(ethernetFrame(0x0026, new Uint8Array(46))), '02:00:00:00:00:0a > 02:00:00:00:00:0b 802.3, 60 octets');
    equal(
      line(ethernetFrame(0x1234, new Uint8Array(46))),
      '02:00:00:00:00:0a > 02:00:00:00:00:0b ethertype 0x1234, 60 octets',
    );
  });

  it('has a line for any bytes', () => {
    assert(property(anyFrameBytes, (bytes) => !/undefined|NaN|\n/.test(line(bytes))));
  });
});
