import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/**
 * Asks somebody at a terminal. What interrupts the process does so here too.
 *
 * @returns the line that was typed; undefined where there will be none (Ctrl-D), or the signal is raised
 */
export function ask(
  question: string,
  input: Readable,
  output: { readonly write: (text: string) => unknown },
  signal: AbortSignal,
): Promise<string | undefined> {
  if (signal.aborted) return Promise.resolve(undefined);
  output.write(question);
  const lines = createInterface({ input, terminal: false });
  const end = () => lines.close();
  signal.addEventListener('abort', end, { once: true });
  return new Promise<string | undefined>((resolve) => {
    lines.once('line', resolve);
    lines.once('close', () => resolve(undefined));
  }).then((answer) => {
    signal.removeEventListener('abort', end);
    lines.close();
    if (answer === undefined) output.write('\n'); // the cursor is behind the question still
    return answer;
  });
}
