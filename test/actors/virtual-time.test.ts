import { deepEqual, equal } from 'node:assert/strict';
import * as fc from 'fast-check';
import { VirtualTime } from '../../actors/virtual-time.ts';
import { chanceFor } from '../../actors/chance.ts';
import { instantOf, later, millisOf } from '../../topology/model/time.ts';

describe('virtual time', () => {
  it('runs deadlines by their time, and those of one instant in the order in which they were asked for', () => {
    const time = new VirtualTime();
    const ran: string[] = [];
    for (const [name, at] of [
      ['c', 20],
      ['a', 10],
      ['d', 20],
      ['b', 10],
    ] as const)
      time.at(millisOf(at), () => ran.push(name));
    time.at(millisOf(15), () => ran.push('never'))();
    while (time.next !== undefined) time.runNext();
    deepEqual([ran, time.now()], [['a', 'b', 'c', 'd'], 20]);
  });

  it('never goes back, and runs what was due in the past as soon as it is asked to', () => {
    const time = new VirtualTime();
    time.advanceTo(instantOf(5, 0));
    time.advanceTo(instantOf(3, 0));
    equal(time.now(), 5000);
    let ran = false;
    time.at(millisOf(1000), () => (ran = true));
    equal(ran, false);
    deepEqual(time.next, instantOf(5, 0));
    time.runNext();
    deepEqual([ran, time.now()], [true, 5000]);
  });

  it('has come when a deadline runs, however finely that was asked for', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1e13, noNaN: true }),
        fc.double({ min: 0, max: 100_000, noNaN: true }),
        (start, wait) => {
          const time = new VirtualTime();
          time.advanceTo(instantOf(Math.floor(start / 1000), 123_456_789));
          const deadline = later(time.now(), wait);
          let runs = 0;
          const again = (): void => {
            if (++runs < 3 && time.now() < deadline) time.at(deadline, again);
          };
          time.at(deadline, again);
          while (time.next !== undefined) time.runNext();
          equal(runs, 1);
        },
      ),
    );
  });
});

describe('chance', () => {
  it('is the same for the same seed and asker, whoever else asks', () => {
    const one = chanceFor(1, 'arp r');
    const first = [one(), one(), one()];
    const other = chanceFor(1, 'arp s');
    const again = chanceFor(1, 'arp r');
    const mixed = [again(), other(), again(), other(), again()];
    deepEqual([mixed[0], mixed[2], mixed[4]], first);
  });

  it('differs with the seed, and with the asker, and lies in [0, 1)', () => {
    const askers = ['', 'a', 'b', 'ab', 'ba', 'arp 1', 'arp 2'];
    const seeds = [0, 1, 2, -1, 2 ** 31];
    for (const seed of seeds) equal(new Set(askers.map((asker) => chanceFor(seed, asker)())).size, askers.length);
    for (const asker of askers) equal(new Set(seeds.map((seed) => chanceFor(seed, asker)())).size, seeds.length);
    const stream = chanceFor(7, 'somebody');
    for (let n = 0; n < 1000; n++) {
      const drawn = stream();
      equal(drawn >= 0 && drawn < 1, true);
    }
  });
});
