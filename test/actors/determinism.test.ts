import { deepEqual } from 'node:assert/strict';
import * as fc from 'fast-check';
import { anyStory, tell } from './stories.ts';

describe('a run', () => {
  it('goes the same way each time', async () => {
    await fc.assert(
      fc.asyncProperty(anyStory, fc.nat(100), async (story, seed) => {
        const [one, other] = [await tell(story, { seed, traced: true }), await tell(story, { seed, traced: true })];
        deepEqual(other.story(), one.story());
        deepEqual(other.traces, one.traces);
      }),
      { numRuns: 100 },
    );
  }).timeout(60_000);

  it('goes the same way whether stories are told of it or not', async () => {
    await fc.assert(
      fc.asyncProperty(anyStory, async (story) => {
        const [one, other] = [await tell(story), await tell(story, { traced: true })];
        deepEqual(other.story(), one.story());
      }),
      { numRuns: 100 },
    );
  }).timeout(60_000);
});
