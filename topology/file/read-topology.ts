import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import type { FileProblem } from './file-problem.ts';
import { type LoadOptions, type LoadResult, loadTopology } from './load-topology.ts';
import { pipeAt } from './pipe.ts';
import { unreadableFor } from './unreadable.ts';

/**
 * Reads a topology file.
 *
 * @param path a file of UTF-8 text
 * @param options of the loading; and a signal, as of {@link readText}
 * @returns as {@link loadTopology}; a file that cannot be read is an error without line and column
 */
export async function readTopology(
  path: string,
  { signal, ...options }: ReadTopologyOptions = {},
): Promise<LoadResult> {
  const text = await readText(path, signal);
  return text.ok ? loadTopology(text.text, { ...options, path }) : { ok: false, errors: [text.error], warnings: [] };
}

interface ReadTopologyOptions extends Omit<LoadOptions, 'path'> {
  readonly signal?: AbortSignal;
}

type TextReading = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly error: FileProblem };

/**
 * Reads a file as UTF-8 text.
 *
 * @param signal ends the waiting for what comes through a pipe
 * @throws an `AbortError` when the signal is raised
 */
export async function readText(path: string, signal?: AbortSignal): Promise<TextReading> {
  try {
    const pipe = await pipeAt(path, signal);
    const bytes = pipe === undefined ? await readFile(path) : await buffer(pipe);
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
