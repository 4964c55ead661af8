import type { Disposition, PacketTrace } from '../../datapath/trace/packet-trace.ts';
import { hopTree, type HopNode } from './hop-tree.ts';
import type { Look } from './look.ts';
import { formatTable, type Cell } from './table.ts';

/** A device on a path, and those behind it: more than one behind a flood. */
interface PathNode {
  readonly device: string;
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
    const way = hit
      ? wayOfFlow(trace)
      : hopTree(trace.hops).flatMap((root) => wayOf(root, disposition.kind === 'forwarded'));
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

/** The way of a packet that a flow answered, as the hops of a simulated one would show it: port of entry, devices, ports of exit. */
function wayOfFlow({ flow, port, outputs }: PacketTrace): readonly PathNode[] {
  const names = (flow?.path ?? []).map((name) => name.split(' by ')[0] ?? name);
  const devices = [port, ...names.filter((name) => !name.includes(':'))];
  const ends = outputs.map((output): PathNode => ({ device: output.port, next: [] }));
  return devices.toReversed().reduce<readonly PathNode[]>((next, device) => [{ device, next }], ends);
}

/**
 * Ports of entry and exit, and the devices between: the inner ports follow from those. Of a packet that was forwarded, without the
 * branches that came to nothing: a flood back to where it came from, above all.
 */
function wayOf({ hop, next }: HopNode, isForwarded: boolean): readonly PathNode[] {
  if (isForwarded && next.length === 0 && hop.verdict.kind === 'drop') return [];
  const behind = next.flatMap((node) => wayOf(node, isForwarded));
  const isInner = hop.kind === 'port' && hop.parent !== undefined && next.length > 0;
  return isInner ? behind : [{ device: hop.device, next: behind }];
}

/** Ways of a fork that are shown. */
const WAYS_SHOWN = 4;

function formatWay(nodes: readonly PathNode[], { signs }: Pick<Look, 'signs'>): string {
  const ways = nodes.slice(0, WAYS_SHOWN).map(({ device, next }) => {
    const rest = formatWay(next, { signs });
    return rest === '' ? device : `${device} ${signs.to} ${rest}`;
  });
  if (nodes.length > ways.length) ways.push(`${nodes.length - ways.length} more`);
  return ways.length > 1 ? `(${ways.join(' | ')})` : ways.join('');
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
      formatWay(way, look),
    ];
  });
  return `${formatTable(columns, rows, look).join('\n')}\n`;
}
