import { equal, ok } from 'node:assert/strict';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, it } from 'mocha';
import { Evidence } from '../../../../actors/scenario/expectations/evidence.ts';
import { ExpectationCheck } from '../../../../actors/scenario/expectations/expectation-check.ts';
import type { Expectations } from '../../../../actors/scenario/scenario.ts';
import type { FlowIndex } from '../../../../datapath/flow-table/flow.ts';
import type { TraceFlow } from '../../../../datapath/trace/packet-trace.ts';
import { FORWARDED, type Outcome } from '../../../../simulation/outcome.ts';
import { OTHER_PORT, PORT, START, udpTo } from './frames.ts';

const PACKETS = 10_000;
/** Long frames: ten thousand of them kept would be 14 MB. */
const FRAME_OCTETS = 1400;
const ROOM = 3e6;

const where = { path: 'x.yaml', line: 1, column: 1 };
const once = { least: 1, most: 1 };
const few = { least: 0, most: 2 };
const match = new Map([['udp.dstport', '1']]);
const any = new Map([['ip.dst', '198.51.100.2']]);
const place = ['expect'];
const frame = {
  where,
  place,
  port: PORT,
  bytes: undefined,
  exact: false,
  ignore: [],
  isNever: false,
  within: undefined,
};
const flow = { where, place, mask: undefined, actions: undefined };

/** Of each kind one that comes too rarely and one that comes too often; frames nobody expected; a way that nobody went. */
const EXPECTED: Expectations = {
  frames: [
    { ...frame, match, count: once },
    { ...frame, match: any, count: few },
  ],
  allowOther: false,
  allowOtherAt: new Map(),
  portNames: new Map(),
  drops: [
    { where, place, reason: 'too-big', match, count: once, port: undefined },
    { where, place, reason: 'no-route', match: any, count: few, port: undefined },
  ],
  flows: [
    { ...flow, match, count: once },
    { ...flow, match: any, count: few },
  ],
  paths: [{ where, place, match, path: ['web:web-1', '...'] }],
};

function frameTo(port: number): Uint8Array {
  const bytes = new Uint8Array(FRAME_OCTETS);
  bytes.set(udpTo(port));
  return bytes;
}

/** A flow with a text that only it has. */
function flowTo(port: number): TraceFlow {
  const fields = [
    { field: 'ip.dst', value: '198.51.100.2' },
    { field: 'udp.dstport', value: `${port}` },
  ];
  return {
    key: fields,
    match: fields,
    actions: [`output(${'x'.repeat(FRAME_OCTETS)}${port})`],
    tags: [],
    lifetimeSeconds: 60,
    mtu: undefined,
    state: 'exists',
    because: undefined,
    path: [],
  };
}

/** Everything a run tells of some packets: each comes in, leaves by both ports or is dropped, and makes a flow. */
function play(packets: number, listener: ExpectationCheck | Evidence): void {
  for (let packet = 1; packet <= packets; packet++) {
    const port = 1000 + packet;
    const bytes = frameTo(port);
    const outcome: Outcome = packet % 2 === 0 ? FORWARDED : { kind: 'dropped', reason: 'no-route' };
    if (listener instanceof Evidence) listener.flowInstalled(flowTo(port), packet as FlowIndex, packet);
    for (const out of [PORT, OTHER_PORT]) {
      listener.frameOut(out, bytes, bytes.length, bytes.length, packet, START);
    }
    listener.ended({ packet, at: START, port: PORT, bytes, wireLength: bytes.length, source: undefined }, outcome);
  }
}

function* flowsTo(packets: number): Generator<TraceFlow, void> {
  for (let packet = 1; packet <= packets; packet++) yield flowTo(1000 + packet);
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function octetsHeld(): number {
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

describe('What a failure needs', () => {
  it('is bounded in both runs, however long they are', () => {
    const check = new ExpectationCheck(EXPECTED, (port) => port);
    play(100, check);
    const before = octetsHeld();
    play(PACKETS, check);
    check.end(flowsTo(PACKETS));
    const afterFirst = octetsHeld();
    ok(afterFirst - before < ROOM, `the first run keeps ${afterFirst - before} octets`);

    const evidence = check.needs();
    ok(evidence !== undefined);
    play(PACKETS, evidence);
    const afterSecond = octetsHeld();
    ok(afterSecond - afterFirst < ROOM, `the second run keeps ${afterSecond - afterFirst} octets`);
    // One for each expectation that failed, one for each port with frames that nobody expected, the first example there.
    ok(evidence.packets().size <= 7 + 2 * 2, `${evidence.packets().size} stories`);
    equal(check.results(evidence).filter(({ failure }) => failure?.nearest === undefined).length, 0);
  });
});
