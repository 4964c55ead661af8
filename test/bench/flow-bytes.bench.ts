import type { Tag } from '../../simulation/tag.ts';
import { bytesInUse, type BenchResult } from './bench-result.ts';
import { tableOf, tagsOfNobodyElse, tagsOfSevenHops } from './flow-workload.ts';

const FLOWS = 1_000_000;

/**
 * Octets for each of a million flows, all told: key, counters, hash table, 26 tags and their index, queues, actions, path.
 * Beside it: when no tag is one that many flows have in common; and how long an insertion takes.
 */
export async function flowBytes(): Promise<BenchResult> {
  const common = await measure(tagsOfSevenHops, FLOWS);
  const own = await measure(tagsOfNobodyElse, FLOWS / 4);
  return {
    name: 'flow-bytes',
    value: common.bytes,
    unit: 'bytes a flow',
    against: [
      { name: 'no tags in common', value: own.bytes },
      { name: 'insertion (ns)', value: common.nanos },
      { name: 'insertion, no tags in common (ns)', value: own.nanos },
    ],
  };
}

interface Measure {
  readonly bytes: number;
  readonly nanos: number;
}

async function measure(tagsOf: (n: number) => readonly Tag[], flows: number): Promise<Measure> {
  const before = await bytesInUse();
  const start = performance.now();
  const table = tableOf(flows, 4, tagsOf);
  const nanos = ((performance.now() - start) * 1e6) / flows;
  const bytes = ((await bytesInUse()) - before) / flows;
  if (table.size !== flows) throw new Error(`${table.size} flows`);
  return { bytes, nanos };
}
