import { deepEqual, equal } from 'node:assert/strict';
import { describe, it } from 'mocha';
import { Evidence } from '../../../../actors/scenario/expectations/evidence.ts';
import { Observation } from '../../../../actors/scenario/expectations/observation.ts';
import type { FrameExpectation } from '../../../../actors/scenario/scenario.ts';
import type { Uuid } from '../../../../topology/model/ids.ts';
import { FRAGMENT, LLDP, OTHER_PORT, PORT, START, UDP, udpTo } from './frames.ts';

const NOTHING = { frames: [], drops: [], flows: [], paths: [], others: [] };

function expectation(match: Readonly<Record<string, string>>, least: number, most = least): FrameExpectation {
  return {
    where: { path: 'x.yaml', line: 1, column: 1 },
    place: ['expect'],
    isNever: false,
    port: PORT,
    match: new Map(Object.entries(match)),
    bytes: undefined,
    exact: false,
    ignore: [],
    count: { least, most },
    within: undefined,
  };
}

function evidenceOf(expected: FrameExpectation, frames: readonly (readonly [Uuid, Uint8Array])[]): Evidence {
  const evidence = new Evidence({ ...NOTHING, frames: [expected] }, [expected], [], (port) => port);
  for (const [index, [port, bytes]] of frames.entries()) {
    evidence.frameOut(port, bytes, bytes.length, bytes.length, index + 1, START);
  }
  return evidence;
}

/** Frames that leave by one port, each after one that leaves by another. */
function lookAmong(expected: readonly FrameExpectation[], frames: readonly Uint8Array[]): Evidence {
  const evidence = new Evidence({ ...NOTHING, others: [PORT] }, expected, [], (port) => port);
  for (const [index, bytes] of frames.entries()) {
    evidence.frameOut(OTHER_PORT, UDP, UDP.length, UDP.length, 100 + index, START);
    evidence.frameOut(PORT, bytes, bytes.length, bytes.length, index + 1, START);
  }
  return evidence;
}

describe('Evidence of a failure', () => {
  it('is the first frame too many, of those that came too often', () => {
    const expected = expectation({ 'udp.dstport': '53' }, 2);
    const frames = Array.from({ length: 5 }, () => [PORT, UDP] as const);
    equal(evidenceOf(expected, frames).nearestTo(expected)?.frame.packet, 3);
  });

  it('is a frame out of the right port whose one named field differs, but none without that field', () => {
    const expected = expectation({ 'udp.dstport': '54' }, 1);
    const frames = [
      [OTHER_PORT, UDP],
      [PORT, LLDP],
      [PORT, UDP],
    ] as const;
    equal(evidenceOf(expected, frames).nearestTo(expected)?.frame.packet, 3);
  });

  it('is the frame with the most equal fields, of those that came too rarely; of equal ones the first', () => {
    const expected = expectation({ 'ip.src': '198.51.100.1', 'ip.ttl': '63', 'udp.dstport': '53' }, 1);
    const frames = [
      [PORT, LLDP],
      [PORT, FRAGMENT],
      [OTHER_PORT, UDP],
      [PORT, UDP],
      [PORT, UDP],
    ] as const;
    equal(evidenceOf(expected, frames).nearestTo(expected)?.frame.packet, 4);
  });

  it('is none, where nothing but the port is as expected', () => {
    const expected = expectation({ 'udp.dstport': '53' }, 1);
    const evidence = evidenceOf(expected, [[PORT, LLDP]]);
    equal(evidence.nearestTo(expected), undefined);
    deepEqual([...evidence.packets()], []);
  });
});

describe('Evidence of frames that nobody expected', () => {
  it('is the one that came nearest to an expectation, and which', () => {
    const [far, near] = [expectation({ 'ip.ttl': '1' }, 1), expectation({ 'ip.ttl': '64', 'udp.dstport': '54' }, 1)];
    const found = lookAmong([far, near], [LLDP, FRAGMENT, udpTo(55)]).nearestOfOthers(PORT);
    equal(found?.frame.packet, 3);
    equal(found.expectation, near);
  });

  it('is none that was expected there', () => {
    const [met, missed] = [expectation({ 'udp.dstport': '53' }, 1), expectation({ 'udp.dstport': '54' }, 1)];
    equal(lookAmong([met, missed], [UDP, udpTo(55)]).nearestOfOthers(PORT)?.frame.packet, 2);
  });

  it('is none, where it could only have missed what is never to come', () => {
    const never = expectation({ 'ip.ttl': '64', 'udp.dstport': '54' }, 0);
    equal(lookAmong([never], [UDP]).nearestOfOthers(PORT), undefined);
  });
});

describe('What a run is seen to send', () => {
  it('counts, for a group with fewer fields, the frames of a group that has those fields too', () => {
    const observation = new Observation(undefined, (port) => port);
    for (const bytes of [UDP, UDP, FRAGMENT]) observation.frameOut(PORT, bytes, bytes.length, bytes.length, 1, START);
    const groups = observation.observed().frames[0]?.groups ?? [];
    deepEqual(
      groups.map(({ fields, count }) => [fields.some(([field]) => field === 'udp.dstport'), count]),
      [
        [true, 2],
        [false, 3],
      ],
    );
  });
});
