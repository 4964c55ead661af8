import type { PortId } from '../../topology/model/ids.ts';
import type { RouterPort } from './router.ts';
import type { Route } from './route.ts';

/**
 * The ports whose routes are in the table: those that are up, and linked or active on their host. A linked port that goes down after it has
 * published keeps its routes, and answers their packets with ICMP 3/13; one that was down from the start has published nothing.
 *
 * @param before what this returned last; empty for a router just made
 * @see spec 30 §7, C32
 */
export function publishingPorts(ports: Iterable<RouterPort>, before: ReadonlySet<PortId>): ReadonlySet<PortId> {
  const publishing = new Set<PortId>();
  for (const { id, adminUp, beyond } of ports) {
    const isInterior = beyond.kind === 'router' || beyond.kind === 'bridge';
    const isReady = isInterior || (beyond.kind === 'exterior' && beyond.active);
    if (isReady && (adminUp || (isInterior && before.has(id)))) publishing.add(id);
  }
  return publishing;
}

/** The routes in the table: those of publishing ports, and those of no port. */
export function publishedRoutes(routes: readonly Route[], publishing: ReadonlySet<PortId>): readonly Route[] {
  return routes.filter(({ port }) => port === undefined || publishing.has(port));
}
