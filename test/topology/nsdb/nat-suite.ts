import { deepEqual, equal, ok, throws } from 'node:assert/strict';
import { parseIp, type Ip } from '../../../topology/model/ip.ts';
import { chooseBlock, RECYCLE_INTERVAL, type NatBlock } from '../../../topology/nsdb/nat-block.ts';
import type { Nsdb } from '../../../topology/nsdb/nsdb.ts';
import { refuses, uuid, type NsdbHarness, type OpenHarness } from './harness.ts';

const device = uuid(1);
const ip = ipOf('203.0.113.1');

interface Wish {
  readonly on?: Ip;
  readonly ports?: readonly [first: number, last: number];
  readonly chance?: number;
  readonly lost?: () => void;
}

/** Blocks of ports for translation: spec 40 §8, C29, C31. */
export function natSuite(openHarness: OpenHarness): void {
  let harness: NsdbHarness;
  let a: Nsdb;
  let b: Nsdb;

  beforeEach(async () => {
    harness = await openHarness();
    a = await harness.open('a');
    b = await harness.open('b');
  });

  afterEach(() => harness.close());

  describe('a block of ports', () => {
    it('is had by one at a time; where all of the range are taken there is none', async () => {
      const one = await lease(a, { ports: [64, 191] });
      const other = await lease(b, { ports: [64, 191] });
      deepEqual(numbers(one, other), [1, 2]);
      deepEqual([one?.firstPort, one?.lastPort], [64, 127]);
      for (const nsdb of [a, b]) equal(await lease(nsdb, { ports: [64, 191] }), undefined); // oxlint-disable-line eslint/no-await-in-loop -- one after the other
    });

    it('is another of each address, in both families, and of each device', async () => {
      const ports = [0, 63] as const;
      const leases = [
        await lease(a, { ports }),
        await lease(a, { ports, on: ipOf('203.0.113.2') }),
        await lease(a, { ports, on: ipOf('2001:db8::1') }),
        await a.leaseNatBlock({ device: uuid(2), ip, firstPort: 0, lastPort: 63, chance: () => 0 }, { lost() {} }),
      ];
      deepEqual(numbers(...leases), [0, 0, 0, 0]);
    });

    it('that was never used is taken by chance', async () => {
      deepEqual(
        numbers(await lease(a, { chance: 0.5 }), await lease(b, { chance: 0 }), await lease(a, { chance: 0.9999 })),
        [512, 0, 1023],
      );
    });

    it('that was released is taken before one never used, and of several the one released longest ago (C29)', async () => {
      const leases = [await lease(a, { chance: 0.5 }), await lease(b), await lease(a, { chance: 0.9999 })];
      deepEqual(numbers(...leases), [512, 0, 1023]);
      for (const n of [1, 2, 0]) await leases[n]?.release(); // oxlint-disable-line eslint/no-await-in-loop -- one after the other
      deepEqual(numbers(await lease(b), await lease(a), await lease(b), await lease(a)), [0, 1023, 512, 1]);
    });

    it('is given back once, and is ours no longer', async () => {
      const ports = [0, 63] as const;
      const block = await lease(a, { ports });
      equal(block?.held, true);
      await block.release();
      equal(block.held, false);
      ok(await lease(b, { ports }));
      await block.release();
      equal(await lease(a, { ports }), undefined);
    });

    it('is given to one of several who ask at once', async () => {
      const asked = Array.from({ length: 12 }, (_, n) => lease(n % 2 === 0 ? a : b, { ports: [0, 10 * 64 - 1] }));
      const leases = await Promise.all(asked);
      const won = leases.filter((one) => one !== undefined);
      deepEqual(
        numbers(...won).toSorted((x, y) => x - y),
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
      );
    });

    it('is refused by name while the link is down', async () => {
      await harness.cutLink(a);
      await refuses(lease(a), 'disconnected');
      await refuses(a.recycleNatBlocks(), 'disconnected');
    });

    it('of a range that is none is a mistake of the caller', () => {
      const request = { device, ip, chance: () => 0 };
      for (const [firstPort, lastPort] of [
        [-1, 5],
        [6, 5],
        [0, 65_536],
        [Number.NaN, 5],
      ] as const) {
        throws(() => chooseBlock([], { ...request, firstPort, lastPort }), RangeError);
      }
    });
  });

  describe('a block of ports whose session ends', () => {
    const ports = [0, 63] as const;

    it('is free for others', async () => {
      const first = await lease(a, { ports: [0, 127] });
      const second = await lease(a, { ports: [0, 127] });
      await first?.release();
      await lease(b, { ports: [0, 127] });
      await harness.cutLink(a);
      await harness.advance(harness.sessionTimeout * 2);
      equal((await lease(b, { ports: [0, 127] }))?.number, second?.number);
    });

    it('is taken again under the next one: nobody is told (C31)', async () => {
      let losses = 0;
      const block = await lease(a, { ports, lost: () => losses++ });
      await harness.expireSession(a);
      deepEqual([block?.held, losses], [true, 0]);
      equal(await lease(b, { ports }), undefined);
      await harness.cutLink(a);
      await harness.advance(harness.sessionTimeout * 2);
      equal(block?.held, true); // it goes on by what it knows
      await harness.restoreLink(a);
      deepEqual([block.held, losses], [true, 0]);
      equal(await lease(b, { ports }), undefined);
      await block.release();
      ok(await lease(b, { ports }));
    });

    it('is lost, and that is told, where another took it meanwhile (C31)', async () => {
      let losses = 0;
      const block = await lease(a, { ports, lost: () => losses++ });
      await harness.cutLink(a);
      await harness.advance(harness.sessionTimeout * 2);
      const theirs = await lease(b, { ports });
      await harness.restoreLink(a);
      await harness.settled();
      deepEqual([block?.held, losses, theirs?.held], [false, 1, true]);
      await block?.release();
      await harness.expireSession(a);
      await theirs?.release();
      ok(await lease(a, { ports })); // what was lost was not put back later
      equal(losses, 1);
    });

    it('is given back, where it was released while the link was down', async () => {
      const block = await lease(a, { ports });
      await harness.cutLink(a);
      const released = block?.release();
      equal(await lease(b, { ports }), undefined);
      await harness.restoreLink(a);
      await released;
      ok(await lease(b, { ports }));
    });

    it('is not taken again, nor taken away from another, where it was released while the session ended', async () => {
      const block = await lease(a, { ports });
      await harness.cutLink(a);
      const released = block?.release();
      await harness.advance(harness.sessionTimeout * 2);
      const theirs = await lease(b, { ports });
      await harness.restoreLink(a);
      await released;
      equal(await lease(a, { ports }), undefined);
      await theirs?.release();
      ok(await lease(a, { ports }));
    });

    it('goes with its handle', async () => {
      await lease(a, { ports });
      await a.close();
      ok(await lease(b, { ports }));
    });
  });

  describe('recycling', () => {
    it('forgets the addresses of which no block is taken, once a day, whoever asks (spec 40 §8.5)', async () => {
      equal(await a.recycleNatBlocks(), 0);
      const [used, idle] = [ipOf('203.0.113.1'), ipOf('2001:db8::1')];
      const blocks = [
        await lease(a, { on: used, chance: 0.5 }),
        await lease(a, { on: used }),
        await lease(a, { on: idle }),
      ];
      await blocks[1]?.release();
      await blocks[2]?.release();
      equal(await b.recycleNatBlocks(), undefined);
      await harness.advance(RECYCLE_INTERVAL);
      const both = await Promise.all([a.recycleNatBlocks(), b.recycleNatBlocks()]);
      deepEqual(new Set(both), new Set([1, undefined]));
      equal((await lease(b, { on: idle, chance: 0.25 }))?.number, 256); // as if never used
      equal((await lease(b, { on: used, chance: 0.25 }))?.number, 0); // released before
      equal(blocks[0]?.held, true);
      equal(await lease(b, { on: used, ports: [512 * 64, 513 * 64 - 1] }), undefined);
    });
  });
}

function lease(nsdb: Nsdb, wish: Wish = {}): Promise<NatBlock | undefined> {
  const { on = ip, ports = [0, 0xffff], chance = 0, lost = () => {} } = wish;
  const [firstPort, lastPort] = ports;
  return nsdb.leaseNatBlock({ device, ip: on, firstPort, lastPort, chance: () => chance }, { lost });
}

function numbers(...blocks: readonly (NatBlock | undefined)[]): readonly number[] {
  return blocks.map((block) => block?.number ?? -1);
}

function ipOf(text: string): Ip {
  const address = parseIp(text);
  ok(address !== undefined);
  return address;
}
