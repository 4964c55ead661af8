import { runCommandLine } from '../../ops/command-line.ts';
import type { ExitCode } from '../../ops/exit-code.ts';
import { DATABASE_UNDER_TEST } from '../database-under-test.ts';

/** What a command line came to. */
export interface Called {
  readonly exitCode: ExitCode;
  readonly out: string;
  readonly err: string;
}

/** Runs a command line in this process, with an environment of its own and no terminal. */
export async function call(
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  signal: AbortSignal = new AbortController().signal,
): Promise<Called> {
  const nsdb = process.env[DATABASE_UNDER_TEST];
  let out = '';
  let err = '';
  const exitCode = await runCommandLine(words, {
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (err += text) },
    environment: nsdb === undefined ? environment : { TROUPE_NSDB: nsdb, ...environment },
    signal,
  });
  return { exitCode, out, err };
}
