import { readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { CommanderError } from 'commander';
import { ask } from './ask.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { programOf } from './program.ts';
import type { ColourChoice } from './render/colour.ts';
import { lookFor } from './render/look.ts';
import { resolveSettings } from './settings/resolve-settings.ts';
import type { Shell } from './shell.ts';
import { Trouble, TroubleTold } from './trouble.ts';

/** A stream to write to, and what is known of the terminal behind it. */
export interface Outlet {
  readonly write: (text: string) => unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

/** The process around a command line. */
export interface Surroundings {
  /** Where answers to questions are typed. */
  readonly stdin?: Readable & { readonly isTTY?: boolean | undefined };
  readonly stdout: Outlet;
  readonly stderr: Outlet;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

/** Columns of help that goes to no terminal. */
const HELP_WIDTH = 100;

/**
 * Runs one command line to its end.
 *
 * @param words what follows `troupe`
 * @returns how it ended. Never throws
 */
export async function runCommandLine(words: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const { stdin, stdout, stderr, environment, signal } = surroundings;
  const err = (text: string): void => void stderr.write(text);
  let exitCode: ExitCode = EXIT.fine;
  const output = {
    writeOut: (text: string) => stdout.write(text),
    writeErr: (text: string) => stderr.write(text),
    getOutHelpWidth: () => stdout.columns ?? HELP_WIDTH,
    getErrHelpWidth: () => stderr.columns ?? HELP_WIDTH,
  };
  const program = programOf(version(), output, async (flags, work) => {
    const settings = await resolveSettings(flags, environment, signal);
    const colour: ColourChoice = settings.values.color;
    const shell: Shell = {
      out: (text) => void stdout.write(text),
      err,
      look: lookFor(colour, stdout, environment),
      errLook: lookFor(colour, stderr, environment),
      quiet: flags.quiet === true,
      ask:
        stdin?.isTTY === true && stderr.isTTY === true ? (question) => ask(question, stdin, stderr, signal) : undefined,
      settings,
      signal,
    };
    exitCode = await work(shell);
  });
  try {
    await program.parseAsync(words, { from: 'user' });
    return exitCode;
  } catch (error) {
    return signal.aborted ? EXIT.interrupted : tell(error, err, environment);
  }
}

/** Says what ended a command before its time, and what that comes to. */
function tell(error: unknown, err: (text: string) => void, environment: Surroundings['environment']): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.fine : EXIT.badInput;
  if (error instanceof TroubleTold) return error.exitCode;
  const debug = (environment['TROUPE_DEBUG'] ?? '') !== '';
  if (error instanceof Trouble) {
    for (const line of error.message.split('\n')) err(`troupe: ${line}\n`);
    if (debug) err(`${error.stack ?? ''}\n`);
    return error.exitCode;
  }
  const message = error instanceof Error ? error.message : String(error);
  const stack = error instanceof Error ? (error.stack ?? message) : message;
  err(`troupe: this is a fault of Troupe itself: ${debug ? stack : message}\n`);
  err(`troupe: please report it${debug ? '' : ', with what TROUPE_DEBUG=1 shows'}\n`);
  return EXIT.ownFault;
}

function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const found: unknown = JSON.parse(text);
  if (typeof found !== 'object' || found === null || !('version' in found)) throw new TypeError('no version');
  return String(found.version);
}
