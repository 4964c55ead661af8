import type { Act, GlobalFlags } from '../act.ts';
import type { TroupeCommand } from '../troupe-command.ts';
import type { CheckFlags } from './nsdb/check.ts';
import type { RestoreFlags } from './nsdb/restore.ts';
import type { StatusOptions } from './nsdb/status.ts';
import type { TreeFlags } from './nsdb/tree.ts';
import type { WatchFlags } from './nsdb/watch.ts';

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

  nsdb
    .command('tree')
    .description('show the nodes of the database: sizes, versions, sessions they live in; what is not ours is named')
    .argument('[path]', 'of the node to begin with, below the root', '/')
    .option(...NSDB)
    .option('--depth <levels>', 'how many levels below it to show; default: all')
    .forms(['text', 'json', 'ndjson'])
    .examples(
      ['troupe nsdb tree --depth 3', 'from the root'],
      ['troupe nsdb tree /zoom/0/models/Network', 'all networks, with what refers to them'],
      ["troupe nsdb tree -o ndjson | jq -r 'select(.session) | .path'", 'what lives in sessions'],
    )
    .action((path: string, _options: unknown, command: TroupeCommand) => {
      const options = command.optsWithGlobals<GlobalFlags & TreeFlags>();
      return act(options, async (shell) => {
        const { showTree } = await import('./nsdb/tree.ts');
        return showTree(path, options, shell);
      });
    });

  nsdb
    .command('watch')
    .description('tell of every change of an object as it happens, over lost connections, until interrupted')
    .argument('[class...]', 'only objects of these classes: Port, Rule, ...')
    .option(...NSDB)
    .forms(['text', 'ndjson'])
    .examples(
      ['troupe nsdb watch', 'all objects; Ctrl-C ends it, with exit code 130'],
      ['troupe nsdb watch Port Rule -o ndjson | jq .id', 'for programs'],
    )
    .action((classes: string[], _options: unknown, command: TroupeCommand) => {
      const options = command.optsWithGlobals<GlobalFlags & WatchFlags>();
      return act(options, async (shell) => {
        const { watchDatabase } = await import('./nsdb/watch.ts');
        return watchDatabase(classes, options, shell);
      });
    });

  nsdb
    .command('check')
    .description('find what is wrong in the database, node by node, and mend it; nobody is kept from writing meanwhile')
    .option(...NSDB)
    .option('--repair', 'mend what can be mended without losing anything')
    .option('--discard', 'with --repair: delete, too, what nobody can read')
    .forms(['text', 'json'])
    .examples(
      ['troupe nsdb check', 'exit code 0: clean; 1: something was found, each with what mends it'],
      ['troupe nsdb check --repair', 'exit code 0 when nothing is left'],
      ['troupe nsdb backup before && troupe nsdb check --repair --discard', 'the thorough way'],
    )
    .action((_options: unknown, command: TroupeCommand) => {
      const options = command.optsWithGlobals<GlobalFlags & CheckFlags>();
      return act(options, async (shell) => {
        const { checkDatabase } = await import('./nsdb/check.ts');
        return checkDatabase(options, shell);
      });
    });

  nsdb
    .command('backup')
    .description('write the database, as of one transaction, into a file; nobody is kept from writing meanwhile')
    .argument('<file>', 'what to write; only its owner may read it, for it holds passwords')
    .option(...NSDB)
    .examples(
      ['troupe nsdb backup net.backup', 'exit code 3 when writes kept coming too fast'],
      ['troupe nsdb backup -q "nsdb-$(date +%F).backup"', 'for cron'],
    )
    .action((file: string, _options: unknown, command: TroupeCommand) =>
      act(command.optsWithGlobals<GlobalFlags>(), async (shell) => {
        const { backUp } = await import('./nsdb/backup.ts');
        return backUp(file, shell);
      }),
    );

  nsdb
    .command('restore')
    .description('put a backup under a root where nothing is, or in place of the database there')
    .argument('<file>', 'a backup')
    .option(...NSDB)
    .option('--replace', 'put it in place of the database there, as one change: agents see all of it or nothing')
    .examples(
      ['troupe nsdb restore net.backup', 'cut short, it leaves a database that everybody refuses; restore again'],
      ['troupe nsdb restore net.backup --replace', 'agents that run go on with what they are told'],
    )
    .action((file: string, _options: unknown, command: TroupeCommand) => {
      const options = command.optsWithGlobals<GlobalFlags & RestoreFlags>();
      return act(options, async (shell) => {
        const { restoreFrom } = await import('./nsdb/restore.ts');
        return restoreFrom(file, options, shell);
      });
    });
}
