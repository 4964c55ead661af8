import { deepEqual, equal } from 'node:assert/strict';
import { describe, it } from 'mocha';
import { FlowSearch } from '../../../../actors/scenario/expectations/flow-search.ts';
import { seenFrame } from '../../../../actors/scenario/expectations/frame-fit.ts';
import type { FlowExpectation } from '../../../../actors/scenario/scenario.ts';
import type { FlowIndex } from '../../../../datapath/flow-table/flow.ts';
import type { TraceFlow } from '../../../../datapath/trace/packet-trace.ts';
import { FORWARDED } from '../../../../simulation/outcome.ts';
import { FRAGMENT, LLDP, PORT, START, udpTo } from './frames.ts';

type Values = Readonly<Record<string, string>>;

/** How packets to 198.51.100.2, port 53, are matched. */
const DNS = { in_port: 'web:web-1', 'ip.dst': '198.51.100.2', 'udp.dstport': '53' };

function expectation(match: Values, expected: Partial<FlowExpectation> = {}): FlowExpectation {
  return {
    where: { path: 'x.yaml', line: 1, column: 1 },
    place: ['expect'],
    match: new Map(Object.entries(match)),
    mask: undefined,
    actions: undefined,
    count: { least: 1, most: 1 },
    ...expected,
  };
}

function search(expected: FlowExpectation, isTooMany = false): FlowSearch {
  return new FlowSearch({ expectation: expected, isTooMany }, () => 'web:web-1');
}

/** @param key what the packet has besides that the flow does not match on */
function flow(match: Values, key: Values = {}, actions: readonly string[] = ['output(db:db-1)']): TraceFlow {
  const fields = (values: Values) => Object.entries(values).map(([field, value]) => ({ field, value }));
  return {
    key: fields({ ...match, ...key }),
    match: fields(match),
    actions,
    tags: [],
    lifetimeSeconds: 60,
    mtu: undefined,
    state: 'exists',
    because: undefined,
    path: [],
  };
}

/** The packet that made the flow that is nearest, or that is itself nearest and made none. */
function makerOf({ found }: FlowSearch): number | undefined {
  return found?.kind === 'packet' ? found.frame.packet : found?.packet;
}

describe('The flow nearest to an expected one', () => {
  it('is the one that has the most fields in common, of equal ones the first', () => {
    const looking = search(expectation(DNS));
    looking.installed(flow({ ...DNS, 'ip.dst': '198.51.100.3', 'udp.dstport': '54' }), 0 as FlowIndex, 1);
    looking.installed(flow({ ...DNS, 'udp.dstport': '54' }), 1 as FlowIndex, 2);
    looking.installed(flow({ ...DNS, 'udp.dstport': '55' }), 2 as FlowIndex, 3);
    equal(makerOf(looking), 2);
  });

  it('is, of those that do not match on a field, one that was made by a packet with its value', () => {
    const looking = search(expectation(DNS));
    const { 'udp.dstport': _, ...wide } = DNS;
    looking.installed(flow(wide, { 'udp.dstport': '54' }), 0 as FlowIndex, 1);
    looking.installed(flow(wide, { 'udp.dstport': '53' }), 1 as FlowIndex, 2);
    equal(makerOf(looking), 2);
  });

  it('is, of those with the same fields, one that does the same', () => {
    const looking = search(expectation(DNS, { actions: ['set(ip.ttl=63)', 'output(edge:uplink)'] }));
    looking.installed(flow(DNS, {}, ['drop(no-route)']), 0 as FlowIndex, 1);
    looking.installed(flow(DNS, {}, ['set(ip.ttl=62)', 'output(edge:uplink)']), 1 as FlowIndex, 2);
    equal(makerOf(looking), 2);
  });

  it('is, of those with the same fields, one that matches on fewer others, when the mask is named', () => {
    const looking = search(expectation(DNS, { mask: Object.keys(DNS) }));
    looking.installed(flow({ ...DNS, 'ip.ttl': '64', 'ip.src': '10.0.0.1' }), 0 as FlowIndex, 1);
    looking.installed(flow({ ...DNS, 'ip.ttl': '64' }), 1 as FlowIndex, 2);
    equal(makerOf(looking), 2);
  });

  it('is one as expected that did not stay: with the reason and the time', () => {
    const looking = search(expectation(DNS));
    looking.installed(flow({ ...DNS, 'udp.dstport': '54' }), 0 as FlowIndex, 1);
    looking.installed(flow(DNS), 1 as FlowIndex, 2);
    looking.removed(1 as FlowIndex, 'expired', { seconds: 60, nanos: 5e8 });
    equal(makerOf(looking), 2);
    deepEqual(looking.found?.kind === 'flow' && looking.found.gone, 'expired at 60.5s');
  });

  it('says when it went, and is not taken for a flow that came to lie in its place', () => {
    const looking = search(expectation(DNS));
    looking.installed(flow({ ...DNS, 'udp.dstport': '54' }), 0 as FlowIndex, 1);
    looking.removed(0 as FlowIndex, 'invalidated', { seconds: 1, nanos: 0 });
    looking.installed(flow({ ...DNS, 'ip.dst': '198.51.100.3', 'udp.dstport': '55' }), 0 as FlowIndex, 2);
    looking.removed(0 as FlowIndex, 'expired', { seconds: 61, nanos: 0 });
    equal(makerOf(looking), 1);
    deepEqual(looking.found?.kind === 'flow' && looking.found.gone, 'ended by a change at 1s');
  });

  it('is the first too many, of those that are there too often', () => {
    const looking = search(expectation({ in_port: 'web:web-1' }, { count: { least: 0, most: 1 } }), true);
    for (const [index, port] of ['53', '54', '55', '56'].entries()) {
      looking.installed(flow({ ...DNS, 'udp.dstport': port }), index as FlowIndex, index + 1);
    }
    looking.removed(1 as FlowIndex, 'expired', START);
    equal(makerOf(looking), 3);
  });

  it('is none, where nothing but the input port is as expected', () => {
    const looking = search(expectation({ in_port: 'web:web-1', 'udp.dstport': '53' }));
    looking.installed(flow({ in_port: 'web:web-1', 'eth.type': '0x88cc' }), 0 as FlowIndex, 1);
    looking.ended(seenFrame(PORT, 1, START, LLDP), FORWARDED);
    equal(looking.found, undefined);
  });

  it('is of the input port, where that alone is named', () => {
    const looking = search(expectation({ in_port: 'web:web-1' }, { mask: ['in_port'] }));
    looking.installed(flow({ in_port: 'web:web-2' }), 0 as FlowIndex, 1);
    looking.installed(flow({ in_port: 'web:web-1', 'eth.type': '0x88cc' }), 1 as FlowIndex, 2);
    equal(makerOf(looking), 2);
  });
});

describe('The packet that should have made a flow', () => {
  it('is one with all fields that are named, when the flows have fewer of them', () => {
    const looking = search(expectation(DNS));
    looking.installed(flow({ ...DNS, 'udp.dstport': '54' }), 0 as FlowIndex, 1);
    looking.ended(seenFrame(PORT, 1, START, udpTo(54)), FORWARDED);
    looking.ended(seenFrame(PORT, 2, START, FRAGMENT), FORWARDED);
    looking.ended(seenFrame(PORT, 3, START, udpTo(53)), { kind: 'gave-up', reason: 'neighbour-unreachable' });
    equal(looking.found?.kind, 'packet');
    equal(makerOf(looking), 3);
  });

  it('is not asked for where the packet did make a flow, though another one', () => {
    const looking = search(expectation({ in_port: 'web:web-1', 'udp.dstport': '53' }));
    looking.installed(flow({ in_port: 'web:web-1', 'ip.dst': '198.51.100.2' }, DNS), 0 as FlowIndex, 1);
    looking.ended(seenFrame(PORT, 1, START, udpTo(53)), FORWARDED);
    equal(looking.found?.kind, 'flow');
  });

  it('is none that a flow as expected may have answered', () => {
    const looking = search(expectation(DNS, { count: { least: 2, most: 2 } }));
    looking.installed(flow(DNS), 0 as FlowIndex, 1);
    looking.ended(seenFrame(PORT, 1, START, udpTo(53)), FORWARDED);
    looking.ended(seenFrame(PORT, 2, START, udpTo(53)), FORWARDED);
    equal(looking.found, undefined);
  });
});
