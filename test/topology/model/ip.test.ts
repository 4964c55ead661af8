import { deepEqual, equal } from 'node:assert/strict';
import { array, assert, constantFrom, integer, property, tuple } from 'fast-check';
import { isIPv6 } from 'node:net';
import { formatIp, formatIpPrefix, parseIp, parseIpPrefix } from '../../../topology/model/ip.ts';
import { parseIpv4 } from '../../../topology/model/ipv4.ts';
import { formatIpv6, ipv6Octets, parseIpv6, parseIpv6Prefix } from '../../../topology/model/ipv6.ts';
import { admits } from '../../../topology/model/schema/admits.ts';
import { IP_ADDRESS } from '../../../topology/model/schema/fields.ts';

const word = integer({ min: 0, max: 0xffff_ffff });
const sparse = integer({ min: 0, max: 3 }).map((n) => [0, 0, 1, 0x10000][n] ?? 0);

const octetsOf = (bits: number) => {
  const octets = Buffer.alloc(4);
  octets.writeUInt32BE(bits);
  return octets;
};

describe('an IPv6 address', () => {
  it('is read in every form of RFC 4291, section 2.2, and written in the one of RFC 5952', () => {
    for (const [text, canonical] of [
      ['ABCD:EF01:2345:6789:ABCD:EF01:2345:6789', 'abcd:ef01:2345:6789:abcd:ef01:2345:6789'],
      ['2001:DB8:0:0:8:800:200C:417A', '2001:db8::8:800:200c:417a'],
      ['FF01::101', 'ff01::101'],
      ['0:0:0:0:0:0:0:1', '::1'],
      ['::', '::'],
      ['::13.1.68.3', '::d01:4403'],
      ['0:0:0:0:0:FFFF:129.144.52.38', '::ffff:8190:3426'],
      ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'], // one zero group is not shortened (4.2.2)
      ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'], // the longest run (4.2.3)
      ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'], // the first of equal runs
      ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ] as const) {
      equal(parseIpv6(text), canonical, text);
    }
  });

  it('is nothing else', () => {
    for (const text of [
      '',
      ':',
      ':::',
      '1::2::3',
      '1:2:3:4:5:6:7',
      '1:2:3:4:5:6:7:8:9',
      '1:2:3:4:5:6:7:8::',
      '12345::',
      'g::',
      '::1.2.3',
      '::1.2.3.4:5',
      '1.2.3.4::',
      '1.2.3.4',
      ':1:2:3:4:5:6:7',
      'fe80::1%eth0',
      '::1/128',
      ' ::1',
    ]) {
      equal(parseIpv6(text), undefined, text);
    }
  });

  it('comes back from its text, whatever its bits', () => {
    for (const words of [tuple(word, word, word, word), tuple(sparse, sparse, sparse, sparse)]) {
      assert(
        property(words, (bits) => {
          const text = formatIpv6(bits);
          equal(isIPv6(text), true);
          equal(parseIpv6(text), text);
          const full = bits.flatMap((one) => [(one >>> 16).toString(16), (one & 0xffff).toString(16)]).join(':');
          equal(parseIpv6(full), text);
          deepEqual(Buffer.from(ipv6Octets(text)), Buffer.concat(bits.map(octetsOf)));
        }),
      );
    }
  });
});

describe('an IPv6 prefix', () => {
  it('has no bit set beyond its length', () => {
    deepEqual(parseIpv6Prefix('2001:DB8::/32'), { address: '2001:db8::', length: 32 });
    for (const text of ['::/0', '8000::/1', '::1/128', '2001:db8:8000::/33', '::8000:0:0:0/65']) {
      equal(formatIpPrefix(parseIpPrefix(text) ?? { address: 0 as never, length: -1 }), text);
    }
    for (const text of [
      '::1/127',
      '8000::/0',
      '2001:db8:8000::/32',
      '::/129',
      '::/01',
      '::',
      '::/',
      '::/0/0',
      '::/-1',
    ]) {
      equal(parseIpv6Prefix(text), undefined, text);
    }
  });
});

describe('an address of either family', () => {
  it('is read and written as its own family has it', () => {
    equal(parseIp('10.0.0.1'), parseIpv4('10.0.0.1'));
    for (const text of ['10.0.0.1', 'fe80::1']) equal(formatIp(parseIp(text) ?? (0 as never)), text);
    for (const text of ['10.0.0.0/8', '0.0.0.0/0', 'fe80::/10']) {
      equal(formatIpPrefix(parseIpPrefix(text) ?? { address: 0 as never, length: -1 }), text);
    }
    equal(parseIp('10.0.0'), undefined);
    equal(parseIpPrefix('10.0.0.1/8'), undefined);
  });

  it('is what the schema of one admits, but for IPv6 with IPv4 in it', () => {
    let read = 0;
    const piece = constantFrom(':', '::', '0', '1', 'ABCD', 'fe80', '12345', 'g', '10.0.0.1', '');
    assert(
      property(array(piece, { minLength: 1, maxLength: 16 }), (pieces) => {
        const text = pieces.join('');
        if (text.includes(':') && text.includes('.')) return;
        read += Number(parseIp(text) !== undefined);
        equal(admits(IP_ADDRESS, text), parseIp(text) !== undefined, text);
      }),
      { numRuns: 3000 },
    );
    equal(read > 20, true);
    const groups = Array.from({ length: 8 }, (_, n) => String(n + 1));
    for (let from = 0; from < 8; from++) {
      for (let to = from + 1; to <= 8; to++) {
        const text = `${groups.slice(0, from).join(':')}::${groups.slice(to).join(':')}`;
        equal(admits(IP_ADDRESS, text), true, text);
      }
    }
    equal(admits(IP_ADDRESS, groups.join(':')), true);
  });
});
