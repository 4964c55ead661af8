import type { FlowTable } from '../../datapath/flow-table/flow-table.ts';
import { KEY_WORDS } from '../../simulation/packet/flow-key.ts';
import { bestNanos, type BenchResult } from './bench-result.ts';
import { keysOf, NOON, scattered, tableOf, type BenchActions } from './flow-workload.ts';

const MILLION = 1_000_000;
const HOT = 1_000;
const SAMPLES = 200_000;
const MASKS = 4;

/**
 * Nanoseconds for a lookup of a hot set of 1,000 among a million flows of four masks, against the same in a table of 1,000.
 * Beside it: all flows alike often, with a bare random read of as much memory as their rows take; and a table of many masks, whose
 * conversations are too many for the cache.
 */
export function flowLookup1m(): Promise<BenchResult> {
  const small = nanosOf(tableOf(HOT, MASKS), keysOf(Array.from({ length: HOT }, (_, n) => n)), 200);
  const manyMasks = nanosOf(tableOf(100_000, 20), keysOf(scattered(SAMPLES, 100_000)), 1);
  const large = tableOf(MILLION, MASKS);
  const hot = nanosOf(large, keysOf(scattered(HOT, MILLION)), 200);
  const uniform = nanosOf(large, keysOf(scattered(SAMPLES, MILLION)), 1);
  const allocated = bytesOf(large, keysOf(scattered(SAMPLES, MILLION)));
  return Promise.resolve({
    name: 'flow-lookup-1m',
    value: hot,
    unit: 'ns',
    against: [
      { name: '1,000 flows', value: small },
      { name: 'uniform over 1,000,000', value: uniform },
      { name: 'bare random read of 128 MB', value: bareRead() },
      { name: '100,000 flows, 20 masks, uniform', value: manyMasks },
      { name: 'allocation (bytes a lookup)', value: allocated },
    ],
  });
}

function nanosOf(table: FlowTable<BenchActions>, keys: Uint32Array, times: number): number {
  const count = keys.length / KEY_WORDS;
  let found = 0;
  const nanos = bestNanos(count * times, () => {
    found = 0;
    for (let round = 0; round < times; round++) found += hitAll(table, keys);
  });
  if (found !== count * times) throw new Error(`${found} of ${count * times} found`);
  return nanos;
}

function hitAll(table: FlowTable<BenchActions>, keys: Uint32Array): number {
  let found = 0;
  for (let at = 0; at < keys.length; at += KEY_WORDS) if (table.lookup(keys, at, 100, NOON) >= 0) found++;
  return found;
}

function bytesOf(table: FlowTable<BenchActions>, keys: Uint32Array): number {
  hitAll(table, keys);
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  const found = hitAll(table, keys);
  return Math.max(0, process.memoryUsage().heapUsed - before) / found;
}

/** Nanoseconds for a read of one word out of 128 MB, each place known only when the one before has been read. */
function bareRead(): number {
  const words = new Int32Array(1 << 25);
  for (let n = 0; n < words.length; n++) words[n] = Math.imul(n, 0x9e37_79b1);
  let place = 1;
  const nanos = bestNanos(SAMPLES, () => {
    for (let n = 0; n < SAMPLES; n++) place = ((words[place] ?? 0) + n) & (words.length - 1);
  });
  if (place < 0) throw new Error('no place');
  return nanos;
}
