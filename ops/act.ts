import type { ExitCode } from './exit-code.ts';
import type { Flags } from './settings/resolve-settings.ts';
import type { Shell } from './shell.ts';

/** What the command line says to all commands alike. */
export interface GlobalFlags extends Flags {
  readonly quiet?: true;
}

/**
 * Does a command's work within its surroundings. A command's file says what it takes; the work lies in a file of its own that is
 * loaded when the command is called, so that no command pays for another.
 */
export type Act = (flags: GlobalFlags, work: (shell: Shell) => Promise<ExitCode>) => Promise<void>;
