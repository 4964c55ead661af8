import type { Disposition, PacketTrace, TraceStep } from '../../datapath/trace/packet-trace.ts';
import type { Look } from './look.ts';
import { formatTable, type Cell } from './table.ts';
import { formatTree, wayTree, type WayNode } from './way-tree.ts';

/** A device on a path, by name, and those behind it: more than one behind a flood. */
interface PathNode {
  readonly text: string;
  readonly next: readonly PathNode[];
}

/** Packets that went the same way to the same end. */
export interface PacketPath {
  readonly way: readonly PathNode[];
  readonly disposition: Disposition;
  packets: number;
  /** Of these, the ones that a flow answered. */
  hits: number;
  /** Number of the first packet that went this way. */
  readonly first: number;
}

/** Groups packets by the way they went, one trace at a time: memory grows with the number of ways only. */
export class PathGroups {
  readonly #groups = new Map<string, PacketPath>();

  add(trace: PacketTrace): void {
    const { disposition, hit, packet } = trace;
    const way = wayTree(trace.way).flatMap((root) => pathOf(root, disposition.kind === 'forwarded'));
    const key = JSON.stringify([way, disposition.kind, disposition.reason]);
    const group = this.#groups.get(key);
    if (group === undefined) {
      this.#groups.set(key, { way, disposition, packets: 1, hits: hit ? 1 : 0, first: packet });
    } else {
      group.packets++;
      if (hit) group.hits++;
    }
  }

  /** The ways, those of most packets first; of equal ones, the one that was gone first. */
  get paths(): readonly PacketPath[] {
    return [...this.#groups.values()].toSorted((a, b) => b.packets - a.packets || a.first - b.first);
  }
}

/**
 * Ports of entry and exit, and the devices between: the inner ports follow from those. Of a packet that was forwarded, without the
 * branches that came to nothing: a flood back to where it came from, above all.
 */
function pathOf({ step, next }: WayNode, isForwarded: boolean): readonly PathNode[] {
  if (isForwarded && !leads(step, next)) return [];
  const behind = next.flatMap((node) => pathOf(node, isForwarded));
  const isInner = step.kind === 'port' && step.parent !== undefined && next.length > 0;
  return isInner ? behind : [{ text: step.device, next: behind }];
}

/** Whether a branch that ends here, or behind this, came to something. */
function leads({ end }: TraceStep, next: readonly WayNode[]): boolean {
  if (next.length === 0) return end?.kind !== 'drop';
  return next.some((node) => leads(node.step, node.next));
}

/** A line for every way: how many packets went it, one to look at, how they ended, and the devices on it. */
export function formatPaths(paths: readonly PacketPath[], look: Look): string {
  if (paths.length === 0) return 'No packets were traced.\n';
  const { paint, signs } = look;
  const columns = [
    { title: 'PACKETS', align: 'right' },
    { title: 'BY FLOW', align: 'right' },
    { title: 'FIRST', align: 'right' },
    { title: 'ENDED' },
    { title: 'PATH' },
  ] as const;
  const rows = paths.map(({ packets, first, disposition, way, hits }): Cell[] => {
    const { kind, reason } = disposition;
    const isGood = kind === 'forwarded' || kind === 'consumed';
    const sign = isGood ? signs.good : kind === 'dropped' ? signs.bad : signs.wait;
    const colour = isGood ? paint.good : kind === 'dropped' ? paint.bad : paint.warn;
    return [
      String(packets),
      String(hits),
      `#${first}`,
      { text: `${sign} ${reason ?? kind}`, paint: colour },
      formatTree(way, look),
    ];
  });
  return `${formatTable(columns, rows, look).join('\n')}\n`;
}
