import { deepEqual, equal } from 'node:assert/strict';
import { assert, property } from 'fast-check';
import { BEYOND_KEY, ETH_DST, ETHER_TYPE, IP_PROTO, L4_DST } from '../../simulation/packet/fields.ts';
import { WORD } from '../../simulation/packet/key-layout.ts';
import { portIdOf } from '../../topology/model/ids.ts';
import { alike } from './alike.ts';
import { anyFrameBytes, anySeen } from './any-packet.ts';
import { arpFrame, BOB, ethernetFrame, frameOf, ip, keyOf, tcpFrame, udpFrame, wordsOf } from './packets.ts';

const p1 = portIdOf(1);
const web = frameOf(tcpFrame({ src: ip`10.0.0.1`, dst: ip`10.0.0.2`, dstPort: 80 }));
const dns = frameOf(udpFrame({ src: ip`10.0.0.3`, dst: ip`10.0.0.4`, dstPort: 53, srcPort: 99, ttl: 9 }));

describe('alike', () => {
  it('makes a frame that is like one where seen and like the other elsewhere', () => {
    const key = keyOf(alike(L4_DST, web, dns).bytes, p1);
    deepEqual([key.ipProto, key.l4Dst, key.l4Src, key.ttl, key.ipSrc], [6, 80, 99, 9, ip`10.0.0.3`]);
  });

  it('makes a frame of whatever was seen of whatever frame', () => {
    assert(
      property(anySeen, anyFrameBytes, anyFrameBytes, (seen, a, b) => {
        alike(seen, frameOf(a), frameOf(b)); // throws if it is not alike
      }),
      { numRuns: 2000 },
    );
  });

  it('follows the other frame wholly when nothing was seen', () => {
    deepEqual(wordsOf(alike(0, web, dns), p1), wordsOf(dns, p1));
    const request = frameOf(arpFrame({ senderIp: ip`10.0.0.1`, targetIp: ip`10.0.0.2` }));
    deepEqual(wordsOf(alike(0, web, request), p1), wordsOf(request, p1));
  });

  it('keeps what was absent absent', () => {
    const llc = frameOf(ethernetFrame(0x0026, new Uint8Array(40)));
    equal(keyOf(alike(ETHER_TYPE, llc, web).bytes, p1).has(ETHER_TYPE), false);
    const cut = frameOf(web.bytes.slice(0, 40), 60);
    const twin = keyOf(alike(L4_DST, cut, dns).bytes, p1);
    deepEqual([twin.has(IP_PROTO), twin.ipProto, twin.has(L4_DST)], [true, 6, false]);
    equal(wordsOf(alike(ETH_DST, frameOf(web.bytes.slice(0, 3)), web), p1)[WORD.present], 1);
  });

  it('leaves nothing to the other frame once something beyond the key was seen', () => {
    equal(alike(BEYOND_KEY, web, dns), web);
    equal(keyOf(web.bytes, p1).ethDst, BOB);
  });
});
