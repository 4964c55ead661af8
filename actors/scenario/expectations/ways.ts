import type { PacketTrace, TraceHop } from '../../../datapath/trace/packet-trace.ts';

/** Stands for any number of devices of a way. */
export const GAP = '...';

/**
 * The ways a packet went: the names of ports and devices from where it came in, one way for each branch. Of a packet that a flow
 * answered, the way is the flow's.
 */
export function waysOf({ hops, hit, flow }: PacketTrace): readonly (readonly string[])[] {
  if (hit && hops.length === 0) return flow === undefined ? [] : [flow.path.map((name) => name.replace(/ by .*$/, ''))];
  const parents = new Set(hops.map(({ parent }) => parent));
  const byIndex = new Map(hops.map((hop) => [hop.hop, hop]));
  return hops.filter(({ hop }) => !parents.has(hop)).map((hop) => wayTo(hop, byIndex));
}

function wayTo(last: TraceHop, byIndex: ReadonlyMap<number, TraceHop>): readonly string[] {
  const way: string[] = [];
  for (let hop: TraceHop | undefined = last; hop !== undefined; hop = byIndex.get(hop.parent ?? -1)) {
    way.unshift(hop.device);
    if (hop.parent === undefined) break;
  }
  return way;
}
