import { deepEqual, notEqual, ok } from 'node:assert/strict';
import * as fc from 'fast-check';
import { eventful } from './eventful.ts';
import { play } from './scenario/played.ts';
import { anyStory, storiesOf, tell, WORLDS } from './stories.ts';

const wantsStory = (packet: number): boolean => packet % 5 === 0;

describe('a run', () => {
  it('goes the same way each time', async () => {
    await fc.assert(
      fc.asyncProperty(anyStory, fc.nat(100), async (story, seed) => {
        const [one, other] = [await tell(story, { seed, traced: true }), await tell(story, { seed, traced: true })];
        deepEqual(other.story(), one.story());
        deepEqual(other.traces, one.traces);
      }),
      { numRuns: 40 },
    );
  }).timeout(60_000);

  it('goes the same way whatever else is in the database, and in whatever order it came there', async () => {
    const name = 'a router between two bridges';
    const [bridges = '', routers = ''] = WORLDS[name]?.topology.split('routers:') ?? [];
    const swapped = bridges.replace(/(web: .* } }), (db: .* } }) }/, '$2, other: { ports: { x: } }, $1 }');
    notEqual(swapped, bridges);
    await fc.assert(
      fc.asyncProperty(storiesOf(name), async (story) => {
        const [one, other] = [await tell(story), await tell(story, { topology: `routers:${routers}${swapped}` })];
        deepEqual(other.story(), one.story());
      }),
      { numRuns: 50 },
    );
  }).timeout(60_000);

  it('goes the same way whether stories are told of it or not', async () => {
    await fc.assert(
      fc.asyncProperty(anyStory, async (story) => {
        const [one, other] = [await tell(story), await tell(story, { traced: true })];
        deepEqual(other.story(), one.story());
      }),
      { numRuns: 40 },
    );
  }).timeout(60_000);
});

describe('a run of a capture with changes in the middle', () => {
  it('is the same however the file is read: in pieces of an octet to a mebibyte, and at whatever pace', async () => {
    const { events } = await play(eventful(), { wantsStory });
    ok(events.some((event) => event.includes('no-route')));
    ok(events.length > 300);
    for (const chunkBytes of [1, 7, 4096, 1 << 20]) {
      let n = 0;
      const afterPacket = (): Promise<void> | undefined =>
        ++n % 20 === chunkBytes % 20 ? new Promise((resolve) => setTimeout(resolve, n % 3)) : undefined;
      // oxlint-disable-next-line eslint/no-await-in-loop -- one run after the other
      deepEqual((await play(eventful(), { wantsStory, chunkBytes, afterPacket })).events, events);
    }
  }).timeout(30_000);

  it('is the same with the flow table and without', async () => {
    const { events } = await play(eventful());
    deepEqual((await play(eventful(), { hasFlows: false })).events, events);
  }).timeout(30_000);

  it('is another one with another seed', async () => {
    const story = {
      world: 'a router between two bridges',
      steps: [
        { send: 'udp', at: 'web:p1', from: 'ann', to: 'nobody', via: 'router', ttl: 64, tags: [], w: 0, times: 1 },
      ],
    } as const;
    const [one, other] = [await tell(story, { seed: 1 }), await tell(story, { seed: 2 })];
    notEqual(one.story().join(), other.story().join());
  });
});
