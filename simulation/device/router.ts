import type { DeviceId, PortId } from '../../topology/model/ids.ts';
import { isInside, type Ipv4, type Ipv4Prefix } from '../../topology/model/ipv4.ts';
import type { Mac } from '../../topology/model/mac.ts';
import type { Decider } from '../packet/packet.ts';
import type { RouterTables } from '../state/router-tables.ts';
import type { Verdict } from '../verdict.ts';
import { RoutingTable } from './route-lookup.ts';
import type { Route } from './route.ts';

/** What a router asks of the bridge behind one of its ports, as it is at the time. A bridge's own tables will do. */
interface Segment {
  readonly bridge: DeviceId;
  /** The routers linked to it. */
  readonly routerIps: { get(address: Ipv4): { readonly mac: Mac } | undefined };
  /** Its table of stations' addresses, if it keeps one. */
  readonly addresses: { macOf(address: Ipv4): Mac | undefined } | undefined;
}

/**
 * What is behind a router's port.
 *
 * - `exterior`: an interface of a host
 * - `router`: another router's port, with this MAC
 * - `bridge`: a bridge, which knows the addresses of the routers linked to it, and some others
 * - `nothing`: the port is unplugged
 */
export type Beyond =
  | { readonly kind: 'exterior'; readonly active: boolean }
  | { readonly kind: 'router'; readonly mac: Mac }
  | { readonly kind: 'bridge'; readonly segment: Segment }
  | { readonly kind: 'nothing' };

/** What a router must know of a port of its own. */
export interface RouterPort {
  readonly id: PortId;
  readonly name: string;
  readonly mac: Mac;
  /** Absent: the port has no IPv4 address. */
  readonly address: Ipv4 | undefined;
  /** The segment that the address lies in; present when the address is. */
  readonly prefix: Ipv4Prefix | undefined;
  /** The largest IP packet, in octets, that leaves by it. */
  readonly mtu: number;
  readonly adminUp: boolean;
  readonly beyond: Beyond;
}

/** A router as configured, its references resolved. */
export interface RouterParts {
  readonly id: DeviceId;
  readonly name: string;
  readonly adminUp: boolean;
  readonly ports: readonly RouterPort[];
  /** Those that are published now: see `publishedRoutes`. */
  readonly routes: readonly Route[];
}

/** A router made ready: its routing table is laid out and its verdicts are built before the first packet. */
export interface Router {
  readonly id: DeviceId;
  readonly name: string;
  readonly adminUp: boolean;
  readonly ports: ReadonlyMap<PortId, RouterPort>;
  readonly routes: RoutingTable;
  /** What outlives a change of configuration. */
  readonly tables: RouterTables;
  readonly forwardTo: ReadonlyMap<PortId, Verdict>;
  /** What decides here: the router itself. */
  readonly itself: Decider;
}

export function routerFrom({ id, name, adminUp, ports, routes }: RouterParts, tables: RouterTables): Router {
  return {
    id,
    name,
    adminUp,
    ports: new Map(ports.map((port) => [port.id, port])),
    routes: new RoutingTable(routes),
    tables,
    forwardTo: new Map(ports.map((port) => [port.id, { kind: 'forward', to: port.id }])),
    itself: { number: id, describe: () => `router ${name}` },
  };
}

/** The port whose segment holds the address: by which a neighbour is asked for. */
export function portTowards(router: Router, address: Ipv4): PortId | undefined {
  for (const { id, prefix } of router.ports.values()) {
    if (prefix !== undefined && isInside(address, prefix)) return id;
  }
  return undefined;
}
