import type { PacketTrace } from '../../../datapath/trace/packet-trace.ts';

/** Stands for any number of devices of a way. */
export const GAP = '...';

/** The ways a packet went: the names of ports and devices from where it came in, one way for each branch. */
export function waysOf({ way }: Pick<PacketTrace, 'way'>): readonly (readonly string[])[] {
  const forks = new Set(way.map(({ parent }) => parent));
  const ways: (readonly string[])[] = [];
  for (const { parent, device } of way) ways.push([...(ways[parent ?? -1] ?? []), device]);
  return ways.filter((_, at) => !forks.has(at));
}
