import type { ChildProcess } from 'node:child_process';

/** Resolves when a process has ended: to its code, or to the signal that ended it. */
export function endOf(child: ChildProcess): Promise<number | NodeJS.Signals | null> {
  return new Promise((resolve) => child.once('close', (code, signal) => resolve(signal ?? code)));
}
