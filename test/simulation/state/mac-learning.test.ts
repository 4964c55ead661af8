import { deepEqual, equal } from 'node:assert/strict';
import { array, assert, constantFrom, nat, property, record, type Arbitrary } from 'fast-check';
import { IDLE_TIME, MacLearning } from '../../../simulation/state/mac-learning.ts';
import { tagOf } from '../../../simulation/tag.ts';
import { deviceIdOf, portIdOf, type PortId } from '../../../topology/model/ids.ts';
import { macOf, type Mac } from '../../../topology/model/mac.ts';
import { millisOf, type Millis } from '../../../topology/model/time.ts';

const br0 = deviceIdOf(7);
const [p1, p2] = [portIdOf(1), portIdOf(2)];
const [ann, bob] = [macOf(0x0200, 0xa), macOf(0x0200, 0xb)];
const at = (seconds: number): Millis => millisOf(seconds * 1000);
const learned = (mac: Mac, port: PortId) => tagOf('Learned', br0, mac, 0, port);

describe('MAC learning', () => {
  let writes: string[];
  let learning: MacLearning;
  beforeEach(() => {
    writes = [];
    const say =
      (what: string) =>
      (mac: Mac, vlan: number, port: PortId): void => {
        writes.push(`${what} ${mac === ann ? 'ann' : 'bob'} ${vlan} ${port}`);
      };
    learning = new MacLearning(br0, { add: say('add'), remove: say('remove') }, at(0));
  });

  it('writes a station to the table when it is heard first, not again while flows carry it', () => {
    learning.heard(ann, 0, p1, at(0));
    learning.heard(ann, 0, p1, at(1));
    learning.heard(bob, 0, p1, at(1));
    deepEqual(writes, ['add ann 0 1', 'add bob 0 1']);
  });

  it('learns when the simulation has ended: a proposal dropped has changed nothing', () => {
    const proposal = learning.proposalOf(ann, 0, p1);
    deepEqual(writes, []);
    proposal.carryOut(at(0));
    deepEqual(writes, ['add ann 0 1']);
  });

  it('makes one proposal for all frames of a station that is known', () => {
    learning.heard(ann, 0, p1, at(0));
    equal(learning.proposalOf(ann, 0, p1), learning.proposalOf(ann, 0, p1));
  });

  it('keeps a station whose flow has gone for 15 s, and removes it at the next sweep', () => {
    learning.heard(ann, 0, p1, at(0.5));
    equal(learning.nextSweep(), undefined);
    learning.released(ann, 0, p1, at(60.5));
    equal(learning.nextSweep(), at(77));
    learning.sweep(at(75));
    deepEqual(writes, ['add ann 0 1']);
    learning.sweep(at(77));
    deepEqual(writes, ['add ann 0 1', 'remove ann 0 1']);
    equal(learning.nextSweep(), undefined);
  });

  it('forgets a station that sent once between 75 s and 77 s when its flow lived 60 s, whenever it began', () => {
    assert(
      property(nat(20_000), (began) => {
        const gone: Millis[] = [];
        let now = millisOf(began);
        const mine = new MacLearning(br0, { add: () => {}, remove: () => gone.push(now) }, at(0));
        mine.heard(ann, 0, p1, now);
        mine.released(ann, 0, p1, (now = millisOf(began + 60_000)));
        now = mine.nextSweep() ?? now;
        mine.sweep(now);
        equal(gone.length, 1);
        const after = (gone[0] ?? 0) - began;
        equal(after >= 75_000 && after < 77_000, true);
      }),
    );
  });

  it('sweeps every 2 s, reckoned from one idle time after it began', () => {
    const mine = new MacLearning(br0, { add: () => {}, remove: () => {} }, at(1));
    mine.heard(ann, 0, p1, at(1));
    mine.released(ann, 0, p1, at(1));
    equal(mine.nextSweep(), at(16));
    mine.heard(ann, 0, p1, at(2));
    equal(mine.nextSweep(), undefined);
    mine.released(ann, 0, p1, at(3.1));
    equal(mine.nextSweep(), at(20));
  });

  it('keeps an idle station that is heard before its time is up, and says nothing', () => {
    learning.heard(ann, 0, p1, at(0));
    learning.released(ann, 0, p1, at(1));
    learning.heard(ann, 0, p1, at(15));
    learning.sweep(at(100));
    deepEqual(writes, ['add ann 0 1']);
    learning.released(ann, 0, p1, at(100));
    learning.sweep(at(114));
    deepEqual(writes, ['add ann 0 1']);
    learning.sweep(at(115));
    deepEqual(writes, ['add ann 0 1', 'remove ann 0 1']);
  });

  it('counts the idle time from the first release', () => {
    learning.heard(ann, 0, p1, at(0));
    learning.released(ann, 0, p1, at(1));
    learning.released(ann, 0, p1, at(10));
    learning.sweep(at(16));
    deepEqual(writes, ['add ann 0 1', 'remove ann 0 1']);
  });

  it('writes a station anew when it moves, and when it moves back', () => {
    learning.heard(ann, 0, p1, at(0));
    learning.heard(ann, 0, p2, at(1));
    learning.heard(ann, 0, p1, at(2));
    deepEqual(writes, ['add ann 0 1', 'add ann 0 2', 'add ann 0 1']);
  });

  it('writes a station anew that another host has heard meanwhile, or that is gone from the table', () => {
    learning.heard(ann, 0, p1, at(0));
    learning.changed(ann, 0, p1);
    learning.changed(ann, 0, p2);
    learning.heard(ann, 0, p1, at(1));
    learning.changed(ann, 0, undefined);
    learning.heard(ann, 0, p1, at(2));
    deepEqual(writes, ['add ann 0 1', 'add ann 0 1', 'add ann 0 1']);
  });

  it('lets the flows go that keep a station learned where it is no more', () => {
    learning.heard(ann, 0, p1, at(0));
    deepEqual(learning.changed(ann, 0, p1), []);
    deepEqual(learning.changed(ann, 0, p2), [learned(ann, p1)]);
    deepEqual(learning.changed(ann, 0, undefined), [learned(ann, p1)]);
    deepEqual(learning.changed(bob, 0, p1), []);
  });

  it('keeps the mappings of VLANs apart', () => {
    learning.heard(ann, 0, p1, at(0));
    learning.heard(ann, 10, p2, at(0));
    deepEqual(writes, ['add ann 0 1', 'add ann 10 2']);
    deepEqual(learning.changed(ann, 10, p1), [tagOf('Learned', br0, ann, 10, p2)]);
  });

  it('says the tags that flows may carry of a station', () => {
    learning.heard(ann, 0, p1, at(0));
    learning.heard(ann, 0, p2, at(0));
    deepEqual(learning.tagsOf(ann, 0), [learned(ann, p1), learned(ann, p2)]);
    deepEqual(learning.tagsOf(bob, 0), []);
  });

  it('has in the table exactly what flows carry, or carried less than an idle time ago', () => {
    interface Event {
      readonly what: 'heard' | 'released';
      readonly mac: Mac;
      readonly port: PortId;
      readonly wait: number;
    }
    const anyEvent: Arbitrary<Event> = record({
      what: constantFrom<Event['what']>('heard', 'released'),
      mac: constantFrom(ann, bob),
      port: constantFrom(p1, p2),
      wait: nat(12_000),
    });
    assert(
      property(array(anyEvent, { maxLength: 60, size: 'max' }), (events) => {
        const table = new Map<Mac, PortId>();
        const remove = (mac: Mac, _vlan: number, port: PortId): void => {
          if (table.get(mac) === port) table.delete(mac);
        };
        const mine = new MacLearning(br0, { add: (mac, _vlan, port) => table.set(mac, port), remove }, at(0));
        /** By the station: where it was heard last, and when that was released. */
        const model = new Map<Mac, { port: PortId; released?: number }>();
        let now = 0;
        for (const { what, mac, port, wait } of events) {
          now += wait;
          mine.sweep(millisOf(now));
          mine[what](mac, 0, port, millisOf(now));
          const last = model.get(mac);
          if (what === 'heard') model.set(mac, { port });
          else if (last?.port === port) last.released ??= now;
        }
        mine.sweep(millisOf(now));
        for (const [mac, { port, released }] of model) {
          const isGone = released !== undefined && now - released >= IDLE_TIME;
          equal(table.get(mac), isGone ? undefined : port);
        }
        mine.sweep(millisOf(now + IDLE_TIME));
        equal(mine.nextSweep(), undefined);
      }),
    );
  });
});
