import { ipv4Of, isInside, netmaskOf, type Ipv4, type Ipv4Prefix } from '../../topology/model/ipv4.ts';
import type { Route } from './route.ts';

const NO_ROUTES: readonly Route[] = [];

/** Routes with one destination prefix, the lightest first. */
type Level = readonly Route[];

/**
 * Routes by the length of their destination prefix, in one hash table for each length in use: at most 33 probes for a look-up, however
 * many routes there are.
 */
export class RoutingTable {
  readonly routes: readonly Route[];
  /** The longest prefixes first. Levels are keyed by signed integers: an unsigned one beyond 2^31 would be boxed. */
  readonly #lengths: readonly (readonly [mask: number, levels: ReadonlyMap<number, Level>])[];

  constructor(routes: readonly Route[]) {
    this.routes = routes;
    const byLength = new Map<number, Map<number, Route[]>>();
    for (const route of routes) {
      const { address, length } = route.destination;
      let levels = byLength.get(length);
      if (levels === undefined) byLength.set(length, (levels = new Map<number, Route[]>()));
      const level = levels.get(address | 0);
      if (level === undefined) levels.set(address | 0, [route]);
      else level.push(route);
    }
    for (const levels of byLength.values()) {
      for (const level of levels.values()) level.sort(inOrder);
    }
    this.#lengths = [...byLength]
      .toSorted(([a], [b]) => b - a)
      .map(([length, levels]) => [netmaskOf(length) | 0, levels] as const);
  }

  /**
   * The routes that a packet may take, all equally good: those of the longest destination prefix that has one whose source prefix holds
   * the packet's source; of these the ones of least weight. In the same order on every agent. Empty when there is none.
   *
   * @see spec 30 §8; RFC 1812, section 5.2.4.3
   */
  lookup(source: Ipv4, destination: Ipv4): readonly Route[] {
    for (const [mask, levels] of this.#lengths) {
      const level = levels.get(destination & mask);
      if (level === undefined) continue;
      const best = lightestFrom(level, source);
      if (best.length > 0) return best;
    }
    return NO_ROUTES;
  }

  /** The routes with exactly this destination prefix. */
  at(prefix: Ipv4Prefix): readonly Route[] {
    const mask = netmaskOf(prefix.length) | 0;
    return this.#lengths.find(([other]) => other === mask)?.[1].get(prefix.address | 0) ?? NO_ROUTES;
  }

  /** The length of the longest destination prefix here that holds the address; undefined when there is none. */
  longestAround(address: Ipv4): number | undefined {
    for (const [mask, levels] of this.#lengths) {
      if (levels.has(address & mask)) return lengthOf(ipv4Of(mask));
    }
    return undefined;
  }
}

/** By weight, then by what they say: numbers differ between agents. */
function inOrder(a: Route, b: Route): number {
  return a.weight - b.weight || (a.text < b.text ? -1 : a.text > b.text ? 1 : a.number - b.number);
}

function lightestFrom(level: Level, source: Ipv4): readonly Route[] {
  const first = level.findIndex((route) => isInside(source, route.source));
  const lightest = level[first];
  if (lightest === undefined) return NO_ROUTES;
  // Nearly always: one route, or all of them from anywhere and of one weight.
  if (first === 0 && level.length === 1) return level;
  return level.filter((route) => route.weight === lightest.weight && isInside(source, route.source));
}

function lengthOf(mask: Ipv4): number {
  return Math.clz32(~mask);
}
