import type { PacketTrace } from '../../../datapath/trace/packet-trace.ts';

/** Stands for any number of devices of a way. */
export const GAP = '...';

/**
 * The ways a packet went: the names of ports and devices from where it came in, one way for each branch. Of a packet that was forwarded,
 * without the branches that came to nothing.
 */
export function waysOf({ way, disposition }: Pick<PacketTrace, 'way' | 'disposition'>): readonly (readonly string[])[] {
  const forks = new Set(way.map(({ parent }) => parent));
  const ways: (readonly string[])[] = [];
  for (const { parent, device } of way) ways.push([...(ways[parent ?? -1] ?? []), device]);
  const isLost = (at: number): boolean => disposition.kind === 'forwarded' && way[at]?.end?.kind === 'drop';
  return ways.filter((_, at) => !forks.has(at) && !isLost(at));
}
