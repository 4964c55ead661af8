import { deepEqual, equal, ok } from 'node:assert/strict';
import * as fc from 'fast-check';
import { frameOf } from '../../actors/frame-of.ts';
import { NO_FLOW } from '../../datapath/flow-table/flow.ts';
import type { PacketTrace } from '../../datapath/trace/packet-trace.ts';
import { alike } from '../simulation/alike.ts';
import { anyFrameOf, anyStory, tell, WORLDS } from './stories.ts';

const STORIES = Number(process.env['STORIES'] ?? 100);

describe('frames that are alike in what a network saw of them', () => {
  it('meet the same verdict, tags, rewrites and outputs', async () => {
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(anyStory, fc.integer(), async (story, seed) => {
        const world = WORLDS[story.world];
        if (world === undefined) throw new Error(story.world);
        const frames = fc.sample(anyFrameOf(world), { numRuns: 12, seed });
        let n = 0;
        await tell(story, {
          before: async (network) => {
            const [one, other] = [frames[n++ % frames.length], frames[n++ % frames.length]];
            if (one === undefined || other === undefined) return;
            await network.send(one.at, one.bytes);
            const port = network.agent.portOf(network.id(one.at));
            const { words, layers } = frameOf(one.bytes, one.bytes.length, port);
            const { flows } = network.agent;
            const flow = flows.peek(words, 0, layers.ipLength, network.time.now());
            if (flow === NO_FLOW) return;
            const { fields, mtu } = flows.view(flow);
            const twin = alike(fields, frameOf(one.bytes), frameOf(other.bytes));
            if (twin.layers.ipLength > mtu) return; // no flow stands for it (C39)
            const [mine, its] = [
              await network.whatIf(one.at, one.bytes),
              await network.whatIf(one.at, twin.bytes, twin.wireLength),
            ];
            deepEqual(judgementOf(its), judgementOf(mine));
            const sent = network.post(one.at, twin.bytes, twin.wireLength);
            ok(network.ends.has(sent[0]), 'a flow answers it at once');
            equal(network.fateOf(sent[0]).end, wordsOf(mine));
            compared++;
          },
        });
      }),
      { numRuns: STORIES },
    );
    ok(compared > STORIES);
  }).timeout(60_000);
});

/** What does not depend on the frame's own octets. */
function judgementOf({ disposition, flow, outputs, hops, generated }: PacketTrace): unknown {
  return {
    disposition,
    tags: flow?.tags,
    match: flow?.match,
    lifetime: flow?.lifetimeSeconds,
    path: flow?.path,
    mtu: flow?.mtu,
    outputs: outputs.map(({ port }) => port),
    hops: hops.map(({ device, point, because, verdict }) => ({ device, point, because, verdict })),
    generated: generated.map(({ cause, egress }) => [cause, egress]),
  };
}

function wordsOf({ disposition: { kind, reason } }: PacketTrace): string {
  return reason === undefined ? kind : `${kind} ${reason}`;
}
