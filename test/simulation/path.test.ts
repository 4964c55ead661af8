import { deepEqual, equal } from 'node:assert/strict';
import * as fc from 'fast-check';
import { Packet, Simulation } from '../../simulation/packet/packet.ts';
import { pathOf, stepsOf, type BranchEnd } from '../../simulation/path.ts';
import { consumed, drop, type Verdict } from '../../simulation/verdict.ts';
import { deviceIdOf, portIdOf } from '../../topology/model/ids.ts';
import { millisOf } from '../../topology/model/time.ts';
import { frameOf, ip, udpFrame, wordsOf } from './packets.ts';

const PORT = portIdOf(1);
const FRAME = frameOf(udpFrame({ src: ip`10.0.0.1`, dst: ip`10.0.0.2` }));
const EMIT: Verdict = { kind: 'emit', from: PORT };
const WAIT: Verdict = { kind: 'suspend', need: { kind: 'device', device: deviceIdOf(9) } };

/** Branches of one packet, each with the devices on its way and what decided there, in pairs, and how it ended. */
function branches(...ways: readonly (readonly [way: readonly number[], end: Verdict])[]): readonly Packet[] {
  const packet = new Packet(new Simulation(FRAME, wordsOf(FRAME, PORT), millisOf(0)), PORT);
  return packet.fork(ways.length).map((branch, n) => {
    const [way, end] = ways[n] ?? [[], EMIT];
    branch.path.push(...way);
    branch.verdict = end;
    return branch;
  });
}

/** The branches that a path tells of: the devices of each, and how it ended. */
function told(path: readonly number[]): readonly (readonly [way: readonly number[], end: BranchEnd])[] {
  const ways: number[][] = [];
  return stepsOf(path).flatMap(({ parent, device, decider, end }) => {
    const way = [...(ways[parent ?? -1] ?? []), device, decider];
    ways.push(way);
    return end === undefined ? [] : [[way, end] as const];
  });
}

describe('the path of a packet', () => {
  it('is the devices on its way and what decided there, and nothing else where it went one way and left', () => {
    deepEqual(pathOf(branches([[1, 0, 2, 7], EMIT])), [1, 0, 2, 7]);
    deepEqual(stepsOf([1, 0, 2, 7]), [
      { parent: undefined, device: 1, decider: 0, end: undefined },
      { parent: 0, device: 2, decider: 7, end: { kind: 'emit', reason: undefined } },
    ]);
    deepEqual(pathOf([]), []);
    deepEqual(stepsOf([]), []);
  });

  it('is a tree: a stretch that branches share stands once, and each goes on from where it parted', () => {
    const path = pathOf(branches([[1, 0, 2, 0, 3, 0], EMIT], [[1, 0, 2, 0, 4, 7], EMIT], [[1, 0, 5, 0], EMIT]));
    equal(path.filter((word) => word === 2).length, 1);
    deepEqual(
      stepsOf(path).map(({ parent, device }) => [parent, device]),
      [
        [undefined, 1],
        [0, 2],
        [1, 3],
        [1, 4],
        [0, 5],
      ],
    );
  });

  it('says how each branch ended', () => {
    const ended = [EMIT, drop('port-down'), consumed('arp-answered'), WAIT, drop('agent-dead')];
    const path = pathOf(branches(...ended.map((end, n) => [[1, 0, 2 + n, 0], end] as const)));
    deepEqual(
      told(path).map(([, end]) => end),
      [
        { kind: 'emit', reason: undefined },
        { kind: 'drop', reason: 'port-down' },
        { kind: 'consumed', reason: 'arp-answered' },
        { kind: 'suspend', reason: undefined },
        { kind: 'drop', reason: 'agent-dead' },
      ],
    );
  });

  it('tells a branch from another by what decided there, too', () => {
    const path = pathOf(branches([[1, 0, 2, 5], EMIT], [[1, 0, 2, 6], EMIT]));
    deepEqual(
      told(path).map(([way]) => way),
      [
        [1, 0, 2, 5],
        [1, 0, 2, 6],
      ],
    );
  });

  it('has no device for a branch that ended between two, where a mailbox was full', () => {
    const full = drop('mailbox-full');
    for (const ways of [
      [[[1, 0, 2, 0], full] as const, [[1, 0, 2, 0, 3, 0], EMIT] as const],
      [[[1, 0, 2, 0, 3, 0], EMIT] as const, [[1, 0, 2, 0], full] as const],
    ])
      deepEqual(
        stepsOf(pathOf(branches(...ways))).map(({ device }) => device),
        [1, 2, 3],
      );
    deepEqual(stepsOf(pathOf(branches([[], full]))), []);
  });

  it('tells of every branch, whatever the tree', () => {
    const ends = [EMIT, WAIT, drop('no-route'), consumed('arp-learned')];
    const tree = fc.array(fc.tuple(fc.nat(2), fc.nat(2), fc.nat(2), fc.nat(ends.length - 1)), {
      minLength: 1,
      maxLength: 20,
    });
    fc.assert(
      fc.property(tree, (drawn) => {
        // No two alike, and each its own last device: no branch ends where another goes on.
        const ways = drawn.map(
          ([a, b, c, end], n) => [[1, 0, 2 + a, b, 5 + c, 0, 10 + n, n], ends[end] ?? EMIT] as const,
        );
        const kinds = ways.map(([way, end]) => [way, end.kind]);
        deepEqual(
          told(pathOf(branches(...ways))).map(([way, end]) => [way, end.kind]),
          kinds,
        );
      }),
    );
  });
});
