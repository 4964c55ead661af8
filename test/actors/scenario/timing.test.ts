import { deepEqual, equal } from 'node:assert/strict';
import type { Ipv4 } from '../../../topology/model/ipv4.ts';
import { ANN, BOB, ip, mac, udpFrame } from '../../simulation/packets.ts';
import { tellRun, type HandMade, type ToldRun } from './told.ts';

const NETWORK = `
topology:
  bridges: { b: { ports: { p: , q: } } }
  routers: { r: { ports: { in: { address: 10.0.0.254/24, mac: 02:00:00:00:00:fe }, out: { address: 10.0.1.254/24 } } } }
`;

/** Frames recorded at these seconds, each told from the others by its destination port: 1, 2... */
function recorded(seconds: readonly number[], file = 'talk.pcap', first = 1): readonly HandMade[] {
  return seconds.map((at, n) => ({
    at,
    file,
    bytes: udpFrame({ src: ip`10.0.0.1`, dst: ip`10.0.0.2`, ethSrc: ANN, ethDst: BOB, dstPort: first + n }),
  }));
}

/** A frame for the router to pass on. */
function routed(dst: Ipv4): readonly HandMade[] {
  return [{ at: 0, bytes: udpFrame({ src: ip`10.0.0.1`, dst, ethDst: mac`02:00:00:00:00:fe` }) }];
}

/** The frames that came in, by their destination ports, and when. */
function entries({ packets }: ToldRun): readonly string[] {
  return packets.map(({ at, summary }) => `${/> \S+:(\d+) /.exec(summary)?.[1]} at ${at}`);
}

async function played(inputs: string, frames: readonly HandMade[], more = ''): Promise<readonly string[]> {
  return entries(await tellRun(`${NETWORK}inputs: [${inputs}]\n${more}`, frames));
}

describe('The time of a run', () => {
  it('begins with the first frame of each capture', async () => {
    const frames = [...recorded([100.5, 101, 103]), ...recorded([7, 9], 'other.pcap', 8)];
    deepEqual(await played('{ capture: talk.pcap, into: b:p }, { capture: other.pcap, into: b:q }', frames), [
      '1 at 0',
      '8 at 0',
      '2 at 0.5',
      '9 at 2',
      '3 at 2.5',
    ]);
  });

  it('keeps captures apart that are aligned, as they were recorded', async () => {
    const frames = [...recorded([100.5, 101, 103]), ...recorded([100, 102], 'other.pcap', 8)];
    const time = 'time: { align: capture }';
    const inputs = `{ capture: talk.pcap, into: b:p, ${time} }, { capture: other.pcap, into: b:q, ${time} }`;
    deepEqual(await played(inputs, frames), ['8 at 0', '1 at 0.5', '2 at 1', '9 at 2', '3 at 3']);
    const late = inputs.replace('align: capture', 'align: capture, offset: 10s');
    deepEqual(await played(late, frames), ['8 at 0', '9 at 2', '1 at 10.5', '2 at 11', '3 at 13']);
  });

  it('is put off by an offset, and stretched by a speed', async () => {
    const frames = recorded([100, 100.000001, 103]);
    const at = (time: string) => played(`{ capture: talk.pcap, into: b:p, time: { ${time} } }`, frames);
    deepEqual(await at('offset: 1.5'), ['1 at 1.5', '2 at 1.500001', '3 at 4.5']);
    deepEqual(await at('speed: 2'), ['1 at 0', '2 at 5e-7', '3 at 1.5']);
    deepEqual(await at('speed: 0.5, offset: 1s'), ['1 at 1', '2 at 1.000002', '3 at 7']);
  });

  it('never goes back: a frame recorded before its predecessor enters with it', async () => {
    deepEqual(await played('{ capture: talk.pcap, into: b:p }', recorded([10, 12, 11, 9, 13])), [
      '1 at 0',
      '2 at 2',
      '3 at 2',
      '4 at 2',
      '5 at 3',
    ]);
  });

  it('C9: at one instant lets in the frames of the input declared first, in the order of their file', async () => {
    const frames = [...recorded([1, 1, 2]), ...recorded([5, 5, 6], 'other.pcap', 7)];
    const [talk, other] = ['{ capture: talk.pcap, into: b:p }', '{ capture: other.pcap, into: b:q }'];
    deepEqual(await played(`${talk}, ${other}`, frames), ['1 at 0', '2 at 0', '7 at 0', '8 at 0', '3 at 1', '9 at 1']);
    deepEqual(await played(`${other}, ${talk}`, frames), ['7 at 0', '8 at 0', '1 at 0', '2 at 0', '9 at 1', '3 at 1']);
  });

  it('C9: at one instant lets events happen before frames come in, in the order of the file', async () => {
    const events = `events:
  - { at: 1, port: b:q, up: false }
  - { at: 2, port: b:q, up: false }
  - { at: 2, port: b:q, up: true }
`;
    const { packets } = await tellRun(
      `${NETWORK}${events}inputs: [{ capture: talk.pcap, into: b:p }]`,
      recorded([0, 1, 2]),
    );
    deepEqual(
      packets.map(({ end }) => end),
      ['forwarded', 'dropped port-down', 'forwarded'],
    );
  });

  it('goes on behind the last frame until no packet is pending, and no longer', async () => {
    const text = `${NETWORK}inputs: [{ capture: talk.pcap, into: r:in }]\n`;
    const waits = await tellRun(text, routed(ip`10.0.1.9`));
    deepEqual(
      [waits.end.at.seconds, waits.end.pending, waits.packets[0]?.end],
      [5, 0, 'dropped neighbour-unreachable'],
    );
    const ends = await tellRun(text, routed(ip`10.7.7.7`));
    deepEqual([ends.end.at.seconds, ends.end.pending, ends.packets[0]?.end], [0, 0, 'dropped no-route']);
  });

  it('goes on until the end that is set, and ends there: what would come later is counted as not played', async () => {
    const text = `${NETWORK}inputs: [{ capture: talk.pcap, into: b:p }]\n`;
    const long = await tellRun(`${text}until: 30\n`, recorded([0, 1]));
    deepEqual([long.end.at.seconds, long.packets.length], [30, 2]);
    const short = await tellRun(`${text}until: 1\n`, recorded([0, 1, 2, 3]));
    deepEqual(
      [short.end.at.seconds, entries(short), [...short.unplayed]],
      [1, ['1 at 0', '2 at 1'], [['after-the-end', 2]]],
    );
  });

  it('goes on until the last event has happened', async () => {
    const text = `${NETWORK}inputs: [{ capture: talk.pcap, into: b:p }]\nevents: [{ at: 90, port: b:q, up: false }]\n`;
    equal((await tellRun(text, recorded([0]))).end.at.seconds, 90);
  });
});
