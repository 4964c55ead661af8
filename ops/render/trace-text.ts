import type { PacketTrace, SuspendedRun, TraceHop } from '../../datapath/trace/packet-trace.ts';
import { endsOf, hopTree, type HopNode } from './hop-tree.ts';
import type { Look } from './look.ts';
import { formatTable, type Cell, type Column } from './table.ts';
import { printable } from './text-width.ts';
import { flowDetails, flowLines } from './trace-flow.ts';
import { outcomeInShort, outcomeLines, packetInShort } from './trace-outcome.ts';
import {
  formatFields,
  fragmentWords,
  headLines,
  hitLine,
  lastRunTitle,
  paintVerdict,
  placeOf,
  runTitle,
  verdictOf,
} from './trace-words.ts';

/**
 * How much of a trace is told.
 *
 * - `minimal`: what an observer outside of the network sees: what went in, what came out and how it had changed; a line as text
 * - `summary`: every hop: where, what was decided, because of what; and what users of ofproto/trace look for
 * - `full`: besides, the fields each hop looked at, what it rewrote, the facts it used, ids; and all of the flow
 */
export type Detail = 'minimal' | 'summary' | 'full';
export const DETAILS: readonly Detail[] = ['minimal', 'summary', 'full'];

/** A fork of more ways than this is told in short in a summary, which shall fit a screen. */
const MANY_WAYS = 8;
const WAYS_SHOWN = 5;

/**
 * The story of a packet as text, top to bottom. Ends with the lines `Final flow:`, `Megaflow:` and `Datapath actions:`; with minimal
 * detail it is one line.
 */
export function formatTrace(trace: PacketTrace, detail: Detail, look: Look): string {
  if (detail === 'minimal') return `${[packetInShort(trace, look), ...outcomeInShort(trace, look)].join('  ')}\n`;
  return paragraphs([headLines(trace, look), ...hopBlocks(trace, detail, look), ...endBlocks(trace, detail, look)]);
}

/** The blocks that every story but the shortest ends with: what became of the packet, and the flow. */
export function endBlocks(trace: PacketTrace, detail: Detail, look: Look): string[][] {
  const isFull = detail === 'full';
  return [outcomeLines(trace, isFull, look), isFull ? flowDetails(trace, look) : [], flowLines(trace, look)];
}

/** Blocks of lines, with an empty line between. */
export function paragraphs(blocks: readonly (readonly string[])[]): string {
  const some = blocks.filter((block) => block.length > 0);
  return some.map((block) => `${block.join('\n')}\n`).join('\n');
}

function hopBlocks(trace: PacketTrace, detail: Detail, look: Look): string[][] {
  const formatHops = detail === 'full' ? fullHops : summaryHops;
  const blocks = waitsOf(trace).map((run, n) => [
    runTitle(n + 1, run.at, run.need, look),
    ...formatHops(run.hops, look),
  ]);
  if (trace.hit) return [...blocks, [hitLine(trace, look)]];
  if (trace.hops.length === 0) return blocks;
  const last = formatHops(trace.hops, look);
  if (blocks.length === 0) return [last];
  return [...blocks, [lastRunTitle(blocks.length + 1, look), ...last]];
}

/** The runs that ended in waiting for the network; that the agent had to load a device is not the packet's story. */
export function waitsOf({ suspended }: PacketTrace): readonly SuspendedRun[] {
  return suspended.filter((run) => run.for === 'next-hop');
}

const COLUMNS: readonly Column[] = [
  { title: '', align: 'right' },
  { title: 'DEVICE' },
  { title: 'KIND' },
  { title: 'VERDICT' },
  { title: 'BECAUSE' },
];

function summaryHops(hops: readonly TraceHop[], look: Look): string[] {
  const rows: Cell[][] = [];
  const walk = (node: HopNode, prefix: string, behind: string): void => {
    const { hop, next } = node;
    rows.push([
      { text: String(hop.hop + 1), paint: look.paint.quiet },
      prefix + hop.device,
      { text: placeOf(hop), paint: look.paint.quiet },
      { text: verdictOf(hop.verdict, look), paint: paintVerdict(hop.verdict, look) },
      hop.because,
    ]);
    const fragments = fragmentWords(hop);
    if (fragments !== undefined) rows.push(['', behind, '', '', fragments]);
    const shown = next.length > MANY_WAYS ? next.slice(0, WAYS_SHOWN) : next;
    for (const [way, branch] of shown.entries()) {
      const isLast = way === next.length - 1;
      const [sign, along] = next.length === 1 ? ['', ''] : forkSigns(isLast, look);
      walk(branch, behind + sign, behind + along);
    }
    if (shown.length < next.length) {
      const rest = next.slice(WAYS_SHOWN);
      rows.push(['', `${behind}${look.signs.lastFork}${rest.length} more`, '', '', countEnds(rest, look)]);
    }
  };
  for (const root of hopTree(hops)) walk(root, '', '');
  return formatTable(COLUMNS, rows, look);
}

/** The signs before a branch, and before what comes of it. */
export function forkSigns(isLast: boolean, { signs }: Look): readonly [string, string] {
  return isLast ? [signs.lastFork, ' '.repeat(signs.along.length)] : [signs.fork, signs.along];
}

/** What a hop waits for, said with its reason: in short forms the title of the run says it. */
function waitsFor({ verdict, because }: TraceHop): string | undefined {
  if (verdict.kind !== 'suspend' || verdict.reason === undefined) return undefined;
  return because === '' ? `for ${verdict.reason}` : `${because}: for ${verdict.reason}`;
}

function countEnds(nodes: readonly HopNode[], look: Look): string {
  const counts = new Map<string, number>();
  for (const end of nodes.flatMap(endsOf)) {
    const text = verdictOf(end.verdict, look);
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return [...counts].map(([text, count]) => `${count} ${look.signs.times} ${text}`).join(', ');
}

function fullHops(hops: readonly TraceHop[], look: Look): string[] {
  return hops.flatMap((hop, n) => [...(n === 0 ? [] : ['']), ...fullHop(hop, look)]);
}

function fullHop(hop: TraceHop, look: Look): string[] {
  const { paint, signs } = look;
  const number = String(hop.hop + 1).padStart(2);
  const from = hop.parent === undefined || hop.parent === hop.hop - 1 ? '' : `, from ${hop.parent + 1}`;
  const id = hop.id === undefined ? '' : `  ${hop.id}`;
  const title = `${number} ${paint.strong(printable(hop.device))}  ${paint.quiet(`${placeOf(hop)}${from}${id}`)}`;
  const decider = hop.decider === undefined ? '' : `  ${paint.quiet(hop.decider)}`;
  const verdict =
    hop.verdict.kind === 'flood' ? `${signs.to} ${hop.verdict.to.join(', ')}` : verdictOf(hop.verdict, look);
  const lines = [title, ...hopDetails(hop, look).map((line) => `      ${line}`)];
  const say = (name: string, text: string): number => lines.push(`      ${paint.quiet(name.padEnd(8))} ${text}`);
  say('because', `${printable(waitsFor(hop) ?? hop.because)}${decider}`);
  say('verdict', paintVerdict(hop.verdict, look)(printable(verdict)));
  return lines;
}

/** What full detail adds to a hop, a line each: the fields it looked at, what it rewrote, how it fragmented, the facts it used. */
export function hopDetails(hop: TraceHop, { paint, signs }: Look): string[] {
  const fragments = fragmentWords(hop);
  const said: (readonly [name: string, text: string])[] = [
    ...(hop.saw.length === 0 ? [] : [['saw', formatFields(hop.saw).replaceAll(',', ', ')] as const]),
    ...hop.rewrote.map(({ field, from, to }) => ['rewrote', `${field} ${from} ${signs.to} ${to}`] as const),
    ...(fragments === undefined ? [] : [['mtu', fragments] as const]),
    ...(hop.tags.length === 0 ? [] : [['facts', hop.tags.join(', ')] as const]),
  ];
  return said.map(([name, text]) => `${paint.quiet(name.padEnd(8))} ${printable(text)}`);
}
