import { deepEqual, equal } from 'node:assert/strict';
import { MacTable } from '../../../simulation/state/mac-table.ts';
import { tagOf } from '../../../simulation/tag.ts';
import { deviceIdOf, portIdOf } from '../../../topology/model/ids.ts';
import { macOf } from '../../../topology/model/mac.ts';

const br0 = deviceIdOf(7);
const [p1, p2] = [portIdOf(1), portIdOf(2)];
const [ann, bob] = [macOf(0x0200, 0xa), macOf(0x0200, 0xb)];

describe('MAC table', () => {
  let table: MacTable;
  beforeEach(() => {
    table = new MacTable(br0, (port) => (port === p1 ? 'web-1' : 'web-2'));
  });

  it('knows the port that each station was put behind last', () => {
    equal(table.portOf(ann), undefined);
    table.set(ann, 0, p1);
    table.set(bob, 0, p1);
    table.set(ann, 0, p2);
    deepEqual([table.portOf(ann), table.portOf(bob)], [p2, p1]);
    table.delete(ann, 0);
    deepEqual([table.portOf(ann), table.portOf(bob)], [undefined, p1]);
  });

  it('keeps a table for each VLAN', () => {
    table.set(ann, 0, p1);
    table.set(ann, 10, p2);
    deepEqual([table.portOf(ann), table.portOf(ann, 10), table.portOf(ann, 20)], [p1, p2, undefined]);
    deepEqual(table.delete(ann, 10), [tagOf('VlanPort', br0, ann, 10, p2)]);
    equal(table.portOf(ann), p1);
  });

  it('invalidates floods to a station that appears', () => {
    deepEqual(table.set(ann, 0, p1), [tagOf('FloodByDst', br0, ann, 0)]);
  });

  it('invalidates what rests on the old place of a station that moves', () => {
    table.set(ann, 0, p1);
    deepEqual(table.set(ann, 0, p2), [tagOf('VlanPort', br0, ann, 0, p1)]);
  });

  it('invalidates what rests on the place of a station that goes', () => {
    table.set(ann, 0, p1);
    deepEqual(table.delete(ann, 0), [tagOf('VlanPort', br0, ann, 0, p1)]);
  });

  it('C38: invalidates nothing when it says the same as before', () => {
    table.set(ann, 0, p1);
    deepEqual(table.set(ann, 0, p1), []);
    deepEqual(table.delete(bob, 0), []);
    deepEqual(table.delete(ann, 10), []);
  });

  it('tells which stations are behind a port, of all VLANs', () => {
    table.set(ann, 0, p1);
    table.set(bob, 0, p2);
    table.set(bob, 10, p1);
    deepEqual(
      [...table.behind(p1)].map(({ mac, vlan }) => [mac, vlan]),
      [
        [ann, 0],
        [bob, 10],
      ],
    );
  });

  it('says what an entry is, for people', () => {
    table.set(ann, 0, p1);
    equal(table.stationOf(ann)?.describe(), 'station 02:00:00:00:00:0a behind web-1');
  });
});
