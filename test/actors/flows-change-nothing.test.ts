import { deepEqual } from 'node:assert/strict';
import * as fc from 'fast-check';
import { anyStory, tell } from './stories.ts';

/** As many stories as are told; STORIES=10000 tells more. Of a failing one fast-check prints seed and path: SEED=1234 begins there. */
const STORIES = Number(process.env['STORIES'] ?? 400);
const SEED = process.env['SEED'];

describe('a network with a flow table', () => {
  it('sends the same bytes out of every port as one without, in the same order, and ends every packet alike', async () => {
    await fc.assert(
      fc.asyncProperty(anyStory, async (story) => {
        const [fast, slow] = [await tell(story), await tell(story, { hasFlows: false })];
        deepEqual(fast.story(), slow.story());
      }),
      { numRuns: STORIES, ...(SEED !== undefined && { seed: Number(SEED) }) },
    );
  }).timeout(120_000);
});
