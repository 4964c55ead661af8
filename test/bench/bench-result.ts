import { setTimeout } from 'node:timers/promises';

/** What a benchmark says of one run. */
export interface BenchResult {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What was measured beside it in the same run; each name carries its unit when that is another. */
  readonly against: readonly { readonly name: string; readonly value: number }[];
}

/** A piece of work of a benchmark, of which there are several. */
export interface Pieces {
  readonly count: number;
  /** How often a piece does what is measured. */
  readonly times: number;
  readonly work: (piece: number) => void;
}

/**
 * Nanoseconds for what is measured: the mean over all pieces of the best that each took in so many rounds, the first of which
 * warm up. Short pieces find the moments when nothing else had the core.
 */
export function bestNanos({ count, times, work }: Pieces, rounds = 9): number {
  const best = Array.from({ length: count }, () => Infinity);
  for (let round = 0; round < rounds; round++) {
    for (let piece = 0; piece < count; piece++) {
      const start = performance.now();
      work(piece);
      best[piece] = Math.min(best[piece] ?? Infinity, performance.now() - start);
    }
  }
  return (best.reduce((sum, millis) => sum + millis, 0) * 1e6) / (count * times);
}

/** As {@link bestNanos}, of several works that take turns, piece by piece, so that they share good moments and bad ones. */
export async function bestNanosOfEach(
  { count, times }: Omit<Pieces, 'work'>,
  works: readonly ((piece: number) => Promise<void> | void)[],
  rounds = 9,
): Promise<readonly number[]> {
  const best = works.map(() => Array.from({ length: count }, () => Infinity));
  for (let step = 0; step < rounds * count * works.length; step++) {
    const which = step % works.length;
    const piece = Math.floor(step / works.length) % count;
    const start = performance.now();
    // oxlint-disable-next-line eslint/no-await-in-loop -- one after the other, or they would disturb each other
    await works[which]?.(piece);
    const millis = performance.now() - start;
    const bests = best[which] ?? [];
    bests[piece] = Math.min(bests[piece] ?? Infinity, millis);
  }
  return best.map((bests) => (bests.reduce((sum, millis) => sum + millis, 0) * 1e6) / (count * times));
}

/** Octets in use, in typed arrays and in objects, after a collection where the process allows one (`--expose-gc`). */
export async function bytesInUse(): Promise<number> {
  for (let round = 0; round < 3; round++) {
    globalThis.gc?.();
    // oxlint-disable-next-line eslint/no-await-in-loop -- the memory of arrays is given back between two turns
    await setTimeout(20);
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
