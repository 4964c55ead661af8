import type { PacketTrace, TraceHop } from '../../datapath/trace/packet-trace.ts';
import { hopTree, type HopNode } from './hop-tree.ts';
import type { Look } from './look.ts';
import { printable } from './text-width.ts';
import { outcomeInShort, packetInShort } from './trace-outcome.ts';
import { endBlocks, forkSigns, hopDetails, paragraphs, waitsOf, type Detail } from './trace-text.ts';
import {
  fragmentWords,
  headLines,
  hitLine,
  lastRunTitle,
  paintVerdict,
  placeOf,
  runTitle,
  verdictSign,
  verdictWord,
} from './trace-words.ts';

/**
 * The story of a packet as a drawing: a line down the page, which forks where the packet did. A run that was suspended is a
 * branch of its own, before the run that came after it. Ends with the lines that stories of that detail end with; with minimal detail
 * the only branches are the ways out.
 */
export function formatTraceTree(trace: PacketTrace, detail: Detail, look: Look): string {
  if (detail !== 'minimal') {
    return paragraphs([headLines(trace, look), drawing(trace, detail, look), ...endBlocks(trace, detail, look)]);
  }
  const ends = outcomeInShort(trace, look);
  return paragraphs([
    [packetInShort(trace, look), ...ends.flatMap((end, n) => under([end], n === ends.length - 1, look))],
  ]);
}

function drawing(trace: PacketTrace, detail: Detail, look: Look): string[] {
  const last = trace.hit ? [hitLine(trace, look)] : drawHops(trace.hops, detail, look);
  const waits = waitsOf(trace);
  if (waits.length === 0) return last;

  const branches = waits.map((run, n) => [
    runTitle(n + 1, run.at, run.need, look),
    ...drawHops(run.hops, detail, look),
  ]);
  if (last.length > 0) branches.push([lastRunTitle(branches.length + 1, look), ...last]);
  return branches.flatMap((lines, n) => under(lines, n === branches.length - 1, look));
}

/** Hangs lines below a fork: the first at its sign, the others under it. */
function under(lines: readonly string[], isLast: boolean, look: Look): string[] {
  const [sign, along] = forkSigns(isLast, look);
  return lines.map((line, n) => `${n === 0 ? sign : along}${line}`);
}

function drawHops(hops: readonly TraceHop[], detail: Detail, look: Look): string[] {
  return hopTree(hops).flatMap((root) => drawChain(root, detail, look));
}

/** A hop, those behind it as long as there is one way, then the fork. */
function drawChain(start: HopNode, detail: Detail, look: Look): string[] {
  const lines: string[] = [];
  let node: HopNode | undefined = start;
  while (node !== undefined) {
    lines.push(...drawHop(node, detail, look));
    if (node.next.length > 1) {
      const ways: readonly HopNode[] = node.next;
      for (const [way, branch] of ways.entries())
        lines.push(...under(drawChain(branch, detail, look), way === ways.length - 1, look));
      break;
    }
    node = node.next[0];
  }
  return lines;
}

/**
 * `→ edge  router  route 10.0.2.0/24`: on the way, what follows is the verdict; the end of a branch says it, sign first. What there is
 * to say besides hangs beside the line that leads on.
 */
function drawHop({ hop, next }: HopNode, detail: Detail, look: Look): string[] {
  const { paint, signs } = look;
  const isEnd = next.length === 0;
  const isFull = detail === 'full';
  const painted = isEnd ? paintVerdict(hop.verdict, look) : (text: string): string => text;
  const words = [`${painted(verdictSign(hop.verdict, look))} ${paint.strong(printable(hop.device))}`];
  words.push(paint.quiet(placeOf(hop)));
  if (isFull && hop.id !== undefined) words.push(paint.quiet(hop.id));
  if (isEnd) words.push(painted(printable(verdictWord(hop.verdict))));
  if (hop.because !== '') words.push(printable(hop.because));
  if (isFull && hop.decider !== undefined) words.push(paint.quiet(hop.decider));
  const fragments = fragmentWords(hop);
  const notes = isFull ? hopDetails(hop, look) : fragments === undefined ? [] : [printable(fragments)];
  const line = isEnd ? ' '.repeat(signs.along.length) : signs.along;
  return [words.join('  '), ...notes.map((note) => `${paint.quiet(line)}  ${note}`)];
}
