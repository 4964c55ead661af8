/** What a benchmark says of one run. */
export interface BenchResult {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What was measured beside it in the same run; each name carries its unit when that is another. */
  readonly against: readonly { readonly name: string; readonly value: number }[];
}

/** Nanoseconds for one of `count` equal pieces of work: the best of so many rounds, the first of which warm up. */
export function bestNanos(count: number, work: () => void, rounds = 7): number {
  let best = Infinity;
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    work();
    best = Math.min(best, ((performance.now() - start) * 1e6) / count);
  }
  return best;
}

/** Octets in use, in typed arrays and in objects, after a collection where the process allows one (`--expose-gc`). */
export function bytesInUse(): number {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
