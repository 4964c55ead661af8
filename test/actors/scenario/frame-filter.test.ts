import { deepEqual, equal, ok } from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { assert, constantFrom, letrec, oneof, option, property, record, tuple, nat } from 'fast-check';
import { describe, it } from 'mocha';
import { type FilterExpression, formatFilter } from '../../../actors/scenario/filter/filter-expression.ts';
import { parseFilter } from '../../../actors/scenario/filter/parse-filter.ts';
import { parseFrameFilter } from '../../../actors/scenario/frame-filter.ts';
import { frameOf } from '../../../actors/frame-of.ts';
import { readCapture } from '../../../datapath/capture/capture-file.ts';
import { ipv4Of, prefixOf } from '../../../topology/model/ipv4.ts';
import { macOf } from '../../../topology/model/mac.ts';

const direction = constantFrom('src', 'dst', 'src or dst', 'src and dst');
const port = nat({ max: 65_535 });
const { expression: anyExpression } = letrec<{ expression: FilterExpression }>((tie) => ({
  expression: oneof(
    { depthSize: 'small', withCrossShrink: true },
    record({
      kind: constantFrom('protocol'),
      protocol: constantFrom('ip', 'ip6', 'arp', 'tcp', 'udp', 'icmp', 'icmp6'),
    }),
    record({ kind: constantFrom('number'), layer: constantFrom('ether', 'ip', 'ip6'), number: nat({ max: 255 }) }),
    record({
      kind: constantFrom('net'),
      protocol: constantFrom('ip', 'arp', undefined),
      direction,
      prefix: tuple(nat({ max: 0xffff_ffff }), nat({ max: 32 })).map(([bits, length]) =>
        prefixOf(ipv4Of(bits), length),
      ),
    }),
    record({ kind: constantFrom('ether'), direction, mac: nat({ max: 0xffff_ffff }).map((low) => macOf(0x0200, low)) }),
    record({
      kind: constantFrom('port'),
      protocol: constantFrom('tcp', 'udp', undefined),
      direction,
      range: tuple(port, port).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const),
    }).map(({ range: [from, to], ...rest }) => ({ ...rest, from, to })),
    record({ kind: constantFrom('vlan'), id: option(nat({ max: 4095 }), { nil: undefined }) }),
    record({ kind: constantFrom('broadcast', 'multicast') }),
    record({ kind: constantFrom('and', 'or'), left: tie('expression'), right: tie('expression') }),
    record({ kind: constantFrom('not'), term: tie('expression') }),
  ) as never,
}));

const CAPTURES = [
  'tcpdump/dns_udp.pcap',
  'tcpdump/ntp.pcap',
  'tcpdump/dns_tcp.pcap',
  'tcpdump/icmpv6-ns-nonce.pcap',
  'tcpdump/vrrp.pcap',
  'zeek/http/bro.org.pcap',
];
const FILTERS = [
  'tcp',
  'udp',
  'arp',
  'ip',
  'ip6',
  'icmp',
  'icmp6',
  'port 53',
  'udp port 53 or 123',
  'tcp dst port 80',
  'src port 53',
  'portrange 1-1023',
  'not port 80',
  'tcp and not (port 80 or 443)',
  'net 10.0.0.0/8',
  'src net 192.168',
  'ip and not tcp or udp',
  'host 192.168.1.1',
  'ether broadcast',
  'ether multicast',
  'ether proto 0x86dd',
  'ip proto 112',
  'src or dst port 53',
  'src and dst portrange 1-1023',
  '!udp && !tcp',
];

async function taken(path: string, text: string): Promise<number> {
  const parsing = parseFrameFilter(text);
  ok(parsing.ok, text);
  let count = 0;
  for await (const frames of readCapture(path)) {
    for (const { bytes, wireLength } of frames) if (parsing.filter.takes(frameOf(bytes, wireLength).words)) count += 1;
  }
  return count;
}

function hasTcpdump(): boolean {
  try {
    execFileSync('tcpdump', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function faultOf(text: string): string {
  const parsing = parseFilter(text);
  if (parsing.ok) return 'none';
  const { at, what, didYouMean } = parsing.fault;
  return `${at} ${what}${didYouMean === undefined ? '' : ` (${didYouMean}?)`}`;
}

function canonical(text: string): string | undefined {
  const parsing = parseFilter(text);
  return parsing.ok ? formatFilter(parsing.expression) : undefined;
}

describe('a frame filter', () => {
  it('is read back as what was written', () => {
    assert(
      property(anyExpression, (expression) => {
        deepEqual(parseFilter(formatFilter(expression)), { ok: true, expression: structuredClone(expression) });
      }),
    );
  });

  it('repeats the qualifiers for a value without any', () => {
    equal(canonical('tcp dst port 80 or 443'), 'tcp dst port 80 or tcp dst port 443');
    equal(canonical('host 10.0.0.1 or 10.0.0.2'), 'host 10.0.0.1 or host 10.0.0.2');
  });

  it('binds "and" and "or" alike, from the left', () => {
    equal(canonical('udp or tcp and port 53'), canonical('(udp or tcp) and port 53'));
    ok(canonical('udp or tcp and port 53') !== canonical('udp or (tcp and port 53)'));
  });

  it('takes an address alone for a host, and short networks for prefixes', () => {
    equal(canonical('10.0.0.1'), 'host 10.0.0.1');
    equal(canonical('src net 172.16'), 'src net 172.16.0.0/16');
  });

  it('is refused with the place of what is wrong', () => {
    equal(faultOf('tcp prt 80'), '4 "prt" does not belong here (port?)');
    equal(faultOf('port 70000'), '5 "70000" is not a port from 0 to 65535');
    equal(faultOf('(tcp'), '4 a parenthesis is not closed');
    equal(faultOf('tcp )'), '4 ")" does not belong here');
    equal(faultOf(''), '0 the filter is empty');
    equal(faultOf('host 10.0.0.0/8'), '5 "10.0.0.0/8" is a prefix (net 10.0.0.0/8?)');
    equal(faultOf('host fe80::1'), '5 "fe80::1" is no IPv4 address: filters know IPv6 only as "ip6"');
    equal(faultOf('arp port 5'), '9 "arp" has no ports');
    equal(faultOf('tcp and'), '7 the filter ends here');
  });

  it('is refused when nested too deep or too long, without harm', () => {
    equal(faultOf('('.repeat(5000)).includes('more than'), true);
    equal(faultOf('not '.repeat(100) + 'tcp').includes('levels'), true);
    equal(faultOf('tcp or '.repeat(2000) + 'tcp').includes('words'), true);
  });

  it('sees through VLAN tags', async () => {
    ok((await taken('test/captures/tcpdump/802.1ad_QinQ.pcap', 'vlan and (ip or arp or ip6)')) > 0);
  });

  const compares = hasTcpdump() ? it : it.skip;
  compares('takes the frames that tcpdump takes (needs tcpdump)', async function () {
    this.timeout(60_000);
    for (const capture of CAPTURES) {
      const path = `test/captures/${capture}`;
      for (const filter of FILTERS) {
        const printed = execFileSync('tcpdump', ['-nnr', path, filter], {
          stdio: ['ignore', 'pipe', 'ignore'],
        }).toString();
        const theirs = printed.split('\n').filter((line) => /^\d/.test(line)).length;
        // oxlint-disable-next-line eslint/no-await-in-loop -- one after the other, for two cores
        equal(await taken(path, filter), theirs, `${filter} of ${capture}`);
      }
    }
  });
});
