import { deepEqual, equal } from 'node:assert/strict';
import { AddressTable } from '../../../simulation/state/address-table.ts';
import { tagOf } from '../../../simulation/tag.ts';
import { deviceIdOf } from '../../../topology/model/ids.ts';
import { ipv4Of } from '../../../topology/model/ipv4.ts';
import { macOf } from '../../../topology/model/mac.ts';
import { millisOf } from '../../../topology/model/time.ts';

const br0 = deviceIdOf(7);
const [ann, bob] = [macOf(0x0200, 0xa), macOf(0x0200, 0xb)];
const address = ipv4Of(0x0a00_0009);
const answer = [tagOf('ArpAnswer', br0, address)];

describe('address table of a bridge', () => {
  let written: unknown[];
  let table: AddressTable;
  beforeEach(() => {
    written = [];
    table = new AddressTable(br0, { replace: (...entry) => written.push(entry) });
  });

  it('knows the MAC that the replicated table gives an address', () => {
    equal(table.macOf(address), undefined);
    table.set(address, ann);
    equal(table.macOf(address), ann);
    table.set(address, bob);
    equal(table.macOf(address), bob);
    table.delete(address);
    equal(table.entryOf(address), undefined);
  });

  it('C6: invalidates what rests on the answer, or the lack of one', () => {
    deepEqual(table.set(address, ann), answer);
    deepEqual(table.set(address, bob), answer);
    deepEqual(table.delete(address), answer);
  });

  it('C38: invalidates nothing when it says the same as before', () => {
    deepEqual(table.delete(address), []);
    table.set(address, ann);
    deepEqual(table.set(address, ann), []);
  });

  it('writes what a gratuitous ARP said when the simulation has ended, and changes by the table alone', () => {
    const proposal = table.proposalOf(address, ann);
    deepEqual(written, []);
    proposal.carryOut(millisOf(0));
    deepEqual(written, [[address, ann]]);
    equal(table.macOf(address), undefined);
  });

  it('says what an entry is, for people', () => {
    table.set(address, ann);
    equal(table.entryOf(address)?.describe(), 'address 10.0.0.9 at 02:00:00:00:00:0a');
  });
});
