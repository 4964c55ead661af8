import { deepEqual, equal } from 'node:assert/strict';
import { CaptureError } from '../../../datapath/capture/capture-error.ts';
import { capturePath, KNOWN } from '../../captures/known.ts';
import { OFFICE, play, scenarioOf, topologyOf } from './played.ts';

describe('every capture at hand', () => {
  const topology = topologyOf(OFFICE);
  for (const l2 of ['keep', 'adapt'] as const) {
    it(`replays (l2: ${l2}), or is refused by name: each frame ends once, and both sums hold`, async () => {
      for (const [name, known] of Object.entries(KNOWN)) {
        // oxlint-disable-next-line eslint/no-await-in-loop -- one capture after the other
        const { framesIn, wrong, end } = await play(scenarioOf(topology, capturePath(name), 'lan:in', { l2 }));
        deepEqual(wrong, [], name);
        equal(end.pending, 0, name);
        const faults = end.faults.map(({ cause }) => (cause instanceof CaptureError ? cause.fault : cause));
        if ('fault' in known) deepEqual(faults, [known.fault], name);
        else deepEqual([faults, framesIn], [[], known.frames], name);
      }
    }).timeout(120_000);
  }
});
