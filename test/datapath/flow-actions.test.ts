import { equal } from 'node:assert/strict';
import { ACTIONS_LIKENESS, type FlowActions } from '../../datapath/flow-actions.ts';
import { FORWARDED } from '../../simulation/outcome.ts';
import { portIdOf } from '../../topology/model/ids.ts';
import { ip } from '../simulation/packets.ts';

const local: FlowActions = {
  outputs: [{ port: portIdOf(3), rewrite: undefined, mtu: Infinity, tunnel: undefined }],
  outcome: FORWARDED,
};
const through = (key: number): FlowActions => ({
  outputs: [
    {
      port: portIdOf(3),
      rewrite: undefined,
      mtu: Infinity,
      tunnel: { key, source: ip`192.0.2.1`, destination: ip`192.0.2.2` },
    },
  ],
  outcome: FORWARDED,
});

const dropping = (reason: 'no-route' | 'reject-route'): FlowActions => ({
  outputs: [],
  outcome: { kind: 'dropped', reason },
});

describe('flow actions', () => {
  it('are alike when they do the same to every packet', () => {
    equal(ACTIONS_LIKENESS.equals(through(7), through(7)), true);
    equal(ACTIONS_LIKENESS.hash(through(7)), ACTIONS_LIKENESS.hash(through(7)));
  });

  it('differ by the tunnel they take', () => {
    equal(ACTIONS_LIKENESS.equals(through(7), through(8)), false);
    equal(ACTIONS_LIKENESS.equals(through(7), local), false);
  });

  it('differ by why they drop', () => {
    equal(ACTIONS_LIKENESS.equals(dropping('no-route'), dropping('reject-route')), false);
  });
});
