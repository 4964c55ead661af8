import type { Command } from 'commander';
import { didYouMean } from '../../topology/file/did-you-mean.ts';
import type { TroupeCommand } from '../troupe-command.ts';

/** `troupe help topology validate`: commander's own command for this looks at the first word alone. */
export function addHelpCommand(program: TroupeCommand): void {
  program.helpCommand(false);
  program
    .command('help')
    .argument('[command...]')
    .description('print help for a command')
    .action((words: readonly string[]) => {
      words.reduce<Command>(within, program).help();
    });
}

function within(command: Command, word: string): Command {
  const found = command.commands.find((each) => each.name() === word);
  if (found !== undefined) return found;
  const names = command.commands.map((each) => each.name());
  const meant = didYouMean(word, names);
  return command.error(`unknown command '${word}'${meant === undefined ? '' : `\n(Did you mean ${meant}?)`}`);
}
