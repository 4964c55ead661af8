import { readFile } from 'node:fs/promises';
import type { FileProblem } from './file-problem.ts';
import { type LoadOptions, type LoadResult, loadTopology } from './load-topology.ts';
import { unreadableFor } from './unreadable.ts';

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
  const complaint = unreadableFor(error);
  if (complaint !== undefined) return { code: complaint.code, what: complaint.what };
  if (error instanceof TypeError) return { code: 'not-utf8', what: 'the file is not UTF-8 text' };
  throw error;
}
