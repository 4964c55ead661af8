import { deepEqual, equal } from 'node:assert/strict';
import { inOrder, outcomeOf, shortestClassOf } from '../../simulation/outcome.ts';
import { Packet, Simulation } from '../../simulation/packet/packet.ts';
import { consumed, drop, type Verdict } from '../../simulation/verdict.ts';
import { millisOf } from '../../topology/model/time.ts';
import { portIdOf } from '../../topology/model/ids.ts';
import { frameOf, udpFrame, ip, wordsOf } from './packets.ts';

const PORT = portIdOf(1);

/** Branches of one packet that ended so, in the order of their forks. */
function branches(...verdicts: readonly Verdict[]): readonly Packet[] {
  const frame = frameOf(udpFrame({ src: ip`10.0.0.1`, dst: ip`10.0.0.2` }));
  const simulation = new Simulation(frame, wordsOf(frame, PORT), millisOf(0));
  const ways = new Packet(simulation, PORT).fork(verdicts.length);
  for (const [n, way] of ways.entries()) way.verdict = verdicts[n];
  return ways;
}

const emit: Verdict = { kind: 'emit', from: PORT };
const kept = drop('port-down');
const routeless = drop('no-route');
const trouble = drop('port-inactive');

describe('what branches come to together', () => {
  it('C7: a failed branch fails alone: forwarded beats every drop', () => {
    for (const lesser of [kept, routeless, trouble, consumed('arp-answered')]) {
      equal(outcomeOf(branches(emit, lesser)).kind, 'forwarded');
      equal(outcomeOf(branches(lesser, emit)).kind, 'forwarded');
    }
  });

  it('C7: the flow lives as long as the shortest-lived branch would', () => {
    equal(shortestClassOf(branches(emit, emit)), 'permanent');
    equal(shortestClassOf(branches(emit, routeless)), 'short');
    equal(shortestClassOf(branches(trouble, routeless)), 'error');
    equal(shortestClassOf(branches(routeless, trouble)), 'error');
    equal(shortestClassOf(branches(emit, kept)), 'permanent');
  });

  it('of two branches that came to nothing, the later one names the reason; but trouble is always told', () => {
    equal(outcomeOf(branches(kept, routeless)).reason, 'no-route');
    equal(outcomeOf(branches(routeless, kept)).reason, 'port-down');
    equal(outcomeOf(branches(trouble, kept)).reason, 'port-inactive');
    equal(outcomeOf(branches(kept, trouble)).reason, 'port-inactive');
    deepEqual(outcomeOf(branches(kept, consumed('arp-answered'))), { kind: 'consumed', reason: 'arp-answered' });
  });

  it('is told in the order of the forks, whichever branch ran first', () => {
    const [a, b] = branches(kept, routeless);
    if (a === undefined || b === undefined) throw new Error('two branches were expected');
    const [c, d] = a.fork(2);
    if (c === undefined || d === undefined) throw new Error('two branches were expected');
    deepEqual(inOrder([b, d, c]), [c, d, b]);
  });
});
