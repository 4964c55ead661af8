import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { formatExpressionProblem } from '../../../actors/expression/expression-problem.ts';
import { OPTIONS } from '../../../actors/expression/option-table.ts';
import type { PacketExpression } from '../../../actors/expression/packet-expression.ts';
import { parsePacketExpression } from '../../../actors/expression/parse-expression.ts';

type Packet = Extract<PacketExpression, { readonly kind: 'packet' }>;

function parsed(text: string): Packet {
  const result = parsePacketExpression(text);
  ok(result.kind === 'packet', result.kind === 'problem' ? result.message : result.kind);
  return result;
}

/** What is shown of a problem, behind the text itself. */
function trouble(text: string): readonly string[] {
  const result = parsePacketExpression(text);
  ok(result.kind === 'problem', `understood: ${text}`);
  return formatExpressionProblem(text, result).slice(1);
}

function flagsOf(text: string): unknown {
  const { content } = parsed(`tcp 10.0.1.10 > 10.0.2.20:80 flags=${text}`);
  return content.kind === 'ipv4' && content.body.kind === 'tcp' && content.body.flags;
}

function icmpOf(text: string): readonly number[] {
  const { content } = parsed(text);
  ok(content.kind === 'ipv4' && content.body.kind === 'icmp');
  return [content.body.type, content.body.code, content.body.rest];
}

const ESCAPES = String.raw`expected \n, \r, \t, \0, \", \\, or \x and two hexadecimal digits`;

describe('a packet expression', () => {
  it('says a TCP packet by its ends, and takes it for the first of a conversation', () => {
    const { content } = parsed('tcp 10.0.1.10:4000 > 10.0.2.20:80');
    ok(content.kind === 'ipv4' && content.body.kind === 'tcp');
    equal(content.src, 0x0a00_010a);
    equal(content.dst, 0x0a00_0214);
    equal(content.ttl, 64);
    const { srcPort, dstPort, flags } = content.body;
    deepEqual([srcPort, dstPort, flags], [4000, 80, 0x02]);
  });

  it('takes options before, between and behind the addresses, and none of blanks around >', () => {
    const said = parsed('udp ttl=1 10.0.1.10:53>10.0.2.20:53 tos=0x10 df id=7 vlan=10 vlan=20p3 checksum=none');
    ok(said.content.kind === 'ipv4' && said.content.body.kind === 'udp');
    deepEqual(said.ethernet.vlans, [10, (3 << 13) | 20]);
    const { ttl, tos, dontFragment, identification, body } = said.content;
    deepEqual([ttl, tos, dontFragment, identification, body.checksum], [1, 0x10, true, 7, 0]);
  });

  it('says TCP flags by names and by letters alike', () => {
    for (const text of ['SA', 'S.', 'syn,ack', 'ACK,SYN', 'as']) equal(flagsOf(text), 0x12, text);
    equal(flagsOf('none'), 0);
    equal(flagsOf('FSRPUEW.'), 0xff);
  });

  it('says ICMP messages by name or by number', () => {
    deepEqual(icmpOf('icmp echo 10.0.1.10 > 10.0.2.20 id=1 seq=2'), [8, 0, 0x0001_0002]);
    deepEqual(icmpOf('icmp echo-reply id=65535 10.0.1.10 > 10.0.2.20'), [0, 0, 0xffff_0000]);
    deepEqual(icmpOf('icmp type=3 code=4 mtu=1400 10.0.1.10 > 10.0.2.20'), [3, 4, 1400]);
  });

  it('says ARP as people and as tcpdump say it', () => {
    const asked = parsed('arp request 10.0.1.10 asks 10.0.1.1').content;
    deepEqual(parsed('arp who-has 10.0.1.1 tell 10.0.1.10').content, asked);
    ok(asked.kind === 'arp');
    deepEqual([asked.operation, asked.senderIp, asked.targetIp], [1, 0x0a00_010a, 0x0a00_0101]);
    const probe = parsed('arp probe 10.0.1.10').content;
    ok(probe.kind === 'arp' && probe.senderIp === 0 && probe.targetIp === 0x0a00_010a);
    const announced = parsed('arp announce 10.0.1.10').content;
    ok(announced.kind === 'arp' && announced.senderIp === announced.targetIp);
    const reply = parsed('arp reply 10.0.1.10 is-at 02:00:00:00:01:0a to 10.0.1.1').content;
    ok(reply.kind === 'arp' && reply.operation === 2 && reply.senderMac === 0x0200_0000_010a);
  });

  it('says any protocol of IP, any ethertype, and payloads as text or octets', () => {
    const gre = parsed('ip proto=47 10.0.1.10 > 10.0.2.20 payload=00000800').content;
    ok(gre.kind === 'ipv4' && gre.body.kind === 'other' && gre.body.protocol === 47);
    deepEqual([...gre.body.payload], [0, 0, 8, 0]);
    const lldp = parsed('eth 02:00:00:00:00:0a > 01:80:c2:00:00:0e type=0x88cc len=46');
    ok(lldp.content.kind === 'raw' && lldp.content.payload.length === 46 && lldp.ethernet.dst === 0x0180_c200_000e);
    const text = parsed(String.raw`udp 10.0.1.10 > 10.0.2.20:9 payload="a > \"b\"\r\n\x00é"`).content;
    ok(text.kind === 'ipv4');
    equal(Buffer.from(text.body.payload).toString('utf8'), 'a > "b"\r\n\0é');
  });

  it('says a fragment by its place, and whether more follow', () => {
    const { content } = parsed('ip proto=17 10.0.1.10 > 10.0.2.20 frag=1480+ len=1480');
    ok(content.kind === 'ipv4' && content.fragmentOffset === 1480 && content.moreFragments);
    match(trouble('udp 10.0.1.10:1 > 10.0.2.20:2 frag=1480')[1] ?? '', /^a later fragment has no header/);
  });

  it('takes octets in hexadecimal as they are, with a word before them or none', () => {
    const octets = Array.from({ length: 14 }, (_, n) => n);
    const bytes = Uint8Array.from(octets);
    const plain = octets.map((octet) => octet.toString(16).padStart(2, '0'));
    for (const text of [`hex ${plain.join('')}`, plain.join(':'), plain.join(' '), plain.join('').toUpperCase()])
      deepEqual(parsePacketExpression(text), { kind: 'octets', bytes });
  });

  it('leaves a frame of a capture to the caller', () => {
    deepEqual(parsePacketExpression('my captures/web 1.pcap#12'), {
      kind: 'capture',
      file: 'my captures/web 1.pcap',
      frame: 12,
    });
    equal(parsePacketExpression('x.pcap#0').kind, 'capture');
  });

  const troubles: readonly (readonly [text: string, ...lines: readonly string[]])[] = [
    ['', '^', 'no packet', 'expected tcp, udp, icmp, arp, ip, eth, hex, or FILE.pcap#N'],
    [
      'tpc 10.0.1.10:1 > 10.0.2.20:2',
      '^~~',
      "'tpc' is no kind of packet",
      'expected tcp, udp, icmp, arp, ip, eth, hex, or FILE.pcap#N',
      "did you mean 'tcp'?",
    ],
    [
      'tcp 10.0.1.10:4000 > 10.0.2.300:80',
      '                     ^~~~~~~~~~',
      "'10.0.2.300' is not an IPv4 address",
      'expected an address and a port such as 10.0.1.10:4000',
    ],
    [
      'tcp 10.0.1.10:4000 > 10.0.2.20',
      `${' '.repeat(30)}^`,
      'the destination has no port',
      'expected a port, as in 10.0.2.20:80',
    ],
    [
      'tcp 10.0.1.10:4000 10.0.2.20:80',
      '                   ^~~~~~~~~~~~',
      "'10.0.2.20:80' makes no sense here",
      "expected '>'",
    ],
    [
      'tcp 10.0.1.10:70000 > 10.0.2.20:80',
      `${' '.repeat(14)}^~~~~`,
      "'70000' is not a port",
      'expected a number from 0 to 65535',
    ],
    [
      'udp 10.0.1.10:1 > 10.0.2.20:2 tll=3',
      `${' '.repeat(30)}^~~`,
      "'tll' is not an option of udp packets",
      'expected one of eth.src, eth.dst, vlan, ttl, tos, id, ip.id, df, frag, ip.checksum, checksum, len, payload',
      "did you mean 'ttl'?",
    ],
    [
      'udp 10.0.1.10:1 > 10.0.2.20:2 flags=S',
      `${' '.repeat(30)}^~~~~`,
      "'flags' is not for udp packets",
      'expected one of eth.src, eth.dst, vlan, ttl, tos, id, ip.id, df, frag, ip.checksum, checksum, len, payload',
    ],
    [
      'icmp echo 10.0.1.10 > 10.0.2.20 ttl=1 ttl=2',
      `${' '.repeat(38)}^~~~~`,
      "'ttl' is said twice",
      'expected it once',
    ],
    ['arp request 10.0.1.10 ask 10.0.1.1', `${' '.repeat(22)}^~~`, "'ask' makes no sense here", "expected 'asks'"],
    ['arp who-has 10.0.1.1', `${' '.repeat(20)}^`, 'the packet ends too early', "expected 'tell'"],
    [
      'ip 10.0.1.10 > 10.0.2.20',
      '^~',
      'the protocol is not said',
      "expected 'proto=47', or tcp, udp, icmp in place of ip",
    ],
    ['hex 0200 00xx', `${' '.repeat(11)}^`, "'x' is no hexadecimal digit"],
    ['02', '  ^', '1 octet is no frame', 'expected 14 to 65535 octets, the Ethernet header first'],
    ['0200', '    ^', '2 octets are no frame', 'expected 14 to 65535 octets, the Ethernet header first'],
    [
      'tcp [2001:db8::1]:80 > 10.0.2.20:80',
      '    ^~~~~~~~~~~~~~~~',
      'IPv6 addresses are not understood here',
      'expected an IPv4 address; or the frame as hex, or as FILE#N',
    ],
    [
      'udp 10.0.1.10 > 10.0.2.20:9 payload="abc',
      `${' '.repeat(36)}^~~~`,
      'the text has no end',
      'expected a quotation mark behind it',
    ],
    ['udp 10.0.1.10 > 10.0.2.20:9 payload="a\\\\\\q"', `${' '.repeat(40)}^~`, "'\\q' is no escape", ESCAPES],
    ['udp 10.0.1.10 > 10.0.2.20:9 payload="\\x4g"', `${' '.repeat(37)}^~`, "'\\x' is no escape", ESCAPES],
    ...(
      [
        ['tcp 10.0.1.10 > 10.0.2.20:9', 65_495],
        ['udp 10.0.1.10 > 10.0.2.20:9', 65_507],
        ['icmp echo 10.0.1.10 > 10.0.2.20', 65_507],
        ['ip proto=47 10.0.1.10 > 10.0.2.20', 65_515],
      ] as const
    ).map(([packet, most]): readonly [string, ...string[]] => [
      `${packet} len=${most + 1}`,
      `${' '.repeat(packet.length + 5)}^~~~~`,
      `'${most + 1}' is not a value of 'len'`,
      `expected a number from 0 to ${most}`,
    ]),
    [
      'tcp 10.0.1.10 > 10.0.2.20:9 len=65495 mss=1460',
      `${' '.repeat(28)}^~~~~~~~~`,
      '65539 octets are too many for an IPv4 packet',
      'expected 65535 at most',
    ],
    [
      'icmp echo 10.0.1.10 > 10.0.2.20 seq=65536',
      `${' '.repeat(36)}^~~~~`,
      "'65536' is not a value of 'seq'",
      'expected a number from 0 to 65535',
    ],
  ];
  for (const [text, ...lines] of troubles)
    it(`shows where ${text === '' ? 'an empty one' : text} goes wrong, and what was expected`, () => {
      deepEqual(trouble(text), lines);
    });

  it('shows the place in a long text without the whole of it', () => {
    const text = `hex ${'00'.repeat(500)}zz${'00'.repeat(500)}`;
    const result = parsePacketExpression(text);
    ok(result.kind === 'problem');
    const [shown = '', caret = ''] = formatExpressionProblem(text, result);
    ok(shown.length <= 80);
    equal(shown[caret.indexOf('^')], 'z');
  });

  it('is understood or refused with a place inside of it, whatever it is', () => {
    const word = fc.oneof(
      fc.constantFrom('tcp', 'udp', 'icmp', 'arp', 'ip', 'eth', 'hex', 'echo', 'request', 'asks', '>', '10.0.1.10:80'),
      fc.constantFrom(
        '10.0.2.20',
        'ttl=1',
        'vlan=10',
        'payload="x"',
        'df',
        'frag=8+',
        'proto=47',
        'type=3',
        'ff:ff',
        '#3',
      ),
      fc.string({ maxLength: 8 }),
    );
    const anyText = fc.array(word, { maxLength: 8 }).map((words) => words.join(' '));
    fc.assert(
      fc.property(anyText, (text) => {
        const result = parsePacketExpression(text);
        if (result.kind !== 'problem') return;
        ok(result.at >= 0 && result.at + result.length <= text.length);
        match(formatExpressionProblem(text, result)[1] ?? '', /^ *\^~*$/);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('the document about packet expressions', () => {
  const document = readFileSync('docs/packet-expression.md', 'utf8');

  it('has examples that are understood', () => {
    const table = document.slice(document.indexOf('## Examples'), document.indexOf('## Grammar'));
    const examples = table
      .split('\n')
      .flatMap((row) => Array.from((row.split(' | ')[0] ?? '').matchAll(/`([^`]+)`/g), ([, said = '']) => said));
    ok(examples.length > 12);
    for (const example of examples) parsed(example.replace(/payload=([0-9a-f]+)…/, 'payload=$1'));
  });

  it('names every option, and no other', () => {
    const table = document.slice(document.indexOf('## Options'), document.indexOf('## Errors'));
    const named = table
      .split('\n')
      .flatMap((row) =>
        row.startsWith('| `')
          ? Array.from((row.split(' | ')[0] ?? '').matchAll(/`([^`]+)`/g), ([, name = '']) => name)
          : [],
      );
    deepEqual(new Set(named), new Set(OPTIONS.keys()));
  });

  it('shows an error as it is shown', () => {
    const text = 'udp 10.0.1.10:1 > 10.0.2.20:2 tll=3';
    const result = parsePacketExpression(text);
    ok(result.kind === 'problem' && document.includes(formatExpressionProblem(text, result).join('\n')));
  });
});
