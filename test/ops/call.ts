import { PassThrough } from 'node:stream';
import { runCommandLine, type Surroundings } from '../../ops/command-line.ts';
import type { ExitCode } from '../../ops/exit-code.ts';
import { DATABASE_UNDER_TEST } from '../database-under-test.ts';

/** What a command line came to. */
export interface Called {
  readonly exitCode: ExitCode;
  readonly out: string;
  readonly err: string;
}

/** Runs a command line in this process, with an environment of its own and no terminal. */
export function call(
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  signal: AbortSignal = new AbortController().signal,
): Promise<Called> {
  const nsdb = process.env[DATABASE_UNDER_TEST];
  return run(words, { environment: nsdb === undefined ? environment : { TROUPE_NSDB: nsdb, ...environment }, signal });
}

/**
 * Runs a command line in this process, at a terminal without colours.
 *
 * @param typed all that is typed there; undefined where somebody interrupts at the first question
 */
export function callAtTerminal(words: readonly string[], typed: string | undefined): Promise<Called> {
  const stdin = Object.assign(new PassThrough(), { isTTY: true });
  const interruption = new AbortController();
  if (typed !== undefined) stdin.end(typed);
  const asked = () => {
    if (typed === undefined) interruption.abort();
  };
  return run(words, { environment: { NO_COLOR: '1' }, signal: interruption.signal, stdin }, asked);
}

async function run(
  words: readonly string[],
  surroundings: Omit<Surroundings, 'stdout' | 'stderr'>,
  asked: () => void = () => {},
): Promise<Called> {
  let out = '';
  let err = '';
  const isTTY = surroundings.stdin?.isTTY;
  const exitCode = await runCommandLine(words, {
    ...surroundings,
    stdout: { write: (text) => (out += text), isTTY },
    stderr: {
      write: (text) => {
        err += text;
        if (text.includes('? [')) setImmediate(asked);
      },
      isTTY,
    },
  });
  return { exitCode, out, err };
}
