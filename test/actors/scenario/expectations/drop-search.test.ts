import { equal } from 'node:assert/strict';
import { describe, it } from 'mocha';
import { DropSearch } from '../../../../actors/scenario/expectations/drop-search.ts';
import { seenFrame } from '../../../../actors/scenario/expectations/frame-fit.ts';
import type { DropExpectation } from '../../../../actors/scenario/scenario.ts';
import { FORWARDED, type Outcome } from '../../../../simulation/outcome.ts';
import type { Uuid } from '../../../../topology/model/ids.ts';
import { LLDP, OTHER_PORT, PORT, START, udpTo } from './frames.ts';

const NO_ROUTE: Outcome = { kind: 'dropped', reason: 'no-route' };
const TTL_EXPIRED: Outcome = { kind: 'dropped', reason: 'ttl-expired' };
const GAVE_UP: Outcome = { kind: 'gave-up', reason: 'neighbour-unreachable' };
const CONSUMED: Outcome = { kind: 'consumed', reason: 'arp-learned' };

/** Forwarded, but for copies that were lost for the reason that is expected. */
const IN_PART: Outcome = { ...FORWARDED };
const LOSING = new Set([IN_PART]);

function expectation(expected: Partial<DropExpectation>): DropExpectation {
  return {
    where: { path: 'x.yaml', line: 1, column: 1 },
    place: ['expect'],
    reason: 'no-route',
    match: new Map(),
    count: { least: 1, most: 1 },
    port: undefined,
    ...expected,
  };
}

/** The number of the packet that is nearest; packets are numbered from 1. The third of a line: a station sent it. */
function nearest(
  expected: DropExpectation,
  ended: readonly (readonly [Uuid, Uint8Array, Outcome, 'station'?])[],
): number | undefined {
  const search = new DropSearch(expected, (port) => port);
  for (const [index, [port, bytes, outcome, station]] of ended.entries()) {
    const lost = LOSING.has(outcome) ? (['no-route'] as const) : [];
    search.ended(seenFrame(port, index + 1, START, bytes), { outcome, lost: new Set(lost) }, station === undefined);
  }
  return search.found?.frame.packet;
}

describe('The packet nearest to an expected drop', () => {
  it('is one with the fields that are named, however it ended, before one that was dropped for the reason', () => {
    const expected = expectation({ match: new Map([['udp.dstport', '53']]) });
    const ended = [
      [PORT, udpTo(54), NO_ROUTE],
      [PORT, udpTo(53), FORWARDED],
    ] as const;
    equal(nearest(expected, ended), 2);
  });

  it('is, of those with the fields, one that was dropped for another reason, before one that left', () => {
    const expected = expectation({ match: new Map([['udp.dstport', '53']]) });
    const ended = [
      [PORT, udpTo(53), FORWARDED],
      [PORT, udpTo(53), TTL_EXPIRED],
      [PORT, udpTo(53), GAVE_UP],
    ] as const;
    equal(nearest(expected, ended), 2);
  });

  it('is, of those with the fields, one of which a copy was lost for the reason, before one dropped for another', () => {
    const expected = expectation({ match: new Map([['udp.dstport', '53']]) });
    const ended = [
      [PORT, udpTo(53), FORWARDED],
      [PORT, udpTo(53), TTL_EXPIRED],
      [PORT, udpTo(53), IN_PART],
    ] as const;
    equal(nearest(expected, ended), 3);
  });

  it('is one that was dropped for the reason, but came in elsewhere, before one that came in there and left', () => {
    const expected = expectation({ port: PORT });
    const ended = [
      [PORT, udpTo(53), FORWARDED],
      [OTHER_PORT, udpTo(53), NO_ROUTE],
    ] as const;
    equal(nearest(expected, ended), 2);
  });

  it('is one that has more of the fields, before one that came in there and was dropped for the reason', () => {
    const match = new Map([
      ['udp.dstport', '53'],
      ['ip.ttl', '64'],
    ]);
    const ended = [
      [PORT, udpTo(54), NO_ROUTE],
      [OTHER_PORT, udpTo(53), FORWARDED],
    ] as const;
    equal(nearest(expectation({ port: PORT, match }), ended), 2);
  });

  it('is, of those with the fields, one that came in there, before one that was dropped for the reason elsewhere', () => {
    const expected = expectation({ port: PORT, match: new Map([['udp.dstport', '53']]) });
    const ended = [
      [OTHER_PORT, udpTo(53), NO_ROUTE],
      [PORT, udpTo(53), FORWARDED],
    ] as const;
    equal(nearest(expected, ended), 2);
    equal(nearest(expected, [...ended, [PORT, udpTo(53), TTL_EXPIRED]]), 3);
  });

  it('is any that a capture played, when nothing is named and nothing was dropped', () => {
    const ended = [
      [PORT, LLDP, CONSUMED, 'station'],
      [PORT, udpTo(53), FORWARDED],
      [PORT, udpTo(54), FORWARDED],
    ] as const;
    equal(nearest(expectation({}), ended), 2);
  });

  it('is none, where it has neither port nor fields and was not dropped', () => {
    const named = { port: PORT, match: new Map([['udp.dstport', '53']]) };
    equal(nearest(expectation(named), [[OTHER_PORT, LLDP, FORWARDED]]), undefined);
  });

  it('is the first too many, of those that were dropped too often', () => {
    const expected = expectation({ count: { least: 0, most: 1 }, match: new Map([['udp.dstport', '53']]) });
    const ended = [
      [PORT, udpTo(53), NO_ROUTE],
      [PORT, udpTo(54), NO_ROUTE],
      [PORT, udpTo(53), NO_ROUTE],
      [PORT, udpTo(53), NO_ROUTE],
    ] as const;
    equal(nearest(expected, ended), 3);
  });
});
