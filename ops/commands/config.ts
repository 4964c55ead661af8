import type { Act, GlobalFlags } from '../act.ts';
import type { TroupeCommand } from '../troupe-command.ts';

/** `troupe config`. */
export function addConfigCommand(program: TroupeCommand, act: Act): void {
  program
    .command('config')
    .description('show every setting, its value and where that came from')
    .option('--seed <number>', 'the seed of all chance in a run')
    .option('--out <folder>', "the folder for a run's outputs")
    .option('--nsdb <address>', 'the network state database: embedded, or zookeeper://USER:PASSWORD@HOST:PORT/ROOT')
    .forms(['table', 'json'])
    .examples(['TROUPE_SEED=7 troupe config', 'what a variable would change'])
    .action((_options: unknown, command: TroupeCommand) => {
      const flags = command.optsWithGlobals<GlobalFlags & { readonly output: string }>();
      return act(flags, async (shell) => {
        const { showConfig } = await import('./show-config.ts');
        return showConfig(flags.output === 'json', shell);
      });
    });
}
