import { Option } from 'commander';
import type { Act, GlobalFlags } from '../act.ts';
import type { TroupeCommand } from '../troupe-command.ts';
import type { TraceOptions } from './trace/trace-packets.ts';

/** `troupe trace`. */
export function addTraceCommand(program: TroupeCommand, act: Act): void {
  program
    .command('trace')
    .description('tell what a network would do with a packet, hop by hop, and why; nothing changes by it')
    .argument('<file>', 'a topology or scenario file')
    .argument('<packet...>', 'packets: an expression, hexadecimal, or FILE.pcap#N for frame N of a capture')
    .requiredOption('-i, --in <port>', 'the port where it enters: its name, or device:port')
    .addOption(
      new Option(
        '-d, --detail <level>',
        'how much of the story. minimal: what went in and what came out, a line for each packet; summary: the way, ' +
          'and what decided; full: also the fields seen, rewrites, facts and ids. JSON always has all of it',
      )
        .choices(['minimal', 'summary', 'full'])
        .default('summary'),
    )
    .option(
      '-s, --state <state>',
      'what the network knows: stations (as if each had just spoken), empty, after-frame:N of the scenario, or a file of --save-state',
      'stations',
    )
    .forms(['text', 'tree', 'json'])
    .examples(
      ["troupe trace examples/two-bridges.yaml --in web-1 'tcp 10.0.1.10:4000 > 10.0.2.20:80'", 'a TCP SYN'],
      ["troupe trace examples/two-bridges.yaml --in web-1 'udp 10.0.1.10:9 > 8.8.8.8:53 ttl=1' -d full", 'who answers'],
      ["troupe trace net.yaml --in web-1 'arp who-has 10.0.1.1 tell 10.0.1.10' -o tree", 'as a drawing'],
      ["troupe trace net.yaml --in uplink 'capture.pcap#1' 'capture.pcap#2' -d minimal", 'a line for each'],
      ['troupe trace scenario.yaml --in uplink capture.pcap#7 --state after-frame:6', 'in the middle of a run'],
    )
    .action((file: string, packets: string[], _options: unknown, command: TroupeCommand) => {
      const options = command.optsWithGlobals<GlobalFlags & TraceOptions>();
      return act(options, async (shell) => {
        const { tracePackets } = await import('./trace/trace-packets.ts');
        return tracePackets(file, packets, options, shell);
      });
    });
}
