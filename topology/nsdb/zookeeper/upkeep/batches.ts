import { REQUEST_BYTES, type Operation } from '../client/operation.ts';
import type { ZookeeperClient } from '../client/zookeeper-client.ts';

/** What one request may weigh, with room for what is asserted along with it. */
const BATCH_BYTES = REQUEST_BYTES / 2;

/** Cuts operations, in their order, into as few requests as their size takes; an operation larger than that is alone in one. */
export function batchesOf(
  client: ZookeeperClient,
  operations: readonly Operation[],
): readonly (readonly Operation[])[] {
  const batches: Operation[][] = [];
  let bytes = BATCH_BYTES;
  for (const operation of operations) {
    const weight = client.weigh([operation]);
    if (bytes + weight > BATCH_BYTES) {
      batches.push([]);
      bytes = 0;
    }
    batches.at(-1)?.push(operation);
    bytes += weight;
  }
  return batches;
}
