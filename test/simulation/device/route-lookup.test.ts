import { deepEqual, equal, ok } from 'node:assert/strict';
import { array, assert, constantFrom, integer, property, record } from 'fast-check';
import { RoutingTable } from '../../../simulation/device/route-lookup.ts';
import type { Route } from '../../../simulation/device/route.ts';
import { portIdOf } from '../../../topology/model/ids.ts';
import { ipv4Of, isInside, prefixOf, type Ipv4 } from '../../../topology/model/ipv4.ts';
import { ip } from '../packets.ts';
import { prefix, routeBetween, routeTo } from './router-world.ts';

/** What spec 30 §8 says, word for word, over a list. */
function scan(routes: readonly Route[], source: Ipv4, destination: Ipv4): readonly Route[] {
  for (let length = 32; length >= 0; length--) {
    const level = routes.filter(
      (route) => route.destination.length === length && isInside(destination, route.destination),
    );
    const kept = level.filter((route) => isInside(source, route.source));
    const least = Math.min(...kept.map(({ weight }) => weight));
    if (kept.length > 0) return kept.filter(({ weight }) => weight === least);
  }
  return [];
}

const numbers = (routes: readonly Route[]): number[] => routes.map((route) => route.number).toSorted((a, b) => a - b);

/** What the best routes to 10.1.2.3 say, in order. */
function texts(routes: readonly Route[]): string[] {
  return new RoutingTable(routes).lookup(ip`1.1.1.1`, ip`10.1.2.3`).map(({ text }) => text);
}

describe('routing table', () => {
  const [a, b] = [portIdOf(1), portIdOf(2)];

  it('prefers the longer prefix to the lesser weight, where the source is right', () => {
    const wide = routeTo('10.0.0.0/8', { weight: 1, port: a });
    const narrow = routeTo('10.1.0.0/16', { weight: 50, port: b, source: prefix('20.0.0.0/8') });
    const table = new RoutingTable([wide, narrow]);
    deepEqual(table.lookup(ip`20.1.1.1`, ip`10.1.2.3`), [narrow]);
    deepEqual(table.lookup(ip`30.1.1.1`, ip`10.1.2.3`), [wide]);
    deepEqual(table.lookup(ip`20.1.1.1`, ip`11.0.0.1`), []);
  });

  it('takes the lesser weight among equal prefixes, whatever the length of their sources', () => {
    const light = routeTo('10.0.0.0/8', { weight: 1 });
    const heavy = routeTo('10.0.0.0/8', { weight: 2, source: prefix('20.1.1.1/32') });
    deepEqual(new RoutingTable([heavy, light]).lookup(ip`20.1.1.1`, ip`10.1.2.3`), [light]);
  });

  it('has equally good routes in the same order, however they are numbered', () => {
    const hops = [ip`10.0.0.3`, ip`10.0.0.1`, ip`10.0.0.2`];
    const routes = hops.map((gateway) => routeTo('10.0.0.0/8', { gateway }));
    deepEqual(texts(routes), texts(routes.toReversed()));
    equal(texts(routes).length, 3);
  });

  it('takes 0.0.0.0 and 255.255.255.255 for no gateway', () => {
    equal(routeTo('10.0.0.0/8', { gateway: ip`0.0.0.0` }).gateway, undefined);
    equal(routeTo('10.0.0.0/8', { gateway: ip`255.255.255.255` }).gateway, undefined);
  });

  it('says what a route does in one line', () => {
    const route = routeTo('10.0.0.0/8', {
      kind: 'local',
      source: prefix('20.0.0.0/8'),
      port: a,
      portName: 'up',
      weight: 5,
    });
    equal(route.describe(), 'route 10.0.0.0/8 from 20.0.0.0/8 local port up weight 5');
  });

  it('finds what a scan of all routes finds', () => {
    // Few bits in play, so that prefixes nest and collide.
    const address = integer({ min: 0, max: 255 }).map((n) => ipv4Of(((n >>> 4) << 28) | (n & 15)));
    const length = constantFrom(0, 1, 2, 3, 4, 28, 30, 31, 32);
    const anyRoute = record({
      destination: address,
      dLen: length,
      source: address,
      sLen: length,
      weight: integer({ min: 0, max: 2 }),
    });
    assert(
      property(
        array(anyRoute, { maxLength: 30 }),
        array(record({ source: address, destination: address }), { minLength: 20 }),
        (specs, packets) => {
          const routes = specs.map(({ destination, dLen, source, sLen, weight }) =>
            routeBetween(prefixOf(source, sLen), prefixOf(destination, dLen), weight),
          );
          const table = new RoutingTable(routes);
          for (const { source, destination } of packets) {
            deepEqual(numbers(table.lookup(source, destination)), numbers(scan(routes, source, destination)));
          }
          for (const { destination } of routes) {
            deepEqual(
              numbers(table.at(destination)),
              numbers(
                routes.filter(
                  (r) => r.destination.address === destination.address && r.destination.length === destination.length,
                ),
              ),
            );
            ok((table.longestAround(destination.address) ?? -1) >= destination.length);
          }
        },
      ),
    );
  });
});
