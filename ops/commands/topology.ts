import { Argument, Option } from 'commander';
import type { Act, GlobalFlags } from '../act.ts';
import type { TroupeCommand } from '../troupe-command.ts';
import { addDatabaseCommands, NSDB_OPTION } from './topology-database.ts';
import type { GraphOptions } from './topology/graph.ts';
import type { ShowOptions } from './topology/show.ts';
import type { ValidateOptions } from './topology/validate.ts';

/** `troupe topology validate | show | graph | apply | diff | export | schema`. */
export function addTopologyCommands(program: TroupeCommand, act: Act): void {
  const topology = program
    .command('topology')
    .description('check, show and draw topology files; bring them into a database and out of it');

  topology
    .command('validate')
    .description('check topology files; what is wrong is told as file:line:column')
    .argument('<file...>', 'topology files')
    .option('--strict', 'take what is lawful but odd for an error')
    .forms(['text', 'json'])
    .examples(
      ['troupe topology validate net.yaml', 'exit code 0 when sound, 2 when not'],
      ['troupe topology validate --strict *.yaml', 'warnings count as errors'],
    )
    .action((files: string[], _options: unknown, command: TroupeCommand) => {
      const options = command.optsWithGlobals<GlobalFlags & ValidateOptions>();
      return act(options, async (shell) => {
        const { validate } = await import('./topology/validate.ts');
        return validate(files, options, shell);
      });
    });

  topology
    .command('show')
    .description('show devices, ports, addresses, links, bindings and routes; what was derived is marked')
    .argument('[file]', 'a topology file; none where --nsdb is given, or nothing else is')
    .argument('[name...]', 'only these devices, ports (device:port, or the name alone) and hosts')
    .option(...NSDB_OPTION)
    .option('-w, --wide', 'with ids, and every address and reason')
    .forms(['text', 'json'])
    .examples(
      ['troupe topology show examples/two-bridges.yaml', 'the whole network'],
      ['troupe topology show examples/two-bridges.yaml edge web-1', 'a router, and a port'],
      ['troupe topology show examples/two-bridges.yaml -o json | jq .devices', 'for programs'],
      ['troupe topology show --nsdb zookeeper://USER:PASSWORD@HOST/ROOT edge', 'a router of a shared database'],
    )
    .action((file: string | undefined, names: string[], _options: unknown, command: TroupeCommand) => {
      const options = command.optsWithGlobals<GlobalFlags & ShowOptions>();
      const words = file === undefined ? [] : [file, ...names];
      return act(options, async (shell) => {
        const { show } = await import('./topology/show.ts');
        return options.nsdb === undefined ? show(file, names, options, shell) : show(undefined, words, options, shell);
      });
    });

  topology
    .command('graph')
    .description('draw a topology')
    .argument('[file]', 'a topology file; without one, what the database has')
    .option(...NSDB_OPTION)
    .addOption(
      new Option('-o, --output <form>', 'form of the drawing; default: as --out ends, else dot').choices([
        'dot',
        'mermaid',
        'svg',
      ]),
    )
    .option('--out <file>', 'write the drawing there (.dot, .gv, .mmd, .svg), not to standard output')
    .examples(
      ['troupe topology graph net.yaml --out net.svg', 'a drawing for a browser or a page'],
      ['troupe topology graph net.yaml | dot -Tpdf > net.pdf', 'laid out by Graphviz'],
      ['troupe topology graph net.yaml -o mermaid', 'for Markdown'],
    )
    .action((file: string | undefined, _options: unknown, command: TroupeCommand) => {
      const options = command.optsWithGlobals<GlobalFlags & GraphOptions>();
      return act({ ...options, out: undefined }, async (shell) => {
        const { graph } = await import('./topology/graph.ts');
        return graph(file, options, shell);
      });
    });

  addDatabaseCommands(topology, act);

  topology
    .command('schema')
    .description('print the JSON Schema of topology files, or of others, for editors and programs')
    .addArgument(
      new Argument('[kind]', 'what to describe')
        .choices([
          'topology',
          'scenario',
          'config',
          'trace',
          'traces-end',
          'change',
          'flows',
          'run',
          'topology-apply',
          'topology-diff',
          'nsdb-status',
          'nsdb-check',
          'nsdb-tree',
          'nsdb-tree-line',
          'nsdb-watch',
        ])
        .default('topology'),
    )
    .examples(
      ['troupe topology schema > topology.schema.json', 'and "# yaml-language-server: $schema=topology.schema.json"'],
      ['troupe topology schema trace', 'what traces look like to programs'],
    )
    .action((kind: string, _options: unknown, command: TroupeCommand) =>
      act(command.optsWithGlobals<GlobalFlags>(), async (shell) => {
        const { printSchema } = await import('./print-schema.ts');
        return printSchema(kind, shell);
      }),
    );
}
