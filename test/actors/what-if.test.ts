import { deepEqual, equal, notEqual, ok } from 'node:assert/strict';
import * as fc from 'fast-check';
import { ANN, BOB, icmpEcho, ip, mac, udpFrame } from '../simulation/packets.ts';
import { Network } from './network.ts';
import { anyFrameOf, anyStory, tell, WORLDS } from './stories.ts';
import { remembersTheSame } from './whole-memory.ts';

const STORIES = Number(process.env['STORIES'] ?? 150);

describe('a what-if', () => {
  it('leaves no trace: all that is remembered, and every later output and end, is as if nobody had asked, byte for byte', async () => {
    await fc.assert(
      fc.asyncProperty(anyStory, fc.integer(), async (story, seed) => {
        const world = WORLDS[story.world];
        if (world === undefined) throw new Error(story.world);
        const plain = await tell(story);
        const frames = fc.sample(anyFrameOf(world), { numRuns: 40, seed });
        let n = 0;
        const asked = await tell(story, {
          before: async (network) => {
            const some = [0, 1, 2].flatMap(() => frames[n++ % frames.length] ?? []);
            const before = [...network.dump()];
            for (const { at, bytes } of some) {
              // oxlint-disable-next-line eslint/no-await-in-loop -- one question after the other
              await network.whatIf(at, bytes);
            }
            await network.settled();
            const once = [...network.dump()];
            remembersTheSame(once, before, true);
            await Promise.all(some.map(({ at, bytes }) => network.whatIf(at, bytes)));
            await network.settled();
            remembersTheSame(network.dump(), once);
          },
        });
        deepEqual(asked.story(), plain.story());
      }),
      { numRuns: STORIES },
    );
  }).timeout(120_000);

  it('keeps no device up, nor what that has learned, that would have been let go', async () => {
    const udp = { send: 'udp', at: 's:uplink', from: 'cat', to: 'ann', via: 'router' } as const;
    const arp = { send: 'gratuitous arp', at: 'web:p1', from: 'ann', to: 'ann', via: 'itself' } as const;
    const common = { ttl: 64, tags: [], w: 0, times: 1 } as const;
    const steps = [{ ...arp, ...common }, { wait: 310_000 }, { ...udp, ...common }];
    const story = { world: 'two routers and an uplink', steps };
    const plain = await tell(story);
    const question = udpFrame({ src: ip`10.0.1.11`, dst: ip`192.0.2.1`, ethDst: mac`02:00:00:00:01:01` });
    const asked = await tell(story, {
      before: async (network) => void (await network.whatIf('web:p2', question)),
    });
    ok(
      plain.story().some((line) => line.endsWith('consumed arp-learned')),
      'the router had to ask anew',
    );
    deepEqual(asked.story(), plain.story());
  });

  it('answers with the same identification however often it is asked, and takes no token of the limiter', async () => {
    const network = await Network.of(
      'routers: { r: { ports: { p: { address: 10.0.0.1/24, mac: 02:00:00:00:00:01 } } } }',
    );
    const expiring = udpFrame({ src: ip`10.0.0.9`, dst: ip`10.7.7.7`, ttl: 1, ethDst: mac`02:00:00:00:00:01` });
    await network.whatIf('r:p', expiring); // loads the router
    const first = await network.whatIf('r:p', expiring);
    for (let n = 0; n < 80; n++) {
      // oxlint-disable-next-line eslint/no-await-in-loop -- one question after the other
      deepEqual(await network.whatIf('r:p', expiring), first);
    }
    equal(first.generated[0]?.cause, 'icmp-error');
    for (let n = 0; n < 50; n++) {
      // oxlint-disable-next-line eslint/no-await-in-loop -- one packet after the other
      await network.send('r:p', expiring);
    }
    deepEqual([network.out.length, network.limited], [50, 0]);
    await network.send('r:p', expiring);
    deepEqual([network.out.length, network.limited], [50, 1]);
    await network.close();
  });

  it('is answered out of what is known now, and learns nothing', async () => {
    const network = await Network.of('bridges: { b: { ports: { p1: , p2: , p3: } } }');
    const back = udpFrame({ src: ip`10.0.0.2`, dst: ip`10.0.0.1`, ethSrc: BOB, ethDst: ANN });
    await network.whatIf('b:p1', icmpEcho({ src: ip`10.0.0.1`, dst: ip`10.0.0.2` }));
    equal((await network.whatIf('b:p2', back)).outputs.length, 2);
    await network.send('b:p1', icmpEcho({ src: ip`10.0.0.1`, dst: ip`10.0.0.2` }));
    const trace = await network.whatIf('b:p2', back);
    deepEqual(
      trace.outputs.map(({ port }) => port),
      ['b:p1'],
    );
    equal(trace.flow?.state, 'would-install');
    notEqual(network.agent.flows.size, 0);
    equal(network.out.length, 2);
    await network.close();
  });
});
