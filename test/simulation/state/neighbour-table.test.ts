import { deepEqual, equal } from 'node:assert/strict';
import { NeighbourTable, tagsOfNeighbourChange, type Neighbour } from '../../../simulation/state/neighbour-table.ts';
import { tagOf } from '../../../simulation/tag.ts';
import { deviceIdOf } from '../../../topology/model/ids.ts';
import { ipv4Of } from '../../../topology/model/ipv4.ts';
import { macOf } from '../../../topology/model/mac.ts';
import { millisOf } from '../../../topology/model/time.ts';

const router = deviceIdOf(7);
const address = ipv4Of(0x0a000009);
const entry = (mac: number, since = 0): Neighbour => ({
  mac: macOf(0x0200, mac),
  expiry: millisOf(since + 90_000),
  stale: millisOf(since + 60_000),
  lastArp: millisOf(since),
});

describe('neighbour table', () => {
  it('tells what was there before a change', () => {
    const table = new NeighbourTable();
    equal(table.change(address, entry(1)), undefined);
    deepEqual(table.change(address, entry(2)), entry(1));
    deepEqual(table.change(address, undefined), entry(2));
    equal(table.size, 0);
  });

  it('C17: takes an address for unreachable until then, or until it answers after all', () => {
    const table = new NeighbourTable();
    table.giveUp(address, millisOf(10_000));
    equal(table.isUnreachable(address, millisOf(9_999)), true);
    equal(table.isUnreachable(address, millisOf(10_000)), false);
    table.change(address, entry(1));
    equal(table.isUnreachable(address, millisOf(9_999)), false);
  });

  it('C6: an entry that appears, moves or goes invalidates what rested on it', () => {
    const tags = [tagOf('ArpEntry', router, address)];
    deepEqual(tagsOfNeighbourChange(router, address, undefined, entry(1)), tags);
    deepEqual(tagsOfNeighbourChange(router, address, entry(1), entry(2)), tags);
    deepEqual(tagsOfNeighbourChange(router, address, entry(1), undefined), tags);
  });

  it('C38: an entry that is only refreshed invalidates nothing', () => {
    deepEqual(tagsOfNeighbourChange(router, address, entry(1), entry(1, 60_000)), []);
  });
});
