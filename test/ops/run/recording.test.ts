import { deepEqual, ok } from 'node:assert/strict';
import { readScenario } from '../../../actors/scenario/file/load-scenario.ts';
import { MemoryRunOutput } from '../../../datapath/trace/run-output.ts';
import { play } from '../../../ops/run/play.ts';
import { compareInstants } from '../../../topology/model/time.ts';

const SCENARIO = `${import.meta.dirname}/../../../../examples/bro-org/scenario.yaml`;

describe('The frames that a run writes', () => {
  it('are in the order of time, hops and frames that waited too', async () => {
    const loaded = await readScenario(SCENARIO);
    ok(loaded.ok);
    const output = new MemoryRunOutput();
    await play(loaded.scenario, output, { wantsStory: () => true, tracesGenerated: true });
    const back = output.frames.filter(
      (frame, at) => at > 0 && compareInstants(output.frames[at - 1] ?? frame, frame) > 0,
    );
    deepEqual(back, []);
    ok(output.frames.some(({ event, verdict }) => event === 'in' && verdict === 'waits'));
    ok(output.frames.some(({ event }) => event === 'hop'));
  });
});
