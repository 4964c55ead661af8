import type { Disposition, PacketTrace, TraceHop } from '../../datapath/trace/packet-trace.ts';
import type { Look } from './look.ts';
import { formatTable, type Cell } from './table.ts';

/** Packets that went the same way to the same end. */
export interface PacketPath {
  /** The devices in order; branches of a flood in the order of their forks. */
  readonly devices: readonly string[];
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
    const devices = hit ? (trace.flow?.path ?? [trace.port]) : devicesOf(trace.hops);
    const key = JSON.stringify([hit, devices, disposition.kind, disposition.reason]);
    const group = this.#groups.get(key);
    if (group === undefined) {
      this.#groups.set(key, { devices, disposition, packets: 1, hits: hit ? 1 : 0, first: packet });
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

/** Ports of entry and exit, and the devices between: the inner ports follow from those. */
function devicesOf(hops: readonly TraceHop[]): readonly string[] {
  return hops
    .filter(({ kind, parent, verdict }) => kind !== 'port' || parent === undefined || ENDS.has(verdict.kind))
    .map(({ device }) => device);
}

const ENDS: ReadonlySet<string> = new Set(['emit', 'drop', 'consumed', 'suspend']);

/** A line for every way: how many packets went it, one to look at, how they ended, and the devices on it. */
export function formatPaths(paths: readonly PacketPath[], look: Look): string {
  if (paths.length === 0) return 'No packets were traced.\n';
  const { paint, signs } = look;
  const columns = [
    { title: 'PACKETS', align: 'right' },
    { title: 'FIRST', align: 'right' },
    { title: 'ENDED' },
    { title: 'PATH' },
  ] as const;
  const rows = paths.map(({ packets, first, disposition, devices, hits }): Cell[] => {
    const { kind, reason } = disposition;
    const isGood = kind === 'forwarded' || kind === 'consumed';
    const sign = isGood ? signs.good : kind === 'dropped' ? signs.bad : signs.wait;
    const colour = isGood ? paint.good : kind === 'dropped' ? paint.bad : paint.warn;
    const way = devices.join(` ${signs.to} `);
    return [
      String(packets),
      `#${first}`,
      { text: `${sign} ${reason ?? kind}`, paint: colour },
      hits > 0 ? `(flow) ${way}` : way,
    ];
  });
  return `${formatTable(columns, rows, look).join('\n')}\n`;
}
