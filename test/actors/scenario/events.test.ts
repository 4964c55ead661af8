import { deepEqual, equal, match } from 'node:assert/strict';
import { instantOf } from '../../../topology/model/time.ts';
import { parseUuid } from '../../../topology/model/ids.ts';
import { icmpEcho, ip, mac, neighbourSolicitation, udpFrame } from '../../simulation/packets.ts';
import { capturePath } from '../../captures/known.ts';
import { OFFICE, scenarioOf, topologyOf } from './played.ts';
import { tellRun, tellScenario, type HandMade, type ToldRun } from './told.ts';

const ONE = { ethSrc: mac`02:00:00:00:00:01`, src: ip`10.0.0.1` };

/** A bridge over two hosts, and a router with two ways out. */
const NETWORK = `
topology:
  hosts: { h1: , h2: }
  bridges: { lan: { ports: { p: { bind: h1/p }, q: { bind: h2/q }, third: { bind: h2/third }, gateway: } } }
  routers:
    r:
      ports:
        to-lan: { address: 10.0.0.254/24, mac: 02:00:00:00:00:fe, link: lan:gateway }
        out: { address: 203.0.113.2/24, bind: h1/out }
        other: { address: 198.51.100.2/24, bind: h1/other }
stations:
  two: { port: lan:q, mac: 02:00:00:00:00:02, addresses: [10.0.0.2, 10.0.0.3, 'fd00::2'] }
  gateway: { port: r:out, address: 203.0.113.1 }
  second: { port: r:other, address: 198.51.100.1 }
`;

/** A frame every second, for a station on the bridge; and one for a place behind the router. */
const TALK: readonly HandMade[] = Array.from({ length: 10 }, (_, at) => [
  { at, port: 'lan:p', bytes: udpFrame({ ...ONE, ethDst: mac`02:00:00:00:00:02`, dst: ip`10.0.0.2`, srcPort: 1 }) },
  {
    at: at + 0.5,
    port: 'lan:p',
    bytes: udpFrame({ ...ONE, ethDst: mac`02:00:00:00:00:fe`, dst: ip`192.0.2.7`, srcPort: 2 }),
  },
]).flat();

const run = (events: readonly string[], frames = TALK): Promise<ToldRun> =>
  tellRun(`${NETWORK}events:\n${events.map((event) => `  - ${event}\n`).join('')}`, frames);

/** What became of a conversation's frames, second by second: the port that they left by, or why not. */
function fates({ packets }: ToldRun, conversation: 1 | 2): readonly string[] {
  return packets
    .filter(({ summary }) => summary.startsWith('10.') && summary.includes(`:${conversation} > `))
    .map(({ end, to }) => (to.length > 0 ? to.toSorted().join('+') : (end ?? 'open')));
}

const route = (how: string): string => `route: { router: r, to: 192.0.2.0/24, ${how} }`;
const times = (n: number, what: string): readonly string[] => Array.from({ length: n }, () => what);

describe('An event of a run', () => {
  it('takes a port down, and up again', async () => {
    const told = await run(['{ at: 3, port: lan:p, up: false }', '{ at: 6, port: lan:p, up: true }']);
    deepEqual(fates(told, 1), [
      ...times(3, 'lan:q+lan:third'),
      ...times(3, 'dropped port-down'),
      ...times(4, 'lan:q+lan:third'),
    ]);
  });

  it('takes a bridge down, and up again', async () => {
    const told = await run(['{ at: 3, bridge: lan, up: false }', '{ at: 6, bridge: lan, up: true }']);
    deepEqual(fates(told, 1), [
      ...times(3, 'lan:q+lan:third'),
      ...times(3, 'dropped bridge-down'),
      ...times(4, 'lan:q+lan:third'),
    ]);
  });

  it('takes a router down, and up again', async () => {
    const told = await run(['{ at: 3, router: r, up: false }', '{ at: 6, router: r, up: true }']);
    deepEqual(fates(told, 2), [
      ...times(3, 'dropped no-route'),
      ...times(3, 'dropped router-down'),
      ...times(4, 'dropped no-route'),
    ]);
  });

  it('takes the link of an interface away, and gives it back', async () => {
    const told = await run(['{ at: 3, port: lan:q, link: down }', '{ at: 6, port: lan:q, link: up }']);
    deepEqual(fates(told, 1), [
      ...times(3, 'lan:q+lan:third'),
      ...times(3, 'lan:third'),
      ...times(4, 'lan:q+lan:third'),
    ]);
  });

  it('adds routes and removes them, by what they say', async () => {
    const told = await run([
      `{ at: 2, ${route('via: 203.0.113.1')}, do: add }`,
      `{ at: 4, ${route('via: 198.51.100.1, weight: 10')}, do: add }`,
      `{ at: 6, ${route('via: 198.51.100.1')}, do: remove }`,
      `{ at: 8, ${route('via: 203.0.113.1')}, do: remove }`,
      `{ at: 9, ${route('action: blackhole')}, do: add }`,
    ]);
    deepEqual(fates(told, 2), [
      ...times(2, 'dropped no-route'),
      ...times(2, 'r:out'),
      ...times(2, 'r:other'),
      ...times(2, 'r:out'),
      'dropped no-route',
      'dropped blackhole-route',
    ]);
  });

  it('moves a station, which announces itself where it is now, and answers there', async () => {
    const ping = icmpEcho({ ...ONE, ethDst: mac`02:00:00:00:00:02`, dst: ip`10.0.0.3` });
    const [src, target] = [
      [0xfd00_0000, 0, 0, 1],
      [0xfd00_0000, 0, 0, 2],
    ];
    const everybody = neighbourSolicitation({ ethSrc: ONE.ethSrc, src, target });
    const told = await run(
      ['{ at: 3.25, station: two, to: lan:third }'],
      [...TALK, { at: 8.25, port: 'lan:p', bytes: ping }, { at: 8.75, port: 'lan:p', bytes: everybody }],
    );
    deepEqual(
      told.said.map(({ at, from, summary }) => [at, from, summary]),
      [
        [3.25, 'lan:third', 'ARP 10.0.0.2 is at 02:00:00:00:00:02, announced'],
        [3.25, 'lan:third', 'ARP 10.0.0.3 is at 02:00:00:00:00:02, announced'],
        [8.2501, 'lan:third', '10.0.0.3 > 10.0.0.1 ICMP echo reply id 1 seq 1'],
        [8.7501, 'lan:third', 'fd00::2 > fd00::1 ICMPv6 neighbour advertisement'], // and nowhere else, where it was
      ],
    );
    deepEqual(fates(told, 1), [...times(4, 'lan:q+lan:third'), ...times(6, 'lan:third')]);
  });

  it('kills the agent of a host: its ports are silent at once, and inactive when its session has timed out', async () => {
    const frames = [0, 10, 45].flatMap((at): HandMade[] => [
      { at, port: 'lan:p', bytes: udpFrame({ ...ONE, ethDst: mac`02:00:00:00:00:02`, dst: ip`10.0.0.2`, srcPort: 1 }) },
      {
        at: at + 0.5,
        port: 'lan:third',
        bytes: udpFrame({
          ethSrc: mac`02:00:00:00:00:03`,
          src: ip`10.0.0.9`,
          ethDst: ONE.ethSrc,
          dst: ONE.src,
          srcPort: 2,
        }),
      },
    ]);
    const told = await run(['{ at: 5, kill: h1 }'], frames);
    deepEqual(fates(told, 1), ['lan:q+lan:third', 'dropped agent-dead', 'dropped agent-dead']);
    deepEqual(fates(told, 2), ['lan:p', 'dropped agent-dead', 'dropped port-inactive']);
  });

  it('that the database refuses changes nothing, and is told in the end', async () => {
    const scenario = scenarioOf(topologyOf(OFFICE), capturePath('tcpdump/dns_udp.pcap'), 'lan:in');
    const id = parseUuid('00000000-0000-4000-8000-000000000000');
    if (id === undefined) throw new Error('no UUID');
    const event = { at: instantOf(0, 0), what: { kind: 'delete', class: 'Port', id } } as const;
    const [plain, told] = [await tellScenario(scenario), await tellScenario({ ...scenario, events: [event] })];
    deepEqual(told.story, plain.story);
    equal(told.end.refused.length, 1);
    match(told.end.refused[0]?.cause.message ?? '', /there is no Port/);
  });
});
