import { deepEqual, equal, ok } from 'node:assert/strict';
import { describe, it } from 'mocha';
import { updateExpectations } from '../../../../actors/scenario/file/update-expectations.ts';
import { parse } from 'yaml';
import { played } from '../expectations/played.ts';

const OBSERVED = {
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
  it('takes the place of what was expected, and leaves all else to the byte', () => {
    const [before, after] = ['# one\ntopology:  x.yaml # two\n', '\n# three\nseed:   7\n'];
    const text = `${before}expect:\n  # gone\n  allow_other: true\n\n  drops: []\n${after}`;
    equal(updateExpectations(text, OBSERVED), `${before}${SECTION}${after}`);
  });

  it('comes last where nothing was expected', () => {
    equal(updateExpectations('topology: x.yaml', OBSERVED), `topology: x.yaml\n\n${SECTION}`);
  });

  it('written twice is the same bytes', () => {
    const once = updateExpectations('topology: x.yaml # a\nexpect: { allow_other: true }\nseed: 1\n', OBSERVED);
    equal(updateExpectations(once, OBSERVED), once);
    const flow = updateExpectations('{ topology: x.yaml, seed: 1 }\n', OBSERVED);
    equal(updateExpectations(flow, OBSERVED), flow);
  });

  it('says what was seen', () => {
    const { expect } = parse(updateExpectations('topology: x.yaml\n', OBSERVED)) as { expect: unknown };
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
      const { observed } = await played(text, path);
      const updated = updateExpectations(text, observed);
      const { results } = await played(updated, path);
      ok(results.length > 0);
      deepEqual(
        results.filter(({ failure }) => failure !== undefined),
        [],
      );
    });
  }
});
