import type { FlowActions } from '../../datapath/flow-actions.ts';
import type { FlowTable } from '../../datapath/flow-table/flow-table.ts';
import { KEY_WORDS } from '../../simulation/packet/key-layout.ts';
import { bestNanos, type BenchResult } from './bench-result.ts';
import { keysOf, NOON, scattered, tableOf } from './flow-workload.ts';

const MILLION = 1_000_000;
const HOT = 1_000;
const SAMPLES = 200_000;
const MASKS = 4;
/** Lookups timed together. */
const PIECE = 1_000;

/**
 * Nanoseconds for a lookup of a hot set of 1,000 among a million flows of four masks, against the same in a table of 1,000.
 * Beside it: all flows alike often, with a bare random read of as much memory as their rows take; and a table of many masks, whose
 * conversations are too many for the cache.
 */
export function flowLookup1m(): Promise<BenchResult> {
  const small = nanosOf(tableOf(HOT, MASKS), keysOf(repeated(scattered(HOT, HOT))));
  const manyMasks = nanosOf(tableOf(100_000, 20), keysOf(scattered(SAMPLES, 100_000)));
  const large = tableOf(MILLION, MASKS);
  const hot = nanosOf(large, keysOf(repeated(scattered(HOT, MILLION))));
  const uniform = nanosOf(large, keysOf(scattered(SAMPLES, MILLION)));
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

/** The hot set over and over, long enough for some pieces. */
function repeated(flows: readonly number[]): readonly number[] {
  return Array.from({ length: PIECE * 100 }, (_, n) => flows[n % flows.length] ?? 0);
}

function nanosOf(table: FlowTable<FlowActions>, keys: Uint32Array): number {
  const keysOfPiece = PIECE * KEY_WORDS;
  return bestNanos({
    count: keys.length / keysOfPiece,
    times: PIECE,
    work: (piece) => hitAll(table, keys, piece * keysOfPiece, (piece + 1) * keysOfPiece),
  });
}

function hitAll(table: FlowTable<FlowActions>, keys: Uint32Array, from: number, to: number): void {
  for (let at = from; at < to; at += KEY_WORDS) {
    if (table.lookup(keys, at, 100, NOON) < 0) throw new Error(`no flow for the key at ${at}`);
  }
}

function bytesOf(table: FlowTable<FlowActions>, keys: Uint32Array): number {
  hitAll(table, keys, 0, keys.length);
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  hitAll(table, keys, 0, keys.length);
  return Math.max(0, process.memoryUsage().heapUsed - before) / SAMPLES;
}

/** Nanoseconds for a read of one word out of 128 MB, each place known only when the one before has been read. */
function bareRead(): number {
  const words = new Int32Array(1 << 25);
  for (let n = 0; n < words.length; n++) words[n] = Math.imul(n, 0x9e37_79b1);
  let place = 1;
  const nanos = bestNanos({
    count: SAMPLES / PIECE,
    times: PIECE,
    work: () => {
      for (let n = 0; n < PIECE; n++) place = ((words[place] ?? 0) + n) & (words.length - 1);
    },
  });
  if (place < 0) throw new Error('no place');
  return nanos;
}
