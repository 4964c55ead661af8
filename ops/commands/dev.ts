import type { Act, GlobalFlags } from '../act.ts';
import type { TroupeCommand } from '../troupe-command.ts';
import type { DevZookeeperOptions } from './dev/dev-zookeeper.ts';

/** `troupe dev zookeeper`. */
export function addDevCommands(program: TroupeCommand, act: Act): void {
  const dev = program.command('dev').description('start real servers on this machine, to develop and to test with');

  dev
    .command('zookeeper')
    .description('start ZooKeeper servers on 127.0.0.1, say how to reach them, and end them with this command')
    .option('--servers <number>', 'how many: 1, 3, 5 or 7', '1')
    .option('--data <folder>', 'keep their data here, for the next time; default: forget it at the end')
    .option('--port <number>', "the first server's port, which the others' follow; 0: any that are free", '2181')
    .examples(
      ['troupe dev zookeeper', 'one server'],
      ['troupe dev zookeeper --servers 3', 'an ensemble that survives the end of one; kill -9 its leader and see'],
      ['troupe dev zookeeper --data ~/troupe-zookeeper', 'a server that remembers'],
    )
    .action((_options: unknown, command: TroupeCommand) => {
      const options = command.optsWithGlobals<GlobalFlags & DevZookeeperOptions>();
      return act(options, async (shell) => {
        const { devZookeeper } = await import('./dev/dev-zookeeper.ts');
        return devZookeeper(options, shell);
      });
    });
}
