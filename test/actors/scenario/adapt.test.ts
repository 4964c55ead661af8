import { deepEqual, equal, notEqual, ok } from 'node:assert/strict';
import { adapt } from '../../../actors/scenario/adapt.ts';
import type { Station } from '../../../actors/scenario/scenario.ts';
import { Segments } from '../../../actors/scenario/segments.ts';
import { frameOf } from '../../../actors/frame-of.ts';
import { readMac } from '../../../simulation/packet/arp.ts';
import { readCapture } from '../../../datapath/capture/capture-file.ts';
import type { Ipv4 } from '../../../topology/model/ipv4.ts';
import { formatMac, isGroup } from '../../../topology/model/mac.ts';
import { capturePath, KNOWN } from '../../captures/known.ts';
import { arpFrame, ip, ipv6Frame, mac, udpFrame } from '../../simulation/packets.ts';
import { topologyOf } from './played.ts';

/** A segment with a router and a declared address on it, and a way out with a gateway that is a station. */
const TOPOLOGY = topologyOf(`
bridges: { lan: { arp: { 10.0.0.7: 02:00:00:00:00:07 }, ports: { p: , q: , gateway: } } }
routers:
  r:
    ports:
      to-lan: { address: 10.0.0.254/24, mac: 02:00:00:00:00:fe, link: lan:gateway }
      uplink: { address: 203.0.113.2/24, mac: 02:00:00:00:00:fd }
    routes: [{ to: 0.0.0.0/0, via: 203.0.113.1 }]
`);

function portOf(name: string): Station['port'] {
  const port = TOPOLOGY.names.ports.get(name);
  ok(port);
  return port;
}

const station = (name: string, port: string, own: Station['mac'], address: Ipv4): Station => ({
  name,
  port: portOf(port),
  mac: own,
  addresses: [address],
  addresses6: [],
  delay: 1,
});

const SEGMENTS = new Segments(TOPOLOGY, [
  station('one', 'lan:q', mac`02:00:00:00:00:01`, ip`10.0.0.1`),
  station('isp', 'r:uplink', mac`02:00:00:00:00:0f`, ip`203.0.113.1`),
]);

/** The recorded MACs of all frames. */
const RECORDED = { ethSrc: mac`00:11:22:33:44:55`, ethDst: mac`00:66:77:88:99:aa` };

function adapted(port: string, bytes: Uint8Array): Uint8Array {
  return adapt(frameOf(bytes), portOf(port), SEGMENTS).bytes;
}

/** Source and destination of an adapted frame: MACs. */
function ends(port: string, src: Ipv4, dst: Ipv4): readonly string[] {
  const bytes = adapted(port, udpFrame({ ...RECORDED, src, dst }));
  return [formatMac(readMac(bytes, 6)), formatMac(readMac(bytes, 0))];
}

describe('A recorded frame that is adapted', () => {
  it('comes from the station that has its source address, and goes to the one that has its destination', () => {
    deepEqual(ends('lan:p', ip`10.0.0.1`, ip`10.0.0.7`), ['02:00:00:00:00:01', '02:00:00:00:00:07']);
    deepEqual(ends('lan:p', ip`10.0.0.7`, ip`10.0.0.1`), ['02:00:00:00:00:07', '02:00:00:00:00:01']);
  });

  it('goes to the router for what is not on the segment, and to the router itself', () => {
    for (const dst of [ip`8.8.8.8`, ip`203.0.113.1`, ip`10.0.0.254`])
      equal(ends('lan:p', ip`10.0.0.1`, dst)[1], '02:00:00:00:00:fe');
    equal(ends('r:uplink', ip`203.0.113.9`, ip`10.0.0.1`)[1], '02:00:00:00:00:fd');
  });

  it('comes from the gateway for a source that is behind it', () => {
    deepEqual(ends('r:uplink', ip`8.8.8.8`, ip`10.0.0.1`), ['02:00:00:00:00:0f', '02:00:00:00:00:fd']);
  });

  it('has, for an address that nobody declared, a MAC that is the same each time and nobody else’s', () => {
    const [one, again, other] = [
      ends('lan:p', ip`10.0.0.40`, ip`10.0.0.41`),
      ends('lan:q', ip`10.0.0.41`, ip`10.0.0.40`),
      ends('r:uplink', ip`203.0.113.40`, ip`10.0.0.1`),
    ];
    deepEqual(again, one.toReversed());
    equal(new Set([...one, ...other]).size, 4);
    notEqual(one[0], formatMac(RECORDED.ethSrc));
    equal(Number.parseInt(one[0]?.slice(0, 2) ?? '', 16) & 3, 2); // locally administered, of one station
  });

  it('says the same inside of ARP', () => {
    const request = arpFrame({ ethSrc: RECORDED.ethSrc, senderIp: ip`10.0.0.1`, targetIp: ip`10.0.0.7` });
    const reply = arpFrame({
      operation: 2,
      ...RECORDED,
      senderIp: ip`10.0.0.7`,
      targetMac: RECORDED.ethDst,
      targetIp: ip`10.0.0.1`,
    });
    const [asks, answers] = [adapted('lan:p', request), adapted('lan:p', reply)];
    deepEqual(
      [6, 0, 22].map((at) => formatMac(readMac(asks, at))),
      ['02:00:00:00:00:01', 'ff:ff:ff:ff:ff:ff', '02:00:00:00:00:01'],
    );
    deepEqual(
      [6, 0, 22, 32].map((at) => formatMac(readMac(answers, at))),
      ['02:00:00:00:00:07', '02:00:00:00:00:01', '02:00:00:00:00:07', '02:00:00:00:00:01'],
    );
  });

  it('stays as recorded when it is neither IPv4 nor ARP', () => {
    const bytes = ipv6Frame(17, new Uint8Array(8), { ...RECORDED, src: [1, 2, 3, 4], dst: [5, 6, 7, 8] });
    deepEqual(adapted('lan:p', bytes), bytes);
  });

  it('of whatever capture is as recorded in every octet but the addresses of Ethernet and ARP', async () => {
    let changed = 0;
    for (const name of Object.keys(KNOWN).filter((each) => !('fault' in (KNOWN[each] ?? {})))) {
      // oxlint-disable-next-line eslint/no-await-in-loop -- one file after the other
      for await (const frames of readCapture(capturePath(name))) {
        for (const { bytes, wireLength } of frames) {
          if (bytes.length < 14) continue;
          const frame = frameOf(bytes, wireLength);
          const { bytes: now } = adapt(frame, portOf('lan:p'), SEGMENTS);
          if (isGroup(readMac(bytes, 0))) equal(readMac(now, 0), readMac(bytes, 0), 'a group stays a group');
          const open = new Set([...Array(12).keys(), ...arpAddresses(frame)]);
          const strange = [...now.keys()].filter((at) => now[at] !== bytes[at] && !open.has(at));
          deepEqual([name, now.length, strange], [name, bytes.length, []]);
          if (now.some((octet, at) => octet !== bytes[at])) changed++;
        }
      }
    }
    ok(changed > 1000);
  });
});

/** The octets of an ARP message that are MAC addresses. */
function arpAddresses({ bytes, layers }: ReturnType<typeof frameOf>): readonly number[] {
  const isArp = layers.l3 > 0 && bytes[layers.l3 - 2] === 8 && bytes[layers.l3 - 1] === 6;
  return isArp ? [8, 18].flatMap((field) => Array.from({ length: 6 }, (_, n) => layers.l3 + field + n)) : [];
}
