import type { TraceStep } from '../../datapath/trace/packet-trace.ts';
import type { Look } from './look.ts';

/** A device on a way, and those behind it: more than one behind a flood. */
export interface WayNode {
  readonly step: TraceStep;
  readonly next: readonly WayNode[];
}

/** The list of steps as the tree that it is. */
export function wayTree(way: readonly TraceStep[]): readonly WayNode[] {
  const nodes = way.map((step) => ({ step, next: [] as WayNode[] }));
  const roots: WayNode[] = [];
  for (const node of nodes) (nodes[node.step.parent ?? -1]?.next ?? roots).push(node);
  return roots;
}

/** Ways of a fork that are shown. */
const WAYS_SHOWN = 4;

/** A tree whose nodes have texts. */
interface TextNode {
  readonly text: string;
  readonly next: readonly TextNode[];
}

/** `web:web-1 → web → (web:web-2 | web:web-3 | 5 more)`. */
export function formatTree(nodes: readonly TextNode[], look: Pick<Look, 'signs'>): string {
  const { signs } = look;
  const ways = nodes.slice(0, WAYS_SHOWN).map(({ text, next }) => {
    const rest = formatTree(next, look);
    return rest === '' ? text : `${text} ${signs.to} ${rest}`;
  });
  if (nodes.length > ways.length) ways.push(`${nodes.length - ways.length} more`);
  return ways.length > 1 ? `(${ways.join(' | ')})` : ways.join('');
}

/** A way in full: each device, what decided there when that was another, and where a branch came to nothing, why. */
export function formatWay(way: readonly TraceStep[], look: Pick<Look, 'signs'>): string {
  const textOf = ({ step: { device, by, end }, next }: WayNode): TextNode => {
    const isLost = end?.kind === 'drop' && next.length === 0;
    const words = [device, ...(by === undefined ? [] : ['by', by]), ...(isLost ? [look.signs.bad, end.reason] : [])];
    return { text: words.join(' '), next: next.map(textOf) };
  };
  return formatTree(wayTree(way).map(textOf), look);
}
