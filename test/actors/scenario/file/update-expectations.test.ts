import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { describe, it } from 'mocha';
import { updateExpectations } from '../../../../actors/scenario/file/update-expectations.ts';
import type { Baseline } from '../../../../actors/scenario/expectations/renewal.ts';
import { parse } from 'yaml';
import { equalsGolden } from '../../../golden.ts';
import { played } from '../expectations/played.ts';

const ADDED = {
  frames: [
    {
      port: 'edge:uplink',
      groups: [
        {
          fields: [
            ['ip.dst', '8.8.8.8'],
            ['udp.dstport', '53'],
          ],
          count: 3,
        },
      ],
    },
    {
      port: 'web:web-1',
      groups: [
        {
          fields: [
            ['ipv6.dst', 'ff02::1'],
            ['eth.type', '0x88cc'],
          ],
          count: 1,
        },
      ],
    },
  ],
  drops: [{ reason: 'no-route', count: 2 }],
} as const;
const NEW: Baseline = { renewals: [], added: ADDED };

const SECTION = `expect:
  frames:
    edge:uplink:
      - { ip.dst: 8.8.8.8, udp.dstport: 53, count: 3 }
    web:web-1:
      - { ipv6.dst: ff02::1, eth.type: "0x88cc", count: 1 }
  drops:
    - { reason: no-route, count: 2 }
`;

describe('A baseline', () => {
  it('takes the place of a section that expects nothing, and leaves all else to the byte', () => {
    const [before, after] = ['# one\ntopology:  x.yaml # two\n', '\n# three\nseed:   7\n'];
    equal(updateExpectations(`${before}expect:\n${after}`, NEW), `${before}${SECTION}${after}`);
  });

  it('comes last where nothing was expected', () => {
    equal(updateExpectations('topology: x.yaml', NEW), `topology: x.yaml\n\n${SECTION}`);
  });

  it('writes numbers as they were written, but for those that it renews', () => {
    const before = `expect:\n  frames:\n    p:\n      - { vlan.id: 0x0009, tcp.seq: 1e1, count: 0x05 }\n`;
    const renewals = [{ place: ['expect', 'frames', 'p', 0], keys: { count: 7 } }];
    const after = updateExpectations(before, { renewals, added: { frames: [], drops: [] } });
    equal(after, before.replace('0x05', '0x7'));
  });

  it('leaves a file to the byte that expects what happens', () => {
    const text = 'topology:  x.yaml\nexpect:   { allow_other:  true } # as it stands\n';
    equal(updateExpectations(text, { renewals: [], added: { frames: [], drops: [] } }), text);
  });

  it('says what was seen', () => {
    const { expect } = parse(updateExpectations('topology: x.yaml\n', NEW)) as { expect: unknown };
    deepEqual(expect, {
      frames: {
        'edge:uplink': [{ 'ip.dst': '8.8.8.8', 'udp.dstport': 53, count: 3 }],
        'web:web-1': [{ 'ipv6.dst': 'ff02::1', 'eth.type': '0x88cc', count: 1 }],
      },
      drops: [{ reason: 'no-route', count: 2 }],
    });
  });

  for (const capture of [
    'tcpdump/dns_udp',
    'zeek/http/bro.org',
    'tcpdump/802.1D_spanning_tree',
    'tcpdump/icmpv6',
    'tcpdump/802.1ad_QinQ',
  ]) {
    it(`is met by the run that it was taken from: ${capture}`, async () => {
      const text = `topology: network.yaml\ninputs:\n  - { capture: ../../../captures/${capture}.pcap, into: web-1 }\n`;
      const path = 'test/actors/scenario/file/inline.yaml';
      const { renewed } = await played(text, path);
      const { results, renewed: again } = await played(renewed, path);
      equal(again, renewed);
      ok(results.length > 0);
      deepEqual(
        results.filter(({ failure }) => failure !== undefined),
        [],
      );
    });
  }
});

describe('A baseline of a scenario that expects something', () => {
  const HEAD = `topology: network.yaml # the network
stations:
  gateway: { port: uplink, mac: 02:00:00:00:00:01, address: 203.0.113.1 }
inputs:
  - { capture: ../../../captures/tcpdump/dns_udp.pcap, l2: adapt, into: web-1 }
`;
  const TAIL = '\n# the end\nseed:   7\n';
  const path = 'test/actors/scenario/file/inline.yaml';

  /** The text after an update, which the run then meets and which another update leaves alone; but for what cannot be renewed. */
  async function updated(expect: string, head = HEAD, unmet = 0): Promise<string> {
    const text = `${head}expect:\n${expect}${TAIL}`;
    const { renewed: after } = await played(text, path);
    const { results, renewed: again } = await played(after, path);
    equal(results.filter(({ failure }) => failure !== undefined).length, unmet, after);
    equal(again, after);
    ok(after.startsWith(`${head}expect:\n`) && after.endsWith(TAIL), after);
    return after.slice(`${head}expect:\n`.length, -TAIL.length);
  }

  it('keeps every entry and comment in its place, and renews what the run did not meet', async () => {
    const expect = `  # nobody else is of interest
  allow_other: true
  frames:
    uplink:
      # questions
      - { udp.dstport: 53, count: 1 } # how many
      - { udp.dstport: 53, count: 1+ } # at least
      - udp.dstport: 53
        ip.ttl: 63
      - { udp.dstport: 54, count: 3 }
    web-1:
      - allow_other: false # but here
      - { arp.opcode: 2, exact: true, ignore: [arp, eth], within: [0, 5s] }
  drops:
    - { reason: ttl-expired, count: 9 } # none any more
  flows:
    - { match: { in_port: web-1 }, count: 7 } # all of it
    - match: { in_port: web-1, ip.ttl: 64 }
      mask: [in_port]
      # where to
      actions:
        - output(db:db-1)
  paths:
    - match: { udp.dstport: 53 }
      path: [web:web-1, web, db, db:db-1] # once
`;
    const after = await updated(expect);
    equalsGolden(after, 'test/actors/scenario/file/golden/updated.yaml');
  });

  it('adds the frames that nobody expected, where no others are allowed', async () => {
    const expect = '  frames:\n    uplink:\n      - { udp.dstport: 53, count: 1+ }\n      - { arp.opcode: 7 }\n';
    equal(
      await updated(expect),
      `  frames:
    uplink:
      - { udp.dstport: 53, count: 1+ }
      - { arp.opcode: 7, count: 0 }
      - { arp.opcode: 1, arp.src.proto_ipv4: 203.0.113.2, arp.dst.proto_ipv4: 203.0.113.1, count: 1 }
      - { ip.src: 209.87.249.18, ip.dst: 192.168.1.11, ip.ttl: 127, udp.srcport: 53, udp.dstport: 43966, count: 1 }
`,
    );
    equal(
      await updated(`  allow_other: true\n${expect.replace('7 }', '7, count: 0 }')}`),
      `  allow_other: true\n${expect.replace('7 }', '7, count: 0 }')}`,
    );
  });

  it('adds the drops that nobody expected, beside the frames, and lists where there is none', async () => {
    const head = HEAD.replace('address: 203.0.113.1', 'address: 203.0.113.9');
    const after = await updated('  frames: {}\n  drops: # so far none\n', head);
    match(
      after,
      /^ {2}frames:\n {4}edge:uplink:\n {6}- \{ arp\.opcode: 1, [^]*\n {2}drops:\n? +# so far none\n {4}- \{ reason: neighbour-unreachable, count: 2 \}\n$/,
    );
  });

  it('gives an entry of which nothing comes any more the values of the frames that come instead', async () => {
    const expect = `  allow_other: true
  frames:
    uplink:
      - { ip.dst: 209.87.249.18, ip.ttl: 64, udp.dstport: 0x35, count: 7 } # the question
      - { ip.dst: 209.87.249.18, ip.ttl: 64 } # too little to go by
      - { udp.dstport: 53, ip.dst: 209.87.249.18, ip.proto: 6, within: [1s, 2s] }
      - bytes: '020000000001020000000040080045000039'
`;
    equal(
      await updated(expect),
      expect
        .replace('ttl: 64, udp.dstport: 0x35, count: 7', 'ttl: 63, udp.dstport: 0x35, count: 1')
        .replace('ttl: 64 }', 'ttl: 64, count: 0 }')
        .replace('2s] }', '2s], count: 0 }')
        .replace("45000039'", "45000039'\n        count: 0"),
    );
  });

  it('leaves a promise that nothing is to come, and a path of packets that do not come, as they are', async () => {
    const expect = `  allow_other: true
  frames:
    uplink:
      - never: { udp.dstport: 53 }
  paths:
    - { match: { icmp.type: 8 }, path: [web, ...] }
`;
    equal(await updated(expect, HEAD, 2), expect);
  });

  it('changes an entry that stands by an alias, and not the one whose anchor it is', async () => {
    const expect = `  allow_other: true
  frames:
    uplink:
      - &dns { udp.dstport: 53, count: 1+ }
    db-1: [*dns]
`;
    equal(await updated(expect), expect.replace('[*dns]', '[{ udp.dstport: 53, count: 0 }]'));
  });
});
