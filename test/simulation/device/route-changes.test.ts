import { deepEqual, equal, ok } from 'node:assert/strict';
import { array, assert, constantFrom, integer, property, record, subarray } from 'fast-check';
import { tagsOfRouteChange } from '../../../simulation/device/route-changes.ts';
import { RoutingTable } from '../../../simulation/device/route-lookup.ts';
import type { Route } from '../../../simulation/device/route.ts';
import { Destinations, UNROUTED } from '../../../simulation/state/destinations.ts';
import { tagOf, type Tag } from '../../../simulation/tag.ts';
import { ipv4Of, prefixOf, type Ipv4 } from '../../../topology/model/ipv4.ts';
import { millisOf } from '../../../topology/model/time.ts';
import { ip } from '../packets.ts';
import { gateway0, routeBetween, routeTo } from './router-world.ts';

const now = millisOf(0);
const routeTag = (route: Route): Tag => tagOf('Route', gateway0, route.number);
const destTag = (address: Ipv4): Tag => tagOf('DestIp', gateway0, address);

function counted(...destinations: readonly (readonly [Ipv4, number])[]): Destinations {
  const counts = new Destinations();
  for (const [address, length] of destinations) counts.note(address, length, now);
  return counts;
}

function change(before: readonly Route[], after: readonly Route[], destinations: Destinations): readonly Tag[] {
  return tagsOfRouteChange(gateway0, new RoutingTable(before), new RoutingTable(after), destinations, now);
}

describe('route changes', () => {
  const wide = routeTo('10.0.0.0/8');
  const narrow = routeTo('10.1.0.0/16');
  const [a, b, c] = [ip`10.1.0.1`, ip`10.2.0.1`, ip`11.0.0.1`];

  it('C8: a route added ends the flows inside its prefix that no longer one decided', () => {
    const destinations = counted([a, 8], [b, 8], [c, UNROUTED], [ip`10.1.9.9`, 24]);
    deepEqual(change([wide], [wide, narrow], destinations), [destTag(a)]);
  });

  it('C8: a route added ends the flows that no route was for', () => {
    deepEqual(change([], [wide], counted([a, UNROUTED], [c, UNROUTED])), [destTag(a)]);
  });

  it('C8: a route added beside its equals ends their flows', () => {
    deepEqual(change([wide], [wide, routeTo('10.0.0.0/8')], counted([a, 8])), [destTag(a)]);
  });

  it('C8: a route removed ends the flows that it decided, and of its equals, but no others', () => {
    const [twin, heavy] = [routeTo('10.0.0.0/8'), routeTo('10.0.0.0/8', { weight: 200 })];
    const tags = change([wide, twin, heavy, narrow], [twin, heavy, narrow], counted([a, 16], [b, 8]));
    deepEqual(tags, [routeTag(wide), routeTag(twin)]);
  });

  it('C8: a route that changes is one removed and one added', () => {
    const lighter = { ...wide, weight: 1 };
    deepEqual(change([wide], [lighter], counted([a, 8])), [routeTag(wide), destTag(a)]);
  });

  it('C38: a table that stays the same invalidates nothing', () => {
    deepEqual(change([wide, narrow], [{ ...narrow }, wide], counted([a, 16], [b, 8])), []);
  });

  it('C8: invalidates by the routes around a new one when there are too many destinations to count', () => {
    const destinations = new Destinations(1);
    destinations.note(a, 8, now);
    destinations.note(b, 8, now);
    const elsewhere = routeTo('12.0.0.0/8');
    deepEqual(change([wide, elsewhere], [wide, elsewhere, narrow], destinations), [
      tagOf('NoRoute', gateway0),
      routeTag(wide),
    ]);
  });

  it('C8: is right with 100,000 destinations', () => {
    const destinations = new Destinations();
    for (let n = 0; n < 100_000; n++) destinations.note(ipv4Of(0x0a000000 + n * 16), 8, now);
    const tags = change([wide], [wide, narrow, routeTo('10.2.3.0/24')], destinations);
    equal(tags.length, 65_536 / 16 + 256 / 16);
    equal(new Set(tags).has(destTag(ip`10.2.3.16`)), true);
  });

  it('C8: whatever changes, each flow that would be decided otherwise dies', () => {
    const address = integer({ min: 0, max: 63 }).map((n) => ipv4Of(((n >>> 3) << 29) | (n & 7)));
    const length = constantFrom(0, 1, 2, 3, 30, 31, 32);
    const anyRoute = record({
      destination: address,
      dLen: length,
      source: address,
      sLen: constantFrom(0, 0, 1, 3),
      weight: constantFrom(1, 2),
    }).map(({ destination, dLen, source, sLen, weight }) =>
      routeBetween(prefixOf(source, sLen), prefixOf(destination, dLen), weight),
    );
    const packets = array(record({ source: address, destination: address }), { minLength: 10, maxLength: 20 });
    const tables = array(anyRoute, { minLength: 1, maxLength: 12 }).chain((routes) =>
      record({ before: subarray(routes), after: subarray(routes) }),
    );
    assert(
      property(tables, packets, constantFrom(1, 1000), ({ before, after }, flows, most) => {
        const [old, fresh] = [new RoutingTable(before), new RoutingTable(after)];
        const destinations = new Destinations(most);
        for (const { source, destination } of flows) {
          destinations.note(destination, old.lookup(source, destination)[0]?.destination.length ?? UNROUTED, now);
        }
        const dead = new Set(tagsOfRouteChange(gateway0, old, fresh, destinations, now));
        for (const { source, destination } of flows) {
          const [was, is] = [old.lookup(source, destination), fresh.lookup(source, destination)];
          if (was.length === is.length && was.every((route, n) => route === is[n])) continue;
          const decided = was.length === 0 ? [tagOf('NoRoute', gateway0)] : was.map(routeTag);
          // Whichever of several equal routes the hash chose: the flow carries its tag, and that of its destination.
          ok(decided.every((tag) => dead.has(tag)) || dead.has(destTag(destination)));
        }
      }),
      { numRuns: 500 },
    );
  });
});
