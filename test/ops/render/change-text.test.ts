import { equal } from 'node:assert/strict';
import type { ChangeTrace } from '../../../datapath/trace/change-trace.ts';
import { formatChange } from '../../../ops/render/change-text.ts';
import { PLAIN_LOOK } from '../../../ops/render/look.ts';

const CHANGE: ChangeTrace = {
  version: 1,
  change: 3,
  device: 'edge',
  effect: 'reconfigured',
  causes: [
    { what: 'Port edge:uplink', by: 'an operator', owner: undefined, was: undefined, is: undefined },
    { what: 'active of Port edge:uplink', by: undefined, owner: 'h1', was: undefined, is: '{"host":"1"}' },
  ],
  steps: [
    { step: 'written', at: undefined, clock: 1_700_000_000_000 },
    { step: 'heard', at: '12.000000000', clock: 1_700_000_000_000.9 },
    { step: 'read', at: '12.000000000', clock: 1_700_000_000_001.25 },
    { step: 'told', at: '12.000000000', clock: 1_700_000_000_001.25 },
    { step: 'removed', at: '12.000000000', clock: 1_700_000_000_001.5 },
  ],
  facts: [
    { fact: 'Device(edge:uplink)', flows: 3 },
    { fact: 'NoRoute(edge)', flows: 1 },
  ],
  flows: [],
};

describe('A change, for people', () => {
  it('says what was made anew, why, by whom, how long each step took, and what fell', () => {
    equal(
      formatChange(CHANGE, PLAIN_LOOK),
      `change 3 at 12.000000000: edge is made anew
  because of Port edge:uplink, written by an operator
  because of active of Port edge:uplink, of h1: nothing -> {"host":"1"}
  written, heard +0.9 ms, device read +0.4 ms, actors told +0.0 ms, flows removed +0.3 ms
  3 flows rested on Device(edge:uplink)
  1 flow rested on NoRoute(edge)
`,
    );
  });

  it('has no line of times where none were asked for, and says when nothing rested on what changed', () => {
    const steps = CHANGE.steps.slice(1).map(({ step, at }) => ({ step, at, clock: undefined }));
    equal(
      formatChange(
        { ...CHANGE, change: 1, effect: 'entry', causes: CHANGE.causes.slice(1), steps, facts: [] },
        PLAIN_LOOK,
      ),
      `change 1 at 12.000000000: edge has another entry
  because of active of Port edge:uplink, of h1: nothing -> {"host":"1"}
  no flow rested on what changed
`,
    );
  });
});
