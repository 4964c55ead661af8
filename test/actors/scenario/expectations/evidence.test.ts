import { deepEqual, equal } from 'node:assert/strict';
import { describe, it } from 'mocha';
import { Evidence } from '../../../../actors/scenario/expectations/evidence.ts';
import { Observation } from '../../../../actors/scenario/expectations/observation.ts';
import type { FrameExpectation } from '../../../../actors/scenario/scenario.ts';
import { parseUuid, type Uuid } from '../../../../topology/model/ids.ts';

const PORT = uuid(1);
const OTHER_PORT = uuid(2);
const START = { seconds: 0, nanos: 0 };

// 198.51.100.1 to 198.51.100.2, with ports and, as a later fragment, without.
const ETHERNET = '020000000002020000000001';
const UDP = octets(`${ETHERNET}0800450000200001000040110000c6336401c6336402303900350008 0000`);
const FRAGMENT = octets(`${ETHERNET}0800450000200001000140110000c6336401c6336402303900350008 0000`);
const LLDP = octets(`${ETHERNET}88cc00`);

function uuid(n: number): Uuid {
  const id = parseUuid(`00000000-0000-4000-8000-${String(n).padStart(12, '0')}`);
  if (id === undefined) throw new TypeError(`no UUID: ${n}`);
  return id;
}

function octets(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
}

function expectation(match: Readonly<Record<string, string>>, least: number, most = least): FrameExpectation {
  return {
    where: { path: 'x.yaml', line: 1, column: 1 },
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
  const evidence = new Evidence([expected], [], (port) => port);
  for (const [index, [port, bytes]] of frames.entries()) {
    evidence.frameOut(port, bytes, bytes.length, bytes.length, index + 1, START);
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

describe('What a run is seen to send', () => {
  it('counts, for a group with fewer fields, the frames of a group that has those fields too', () => {
    const observation = new Observation((port) => port);
    for (const bytes of [UDP, UDP, FRAGMENT]) observation.frameOut(PORT, bytes, bytes.length, bytes.length);
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
