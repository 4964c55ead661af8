import type { ReplayOptions } from '../../../actors/scenario/replay.ts';
import { readText } from '../../../topology/file/read-topology.ts';
import { EXIT, type ExitCode } from '../../exit-code.ts';
import { printable } from '../../render/text-width.ts';
import { type ObservedRun, renewedText } from '../../run/renewed-text.ts';
import type { Shell } from '../../shell.ts';
import { Trouble } from '../../trouble.ts';
import { writeText } from '../../write-result.ts';

/**
 * Writes what was seen into the scenario file; nothing when it says so already.
 *
 * @param options of the run: it may have to be played once more
 * @returns 1 when something is left that the run did not meet and that cannot be put otherwise
 */
export async function updateScenario(
  path: string,
  run: ObservedRun,
  options: ReplayOptions,
  shell: Shell,
): Promise<ExitCode> {
  const before = await readText(path, shell.signal);
  if (!before.ok) throw new Trouble(`${path}: ${before.error.what}`);
  const { text, left } = await renewedText(before.text, path, run, options);
  if (text !== before.text) {
    await writeText(path, text);
    shell.err(`${path}: expects now what happened in this run\n`);
  } else if (left.length === 0) {
    shell.err(`${path}: expects what happens already\n`);
  }
  for (const { where, title, why } of left) {
    const place = where === undefined ? path : `${where.path}:${where.line}:${where.column}`;
    shell.err(`${shell.errLook.paint.bad(printable(`${place}: not met, and left as it is: ${title}: ${why}`))}\n`);
  }
  return left.length === 0 ? EXIT.fine : EXIT.unexpected;
}
