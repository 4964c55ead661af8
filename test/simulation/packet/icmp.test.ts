import { deepEqual, equal } from 'node:assert/strict';
import { assert, integer, property, uint8Array } from 'fast-check';
import { checksumOf } from '../../../simulation/packet/checksum.ts';
import { echoReply, icmpError, isErrorType, stampIdentification } from '../../../simulation/packet/icmp.ts';
import { u16 } from '../../../simulation/packet/octets.ts';
import { ANN, BOB, icmpEcho, ip } from '../packets.ts';

const ends = { ethSrc: BOB, ethDst: ANN, ipSrc: ip`10.0.0.2`, ipDst: ip`10.0.0.1` };

describe('ICMP', () => {
  it('writes an error octet for octet', () => {
    const bytes = icmpError(ends, { type: 3, code: 4, rest: 1400 }, Uint8Array.of(1, 2, 3, 4));
    const expected =
      '02000000000a 02000000000b 0800 45c0002000000000 4001 661b 0a000002 0a000001 0304 f37d 00000578 01020304';
    equal(Buffer.from(bytes).toString('hex'), expected.replaceAll(' ', ''));
  });

  it('writes an echo reply as the request’s host would', () => {
    const payload = Buffer.from('abcdefghi');
    const asked = icmpEcho({ src: ends.ipDst, dst: ends.ipSrc, ident: 7, seq: 9, payload, tos: 0x20, id: 5, padTo: 0 });
    const answered = icmpEcho({
      ethSrc: BOB,
      ethDst: ANN,
      src: ends.ipSrc,
      dst: ends.ipDst,
      isReply: true,
      ident: 7,
      seq: 9,
      payload,
      tos: 0x20,
      id: 5,
      padTo: 0,
    });
    const bytes = echoReply(ends, 0x20, asked.subarray(34));
    stampIdentification(bytes, 5);
    deepEqual(bytes, Uint8Array.from(answered));
  });

  it('has right checksums and lengths, whatever it carries', () => {
    assert(
      property(uint8Array({ minLength: 8, maxLength: 700 }), integer({ min: 0, max: 0xffff }), (octets, id) => {
        for (const bytes of [icmpError(ends, { type: 11, code: 0, rest: 0 }, octets), echoReply(ends, 0, octets)]) {
          stampIdentification(bytes, id);
          equal(u16(bytes, 18), id);
          equal(u16(bytes, 16), bytes.length - 14);
          equal(checksumOf(bytes, 14, 34), 0);
          equal(checksumOf(bytes, 34, bytes.length), 0);
        }
      }),
    );
  });

  it('knows which types are errors', () => {
    deepEqual(
      Array.from({ length: 20 }, (_, type) => type).filter((type) => isErrorType(type)),
      [3, 4, 5, 11, 12],
    );
  });
});
