import { deepEqual, equal } from 'node:assert/strict';
import { Destinations, UNROUTED } from '../../../simulation/state/destinations.ts';
import { ipv4Of } from '../../../topology/model/ipv4.ts';
import { millisOf } from '../../../topology/model/time.ts';

const [a, b, c] = [ipv4Of(1), ipv4Of(2), ipv4Of(3)];

describe('destinations', () => {
  it('keeps the shortest prefix that a destination was routed by', () => {
    const counts = new Destinations();
    counts.note(a, 24, millisOf(0));
    counts.note(a, 8, millisOf(1));
    counts.note(a, 16, millisOf(2));
    counts.note(b, UNROUTED, millisOf(3));
    deepEqual(
      [...counts.entries()],
      [
        [a, 8],
        [b, UNROUTED],
      ],
    );
  });

  it('keeps a destination for as long as a flow may live, and not much longer', () => {
    const counts = new Destinations();
    const has = (): boolean => [...counts.entries()].some(([address]) => address === a);
    counts.note(b, 8, millisOf(0));
    counts.note(a, 8, millisOf(59_000));
    counts.note(b, 8, millisOf(61_000));
    counts.note(b, 8, millisOf(119_000));
    equal(has(), true);
    counts.note(b, 8, millisOf(122_000));
    equal(has(), false);
  });

  it('says when it could not keep all', () => {
    const counts = new Destinations(2);
    for (const address of [a, b]) counts.note(address, 8, millisOf(0));
    equal(counts.isComplete(millisOf(0)), true);
    counts.note(b, 8, millisOf(5));
    equal(counts.isComplete(millisOf(5)), true);
    counts.note(c, 8, millisOf(10));
    equal(counts.isComplete(millisOf(10)), false);
    equal(counts.isComplete(millisOf(60_010)), false);
    equal(counts.isComplete(millisOf(60_011)), true);
  });
});
