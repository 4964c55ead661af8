import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { OUTPUT_SCHEMAS } from '../../../datapath/trace/output-schemas.ts';
import type { ChangeTrace } from '../../../datapath/trace/change-trace.ts';
import { MOST_FLOWS } from '../../../datapath/trace/change-trace.ts';
import { ip, mac, udpFrame } from '../../simulation/packets.ts';
import { tellRun, type HandMade, type ToldRun } from './told.ts';

const [A, B, C] = [mac`02:00:00:00:00:0a`, mac`02:00:00:00:00:0b`, mac`02:00:00:00:00:0c`];

const TO_B = { ethSrc: A, ethDst: B, src: ip`10.0.0.1`, dst: ip`10.0.0.2` };
const TO_A = { ethSrc: B, ethDst: A, src: ip`10.0.0.2`, dst: ip`10.0.0.1` };

const NETWORK = `
topology:
  hosts: { h1: , h2: }
  bridges: { red: { ports: { a: { bind: h1/a }, b: { bind: h2/b }, c: } } }
`;

/** Frames between three stations of a bridge, each way; then, later, the same again. */
const TALK: readonly HandMade[] = [1, 2, 3, 11, 12, 13].flatMap((at) => [
  { at, port: 'red:a', bytes: udpFrame(TO_B) },
  { at, port: 'red:b', bytes: udpFrame(TO_A) },
  { at, port: 'red:c', bytes: udpFrame({ ethSrc: C, ethDst: A, src: ip`10.0.0.3`, dst: ip`10.0.0.1` }) },
]);

function run(events: string, frames = TALK): Promise<ToldRun> {
  return tellRun(`${NETWORK}events: [${events}]\n`, frames, { followsChanges: {} });
}

function told({ change, device, effect, causes, facts }: ChangeTrace): string {
  const because = causes.map(({ what, by }) => (by === undefined ? what : `${what} by ${by}`)).join(', ');
  const fell = facts.map(({ fact, flows }) => `${fact} ${flows}`).join(', ');
  return `${change} ${device} ${effect} because of ${because}: ${fell}`;
}

/** A cause of which nothing more is known than what it is. */
const NOTHING = { by: undefined, owner: undefined, was: undefined, is: undefined };

describe('The way of a change', () => {
  it('leads from the object that was written, and its writer, to the flows that rested on it, and to no others', async () => {
    const { changes } = await run('{ at: 5, port: "red:b", up: false }');
    const change = changes.find(({ effect }) => effect === 'reconfigured');
    ok(change);
    equal(change.device, 'red');
    deepEqual(change.causes, [{ ...NOTHING, what: 'Port red:b', by: 'agent' }]);
    deepEqual(
      change.steps.map(({ step, at, clock }) => [step, at, clock]),
      ['heard', 'read', 'told', 'removed'].map((step) => [step, '5.000000000', undefined]),
    );
    ok(change.flows.length > 0);
    for (const { path } of change.flows) ok(path.some(({ device }) => device === 'red:b'));
    equal(
      change.facts.reduce((sum, { flows }) => sum + flows, 0),
      change.flows.length,
    );
  });

  it('is told of a session that ended: the state key, the host that published it, and what is no more', async () => {
    const { changes } = await run('{ at: 5, kill: h2 }', [...TALK, ...TALK.map((frame) => ({ ...frame, at: 40 }))]);
    const change = changes.find(({ causes }) => causes.some(({ what }) => what === 'active of Port red:b'));
    ok(change);
    equal(change.effect, 'reconfigured');
    equal(change.steps[0]?.at, '35.000000000');
    const [cause] = change.causes;
    ok(cause?.was);
    match(cause.was, /^{"host":"[-0-9a-f]{36}"/);
    deepEqual(cause, { ...NOTHING, what: 'active of Port red:b', owner: 'h2', was: cause.was });
  });

  it('is told of a state that is published: the host that does it, and what it says', async () => {
    const { changes } = await run('{ at: 5, port: "red:b", link: down }, { at: 8, port: "red:b", link: up }');
    const causes = changes.flatMap((change) => change.causes).filter(({ what }) => what === 'active of Port red:b');
    deepEqual(
      causes.map(({ owner, was, is }) => [owner, was === undefined, is === undefined]),
      [
        ['h2', false, true],
        ['h2', true, false],
      ],
    );
    equal(causes[0]?.was, causes[1]?.is);
  });

  it('is told of an entry of a table when flows rested on what it said, and of no other entry', async () => {
    const moved = {
      at: 20,
      port: 'red:c',
      bytes: udpFrame(TO_B),
    };
    const { changes } = await run('', [...TALK, moved]);
    const entries = changes.filter(({ effect }) => effect === 'entry');
    ok(entries.length > 0);
    for (const { facts } of entries) ok(facts.length > 0);
    const last = entries.at(-1);
    deepEqual(last?.causes, [
      {
        what: '02:00:00:00:00:0a in mac_table of Network red',
        by: undefined,
        owner: 'agent',
        was: 'red:a',
        is: 'red:c',
      },
    ]);
    equal(last.steps[0]?.at, '20.000000000');
    ok(last.facts.some(({ fact }) => fact.startsWith('VlanPort(red, 02:00:00:00:00:0a, 0, red:a)')));
  });

  it('is told without flows when what a device does differs and no flow rested on it', async () => {
    const { changes } = await run('{ at: 30, port: "red:c", up: false }, { at: 90, port: "red:c", up: true }', [
      ...TALK,
      { ...(TALK[0] as HandMade), at: 100 },
    ]);
    deepEqual(
      changes
        .filter(({ effect }) => effect === 'reconfigured')
        .map(told)
        .at(-1),
      `${changes.length} red reconfigured because of Port red:c by agent: `,
    );
  });

  it('names a bounded number of flows, and counts all', async () => {
    const many = Array.from({ length: MOST_FLOWS + 50 }, (_, n): HandMade => {
      const ethSrc = mac`02:00:00:00:01:00` + n;
      return { at: 1 + n / 1000, port: 'red:a', bytes: udpFrame({ ...TO_B, ethSrc: ethSrc as typeof A }) };
    });
    const speak = { at: 0.5, port: 'red:b', bytes: udpFrame(TO_A) };
    const { changes } = await run('{ at: 5, port: "red:b", up: false }', [speak, ...many]);
    const change = changes.find(({ effect }) => effect === 'reconfigured');
    ok(change);
    equal(change.flows.length, MOST_FLOWS);
    ok(change.facts.reduce((sum, { flows }) => sum + flows, 0) > MOST_FLOWS);
  });

  it('is as its published schema says', async () => {
    const schema = OUTPUT_SCHEMAS.get('change');
    ok(schema);
    const validate = new Ajv2020({ strict: true, allErrors: true }).compile(schema);
    const { changes } = await run('{ at: 5, port: "red:b", up: false }, { at: 11.5, kill: h1 }');
    ok(changes.length > 1);
    for (const change of changes)
      deepEqual([validate(JSON.parse(JSON.stringify(change))), validate.errors], [true, null]);
    equal(validate(JSON.parse(JSON.stringify({ ...changes[0], causes: undefined }))), false);
  });

  it('is the same in each run, and changes nothing of it', async () => {
    const events = '{ at: 5, port: "red:b", up: false }, { at: 8, port: "red:b", up: true }, { at: 11.5, kill: h1 }';
    const one = await run(events);
    deepEqual(await run(events), one);
    const unfollowed = await tellRun(`${NETWORK}events: [${events}]\n`, TALK);
    deepEqual(unfollowed.story, one.story);
    deepEqual(unfollowed.changes, []);
  });
});
