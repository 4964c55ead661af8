import { deepEqual, equal, ok } from 'node:assert/strict';
import { describe, it } from 'mocha';
import { ExpectationCheck } from '../../../../actors/scenario/expectations/expectation-check.ts';
import type { CheckResult } from '../../../../actors/scenario/expectations/failure.ts';
import { FRAME_FIELDS } from '../../../../actors/scenario/expectations/field-names.ts';
import { fitsValue } from '../../../../actors/scenario/expectations/field-values.ts';
import { waysOf } from '../../../../actors/scenario/expectations/ways.ts';
import { loadScenario } from '../../../../actors/scenario/file/load-scenario.ts';
import { frameOf } from '../../../../actors/frame-of.ts';
import { readCapture } from '../../../../datapath/capture/capture-file.ts';
import { dissect } from '../../../../simulation/packet/dissect.ts';
import type { FlowIndex } from '../../../../datapath/flow-table/flow.ts';
import type { TraceFlow } from '../../../../datapath/trace/packet-trace.ts';
import type { Uuid } from '../../../../topology/model/ids.ts';
import { checkReport } from '../../../../ops/report/check-json.ts';
import { formatChecks } from '../../../../ops/report/check-text.ts';
import { githubAnnotations } from '../../../../ops/report/github-annotations.ts';
import { junitReport } from '../../../../ops/report/junit.ts';
import { PLAIN_LOOK } from '../../../../ops/render/look.ts';
import { equalsGolden } from '../../../golden.ts';
import { played } from './played.ts';
import { readXml } from './read-xml.ts';

const GOLDEN = 'test/actors/scenario/expectations/golden';
const DNS = '../../../captures/tcpdump/dns_udp.pcap';

/** Two stations, so that what a capture of DNS plays arrives. */
function dns(expect: string): string {
  return `topology: ../file/network.yaml
stations:
  gateway: { port: uplink, mac: 02:00:00:00:00:01, address: 203.0.113.1 }
inputs:
  - { capture: ${DNS}, l2: adapt, into: web-1 }
expect:
${expect}`;
}

const REQUEST = 'ip.src: 192.168.1.11, ip.dst: 209.87.249.18, udp.dstport: 53';

async function fates(expect: string): Promise<readonly (readonly [string, string | undefined])[]> {
  const { results } = await played(dns(expect));
  return results.map(({ kind, failure }) => [kind, failure?.received]);
}

/** The check alone, over frames made by hand. */
async function checkOf(
  expect: string,
): Promise<{ readonly check: ExpectationCheck; readonly port: (name: string) => Uuid }> {
  const text = `topology: test/actors/scenario/file/network.yaml\nexpect:\n${expect}`;
  const loaded = await loadScenario(text, { path: 'inline.yaml' });
  ok(loaded.ok && loaded.scenario.expectations, JSON.stringify(loaded));
  const { names } = loaded.scenario.topology;
  const check = new ExpectationCheck(loaded.scenario.expectations, (port) => names.nameOf.get(port) ?? port);
  return {
    check,
    port: (name) => {
      const id = names.ports.get(name);
      ok(id);
      return id;
    },
  };
}

/** A router that swallows what one side asks, and lets through what the other answers. */
const OFFICE = `topology:
  routers:
    r:
      ports: { a: { address: 192.168.1.1/24 }, b: { address: 203.0.113.2/24 } }
      routes: [{ to: 209.87.0.0/16, action: blackhole }]
inputs:
  - { capture: ${DNS}, l2: adapt, into: { a: { address: 192.168.1.11 }, b: {} } }
`;

/** Compares each form of the report with what is kept. */
function allForms(name: string, suite: string, results: readonly CheckResult[]): void {
  equalsGolden(`${formatChecks(results, PLAIN_LOOK).join('\n')}\n`, `${GOLDEN}/${name}.txt`);
  equalsGolden(`${JSON.stringify(checkReport(results), undefined, 2)}\n`, `${GOLDEN}/${name}.json`);
  equalsGolden(junitReport(suite, results), `${GOLDEN}/${name}.xml`);
  equalsGolden(githubAnnotations(results).join('\n'), `${GOLDEN}/${name}.annotations`);
}

const LLDP = Uint8Array.from(Buffer.from('0180c200000e02000000000188cc00', 'hex'));
const START = { seconds: 0, nanos: 0 };

describe('Expectations of a run', () => {
  it('are met by the frames they name, at their port', async () => {
    deepEqual(await fates(`  allow_other: true\n  frames: { uplink: [{ ${REQUEST} }] }\n`), [['frames', undefined]]);
  });

  it('fail when frames come too rarely or too often', async () => {
    const [few, many] = [`{ ${REQUEST}, count: 2 }`, `{ never: { ${REQUEST} } }`];
    deepEqual(await fates(`  allow_other: true\n  frames: { uplink: [${few}, ${many}] }\n`), [
      ['frames', '1'],
      ['frames', '1'],
    ]);
  });

  it('count a frame within a time only', async () => {
    const [inside, after] = [`{ ${REQUEST}, within: [0, 1] }`, `{ ${REQUEST}, within: [10, 20] }`];
    deepEqual(await fates(`  allow_other: true\n  frames: { uplink: [${inside}, ${after}] }\n`), [
      ['frames', undefined],
      ['frames', '0'],
    ]);
  });

  it('fail of frames that nobody expected, unless others are allowed', async () => {
    const results = await fates(`  frames: { uplink: [{ ${REQUEST} }] }\n`);
    ok(results.some(([kind, received]) => kind === 'other-frames' && received !== undefined));
    const allowed = await fates(
      `  frames: { uplink: [{ ${REQUEST} }, { allow_other: true }], web-1: [{ allow_other: true }] }\n`,
    );
    ok(!allowed.some(([kind]) => kind === 'other-frames'), JSON.stringify(allowed));
  });

  it('show six of the fields that an exact frame ought not have, and programs all of them', async () => {
    const { results } = await played(
      dns(`  allow_other: true\n  frames:\n    uplink:\n      - { udp.dstport: 53, exact: true }\n`),
    );
    const surplus = (checkReport(results).results[0]?.failure?.nearest?.fields ?? []).filter(({ isEqual }) => !isEqual);
    ok(surplus.length > 20);
    const text = formatChecks(results, PLAIN_LOOK);
    equal(text.filter((line) => line.startsWith('      ✗  ')).length, 6);
    ok(text.includes(`      ... and ${surplus.length - 6} more that were not expected`), text.join('\n'));
  });

  it('name every field of an exact frame, but those ignored', async () => {
    const { check, port } = await checkOf(
      `  frames:
    uplink:
      - { eth.type: 0x88cc, exact: true }
      - { eth.type: 0x88cc, exact: true, ignore: [eth.src, eth.dst] }
      - { eth.type: 0x88cc, exact: true, ignore: [eth] }
      - { bytes: '01 80 c2 00 00 0e 02 00 00 00 00 01 88 cc 00' }
      - { bytes: '0180c200000e02000000000188cc01' }
`,
    );
    check.frameOut(port('edge:uplink'), LLDP, LLDP.length, LLDP.length, 1, START);
    deepEqual(
      check.results().map(({ failure }) => failure?.received),
      ['0', undefined, undefined, undefined, '0'],
    );
  });

  it('count drops by their reason and where the packet came in', async () => {
    const { check, port } = await checkOf(
      '  drops:\n    - { reason: no-route, count: 2 }\n    - { reason: no-route, port: web-1 }\n    - { reason: too-big }\n',
    );
    const frame = { bytes: LLDP, wireLength: LLDP.length, at: START, source: undefined };
    const noRoute = { kind: 'dropped', reason: 'no-route' } as const;
    check.ended({ ...frame, packet: 1, port: port('web:web-1') }, noRoute);
    check.ended({ ...frame, packet: 2, port: port('edge:uplink') }, noRoute);
    deepEqual(
      check.results().map(({ failure }) => failure?.received),
      [undefined, undefined, '0'],
    );
  });

  it('find flows by match, mask and actions, and show the nearest', async () => {
    const flow: TraceFlow = {
      key: [],
      match: [
        { field: 'in_port', value: 'web:web-1' },
        { field: 'ip.dst', value: '10.0.2.20' },
      ],
      actions: ['output(db:db-1)'],
      tags: [],
      lifetimeSeconds: 5,
      mtu: undefined,
      state: 'installed',
      because: undefined,
      path: [],
    };
    const { check } = await checkOf(
      `  flows:
    - { match: { in_port: web-1, ip.dst: 10.0.2.0/24 }, mask: [ip.dst, in_port], actions: ['output(db-1)'] }
    - { match: { ip.dst: 10.0.2.20 }, mask: [ip.dst] }
`,
    );
    check.end([flow]);
    const evidence = check.needs();
    evidence?.flowInstalled(flow, 0 as FlowIndex, 7);
    const [met, failed] = check.results(evidence);
    equal(met?.failure, undefined);
    deepEqual(
      failed?.failure?.nearest?.fields.map(({ field, expected, received }) => [field, expected, received]),
      [
        ['ip.dst', '10.0.2.20', '10.0.2.20'],
        ['in_port', undefined, 'web:web-1'],
        ['at the end', 'in the table', 'in the table'],
      ],
    );
  });

  it('hold the way of a packet against that expected', async () => {
    const { results } = await played(
      dns(
        `  paths:
    - { match: { ip.dst: 209.87.249.18, udp.dstport: 53 }, path: [web-1, web, ..., edge, uplink] }
    - { match: { ip.dst: 209.87.249.18, udp.dstport: 53 }, path: [web-1, ..., db] }
    - { match: { ip.dst: 10.99.99.99 }, path: [web-1, ...] }
`,
      ),
    );
    deepEqual(
      results.map(({ failure }) => failure?.received),
      [undefined, '1 of 1 on another way', 'no such packet came in'],
    );
  });

  it('keep a bounded number of the frames that nobody expected, and count all', async () => {
    const { check, port } = await checkOf('  frames: {}\n');
    const uplink = port('edge:uplink');
    for (let packet = 1; packet <= 5000; packet++)
      check.frameOut(uplink, LLDP, LLDP.length, LLDP.length, packet, START);
    const [others] = check.results();
    equal(others?.failure?.received, '5000');
    equal(others.failure.examples.length, 3);
  });

  it('need no second run when they are met', async () => {
    equal((await played(dns('  allow_other: true\n'))).runs, 1);
  });

  it('count drops of packets with the fields they name only', async () => {
    const { results } = await played(`${OFFICE}expect:
  drops:
    - { reason: blackhole-route, match: { udp.dstport: 53 } }
    - { reason: blackhole-route, match: { udp.dstport: 54 } }
`);
    deepEqual(
      results.map(({ failure }) => failure?.received),
      [undefined, '0'],
    );
  });

  it('show of drops, flows, paths and unexpected frames too what came near, field by field, and where it went', async () => {
    const { results } = await played(`${OFFICE}until: 61
expect:
  frames:
    a: [{ ip.src: 209.87.249.18, udp.dstport: 43967 }]
  drops:
    - { reason: no-route, match: { udp.dstport: 53 }, port: a }
    - { reason: blackhole-route, count: 0 }
  flows:
    - { match: { in_port: a, ip.dst: 209.87.249.18, udp.dstport: 53 }, actions: ['output(r:b)'] }
    - { match: { in_port: b, ip.dst: 192.168.1.11 }, mask: [in_port, ip.dst] }
  paths:
    - { match: { udp.dstport: 53 }, path: [a, r, b] }
    - { match: { udp.dstport: 54 }, path: [a, r, b] }
`);
    allForms('near', 'office', results);
  });

  it('need no third run when nothing came near', async () => {
    const { results, runs } = await played(dns('  flows: [{ match: { in_port: db-1 } }]\n'));
    equal(runs, 2);
    equal(results[0]?.failure?.nearest, undefined);
    ok(formatChecks(results, PLAIN_LOOK).includes('    nothing came near'));
  });

  it('show of a flow that no packet made the packet that came near, and why it made none', async () => {
    const { results } = await played(dns('  flows: [{ match: { arp.opcode: 2 } }]\n'));
    const { nearest, trace } = results[0]?.failure ?? {};
    deepEqual(
      nearest?.fields.map(({ field, received, isEqual }) => [field, received, isEqual]),
      [
        ['arp.opcode', '2', true],
        ['at the end', 'not installed: each such packet is simulated', false],
      ],
    );
    equal(nearest?.frame?.packet, trace?.packet);
    deepEqual(trace?.disposition, { kind: 'consumed', reason: 'arp-learned' });
  });

  it('tell the story of a frame nobody expected that a device made, too', async () => {
    const { results } = await played(`${OFFICE}expect: { frames: {} }\n`);
    const [others] = results;
    equal(others?.failure?.trace?.packet, others?.failure?.examples[0]?.packet);
    equal(others?.failure?.trace?.origin.kind, 'generated');
  });

  it('show of a failure the nearest frame, field by field, and where it went instead', async () => {
    const { results, runs } = await played(
      dns(`  allow_other: true
  frames:
    uplink:
      - { ${REQUEST}, ip.ttl: 62 }
    db-1:
      - { ip.dst: 209.87.249.18 }
  drops: [{ reason: no-route, count: 1 }]
`),
    );
    equal(runs, 3);
    allForms('failed', 'dns', results);
  });
});

describe('A run of which nothing is expected', () => {
  it('passes, and says so aloud', () => {
    deepEqual(formatChecks([], PLAIN_LOOK), ['Nothing was expected of this run: it passes, whatever came of it.']);
    equal(checkReport([]).passed, true);
    const [suite] = readXml(junitReport('empty', [])).children;
    equal(suite?.children[0]?.attributes.get('name'), 'nothing was expected of this run');
  });
});

describe('JUnit XML', () => {
  it('is XML whatever the words are', () => {
    const title = 'a <b> & "c" \u0000\u001b[31m \uffff \ud800 \'d\' ]]>';
    const failure = { expected: '<1>', received: '\u0007&', nearest: undefined, examples: [], trace: undefined };
    const xml = junitReport(title, [{ kind: 'frames', where: undefined, title, failure }]);
    const root = readXml(xml);
    equal(root.name, 'testsuites');
    equal(root.attributes.get('failures'), '1');
    equal(root.children[0]?.children[0]?.attributes.get('name'), 'a <b> & "c" [31m   \'d\' ]]>');
    equal(root.children[0]?.children[0]?.children[0]?.attributes.get('message'), 'expected <1>, received &');
  });
});

describe('The value of a field', () => {
  it('is the same in any base, a prefix, or letters of TCP flags', () => {
    ok(fitsValue('eth.type', '2048', '0x0800'));
    ok(fitsValue('ip.dst', '10.0.0.0/8', '10.1.2.3'));
    ok(!fitsValue('ip.dst', '10.0.0.0/16', '10.1.2.3'));
    ok(fitsValue('tcp.flags', 'SA', '0x0012'));
    ok(fitsValue('tcp.flags', 'S.', '0x0012'));
    ok(!fitsValue('tcp.flags', 'S', '0x0012'));
    ok(fitsValue('eth.src', '02:00:00:00:00:0A', '02:00:00:00:00:0a'));
    ok(fitsValue('ip.id', 'any', '0x1234'));
    ok(!fitsValue('ip.ttl', '63', '64'));
  });
});

describe('The fields of frames', () => {
  it('are all that can be dissected', async () => {
    for (const name of [
      'tcpdump/dns_udp',
      'tcpdump/icmpv6',
      'tcpdump/802.1ad_QinQ',
      'zeek/http/bro.org',
      'tcpdump/802.1D_spanning_tree',
    ]) {
      // oxlint-disable-next-line eslint/no-await-in-loop -- a file after the other
      for await (const frames of readCapture(`test/captures/${name}.pcap`)) {
        for (const { bytes, wireLength } of frames) {
          for (const [field] of dissect(frameOf(bytes, wireLength))) ok(FRAME_FIELDS.has(field), field);
        }
      }
    }
  });
});

const step = (parent: number | undefined, device: string, end?: string) => ({
  parent,
  device,
  end: end && { kind: end },
});

describe('The ways of a packet', () => {
  const way = [
    step(undefined, 'a'),
    step(0, 'b'),
    step(1, 'c', 'emit'),
    step(1, 'd', 'consumed'),
    step(0, 'e', 'drop'),
  ];

  it('are one for each branch, when all of it came to nothing', () => {
    deepEqual(waysOf({ way, disposition: { kind: 'dropped' } } as never), [
      ['a', 'b', 'c'],
      ['a', 'b', 'd'],
      ['a', 'e'],
    ]);
  });

  it('are those of the branches that came to something, when it was forwarded', () => {
    deepEqual(waysOf({ way, disposition: { kind: 'forwarded' } } as never), [
      ['a', 'b', 'c'],
      ['a', 'b', 'd'],
    ]);
  });
});
