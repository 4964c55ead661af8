import { deepEqual, equal, ok } from 'node:assert/strict';
import { array, assert, constantFrom, double, integer, oneof, property, record, tuple } from 'fast-check';
import { ArpBroker, type ArpAct } from '../../../simulation/state/arp-broker.ts';
import { NeighbourTable } from '../../../simulation/state/neighbour-table.ts';
import { portIdOf } from '../../../topology/model/ids.ts';
import { ipv4Of, type Ipv4 } from '../../../topology/model/ipv4.ts';
import { macOf } from '../../../topology/model/mac.ts';
import { millisOf, type Millis } from '../../../topology/model/time.ts';

const ann = ipv4Of(0x0a00000a);
const annMac = macOf(0x0200, 0x0a);
const newMac = macOf(0x0200, 0x0b);
const p1 = portIdOf(1);

/** A broker among an engine that does what it is asked, at once or after `writeDelay`, and notes it with the time. */
class World {
  readonly neighbours = new NeighbourTable();
  readonly used = new Set<Ipv4>();
  readonly log: (ArpAct & { readonly at: Millis })[] = [];
  readonly broker: ArpBroker;
  readonly #pending: { readonly at: Millis; readonly act: ArpAct }[] = [];
  readonly #writeDelay: number;
  now = millisOf(0);

  constructor(chance: () => number = () => 0, writeDelay = 0) {
    this.#writeDelay = writeDelay;
    this.broker = new ArpBroker({
      neighbours: this.neighbours,
      isUsed: (address) => this.used.has(address),
      portTowards: () => p1,
      chance,
    });
  }

  want(address: Ipv4): void {
    this.#do(this.broker.want(address, p1, this.now));
  }

  hear(address: Ipv4, mac = annMac): void {
    this.#do(this.broker.learned(address, mac, p1, this.now));
  }

  /** The table loses an entry: its writer's session has gone. */
  lose(address: Ipv4): void {
    this.#do(this.broker.changed(address, undefined, this.now));
  }

  /** Lets time pass, doing on the way what is due. */
  until(end: number): void {
    for (;;) {
      const write = this.#pending[0];
      const due = this.broker.nextDeadline();
      const next = Math.min(write?.at ?? Infinity, due ?? Infinity);
      if (next > end) break;
      this.now = millisOf(Math.max(next, this.now));
      if (write !== undefined && write.at === next) {
        this.#pending.shift();
        this.#apply(write.act);
      } else {
        this.#do(this.broker.tick(this.now));
      }
    }
    this.now = millisOf(end);
  }

  /** When the broker did this for an address. */
  timesOf(kind: ArpAct['kind'], address = ann): readonly number[] {
    return this.log.filter((act) => act.kind === kind && act.address === address).map(({ at }) => at);
  }

  /** Whom it asked: a MAC or everyone. */
  get asked(): readonly (number | undefined)[] {
    return this.log.flatMap((act) => (act.kind === 'request' ? [act.to] : []));
  }

  #do(acts: readonly ArpAct[]): void {
    for (const act of acts) {
      this.log.push({ ...act, at: this.now });
      if (act.kind !== 'write' && act.kind !== 'remove') continue;
      if (this.#writeDelay === 0) this.#apply(act);
      else this.#pending.push({ at: millisOf(this.now + this.#writeDelay), act });
    }
  }

  #apply(act: ArpAct): void {
    if (act.kind === 'write') this.#do(this.broker.changed(act.address, act.neighbour, this.now));
    if (act.kind === 'remove') this.#do(this.broker.changed(act.address, undefined, this.now));
  }
}

describe('ARP broker', () => {
  it('C17: asks at once, then four more times with gaps of 1.0 to 1.1 s, and gives up at 5 s', () => {
    const chances = [0, 0.5, 0, 0.9, 0.1, 0.7];
    const world = new World(() => chances.shift() ?? 0);
    world.until(1000);
    world.want(ann);
    world.until(60_000);
    deepEqual(world.timesOf('request'), [1000, 2050, 3050, 4140, 5150]);
    deepEqual(world.asked, [undefined, undefined, undefined, undefined, undefined]);
    deepEqual(world.timesOf('wake'), [6000]);
    equal(world.broker.nextDeadline(), undefined);
    equal(world.broker.size, 0);
  });

  it('C17: takes the target for unreachable when it gives up, for as long as the drop flow lives', () => {
    const world = new World();
    world.want(ann);
    world.until(5000);
    equal(world.neighbours.isUnreachable(ann, millisOf(9999)), true);
    equal(world.neighbours.isUnreachable(ann, millisOf(10_000)), false);
  });

  it('C17: asks once for all packets that want the same target', () => {
    const world = new World();
    for (const at of [0, 10, 300, 999]) {
      world.until(at);
      world.want(ann);
    }
    deepEqual(world.timesOf('request'), [0]);
  });

  it('C17: an answer stops the asking and wakes who waited', () => {
    const world = new World();
    world.want(ann);
    world.until(1200);
    world.hear(ann);
    world.until(50_000);
    deepEqual(world.timesOf('request'), [0, 1000]);
    deepEqual(world.timesOf('wake'), [1200]);
    equal(world.neighbours.get(ann)?.mac, annMac);
  });

  it('C17: a late answer takes effect at once', () => {
    const world = new World();
    world.want(ann);
    world.until(6000);
    world.hear(ann);
    equal(world.neighbours.isUnreachable(ann, world.now), false);
    equal(world.neighbours.get(ann)?.mac, annMac);
  });

  it('C17: asks anew when a packet wants the target after the drop flow', () => {
    const world = new World();
    world.want(ann);
    world.until(10_000);
    world.want(ann);
    world.until(30_000);
    deepEqual(world.timesOf('request'), [0, 1000, 2000, 3000, 4000, 10_000, 11_000, 12_000, 13_000, 14_000]);
  });

  it('writes what it learns: stale after 60 s, gone after 90 s', () => {
    const world = new World();
    world.until(500);
    world.hear(ann);
    deepEqual(world.neighbours.get(ann), { mac: annMac, stale: 60_500, expiry: 90_500, lastArp: 0 });
    world.until(90_499);
    equal(world.neighbours.get(ann)?.mac, annMac);
    world.until(90_500);
    equal(world.neighbours.get(ann), undefined);
    equal(world.broker.size, 0);
  });

  it('does not write again what is known and fresh, and writes what has moved', () => {
    const world = new World();
    world.hear(ann);
    world.until(59_999);
    world.hear(ann);
    deepEqual(world.timesOf('write'), [0]);
    world.hear(ann, newMac);
    deepEqual(world.timesOf('write'), [0, 59_999]);
    equal(world.neighbours.get(ann)?.mac, newMac);
  });

  it('C18: refreshes an entry that flows use, the neighbour alone first, then everyone', () => {
    const world = new World();
    world.hear(ann);
    world.used.add(ann);
    world.until(61_500);
    deepEqual(world.timesOf('request'), [60_000, 61_000]);
    deepEqual(world.asked, [annMac, undefined]);
  });

  it('C18: an entry in use never lapses while its neighbour answers', () => {
    const world = new World();
    world.hear(ann);
    world.used.add(ann);
    for (let round = 1; round <= 20; round++) {
      world.until(60_000 * round + 300 * round);
      world.hear(ann);
    }
    deepEqual(world.timesOf('remove'), []);
    equal(world.timesOf('request').length, 20);
  });

  it('C18: an entry of a neighbour that is dead goes within 90 s, used or not', () => {
    for (const isUsed of [true, false]) {
      const world = new World();
      world.hear(ann);
      if (isUsed) world.used.add(ann);
      world.until(200_000);
      deepEqual(world.timesOf('remove'), [90_000]);
      equal(world.timesOf('request').length > 0, isUsed);
    }
  });

  it('C18: refreshes nothing that nobody uses', () => {
    const world = new World();
    world.hear(ann);
    world.until(89_999);
    deepEqual(world.timesOf('request'), []);
  });

  it('C18: the use of a stale entry refreshes it at once, once', () => {
    const world = new World();
    world.hear(ann);
    world.until(61_000);
    world.want(ann);
    world.want(ann);
    deepEqual(world.timesOf('request'), [61_000]);
    deepEqual(world.asked, [annMac]);
    world.until(61_200);
    world.hear(ann);
    world.until(80_000);
    deepEqual(world.timesOf('request'), [61_000]);
    equal(world.neighbours.get(ann)?.expiry, 151_200);
  });

  it('refreshes up to a fifth of the stale time later, by chance', () => {
    const world = new World(() => 0.5);
    world.hear(ann);
    world.until(61_000);
    world.want(ann);
    deepEqual(world.timesOf('request'), []);
    world.until(66_000);
    world.want(ann);
    deepEqual(world.timesOf('request'), [66_000]);
  });

  it('asks everyone when an entry goes while it is being refreshed and wanted', () => {
    const world = new World();
    world.hear(ann);
    world.until(88_500);
    world.want(ann);
    world.until(90_000);
    world.want(ann);
    world.until(120_000);
    deepEqual(world.timesOf('request'), [88_500, 89_500, 90_500, 91_500, 92_500, 93_500, 94_500]);
    deepEqual(world.timesOf('wake').at(-1), 95_000);
  });

  it('leaves the removal of an entry to the agent that wrote it', () => {
    const world = new World();
    const neighbour = { mac: annMac, expiry: millisOf(90_000), stale: millisOf(60_000), lastArp: millisOf(0) };
    world.broker.changed(ann, neighbour, millisOf(0));
    world.until(200_000);
    deepEqual(world.log, []);
  });

  it('C18: refreshes an entry that another agent wrote and flows here use', () => {
    const world = new World();
    const neighbour = { mac: annMac, expiry: millisOf(90_000), stale: millisOf(60_000), lastArp: millisOf(0) };
    world.used.add(ann);
    world.broker.changed(ann, neighbour, millisOf(0));
    world.until(60_000);
    deepEqual(world.asked, [annMac]);
  });

  it('C17: never asks for a target twice within a second, whatever happens, and every attempt ends', () => {
    const addresses = [ann, ipv4Of(0x0a00000b)];
    const step = record({
      after: oneof(integer({ min: 0, max: 400 }), integer({ min: 0, max: 100_000 })),
      what: constantFrom('want', 'hear', 'move', 'lose', 'use', 'leave', 'nothing'),
      address: constantFrom(...addresses),
    });
    const chances = array(double({ min: 0, max: 0.999, noNaN: true }), { minLength: 1, maxLength: 8 });
    assert(
      property(array(step, { maxLength: 40 }), tuple(chances, constantFrom(0, 1, 250)), (steps, [numbers, delay]) => {
        let drawn = 0;
        const world = new World(() => numbers[drawn++ % numbers.length] ?? 0, delay);
        for (const { after, what, address } of steps) {
          world.until(world.now + after);
          if (what === 'want') world.want(address);
          if (what === 'hear') world.hear(address);
          if (what === 'move') world.hear(address, newMac);
          if (what === 'lose') world.lose(address);
          if (what === 'use') world.used.add(address);
          if (what === 'leave') world.used.delete(address);
        }
        const end = world.now;
        world.until(end + 200_000);
        for (const address of addresses) {
          const times = world.timesOf('request', address);
          for (const [n, at] of times.entries()) ok(n === 0 || at - (times[n - 1] ?? 0) >= 1000 - 1e-6); // what adding fractions loses
          const wanted = steps.some(({ what, address: other }) => what === 'want' && other === address);
          if (wanted) ok(world.timesOf('wake', address).length > 0);
        }
        equal(world.neighbours.size, 0);
        equal(world.broker.nextDeadline(), undefined);
        equal(world.broker.size, 0);
      }),
      { numRuns: 300 },
    );
  });
});
