import { deepEqual, equal, ok } from 'node:assert/strict';
import * as fc from 'fast-check';
import { NO_FLOW, type Epoch } from '../../../datapath/flow-table/flow.ts';
import type { FlowTable } from '../../../datapath/flow-table/flow-table.ts';
import { BEYOND_KEY, ETH_DST, ETH_SRC, IP_DST, L4_DST, TCP_FLAGS, VLAN } from '../../../simulation/packet/fields.ts';
import { millisOf } from '../../../topology/model/time.ts';
import { expiryOf, FlowTableModel, type ModelFlow } from './flow-table-model.ts';
import { ALL_LIFETIMES, flowOf, IPV4, IPV6, keyOf, tableOf, tag, type KeyParts, type Names } from './keys.ts';

const CAPACITY = 60;
const REMEMBERED = 3;

/** Packets out of a small world, so that they meet flows again; some truncated, some tagged, some of no IP. */
const packets: fc.Arbitrary<KeyParts> = fc
  .tuple(
    fc.record({
      inPort: fc.integer({ min: 1, max: 2 }),
      ethDst: fc.integer({ min: 0, max: 2 }),
      ethSrc: fc.integer({ min: 0, max: 1 }),
    }),
    fc.constantFrom<KeyParts>({}, {}, { vlan: 0x8100_0000 }),
    fc.constantFrom<KeyParts>(
      {},
      { etherType: IPV4, ipDst: 0 },
      { etherType: IPV4, ipDst: 1, proto: 6 },
      { etherType: IPV4, ipDst: 1, proto: 6, l4Src: 0, l4Dst: 0, tcpFlags: 0 },
      { etherType: IPV4, ipDst: 1, proto: 6, l4Src: 9, l4Dst: 80, tcpFlags: 2 },
      { etherType: IPV6, ipDst: 0 },
      { etherType: IPV6, ipDst: 1, ipDstHigh: 0x2001_0db8 },
    ),
  )
  .map(([link, vlan, ip]) => ({ ...link, ...vlan, ...ip }));

const sights = fc.constantFrom(
  0,
  ETH_DST,
  ETH_SRC,
  ETH_DST | VLAN,
  ETH_DST | IP_DST,
  L4_DST,
  L4_DST | IP_DST | TCP_FLAGS,
  BEYOND_KEY,
);
const tagNumbers = fc.integer({ min: 1, max: 6 });

const steps = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('insert' as const),
      packet: packets,
      seen: sights,
      tags: fc.array(tagNumbers, { maxLength: 4 }),
      lifetime: fc.constantFrom(...ALL_LIFETIMES),
      mtu: fc.constantFrom(Infinity, 100),
      /** How many of the last steps the simulation has taken. */
      took: fc.nat(8),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('lookup' as const),
      packet: packets,
      ipLength: fc.constantFrom(0, 100, 101),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('invalidate' as const), about: tagNumbers }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      millis: fc.constantFrom(0, 0.5, 1, 4999, 5000, 30_000),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('expire' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('watch' as const), about: tagNumbers }) },
);
type Step = typeof steps extends fc.Arbitrary<infer S> ? S : never;

/** A table and its model, which are told the same and must say the same. */
class Pair {
  readonly model = new FlowTableModel(CAPACITY);
  readonly table: FlowTable<Names>;
  readonly #removed: string[] = [];
  readonly #told: string[] = [];
  /** The epoch and the count of invalidations before each step. */
  readonly #began: { epoch: Epoch; count: number }[] = [];
  readonly #packets = new Map<string, number>();
  #now = 0;
  #named = 0;

  constructor() {
    this.table = tableOf({
      capacity: CAPACITY,
      invalidations: REMEMBERED,
      onRemoved: (flow, why) => this.#removed.push(`${why.kind} ${this.table.actionsOf(flow).join()}`),
    });
    // Enough flows with tags in common that some are bundled.
    for (let n = 0; n < 50; n++) {
      const lifetime = ALL_LIFETIMES[n % ALL_LIFETIMES.length] ?? 'normal';
      const tags = n % 7 === 0 ? [1, 4] : [1, 2, 3];
      this.take({ kind: 'insert', packet: { ethDst: 100 + n }, seen: ETH_DST, tags, lifetime, mtu: 100, took: 0 });
    }
  }

  take(step: Step): void {
    this.#began.push({ epoch: this.table.beginSimulation(), count: this.model.invalidated.length });
    this.#carryOut(step);
    const { model, table } = this;
    deepEqual(this.#removed.toSorted(), model.removed.toSorted());
    deepEqual(this.#told.toSorted(), model.told.toSorted());
    equal(table.size, model.flows.length);
    equal(table.nextExpiry(), model.nextExpiry());
    for (let n = 1; n <= 6; n++) equal(table.carriersOf(tag(n)), model.carriersOf(n));
  }

  /** Compares all that there is to see of every flow. */
  compare(): void {
    deepEqual(
      [...this.table.flows()]
        .map((flow) =>
          [flow.actions[0], flow.expiry, flow.tags.join(), flow.mtu, flow.lifetime, flow.packets].join(' '),
        )
        .toSorted(),
      this.model.flows
        .map((flow) => {
          const tags = [...flow.tags].toSorted((a, b) => a - b).join();
          const hits = this.#packets.get(flow.name) ?? 0;
          return [flow.name, expiryOf(flow), tags, flow.mtu, flow.lifetime, hits].join(' ');
        })
        .toSorted(),
    );
  }

  #carryOut(step: Step): void {
    const { model, table } = this;
    const now = millisOf(this.#now);
    switch (step.kind) {
      case 'insert':
        this.#insert(step);
        break;
      case 'lookup': {
        const key = keyOf(step.packet);
        const served = table.lookup(key, 0, step.ipLength, now);
        const matching = model.matching(key, step.ipLength, this.#now);
        if (served === NO_FLOW) {
          deepEqual(matching, []);
          break;
        }
        const name = table.actionsOf(served).join();
        ok(matching.includes(name), `${name} serves, of ${matching.join()}`);
        table.hit(served, 100);
        this.#packets.set(name, (this.#packets.get(name) ?? 0) + 1);
        break;
      }
      case 'invalidate':
        equal(table.invalidate(tag(step.about), now), model.invalidate(step.about, this.#now));
        break;
      case 'wait':
        this.#now += step.millis;
        break;
      case 'expire':
        equal(table.expire(now), model.expire(this.#now));
        break;
      case 'watch': {
        const name = `watch ${this.#named++} of ${step.about}`;
        equal(
          table.watch(tag(step.about), (at) => this.#told.push(`${name} at ${at}`)),
          model.watch(step.about, name),
        );
        break;
      }
    }
  }

  #insert({ packet, seen, tags, lifetime, mtu, took }: Extract<Step, { kind: 'insert' }>): void {
    const { model, table } = this;
    const began = this.#began.at(-1 - took) ?? { epoch: table.beginSimulation(), count: model.invalidated.length };
    const name = `flow-${this.#named++}`;
    const key = keyOf(packet);
    const flow: ModelFlow = {
      name,
      key,
      seen,
      tags: new Set(tags),
      lifetime,
      mtu,
      inserted: this.#now,
      began: began.count,
    };
    const insertion = table.insert(
      flowOf(table, { key, seen, tags: tags.map(tag), lifetime, mtu, actions: [name], epoch: began.epoch }),
      millisOf(this.#now),
    );
    if (insertion.kind === 'stale-tag' && !model.isStale(flow)) {
      const changed = new Set(model.invalidated.slice(began.count));
      ok(changed.size > REMEMBERED, 'refused without a reason');
      return;
    }
    equal(insertion.kind, model.insert(flow));
  }
}

describe('flow table, any history', () => {
  it('holds the flows that a plain list would hold, and serves what they match', function () {
    this.timeout(0);
    fc.assert(
      fc.property(fc.array(steps, { maxLength: 80, size: 'max' }), (history) => {
        const pair = new Pair();
        for (const step of history) pair.take(step);
        pair.compare();
      }),
      { numRuns: 80 },
    );
  });
});
