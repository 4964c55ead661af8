import type { Route } from '../model/objects/route.ts';
import type { RouteSpec } from './topology-schema.ts';

/** Sources, where a route does not say. */
export const ANYWHERE = '0.0.0.0/0';

/** What a route weighs that does not say. */
export const WEIGHT = 100;

/** What a route says, in the words by which one is called that has no name: `10.0.0.0/8 via 10.0.1.254`. */
export function contentOf(spec: RouteSpec, nextHop: Route['nextHop']): string {
  const { to, from, via, port, weight } = spec;
  const parts = [
    to,
    ...(from === undefined || from === ANYWHERE ? [] : ['from', from]),
    ...(via === undefined ? [] : ['via', via]),
    ...(port === undefined ? [] : ['port', port.replace(/^.*:/, '')]),
    ...(nextHop === 'PORT' ? [] : [nextHop.toLowerCase()]),
    ...(weight === undefined || weight === WEIGHT ? [] : ['weight', String(weight)]),
  ];
  return parts.join(' ');
}

/** The name of the n-th route of a router that would have this one. */
export function numbered(name: string, n: number): string {
  return n === 1 ? name : `${name} #${n}`;
}
