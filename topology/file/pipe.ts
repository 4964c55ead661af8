import { constants, openSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';

/**
 * What comes through the pipe of that name, such as a FIFO or `/dev/stdin`. It is opened without blocking and waited for by events: an
 * opening or a reading that blocks holds a thread, which nothing but a writer releases, and until then the process does not end.
 *
 * @param signal ends the waiting: the stream is destroyed with an `AbortError`
 * @returns undefined when it is no pipe
 * @throws Node's own error (`code: 'ENOENT'`...) when there is no such thing, or it may not be read
 */
export async function pipeAt(path: string, signal?: AbortSignal): Promise<Readable | undefined> {
  const found = await stat(path);
  if (!found.isFIFO()) return undefined;
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return new Socket({ fd, readable: true, writable: false, ...(signal && { signal }) });
}
