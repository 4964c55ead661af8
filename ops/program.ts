import { Option, type OutputConfiguration } from 'commander';
import { addConfigCommand } from './commands/config.ts';
import { addTopologyCommands } from './commands/topology.ts';
import type { ExitCode } from './exit-code.ts';
import type { Flags } from './settings/resolve-settings.ts';
import type { Shell } from './shell.ts';
import { TroupeCommand } from './troupe-command.ts';

/** What the command line says to all commands alike. */
export interface GlobalFlags extends Flags {
  readonly quiet?: true;
}

/**
 * Does a command's work within its surroundings. A command's file says what it takes; the work lies in a file of its own that is
 * loaded when the command is called, so that no command pays for another.
 */
export type Act = (flags: GlobalFlags, work: (shell: Shell) => Promise<ExitCode>) => Promise<void>;

/**
 * The command line: every command there is.
 *
 * @param output where help goes. Handed over here because a command takes it from its parent when it is added, not later
 */
export function programOf(version: string, output: OutputConfiguration, act: Act): TroupeCommand {
  const program = new TroupeCommand('troupe');
  program
    .exitOverride()
    .configureOutput(output)
    .configureHelp({ showGlobalOptions: true })
    .description('A virtual network in which every device is an actor.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print help for a command')
    .addOption(new Option('--color <when>', 'colour the output').choices(['auto', 'always', 'never']))
    .option('--config <file>', 'read settings from this file, not from troupe.yaml')
    .option('-q, --quiet', 'say nothing but results and what is wrong');
  program.examples(
    ['troupe topology show examples/two-bridges.yaml', 'what is in a network'],
    ['troupe topology graph FILE --out net.svg', 'draw it'],
    ['troupe help topology', 'more about a command'],
  );
  addTopologyCommands(program, act);
  addConfigCommand(program, act);
  return program;
}
