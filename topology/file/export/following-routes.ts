import type { Uuid } from '../../model/ids.ts';
import type { Route } from '../../model/objects/route.ts';
import { addressRoutesOf } from '../address-routes.ts';
import { addressOf, type Survey } from './survey.ts';

/** Which routes of a router follow from its ports' addresses. */
export interface FollowingRoutes {
  /** By the route, the port whose address it follows from. */
  readonly ports: ReadonlyMap<Uuid, Uuid>;
  /** Ports with an address that does not bring along just its routes. */
  readonly plain: ReadonlySet<Uuid>;
}

export function followingRoutes(survey: Survey, id: Uuid): FollowingRoutes {
  const router = { id, name: survey.nameOf(id) };
  const there = new Map(survey.routesOf(id).map((route) => [route.id, route]));
  const ports = new Map<Uuid, Uuid>();
  const plain = new Set<Uuid>();
  for (const port of survey.portsOf(id)) {
    const address = addressOf(port);
    if (address === undefined) continue;
    const named = { id: port.id, name: survey.portName(port.id) };
    const routes = addressRoutesOf({ router, port: named, ...address });
    if (routes.every((route) => isSame(route, there.get(route.id))))
      for (const route of routes) ports.set(route.id, port.id);
    else plain.add(port.id);
  }
  return { ports, plain };
}

function isSame(route: Route, other: Route | undefined): boolean {
  if (other === undefined || other.nextHopGateway !== undefined) return false;
  const { name, srcSubnet, dstSubnet, nextHop, nextHopPortId, weight } = route;
  return (
    other.name === name &&
    other.srcSubnet === srcSubnet &&
    other.dstSubnet === dstSubnet &&
    other.nextHop === nextHop &&
    other.nextHopPortId === nextHopPortId &&
    other.weight === weight
  );
}
