import { deepEqual, equal } from 'node:assert/strict';
import { assert, integer, property, tuple } from 'fast-check';
import { changeOf, checksumOf, updateChecksum, verifyL4 } from '../../../simulation/packet/checksum.ts';
import { put16, u16 } from '../../../simulation/packet/octets.ts';
import { anyFrameBytes } from '../any-packet.ts';
import { frameOf, icmpEcho, ip, ipv6Frame, tcpFrame, udpFrame } from '../packets.ts';
import { framesOf } from './frames-of.ts';

const here = { src: ip`10.0.0.1`, dst: ip`10.0.0.2` };
const here6 = { src: [1, 2, 3, 4], dst: [5, 6, 7, 8] };

function verdictOn(bytes: Uint8Array, wireLength?: number): string {
  const frame = frameOf(bytes, wireLength);
  return verifyL4(frame.bytes, frame.layers);
}

async function verdictsOn(capture: string): Promise<string[]> {
  return (await framesOf(capture)).map(({ bytes, layers }) => verifyL4(bytes, layers));
}

describe('Internet checksum', () => {
  it('is the one of RFC 1071, section 3', () => {
    equal(checksumOf(Uint8Array.of(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7), 0, 8), ~0xddf2 & 0xffff);
    equal(checksumOf(Uint8Array.of(0x12, 0x34, 0x56), 0, 3), ~(0x1234 + 0x5600) & 0xffff);
  });

  it('updates to zero as in the example of RFC 1624, section 4', () => {
    equal(updateChecksum(0xdd2f, changeOf(0x5555, 0x3285)), 0x0000);
  });

  it('is after an update what it would be computed anew', () => {
    const anyWord = integer({ min: 0, max: 3 }).chain((kind) =>
      kind === 0 ? integer({ min: 0xfffe, max: 0xffff }) : integer({ min: 0, max: kind === 1 ? 1 : 0xffff }),
    );
    assert(
      property(tuple(anyWord, anyWord, anyWord), anyWord, ([a, b, c], changed) => {
        const words = new Uint8Array(8); // an IPv4 header is never all zero, and this is none
        [0x4500, a, b, c].forEach((word, n) => put16(words, 2 * n, word));
        const before = checksumOf(words, 0, 8);
        put16(words, 4, changed);
        equal(updateChecksum(before, changeOf(b, changed)), checksumOf(words, 0, 8));
      }),
      { numRuns: 2000 },
    );
  });

  it('sums 64 KiB of ones without losing a carry', () => {
    equal(checksumOf(new Uint8Array(65_535).fill(0xff), 0, 65_535), 0x00ff);
  });

  it('of layer 4 is good, bad, absent, or not to be told', () => {
    for (const frame of [
      tcpFrame(here),
      udpFrame(here),
      icmpEcho(here),
      icmpEcho({ ...here, payload: new Uint8Array(3) }),
    ]) {
      equal(verdictOn(frame), 'good');
      frame[36] = (frame[36] ?? 0) ^ 1;
      equal(verdictOn(frame), 'bad');
    }
    equal(verdictOn(udpFrame({ ...here, checksum: false })), 'absent');
    equal(verdictOn(tcpFrame({ ...here, moreFragments: true })), 'cannot tell');
    equal(verdictOn(tcpFrame({ ...here, payload: new Uint8Array(60) }).slice(0, 80), 114), 'cannot tell');
    const echo = Uint8Array.of(128, 0, 0, 0, 0, 1, 0, 1);
    equal(verdictOn(ipv6Frame(58, echo, here6)), 'good');
    const datagram = Uint8Array.of(0, 53, 0, 54, 0, 8, 0, 0);
    equal(verdictOn(ipv6Frame(17, datagram, here6)), 'good');
    const extensions = Uint8Array.of(17, 0, 0, 1, 0, 0, 0, 9);
    equal(verdictOn(ipv6Frame(17, datagram, { ...here6, extensions, firstHeader: 44 })), 'cannot tell');
  });

  it('of UDP covers what its length says, which is not beyond the packet', () => {
    const frame = udpFrame(here);
    put16(frame, 38, u16(frame, 38) + 1);
    equal(verdictOn(frame), 'bad');
  });

  it('is right or wrong in captured packets as their names say', async () => {
    const names = ['ip4-tcp-bad', 'ip4-udp-bad', 'ip4-icmp-bad', 'ip4-tcp-good', 'ip4-udp-good'];
    const verdicts = await Promise.all(names.map(async (name) => verdictsOn(`zeek/chksums/${name}-chksum.pcap`)));
    deepEqual(verdicts, [['bad'], ['bad'], ['bad'], ['good'], ['good']]);
  });

  it('is asked of any frame without throwing', () => {
    assert(property(anyFrameBytes, (bytes) => void verdictOn(bytes)));
  });
});
