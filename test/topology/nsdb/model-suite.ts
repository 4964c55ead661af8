import { deepEqual, equal } from 'node:assert/strict';
import {
  array,
  assert,
  asyncProperty,
  constant,
  constantFrom,
  integer,
  oneof,
  record,
  type Arbitrary,
} from 'fast-check';
import { macOf, type Mac } from '../../../topology/model/mac.ts';
import type { Uuid } from '../../../topology/model/ids.ts';
import type { JsonObject } from '../../../topology/model/json.ts';
import type { Nsdb } from '../../../topology/nsdb/nsdb.ts';
import { NsdbError } from '../../../topology/nsdb/nsdb-error.ts';
import { MAC_TABLE } from '../../../topology/nsdb/state-tables.ts';
import type { StateTable } from '../../../topology/nsdb/state-table.ts';
import { create, uuid, type NsdbHarness, type OpenHarness } from './harness.ts';
import { carryOut, MODEL_CLASSES, operation, referrersAgree } from './model-operations.ts';
import { ReferenceModel, type Operation } from './reference-model.ts';

const mac = integer({ min: 1, max: 3 }).map((n) => macOf(0, n));
const value = integer({ min: 1, max: 3 }).map(uuid);

type Step = { readonly who: 0 | 1 } & (
  | { readonly kind: 'transact'; readonly operations: readonly Operation[] }
  | { readonly kind: 'add' | 'remove' | 'persist'; readonly key: Mac; readonly value: Uuid }
  | { readonly kind: 'cut' | 'restore' | 'expire' | 'wait' | 'settle' }
);

const who = constantFrom<0 | 1>(0, 1);
const step: Arbitrary<Step> = oneof(
  {
    weight: 5,
    arbitrary: record({
      who,
      kind: constant('transact'),
      operations: array(operation, { minLength: 1, maxLength: 3 }),
    }),
  },
  { weight: 6, arbitrary: record({ who, kind: constantFrom('add', 'add', 'remove', 'persist'), key: mac, value }) },
  { weight: 4, arbitrary: record({ who, kind: constantFrom('cut', 'restore', 'expire', 'wait', 'settle', 'settle') }) },
);

/** What one handle has been told, added up: it must come to what is there. */
class Ledger {
  readonly nsdb: Nsdb;
  readonly table: StateTable<Mac, Uuid>;
  readonly objects = new Map<string, JsonObject>();
  readonly stations = new Map<Mac, Uuid>();
  isCut = false;

  constructor(nsdb: Nsdb, owner: Uuid) {
    this.nsdb = nsdb;
    this.table = nsdb.table(MAC_TABLE, { owner, arg: 0 });
    this.table.observe({
      changed: (key, now, old) => {
        equal(this.stations.get(key), old);
        if (now === undefined) this.stations.delete(key);
        else this.stations.set(key, now);
      },
    });
    for (const cls of MODEL_CLASSES) {
      nsdb.observeClass(cls, {
        changed: (objects, deleted) => {
          for (const { id, fields } of objects) this.objects.set(`${cls}/${id}`, fields);
          for (const id of deleted) equal(this.objects.delete(`${cls}/${id}`), true);
        },
      });
    }
  }

  async take(harness: NsdbHarness, model: ReferenceModel, now: Step): Promise<void> {
    switch (now.kind) {
      case 'transact': {
        const fault = await faultOf(this.nsdb.transact((tx) => carryOut(tx, now.operations)));
        // Which of several faults is named first is nobody's promise.
        if (this.isCut) equal(fault, 'disconnected');
        else equal(fault !== undefined, model.transact(now.operations) !== undefined);
        return;
      }
      case 'add':
        equal(this.table.add(now.key, now.value) === 'refused', this.isCut);
        return;
      case 'remove':
        this.table.remove(now.key, now.value);
        return;
      case 'persist':
        equal(await faultOf(this.table.persist(now.key, now.value)), this.isCut ? 'disconnected' : undefined);
        return;
      case 'cut':
        if (!this.isCut) await harness.cutLink(this.nsdb);
        this.isCut = true;
        return;
      case 'restore':
        if (this.isCut) await harness.restoreLink(this.nsdb);
        this.isCut = false;
        return;
      case 'expire':
        if (!this.isCut) await harness.expireSession(this.nsdb);
        return;
      case 'wait':
        return harness.advance(harness.sessionTimeout * 0.7);
      case 'settle':
        return harness.settled();
    }
  }
}

/** Random transactions, proposals, cuts and expiries from two handles, against a model; at the end all agree. */
export function modelSuite(openHarness: OpenHarness, numRuns: number): void {
  it('agrees with a model of it, and all its copies with it, after any story', async function () {
    this.timeout(0);
    await assert(
      asyncProperty(array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
        const harness = await openHarness();
        const owner = uuid(99);
        const writer = await harness.open('writer');
        const first = MODEL_CLASSES.map((cls, i) => [cls, uuid(i * 10 + 1)] as const);
        await create(writer, ['Network', owner], ...first);
        const ledgers = [
          new Ledger(await harness.open('a'), owner),
          new Ledger(await harness.open('b'), owner),
        ] as const;
        await harness.settled();
        const model = new ReferenceModel();
        for (const [cls, id] of [['Network', owner] as const, ...first]) {
          model.transact([{ kind: 'create', class: cls, id, fields: {} }]);
        }

        // oxlint-disable-next-line eslint/no-await-in-loop -- a story has an order
        for (const now of steps) await ledgers[now.who].take(harness, model, now);
        // oxlint-disable-next-line eslint/no-await-in-loop -- as above
        for (const ledger of ledgers) await ledger.take(harness, model, { who: 0, kind: 'restore' });
        await harness.settled();

        const fresh = new Ledger(await harness.open('fresh'), owner);
        await harness.settled();
        for (const { objects, stations, table } of [...ledgers, fresh]) {
          deepEqual(sorted(objects), model.all());
          deepEqual(sorted(stations), sorted(fresh.stations));
          deepEqual(sorted(new Map(table.entries())), sorted(fresh.stations));
        }
        await referrersAgree(writer, fresh.objects);
        await harness.close();
      }),
      { numRuns },
    );
  });
}

async function faultOf(promise: Promise<unknown>): Promise<string | undefined> {
  try {
    await promise;
    return undefined;
  } catch (cause) {
    if (cause instanceof NsdbError) return cause.fault;
    throw cause;
  }
}

function sorted<K extends string | number, V>(map: ReadonlyMap<K, V>): readonly (readonly [K, V])[] {
  return [...map].toSorted(([a], [b]) => (a < b ? -1 : 1));
}
