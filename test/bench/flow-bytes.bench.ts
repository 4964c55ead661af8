import { bytesInUse, type BenchResult } from './bench-result.ts';
import { fullMesh, manyTenants, oneNetwork, ownReceivers, unrelatedTags } from './flow-ways.ts';
import { tableOf, type Population } from './flow-workload.ts';

const FLOWS = 1_000_000;

/**
 * Octets for each of a million flows, all told: key, counters, hash table, 26 tags and their index, queues, actions, path. In a
 * network of a hundred ports, where each flow has a sender and a destination of its own. Beside it: how long an insertion takes.
 */
export async function flowBytes(): Promise<BenchResult> {
  const { bytes, nanos } = await measure({ wayOf: oneNetwork });
  return {
    name: 'flow-bytes',
    value: bytes,
    unit: 'bytes a flow',
    against: [{ name: 'insertion (ns)', value: nanos }],
  };
}

/**
 * The same where less is shared: each flow has a receiver of its own too, with actions of its own. Beside it: facts that only some
 * hundred flows have in common, ways that no two flows have in common, and facts without any relation.
 */
export async function flowBytesOwnTags(): Promise<BenchResult> {
  const own = await measure({ wayOf: ownReceivers });
  const tenants = await measure({ wayOf: manyTenants });
  const mesh = await measure({ wayOf: fullMesh });
  const unrelated = await measure({ wayOf: oneNetwork, tagsOf: unrelatedTags });
  return {
    name: 'flow-bytes-own-tags',
    value: own.bytes,
    unit: 'bytes a flow',
    against: [
      { name: 'a thousand tenants', value: tenants.bytes },
      { name: 'each of a thousand ports to each', value: mesh.bytes },
      { name: '26 unrelated tags', value: unrelated.bytes },
      { name: 'insertion (ns)', value: own.nanos },
    ],
  };
}

interface Measure {
  readonly bytes: number;
  readonly nanos: number;
}

async function measure(population: Population): Promise<Measure> {
  const before = await bytesInUse();
  const start = performance.now();
  const table = tableOf(FLOWS, 4, population);
  const nanos = ((performance.now() - start) * 1e6) / FLOWS;
  const bytes = ((await bytesInUse()) - before) / FLOWS;
  if (table.size !== FLOWS) throw new Error(`${table.size} flows`);
  return { bytes, nanos };
}
