import { Option, type OutputConfiguration } from 'commander';
import type { Act } from './act.ts';
import { addConfigCommand } from './commands/config.ts';
import { addDevCommands } from './commands/dev.ts';
import { addHelpCommand } from './commands/help.ts';
import { addNsdbCommands } from './commands/nsdb.ts';
import { addReplayCommand } from './commands/replay.ts';
import { addTraceCommand } from './commands/trace.ts';
import { addTopologyCommands } from './commands/topology.ts';
import { TroupeCommand } from './troupe-command.ts';

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
    .addOption(new Option('--color <when>', 'colour the output').choices(['auto', 'always', 'never']))
    .option('--config <file>', 'read settings from this file, not from troupe.yaml')
    .option('-q, --quiet', 'say nothing but results and what is wrong');
  program.examples(
    ['troupe replay examples/bro-org/scenario.yaml', 'play a capture through a network'],
    ["troupe trace examples/two-bridges.yaml --in web-1 'icmp echo 10.0.1.10 > 10.0.2.20'", 'ask about one packet'],
    ['troupe topology show examples/two-bridges.yaml', 'what is in a network'],
    ['troupe topology graph FILE --out net.svg', 'draw it'],
    ['troupe help topology', 'more about a command'],
  );
  addReplayCommand(program, act);
  addTraceCommand(program, act);
  addTopologyCommands(program, act);
  addNsdbCommands(program, act);
  addConfigCommand(program, act);
  addDevCommands(program, act);
  addHelpCommand(program);
  return program;
}
