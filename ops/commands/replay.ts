import { Option } from 'commander';
import type { Act, GlobalFlags } from '../act.ts';
import type { TroupeCommand } from '../troupe-command.ts';
import type { ReplayFlags } from './replay/replay-files.ts';

/** `troupe replay`. */
export function addReplayCommand(program: TroupeCommand, act: Act): void {
  program
    .command('replay')
    .description('play captures through a network, and see what comes out, and why')
    .argument(
      '<what...>',
      'a scenario file; or, with --topology, port=capture: captures, and the ports where they enter',
    )
    .option('-t, --topology <file>', 'the network, when there is no scenario file')
    .addOption(new Option('--l2 <how>', 'keep recorded MACs, or adapt them to this network').choices(['keep', 'adapt']))
    .option('--seed <number>', 'the seed of all chance')
    .option(
      '--nsdb <address>',
      'play on zookeeper://USER:PASSWORD@HOST:PORT/ROOT, under a root of its own; same results',
    )
    .option('--until <time>', 'how long the run lasts: seconds, or such as 1m30s; default: until no packet is pending')
    .option('--out <folder>', 'the folder for the outputs')
    .option('--no-out', 'write no outputs')
    .addOption(
      new Option('--frames <how>', 'frames in and out: one pcapng, a pcap for each port that frames leave by, or none')
        .choices(['pcapng', 'pcap', 'none'])
        .default('pcapng'),
    )
    .option(
      '--hops',
      'in the pcapng also every hop of packets that no flow answered (see --no-flows), and where they were dropped',
    )
    .option('--traces', "every packet's story, as traces.ndjson")
    .option('--changes', 'how changes of the network went, from the write to the flows removed; as changes.ndjson, too')
    .option('--timings', 'with --changes, also times of the real world: not the same in each run')
    .option('--paths', 'show the paths that packets took, grouped')
    .option('--save-state <file>', 'keep what the network learned, for troupe trace --state')
    .option(
      '--update',
      "renew the scenario file's expectations, so that this run meets them: entries and comments stay",
    )
    .addOption(
      new Option(
        '--report <what>',
        'a report of the expectations: form=file, with text, json, junit or github; or a file that ends in .txt, .json or .xml (JUnit); or a form alone, for standard output, as -o. May be given several times',
      ).argParser<readonly string[] | undefined>((what, others = []) => [...others, what]),
    )
    .option(
      '--no-flows',
      'simulate every packet: slower; the same frames leave, and --hops and --traces tell the hops of each',
    )
    .option('--strict', 'take what is lawful but odd for an error')
    .forms(['text', 'json', 'junit', 'github'])
    .examples(
      ['troupe replay examples/bro-org/scenario.yaml', 'a scenario'],
      ['troupe replay -t net.yaml --l2 adapt web-1=client.pcap uplink=world.pcap', 'without one'],
      ['troupe replay scenario.yaml --traces --paths', 'who went where, and why'],
      ['troupe replay scenario.yaml --report report.xml', 'for CI: JUnit; exit code 1 when an expectation is not met'],
      ['troupe replay scenario.yaml --report github --report junit=out.xml', 'annotations for GitHub, and a file'],
      ['troupe replay scenario.yaml --update', 'expect from now on what happens now'],
    )
    .action((words: string[], _options: unknown, command: TroupeCommand) => {
      const isOutputSaid = command.getOptionValueSource('output') === 'cli';
      const flags = { ...command.optsWithGlobals<GlobalFlags & ReplayFlags>(), isOutputSaid };
      const { out } = flags;
      return act({ ...flags, out: typeof out === 'string' ? out : undefined }, async (shell) => {
        const { replayFiles } = await import('./replay/replay-files.ts');
        return replayFiles(words, flags, shell);
      });
    });
}
