import { deepEqual, equal } from 'node:assert/strict';
import { arpReply, arpRequest, readArp } from '../../../simulation/packet/arp.ts';
import { ZERO_MAC } from '../../../topology/model/mac.ts';
import { frameOf, ip, mac, tcpFrame } from '../packets.ts';

const ann = mac`02:00:00:00:00:0a`;
const bob = mac`02:00:00:00:00:0b`;
const gate = mac`02:00:00:00:00:01`;
const everyone = mac`ff:ff:ff:ff:ff:ff`;
const ends = { ethSrc: gate, senderMac: ann, senderIp: ip`10.0.0.1`, targetIp: ip`10.0.0.2` };

describe('ARP', () => {
  it('asks in 60 octets, as RFC 826 lays them out', () => {
    const bytes = arpRequest({ ...ends, ethDst: everyone });
    const text = Buffer.from(bytes).toString('hex');
    equal(
      text,
      `ffffffffffff0200000000010806000108000604000102000000000a0a0000010000000000000a000002${'00'.repeat(18)}`,
    );
  });

  it('reads what it wrote', () => {
    const { ethSrc, ...message } = { ...ends, targetMac: bob };
    deepEqual(readArp(frameOf(arpReply({ ethSrc, ethDst: bob, ...message }))), { operation: 2, ...message });
    const asked = readArp(frameOf(arpRequest({ ...ends, ethDst: bob })));
    deepEqual([asked?.operation, asked?.targetMac], [1, ZERO_MAC]);
  });

  it('reads nothing where there is no whole message of Ethernet and IPv4', () => {
    const bytes = arpRequest({ ...ends, ethDst: everyone });
    equal(readArp(frameOf(bytes.slice(0, 41))), undefined);
    equal(readArp(frameOf(bytes.slice(0, 42)))?.senderIp, ip`10.0.0.1`);
    bytes[16] = 0x86; // another protocol
    equal(readArp(frameOf(bytes)), undefined);
    equal(readArp(frameOf(tcpFrame({ src: ip`10.0.0.1`, dst: ip`10.0.0.2` }))), undefined);
  });
});
