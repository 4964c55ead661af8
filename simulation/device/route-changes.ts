import type { DeviceId } from '../../topology/model/ids.ts';
import { prefixOf } from '../../topology/model/ipv4.ts';
import type { Millis } from '../../topology/model/time.ts';
import type { Destinations } from '../state/destinations.ts';
import { tagOf, type Tag } from '../tag.ts';
import { RoutingTable } from './route-lookup.ts';
import { isSameRoute, type Route } from './route.ts';

/**
 * The tags that a change of a routing table invalidates: of the flows, drops included, that would now be decided otherwise, and hardly any
 * other (C8, C38).
 *
 * - A route removed: the flows it decided; and those of its equals, among which the choice by hash is now another.
 * - A route added: the flows to the destinations inside its prefix that a prefix as long or shorter decided, or no route at all. With more
 *   destinations than can be counted: the flows of every route whose prefix is around the new one.
 *
 * @param before and `after`, the routes published at the time: routes are the same when number and content are
 * @param destinations those of the router's flows
 */
export function tagsOfRouteChange(
  router: DeviceId,
  before: RoutingTable,
  after: RoutingTable,
  destinations: Destinations,
  now: Millis,
): Tag[] {
  const tags = new Set<Tag>();
  const removed = missingFrom(after, before.routes);
  const added = missingFrom(before, after.routes);
  for (const route of removed) {
    for (const equal of before.at(route.destination)) {
      if (equal.weight === route.weight) tags.add(tagOf('Route', router, equal.number));
    }
  }
  if (added.length > 0 && destinations.isComplete(now)) {
    const additions = new RoutingTable(added);
    for (const [destination, length] of destinations.entries()) {
      const longest = additions.longestAround(destination);
      if (longest !== undefined && longest >= length) tags.add(tagOf('DestIp', router, destination));
    }
  } else if (added.length > 0) {
    tags.add(tagOf('NoRoute', router));
    for (const route of added) addAround(tags, router, before, route);
  }
  return [...tags];
}

/** Those of `routes` that the table has not, or not the same. */
function missingFrom(table: RoutingTable, routes: readonly Route[]): readonly Route[] {
  const known = new Map(table.routes.map((route) => [route.number, route]));
  return routes.filter((route) => {
    const twin = known.get(route.number);
    return twin === undefined || !isSameRoute(twin, route);
  });
}

function addAround(tags: Set<Tag>, router: DeviceId, table: RoutingTable, { destination }: Route): void {
  for (let length = destination.length; length >= 0; length--) {
    for (const route of table.at(prefixOf(destination.address, length))) tags.add(tagOf('Route', router, route.number));
  }
}
