import { deepEqual, equal, ok } from 'node:assert/strict';
import { udpFrame, ip, mac } from '../../simulation/packets.ts';
import { tellRun, type HandMade, type Telling, type ToldRun } from './told.ts';

const ONE = { ethSrc: mac`02:00:00:00:00:01`, src: ip`10.0.0.1` };
const TWO = { ethSrc: mac`02:00:00:00:00:02`, src: ip`10.0.0.2` };

/** Two hosts, a bridge over both, and a way out on either: by h1 as long as there is one, else by h2. */
const NETWORK = `
topology:
  hosts: { h1: , h2: }
  bridges: { red: { ports: { vm-1: { bind: h1/vm1 }, vm-2: { bind: h2/vm2 }, gateway: } } }
  routers:
    gw:
      ports:
        to-red: { address: 10.0.0.254/24, mac: 02:00:00:00:00:fe, link: red:gateway }
        first: { address: 203.0.113.2/24, bind: h1/eth0 }
        second: { address: 198.51.100.2/24, bind: h2/eth0 }
      routes:
        - { to: 0.0.0.0/0, via: 203.0.113.1, weight: 100 }
        - { to: 0.0.0.0/0, via: 198.51.100.1, weight: 200 }
stations:
  first: { port: gw:first, address: 203.0.113.1 }
  second: { port: gw:second, address: 198.51.100.1 }
`;

const SECONDS = 100;

/** Every second one frame to the host that will be cut off, one from it, and one away from the other host. */
const TALK: readonly HandMade[] = Array.from({ length: SECONDS }, (_, second) => [
  {
    at: second + 0.25,
    port: 'red:vm-2',
    bytes: udpFrame({ ...TWO, ethDst: ONE.ethSrc, dst: ONE.src, srcPort: 1 }),
  },
  { at: second, port: 'red:vm-1', bytes: udpFrame({ ...ONE, ethDst: TWO.ethSrc, dst: TWO.src, srcPort: 2 }) },
  {
    at: second + 0.5,
    port: 'red:vm-2',
    bytes: udpFrame({ ...TWO, ethDst: mac`02:00:00:00:00:fe`, dst: ip`192.0.2.7`, srcPort: 3 }),
  },
]).flat();

function run(events: string, telling: Telling = {}, more = ''): Promise<ToldRun> {
  return tellRun(`${NETWORK}events: [${events}]\n${more}`, TALK, telling);
}

/** What became of the frames of a conversation, with the times of the first and the last that it became of, one after the other. */
function spells({ packets }: ToldRun, sourcePort: number): readonly string[] {
  const told: { what: string; first: number; last: number }[] = [];
  for (const { at, summary, end, to } of packets) {
    if (!summary.includes(`:${sourcePort} > `)) continue;
    const what = [end, ...to].join(' ');
    const spell = told.at(-1);
    if (spell?.what === what) spell.last = at;
    else told.push({ what, first: at, last: at });
  }
  return told.map(({ what, first, last }) => `${first} to ${last}: ${what}`);
}

/** The way of the packet of a conversation that came at a time. */
function wayAt({ packets }: ToldRun, sourcePort: number, time: number): readonly string[] | undefined {
  return packets.find(({ at, summary }) => at === time && summary.includes(`:${sourcePort} > `))?.path;
}

const CUT = '{ at: 10, partition: h1 }';

describe('A host that is cut off from the database', () => {
  it('C31: is lost to the others at the session timeout, not sooner, and theirs again when it is back', async () => {
    const told = await run(`${CUT}, { at: 60.1, heal: h1 }`);
    deepEqual(spells(told, 1), [
      '0.25 to 39.25: forwarded red:vm-1',
      '40.25 to 59.25: dropped port-inactive',
      '60.25 to 99.25: forwarded red:vm-1',
    ]);
  });

  it('C31: goes on sending what comes in by its own ports', async () => {
    const told = await run(`${CUT}, { at: 60.1, heal: h1 }`);
    deepEqual(spells(told, 2), ['0 to 99: forwarded red:vm-2']);
  });

  it('C32: takes its routes with it: packets go another way at once, and back when it is back', async () => {
    const told = await run(`${CUT}, { at: 60.1, heal: h1 }`);
    deepEqual(spells(told, 3), [
      '0.5 to 39.5: forwarded gw:first',
      '40.5 to 59.5: forwarded gw:second',
      '60.5 to 99.5: forwarded gw:first',
    ]);
  });

  it('shows in the ways of packets before, during and after', async () => {
    const told = await run(`${CUT}, { at: 60.1, heal: h1 }`, { hasFlows: false, wantsStory: () => true });
    const [toHost, away] = [
      ['red:vm-2', 'red', 'red:vm-1'],
      ['red:vm-2', 'red', 'red:gateway', 'gw:to-red', 'gw'],
    ];
    for (const at of [39, 40, 60]) deepEqual(wayAt(told, 1, at + 0.25), toHost);
    deepEqual(
      [39.5, 40.5, 60.5].map((at) => wayAt(told, 3, at)),
      [
        [...away, 'gw:first'],
        [...away, 'gw:second'],
        [...away, 'gw:first'],
      ],
    );
  });

  it('loses nothing when it is back before the session timeout, or at that very instant', async () => {
    let counts: unknown;
    const after: Telling['after'] = ({ agent }) => {
      ({ counts } = agent);
      return Promise.resolve();
    };
    const undisturbed = await run('', { after }, 'until: 50');
    const flows = counts;
    for (const at of [12, 39.999, 40]) {
      // oxlint-disable-next-line eslint/no-await-in-loop -- one run after the other
      const { story } = await run(`${CUT}, { at: ${at}, heal: h1 }`, { after }, 'until: 50');
      deepEqual([story, counts], [undisturbed.story, flows]);
    }
  });

  it('is lost to a frame of the very instant at which its session ends (C9)', async () => {
    const told = await run('{ at: 10.25, partition: h1 }');
    deepEqual(spells(told, 1), ['0.25 to 39.25: forwarded red:vm-1', '40.25 to 99.25: dropped port-inactive']);
  });

  it('may be cut off more than once, each time for the whole session timeout', async () => {
    const told = await run(
      `${CUT}, { at: 20.1, heal: h1 }, { at: 30, partition: h1 }, { at: 62.1, heal: h1 }, { at: 65, partition: h1 }`,
    );
    deepEqual(spells(told, 1), [
      '0.25 to 59.25: forwarded red:vm-1',
      '60.25 to 61.25: dropped port-inactive',
      '62.25 to 94.25: forwarded red:vm-1',
      '95.25 to 99.25: dropped port-inactive',
    ]);
  });

  it('is back, when it is healed after the last frame, before the run ends', async () => {
    let sent: string | undefined;
    const ask: Telling['after'] = async ({ agent }, { topology }) => {
      const port = topology.names.ports.get('red:vm-2');
      ok(port);
      const bytes = TALK[0]?.bytes;
      ok(bytes);
      const { disposition, outputs } = await agent.whatIf(bytes, bytes.length, agent.portOf(port), 'after the run');
      sent = [disposition.reason ?? disposition.kind, ...outputs.map((output) => output.port)].join(' ');
    };
    const healed = await run('{ at: 80, partition: h1 }, { at: 200, heal: h1 }', { after: ask });
    deepEqual([healed.end.at.seconds, sent], [200, 'forwarded red:vm-1']);
    const cut = await run('{ at: 80, partition: h1 }', { after: ask }, 'until: 150');
    deepEqual([cut.end.at.seconds, sent], [150, 'port-inactive']);
    const over = await run('{ at: 80, partition: h1 }', { after: ask });
    deepEqual([over.end.at.seconds, sent], [99, 'forwarded red:vm-1']);
    deepEqual([cut.story, over.story], [healed.story, healed.story]);
  });

  it('sends nothing out by a port whose link is down, though nobody else can know', async () => {
    const told = await run(
      `${CUT}, { at: 20.1, port: red:vm-1, link: down }, { at: 30.1, port: red:vm-1, link: up }, { at: 60.1, heal: h1 }`,
    );
    deepEqual(spells(told, 1), [
      '0.25 to 19.25: forwarded red:vm-1',
      '20.25 to 29.25: dropped port-inactive',
      '30.25 to 39.25: forwarded red:vm-1',
      '40.25 to 59.25: dropped port-inactive',
      '60.25 to 99.25: forwarded red:vm-1',
    ]);
  });

  it('stays dead when its agent was killed meanwhile: healing the network brings nobody back', async () => {
    const told = await run(`${CUT}, { at: 20.1, kill: h1 }, { at: 60.1, heal: h1 }`);
    deepEqual(spells(told, 1), [
      '0.25 to 19.25: forwarded red:vm-1',
      '20.25 to 39.25: dropped agent-dead',
      '40.25 to 99.25: dropped port-inactive',
    ]);
    deepEqual(spells(told, 3), [
      '0.5 to 19.5: forwarded gw:first',
      '20.5 to 39.5: dropped agent-dead',
      '40.5 to 99.5: forwarded gw:second',
    ]);
  });

  it('makes a run that goes the same way each time, and with the flow table as without', async () => {
    const events = `${CUT}, { at: 60.1, heal: h1 }, { at: 70, partition: h2 }, { at: 95, heal: h2 }`;
    const [first, second, slow] = [await run(events), await run(events), await run(events, { hasFlows: false })];
    equal(first.packets.length, TALK.length);
    deepEqual(second.story, first.story);
    deepEqual(slow.story, first.story);
  });
});
