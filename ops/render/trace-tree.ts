import type { PacketTrace, TraceHop } from '../../datapath/trace/packet-trace.ts';
import { hopTree, type HopNode } from './hop-tree.ts';
import type { Look } from './look.ts';
import { printable } from './text-width.ts';
import { forkSigns, waitsOf } from './trace-text.ts';
import {
  flowLines,
  headLines,
  hitLine,
  lastRunTitle,
  outcomeLines,
  paintVerdict,
  placeOf,
  runTitle,
  verdictSign,
  verdictWord,
} from './trace-words.ts';

/** Ways out with the same frame that are named one by one; the drawing shows them all. */
const PORTS_NAMED = 8;

/**
 * The story of a packet as a drawing: a line down the page, which forks where the packet did. A run that was suspended is a
 * branch of its own, before the run that came after it. Ends with the lines that every form ends with.
 */
export function formatTraceTree(trace: PacketTrace, look: Look): string {
  const blocks = [
    headLines(trace, look),
    drawing(trace, look),
    outcomeLines(trace, look, PORTS_NAMED),
    flowLines(trace, look),
  ];
  return blocks
    .filter((block) => block.length > 0)
    .map((block) => `${block.join('\n')}\n`)
    .join('\n');
}

function drawing(trace: PacketTrace, look: Look): string[] {
  const last = trace.hit ? [hitLine(trace, look)] : drawHops(trace.hops, look);
  const waits = waitsOf(trace);
  if (waits.length === 0) return last;

  const branches = waits.map((run, n) => [runTitle(n + 1, run.at, run.need, look), ...drawHops(run.hops, look)]);
  if (last.length > 0) branches.push([lastRunTitle(branches.length + 1, look), ...last]);
  return branches.flatMap((lines, n) => under(lines, n === branches.length - 1, look));
}

/** Hangs lines below a fork: the first at its sign, the others under it. */
function under(lines: readonly string[], isLast: boolean, look: Look): string[] {
  const [sign, along] = forkSigns(isLast, look);
  return lines.map((line, n) => `${n === 0 ? sign : along}${line}`);
}

function drawHops(hops: readonly TraceHop[], look: Look): string[] {
  return hopTree(hops).flatMap((root) => drawChain(root, look));
}

/** A hop, those behind it as long as there is one way, then the fork. */
function drawChain(start: HopNode, look: Look): string[] {
  const lines: string[] = [];
  let node: HopNode | undefined = start;
  while (node !== undefined) {
    const isEnd: boolean = node.next.length === 0;
    lines.push(...drawHop(node.hop, isEnd, look));
    if (node.next.length > 1) {
      const ways: readonly HopNode[] = node.next;
      for (const [way, branch] of ways.entries())
        lines.push(...under(drawChain(branch, look), way === ways.length - 1, look));
      break;
    }
    node = node.next[0];
  }
  return lines;
}

/** `→ edge  router  route 10.0.2.0/24`: on the way, what follows is the verdict; the end of a branch says it, sign first. */
function drawHop(hop: TraceHop, isEnd: boolean, look: Look): string[] {
  const { paint, signs } = look;
  const painted = isEnd ? paintVerdict(hop.verdict, look) : (text: string): string => text;
  const words = [`${painted(verdictSign(hop.verdict, look))} ${paint.strong(printable(hop.device))}`];
  words.push(paint.quiet(placeOf(hop)));
  if (isEnd) words.push(painted(printable(verdictWord(hop.verdict))));
  if (hop.because !== '') words.push(printable(hop.because));
  const rewrites = hop.rewrote.map(({ field, from, to }) =>
    paint.quiet(printable(`${signs.along}  ${field} ${from} ${signs.to} ${to}`)),
  );
  return [words.join('  '), ...rewrites];
}
