import { InvalidArgumentError, Option } from 'commander';
import type { Act, GlobalFlags } from '../act.ts';
import type { TroupeCommand } from '../troupe-command.ts';
import type { ApplyOptions } from './topology/apply.ts';
import type { DiffOptions } from './topology/diff.ts';
import type { ExportOptions } from './topology/export.ts';

/** `--nsdb`, of commands that work on a shared database. */
export const NSDB_OPTION = [
  '--nsdb <address>',
  'the database: zookeeper://USER:PASSWORD@HOST:PORT,HOST:PORT/ROOT; TROUPE_NSDB keeps the password out of lists of processes',
] as const;

/** `troupe topology apply | diff | export`. */
export function addDatabaseCommands(topology: TroupeCommand, act: Act): void {
  topology
    .command('apply')
    .description('make a database have what a topology file says; what that takes is shown first')
    .argument('<file>', 'a topology file')
    .option(...NSDB_OPTION)
    .option('--prune', 'delete what the file does not have: also what others made, but no host whose agent runs')
    .option('--dry-run', 'only show what would be done')
    .option('-y, --yes', 'do not ask: at a terminal, "apply" asks before it changes anything')
    .addOption(
      new Option('--wait <seconds>', 'how long to wait for another who applies').default(30).argParser(parseSeconds),
    )
    .forms(['text', 'json'])
    .examples(
      ['troupe topology apply net.yaml --dry-run', 'what would be created and changed'],
      ['troupe topology apply net.yaml', 'create and change; what the file does not have stays'],
      ['troupe topology apply net.yaml --prune --yes', 'the database is the file: what it does not have goes'],
    )
    .action((file: string, _options: unknown, command: TroupeCommand) => {
      const options = command.optsWithGlobals<GlobalFlags & ApplyOptions>();
      return act(options, async (shell) => {
        const { apply } = await import('./topology/apply.ts');
        return apply(file, options, shell);
      });
    });

  topology
    .command('diff')
    .description('show where a database differs from a topology file; exit code 1 where it does')
    .argument('<file>', 'a topology file')
    .option(...NSDB_OPTION)
    .forms(['text', 'json'])
    .examples([
      'troupe topology diff net.yaml',
      'what "apply --prune" would do; nothing, and exit code 0, if all is the same',
    ])
    .action((file: string, _options: unknown, command: TroupeCommand) => {
      const options = command.optsWithGlobals<GlobalFlags & DiffOptions>();
      return act(options, async (shell) => {
        const { diff } = await import('./topology/diff.ts');
        return diff(file, options, shell);
      });
    });

  topology
    .command('export')
    .description('write what a database has as a topology file; exit code 1 where applying that would change something')
    .option(...NSDB_OPTION)
    .option('--out <file>', 'write it there, not to standard output')
    .examples(
      ['troupe topology export --out net.yaml', 'a network as a file'],
      ['troupe topology export | troupe topology graph /dev/stdin --out net.svg', 'a drawing of it'],
    )
    .action((_options: unknown, command: TroupeCommand) => {
      const options = command.optsWithGlobals<GlobalFlags & ExportOptions>();
      return act({ ...options, out: undefined }, async (shell) => {
        const { exportTopology } = await import('./topology/export.ts');
        return exportTopology(options, shell);
      });
    });
}

function parseSeconds(text: string): number {
  if (/^\d{1,5}(\.\d+)?$/.test(text)) return Number(text);
  throw new InvalidArgumentError('expected seconds, such as 30');
}
