import { inOrder, type NewObject } from './creation-order.ts';
import { TRANSACTION_BYTES, type Nsdb } from './nsdb.ts';
import { batchesOf, writeBatch } from './writes.ts';

/**
 * Creates many objects, in whatever order they come, in as few transactions as their size takes. What they refer to is among them, or
 * there already.
 *
 * It is not one transaction: others see it grow, and when it is refused, with an {@link NsdbError}, what went before it stays.
 *
 * @returns how many transactions it took
 */
export async function load(nsdb: Nsdb, objects: readonly NewObject[]): Promise<number> {
  const batches = batchesOf(inOrder(objects), TRANSACTION_BYTES);
  // oxlint-disable-next-line eslint/no-await-in-loop -- each part refers to the ones before it
  for (const batch of batches) await writeBatch(nsdb, batch);
  return batches.length;
}
