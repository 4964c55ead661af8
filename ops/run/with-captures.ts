import type { Reading } from '../../actors/scenario/input-stream.ts';
import type { Scenario } from '../../actors/scenario/scenario.ts';
import { CaptureCopies } from '../../datapath/capture/capture-copies.ts';
import { readCapture } from '../../datapath/capture/capture-file.ts';

/** Opens a capture. */
export type CaptureReader = NonNullable<Reading['readCapture']>;

/**
 * Does work that reads captures.
 *
 * @param isAgain whether it may read one more than once: what comes through a pipe is kept for that time, then
 */
export async function withCaptures<Result>(
  isAgain: boolean,
  work: (reader: CaptureReader) => Promise<Result>,
): Promise<Result> {
  if (!isAgain) return work(readCapture);
  const copies = new CaptureCopies();
  try {
    return await work(copies.read);
  } finally {
    await copies.close();
  }
}

/**
 * Whether captures may be read more than once when a scenario is played and checked: for what failed expectations need, for the stations
 * that are played as recorded, or because it plays one twice.
 */
export function isReadAgain({ expectations, stations, inputs }: Scenario): boolean {
  const isHeardFirst = stations.length > 0 && inputs.some(({ l2 }) => l2 === 'keep');
  return expectations !== undefined || isHeardFirst || new Set(inputs.map(({ path }) => path)).size < inputs.length;
}
