import { bestNanos, type BenchResult } from './bench-result.ts';
import { scattered } from './flow-workload.ts';
import { receiveAll, routedFlows, type RoutedFlows } from './routed-flows.ts';

const PIECE = 50_000;
const PIECES = 8;
const ROUNDS = 5;

/**
 * Packets a second that flows answer, frames of 128 octets in memory: key read, flow found, MACs and TTL rewritten, frame handed out.
 * 1,000 flows over 4 masks; beside it 100,000 over 20, far more than the exact-match cache holds, without pattern.
 */
export async function flowHit(): Promise<BenchResult> {
  const value = rateOf(await routedFlows(1000, 4));
  const thrashed = rateOf(await routedFlows(100_000, 20));
  return {
    name: 'flow-hit',
    value,
    unit: 'packets/s',
    against: [
      { name: '100,000 flows, 20 masks', value: thrashed },
      { name: 'times as long as with 1,000 flows', value: value / thrashed },
    ],
  };
}

function rateOf(flows: RoutedFlows): number {
  const order = Uint32Array.from(scattered(PIECE * PIECES, flows.frames.length));
  const pieces = Array.from({ length: PIECES }, (_, n) => order.subarray(n * PIECE, (n + 1) * PIECE));
  const work = (piece: number): void => receiveAll(flows, pieces[piece] ?? order);
  return 1e9 / bestNanos({ count: PIECES, times: PIECE, work }, ROUNDS);
}

/** Rounds so short that what they allocate is all there at their end. */
const SHORT = 20_000;
const SHORT_ROUNDS = 100;

/** Octets that a hit allocates, over two million hits. Wants `--expose-gc`. */
export async function flowHitBytes(): Promise<BenchResult> {
  const value = bytesOf(await routedFlows(1000, 4));
  const thrashed = bytesOf(await routedFlows(100_000, 20));
  return {
    name: 'flow-hit-bytes',
    value,
    unit: 'bytes a hit',
    against: [{ name: '100,000 flows, 20 masks', value: thrashed }],
  };
}

function bytesOf(flows: RoutedFlows): number {
  const order = Uint32Array.from(scattered(SHORT, flows.frames.length));
  for (let round = 0; round < 20; round++) receiveAll(flows, order);
  let bytes = 0;
  for (let round = 0; round < SHORT_ROUNDS; round++) {
    globalThis.gc?.();
    const before = process.memoryUsage().heapUsed;
    receiveAll(flows, order);
    bytes += process.memoryUsage().heapUsed - before;
  }
  return Math.max(0, bytes) / (SHORT * SHORT_ROUNDS);
}
