import type { Brand } from './brand.ts';
import { parseUuid, type Uuid } from './ids.ts';
import { formatIp, formatIpPrefix, parseIp, parseIpPrefix, type Ip, type IpPrefix } from './ip.ts';

/** A route that a router's agent learned, in either family (spec 70 §4.2). */
export interface LearnedRoute {
  readonly destination: IpPrefix;
  /** Undefined where the destination itself is the next hop. */
  readonly gateway: Ip | undefined;
  /** The distance that the routing daemon tells. */
  readonly weight: number;
  /** The port that leads there. */
  readonly portId: Uuid;
}

/** A learned route as its text, `2001:db8::/32;fe80::1;20;<port>`: equal routes have equal keys. */
export type RouteKey = Brand<string, 'RouteKey'>;

export function routeKeyOf({ destination, gateway, weight, portId }: LearnedRoute): RouteKey {
  const parts = [formatIpPrefix(destination), gateway === undefined ? '' : formatIp(gateway), weight, portId];
  return parts.join(';') as RouteKey;
}

/** Reads the text of a route; undefined if it is none. */
export function parseLearnedRoute(text: string): LearnedRoute | undefined {
  const [destinationText = '', gatewayText = '', weightText = '', portText = '', ...rest] = text.split(';');
  const destination = parseIpPrefix(destinationText);
  const gateway = parseIp(gatewayText);
  const portId = parseUuid(portText);
  if (destination === undefined || portId === undefined || rest.length > 0) return undefined;
  if ((gateway === undefined && gatewayText !== '') || !/^\d{1,10}$/.test(weightText)) return undefined;
  return { destination, gateway, weight: Number(weightText), portId };
}

/** Reads a key: the text of a route as {@link routeKeyOf} writes it, and no other. */
export function parseRouteKey(text: string): RouteKey | undefined {
  const route = parseLearnedRoute(text);
  const key = route && routeKeyOf(route);
  return key === text ? key : undefined;
}
