import { deepEqual } from 'node:assert/strict';
import {
  array,
  boolean,
  constant,
  constantFrom,
  integer,
  oneof,
  option,
  record,
  sample,
  tuple,
  uniqueArray,
  type Arbitrary,
} from 'fast-check';
import type { Uuid } from '../../../topology/model/ids.ts';
import type { JsonObject } from '../../../topology/model/json.ts';
import type { Nsdb, Transaction } from '../../../topology/nsdb/nsdb.ts';
import { uuid } from './harness.ts';
import type { ModelClass, Operation } from './reference-model.ts';

/** The classes that the reference model knows. */
export const MODEL_CLASSES: readonly ModelClass[] = [
  'Network',
  'Port',
  'PortGroup',
  'Chain',
  'Rule',
  'Router',
  'LoadBalancer',
];

// Few ids, so that what is written meets what is there. Ids of a class are its own: a reference of the wrong class is missing.
const idOf = (cls: ModelClass): Arbitrary<Uuid> =>
  integer({ min: 1, max: 2 }).map((n) => uuid(MODEL_CLASSES.indexOf(cls) * 10 + n));
const maybe = (cls: ModelClass) => option(idOf(cls), { nil: undefined, freq: 2 });
const some = (cls: ModelClass) => option(uniqueArray(idOf(cls), { maxLength: 2 }), { nil: undefined });

const FIELDS: Readonly<Record<ModelClass, Arbitrary<object>>> = {
  Network: record({ name: constantFrom('x', 'y'), inboundFilterId: maybe('Chain') }),
  Port: record({
    networkId: maybe('Network'),
    inboundFilterId: maybe('Chain'),
    peerId: maybe('Port'),
    portGroupIds: some('PortGroup'),
  }),
  PortGroup: record({ name: constantFrom('x', 'y') }),
  Chain: record({ name: constantFrom('x', 'y'), ruleIds: some('Rule') }),
  Rule: record({ name: constantFrom('x', 'y'), chainId: maybe('Chain') }),
  Router: record({ loadBalancerId: maybe('LoadBalancer') }),
  LoadBalancer: record({ routerId: maybe('Router') }),
};

/** What a transaction may be asked for; of ids that are few. */
export const operation: Arbitrary<Operation> = constantFrom(...MODEL_CLASSES).chain((cls) =>
  oneof(
    {
      weight: 2,
      arbitrary: record({
        kind: constantFrom('create', 'update'),
        class: constant(cls),
        id: idOf(cls),
        fields: FIELDS[cls].map((fields) => JSON.parse(JSON.stringify(fields)) as JsonObject),
      }),
    },
    {
      weight: 1,
      arbitrary: record({ kind: constant('delete'), class: constant(cls), id: idOf(cls), ignoreMissing: boolean() }),
    },
  ),
);

/** Asserts that the back-references are those that one finds by looking at every object. */
export async function referrersAgree(nsdb: Nsdb, objects: ReadonlyMap<string, JsonObject>): Promise<void> {
  const owners = (await Promise.all([nsdb.list('Network'), nsdb.list('PortGroup'), nsdb.list('Chain')])).flat();
  const found = await Promise.all(
    owners.map(({ class: cls, id }) => nsdb.referrers(cls, id, cls === 'Chain' ? 'portInboundIds' : 'portIds')),
  );
  const ports = [...objects].filter(([key]) => key.startsWith('Port/')).toSorted(([a], [b]) => (a < b ? -1 : 1));
  deepEqual(
    found,
    owners.map(({ class: cls, id }) => {
      const field = cls === 'Network' ? 'networkId' : cls === 'Chain' ? 'inboundFilterId' : 'portGroupIds';
      return ports.filter(([, fields]) => [fields[field]].flat().includes(id)).map(([key]) => key.slice(5));
    }),
  );
}

/** What somebody looks at, and then does. */
export interface RandomTransaction {
  readonly sees: readonly [ModelClass, Uuid];
  readonly operations: readonly Operation[];
}

/** Random transactions, the same for the same seed. */
export function transactionsOf(seed: number, count: number): readonly RandomTransaction[] {
  const sees = constantFrom(...MODEL_CLASSES).chain((cls) => tuple(constant(cls), idOf(cls)));
  const transaction = record({ sees, operations: array(operation, { minLength: 1, maxLength: 3 }) });
  return sample(transaction, { seed, numRuns: count });
}

/** Asks a transaction for operations. */
export function carryOut(tx: Transaction, operations: readonly Operation[]): void {
  for (const { kind, class: cls, id, ...rest } of operations) {
    if ('fields' in rest) tx[kind === 'create' ? 'create' : 'update'](cls, id, rest.fields);
    else tx.delete(cls, id, rest);
  }
}
