import { writeFile } from 'node:fs/promises';
import { writeTrouble } from './file-trouble.ts';
import type { Shell } from './shell.ts';

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
  await writeText(path, text);
  if (!quiet) err(`written: ${path}\n`);
}

/** Writes a file that the user named. @throws Trouble when it cannot be written */
export async function writeText(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text);
  } catch (cause) {
    throw writeTrouble(path, cause);
  }
}
