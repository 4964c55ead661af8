import { readFile } from 'node:fs/promises';
import type { FileProblem } from './file-problem.ts';
import { type LoadOptions, type LoadResult, loadTopology } from './load-topology.ts';

/**
 * Reads a topology file.
 *
 * @param path a file of UTF-8 text
 * @returns as {@link loadTopology}; a file that cannot be read is an error without line and column
 */
export async function readTopology(path: string, options: Omit<LoadOptions, 'path'> = {}): Promise<LoadResult> {
  const text = await readText(path);
  return text.ok ? loadTopology(text.text, { ...options, path }) : { ok: false, errors: [text.error], warnings: [] };
}

type TextReading = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly error: FileProblem };

const REASONS: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'there is no such file'],
  ['EISDIR', 'this is a directory'],
]);

/** The code of the error of a file that may not be read. */
export const NO_PERMISSION = 'no-permission';

/** Reads a file as UTF-8 text. */
export async function readText(path: string): Promise<TextReading> {
  try {
    const bytes = await readFile(path);
    return { ok: true, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch (error) {
    return { ok: false, error: { severity: 'error', path, ...complaintOf(error), expected: 'a file of UTF-8 text' } };
  }
}

function complaintOf(error: unknown): Pick<FileProblem, 'code' | 'what'> {
  if (!(error instanceof Error)) throw error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return { code: 'not-utf8', what: 'the file is not UTF-8 text' };
  if (code === 'EACCES' || code === 'EPERM') return { code: NO_PERMISSION, what: 'permission denied' };
  return { code: 'unreadable', what: REASONS.get(code) ?? `the file cannot be read: ${error.message}` };
}
