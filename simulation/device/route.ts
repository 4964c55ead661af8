import type { PortId } from '../../topology/model/ids.ts';
import {
  ANY_IPV4,
  BROADCAST_IPV4,
  formatIpv4,
  formatIpv4Prefix,
  type Ipv4,
  type Ipv4Prefix,
} from '../../topology/model/ipv4.ts';
import type { Decider } from '../packet/packet.ts';

/** What becomes of a packet that a route matches: out by its port, taken in by the router itself, dropped in silence, or refused. */
export type RouteKind = 'port' | 'local' | 'blackhole' | 'reject';

export interface RouteParts {
  /** Its number in the agent's directory. */
  readonly number: number;
  readonly kind: RouteKind;
  readonly source: Ipv4Prefix;
  readonly destination: Ipv4Prefix;
  /** Less is better, among routes of equal prefix length. */
  readonly weight: number;
  /** The port that the packet leaves by; of any other kind, the port that the route comes and goes with. */
  readonly port?: PortId | undefined;
  readonly portName?: string | undefined;
  /** The next hop; the destination itself when absent, 0.0.0.0 or 255.255.255.255 (spec 10 §1). */
  readonly gateway?: Ipv4 | undefined;
}

/** A route made ready. It is its own {@link Decider}. */
export interface Route extends Decider {
  readonly kind: RouteKind;
  readonly source: Ipv4Prefix;
  readonly destination: Ipv4Prefix;
  readonly weight: number;
  readonly port: PortId | undefined;
  readonly gateway: Ipv4 | undefined;
  /** What {@link Decider.describe} says. Routes with equal text do the same. */
  readonly text: string;
}

export function routeFrom(parts: RouteParts): Route {
  const { number, kind, source, destination, weight, port } = parts;
  const gateway = parts.gateway === ANY_IPV4 || parts.gateway === BROADCAST_IPV4 ? undefined : parts.gateway;
  const text = textOf(parts, gateway);
  return { number, kind, source, destination, weight, port, gateway, text, describe: () => text };
}

/** Whether two routes make the same of every packet. */
export function isSameRoute(a: Route, b: Route): boolean {
  return (
    a.kind === b.kind &&
    a.port === b.port &&
    a.gateway === b.gateway &&
    a.weight === b.weight &&
    isSamePrefix(a.destination, b.destination) &&
    isSamePrefix(a.source, b.source)
  );
}

function isSamePrefix(a: Ipv4Prefix, b: Ipv4Prefix): boolean {
  return a.address === b.address && a.length === b.length;
}

function textOf({ kind, source, destination, weight, port, portName }: RouteParts, gateway: Ipv4 | undefined): string {
  const words = ['route', formatIpv4Prefix(destination)];
  if (source.length > 0) words.push('from', formatIpv4Prefix(source));
  if (kind !== 'port') words.push(kind);
  if (gateway !== undefined) words.push('via', formatIpv4(gateway));
  if (port !== undefined) words.push('port', portName ?? String(port));
  words.push('weight', String(weight));
  return words.join(' ');
}
