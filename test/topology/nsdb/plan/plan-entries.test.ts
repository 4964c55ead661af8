import { deepEqual } from 'node:assert/strict';
import { planEntries, type EntryText } from '../../../../topology/nsdb/plan/plan-entries.ts';
import { uuid } from '../harness.ts';

const [net, p1, p2] = [uuid(1), uuid(2), uuid(3)];

describe('A plan of table entries', () => {
  it('has those that are missing or differ, each in the table of its VLAN', () => {
    const wanted = [station(0, 'm1', p1), station(7, 'm1', p1), station(0, 'm2', p2)];
    const present = [station(0, 'm1', p1), station(0, 'm2', p1), station(0, 'm3', p1)];
    deepEqual(told(wanted, present, false), [`7 m1 undefined>${p1}`, `0 m2 ${p1}>${p2}`]);
  });

  it('has those that are not wanted, when it prunes', () => {
    const present = [station(0, 'm1', p1), station(0, 'm3', p1)];
    deepEqual(told([station(0, 'm1', p1)], present, true), [`0 m3 ${p1}>undefined`]);
  });
});

function station(arg: number, key: string, value: string): EntryText {
  return { table: 'mac_table', owner: net, arg, key, value };
}

function told(wanted: readonly EntryText[], present: readonly EntryText[], prune: boolean): readonly string[] {
  return planEntries(wanted, present, prune).map(({ arg, key, before, after }) => `${arg} ${key} ${before}>${after}`);
}
