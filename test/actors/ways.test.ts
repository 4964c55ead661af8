import { deepEqual, ok } from 'node:assert/strict';
import * as fc from 'fast-check';
import { anyStory, tell } from './stories.ts';

/** How many stories are told; STORIES and SEED as in `flows-change-nothing.test.ts`. */
const STORIES = Number(process.env['STORIES'] ?? 200);
const SEED = process.env['SEED'];

describe('The way of a packet', () => {
  it('is the same whether actors or a flow answered: of each copy that leaves, and in each story', async () => {
    let hits = 0;
    let floods = 0;
    await fc.assert(
      fc.asyncProperty(anyStory, async (story) => {
        const [fast, slow] = [
          await tell(story, { traced: true }),
          await tell(story, { traced: true, hasFlows: false }),
        ];
        deepEqual(
          fast.out.map(({ packet, port, path }) => [packet, port, path]),
          slow.out.map(({ packet, port, path }) => [packet, port, path]),
        );
        const slowly = new Map(slow.traces.map((trace) => [trace.packet, trace]));
        for (const { packet, hit, way, disposition } of fast.traces) {
          const other = slowly.get(packet);
          deepEqual([disposition, way], [other?.disposition, other?.way]);
          if (!hit) continue;
          hits++;
          if (way.filter(({ end }) => end !== undefined).length > 1) floods++;
        }
      }),
      { numRuns: STORIES, ...(SEED !== undefined && { seed: Number(SEED) }) },
    );
    ok(hits > STORIES && floods > STORIES / 4, `flows answered ${hits}, ${floods} of them flooded`);
  }).timeout(120_000);
});
