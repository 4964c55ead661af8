import { writeFile } from 'node:fs/promises';
import { EXIT } from './exit-code.ts';
import type { Shell } from './shell.ts';
import { Trouble } from './trouble.ts';

const REASONS: ReadonlyMap<string, readonly [why: string, exitCode: 2 | 3]> = new Map([
  ['ENOENT', ['its folder does not exist: make it first', EXIT.badInput]],
  ['ENOTDIR', ['its folder is a file', EXIT.badInput]],
  ['EISDIR', ['it is a folder: name a file in it', EXIT.badInput]],
  ['EACCES', ['permission denied', EXIT.worldFailed]],
  ['EROFS', ['the file system is read-only', EXIT.worldFailed]],
  ['ENOSPC', ['no space is left', EXIT.worldFailed]],
]);

/**
 * Writes a result to a file, or to standard output when none is named.
 *
 * @throws Trouble when the file cannot be written
 */
export async function writeResult(text: string, path: string | undefined, { out, err, quiet }: Shell): Promise<void> {
  if (path === undefined) {
    out(text);
    return;
  }
  try {
    await writeFile(path, text);
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error;
    const [why, exitCode] = REASONS.get(String(error.code)) ?? [error.message, EXIT.worldFailed];
    throw new Trouble(`${path} cannot be written: ${why}`, exitCode, { cause: error });
  }
  if (!quiet) err(`written: ${path}\n`);
}
