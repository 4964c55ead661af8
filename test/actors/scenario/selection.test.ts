import { deepEqual, equal } from 'node:assert/strict';
import { arpFrame, ethernetFrame, ip, mac, tcpFrame, udpFrame } from '../../simulation/packets.ts';
import { capturePath } from '../../captures/known.ts';
import { tellRun, type HandMade } from './told.ts';

const NETWORK = 'topology: { bridges: { b: { ports: { p: , q: , r: } } } }\n';

const ONE = mac`02:00:00:00:00:01`;
const TWO = mac`02:00:00:00:00:02`;

/** A capture of one frame a second, numbered from 1. */
const TALK: readonly HandMade[] = [
  udpFrame({ ethSrc: ONE, src: ip`10.0.0.1`, dst: ip`10.9.9.9`, dstPort: 53 }),
  udpFrame({ ethSrc: TWO, src: ip`10.0.1.2`, dst: ip`10.9.9.9`, dstPort: 53 }),
  tcpFrame({ ethSrc: ONE, src: ip`192.0.2.1`, dst: ip`10.0.0.1`, dstPort: 80 }),
  arpFrame({ ethSrc: TWO, senderIp: ip`10.0.0.7`, targetIp: ip`192.0.2.1` }),
  ethernetFrame(0x88cc, new Uint8Array(4), { ethSrc: TWO }),
].map((bytes, n) => ({ at: n, bytes }));

/** Where each frame of the capture entered; `-` for one that did not. */
async function entries(into: string): Promise<string> {
  const text = `${NETWORK}inputs: [{ capture: talk.pcap, ${into} }]`;
  const { packets } = await tellRun(text, TALK);
  return TALK.map(({ at }) => packets.find((packet) => packet.at === at)?.from ?? '-').join(' ');
}

describe('The frames of a capture', () => {
  it('enter by one port', async () => equal(await entries('into: p'), 'b:p b:p b:p b:p b:p'));

  it('are selected by their source MAC', async () =>
    equal(await entries("into: { p: { mac: '02:00:00:00:00:01' } }, else: q"), 'b:p b:q b:p b:q b:q'));

  it('are selected by their source address, one or a prefix, in IPv4 or as the sender of an ARP message', async () => {
    equal(await entries('into: { p: { address: 10.0.0.1 } }, else: q'), 'b:p b:q b:q b:q b:q');
    equal(await entries('into: { p: { address: 10.0.0.0/24 } }, else: q'), 'b:p b:q b:q b:p b:q');
    equal(await entries('into: { p: { address: 0.0.0.0/0 } }, else: q'), 'b:p b:p b:p b:p b:q'); // who has one at all
  });

  it('are selected by a filter', async () =>
    equal(await entries("into: { p: { filter: 'udp port 53 or arp' } }, else: q"), 'b:p b:p b:q b:p b:q'));

  it('are selected by all that a selector says, and by one of a list', async () => {
    const both = "{ mac: '02:00:00:00:00:02', address: 10.0.0.0/8 }";
    equal(await entries(`into: { p: ${both} }, else: q`), 'b:q b:p b:q b:p b:q');
    equal(await entries(`into: { p: [${both}, { address: 192.0.2.0/24 }] }, else: q`), 'b:q b:p b:p b:p b:q');
  });

  it('belong to the first selector that takes them', async () => {
    const [narrow, wide] = ['p: { address: 10.0.0.1 }', 'q: { address: 10.0.0.0/8 }'];
    equal(await entries(`into: { ${narrow}, ${wide} }, else: r`), 'b:p b:q b:r b:q b:r');
    equal(await entries(`into: { ${wide}, ${narrow} }, else: r`), 'b:q b:q b:r b:q b:r');
  });

  it('that no selector takes are left out, and counted, unless `else` says where they go', async () => {
    const selector = 'into: { p: { address: 10.0.0.1 } }';
    equal(await entries(selector), 'b:p - - - -');
    equal(await entries(`${selector}, else: drop`), 'b:p - - - -');
    const { packets, unplayed } = await tellRun(`${NETWORK}inputs: [{ capture: talk.pcap, ${selector} }]`, TALK);
    deepEqual([packets.length, [...unplayed]], [1, [['not-selected', 4]]]);
  });

  it('enter by the port of each input that plays their file', async () => {
    const text = `${NETWORK}inputs: [{ capture: talk.pcap, into: p }, { capture: talk.pcap, into: q }]`;
    const { packets } = await tellRun(text, TALK);
    deepEqual(
      packets.map(({ from }) => from),
      TALK.flatMap(() => ['b:p', 'b:q']),
    );
  });

  it('are selected by the interface of a pcapng file, by its name or its number', async () => {
    const path = capturePath('zeek/pcapng-multi-interface.pcapng');
    const ports = async (selector: string) => {
      const text = `${NETWORK}inputs: [{ capture: ${path}, into: { p: { interface: ${selector} } }, else: q }]`;
      return (await tellRun(text, [])).packets.map(({ from }) => from).join(' ');
    };
    equal(await ports('eth0'), 'b:p b:p b:q b:q b:q b:q');
    equal(await ports('0'), 'b:p b:p b:q b:q b:q b:q');
    equal(await ports('1'), 'b:q b:q b:p b:p b:p b:p');
    equal(await ports('eth1'), 'b:q b:q b:q b:q b:q b:q');
  });
});
