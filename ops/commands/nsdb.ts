import type { Act, GlobalFlags } from '../act.ts';
import type { TroupeCommand } from '../troupe-command.ts';
import type { StatusOptions } from './nsdb/status.ts';

const NSDB = ['--nsdb <address>', 'where the database is: zookeeper://USER:PASSWORD@HOST:PORT,HOST:PORT/ROOT'] as const;

/** `troupe nsdb status | tree | watch | check | backup | restore`. */
export function addNsdbCommands(program: TroupeCommand, act: Act): void {
  const nsdb = program.command('nsdb').description('look after the network state database in ZooKeeper');

  nsdb
    .command('status')
    .description('show how each server of the ensemble does: role, latency, sessions, watches, lag, disk')
    .option(...NSDB)
    .option('--timeout <seconds>', 'how long a server may take to answer', '3')
    .forms(['table', 'json'])
    .examples(
      ['troupe nsdb status', 'of the database that TROUPE_NSDB or troupe.yaml names; no credentials are used'],
      [
        'troupe nsdb status -o json | jq .verdict',
        'exit code 0: all serve; 1: a quorum, but something is wrong; 3: no quorum',
      ],
    )
    .action((_options: unknown, command: TroupeCommand) => {
      const options = command.optsWithGlobals<GlobalFlags & StatusOptions>();
      return act(options, async (shell) => {
        const { showStatus } = await import('./nsdb/status.ts');
        return showStatus(options, shell);
      });
    });
}
