import { portFrom, type Port } from '../../simulation/device/port.ts';
import { routeFrom, type Route, type RouteKind } from '../../simulation/device/route.ts';
import { publishedRoutes, publishingPorts } from '../../simulation/device/route-publication.ts';
import { tagsOfRouteChange } from '../../simulation/device/route-changes.ts';
import { routerFrom, type Beyond, type Router, type RouterPort } from '../../simulation/device/router.ts';
import { prohibited } from '../../simulation/device/routing.ts';
import { tagOf, type Tag } from '../../simulation/tag.ts';
import type { DeviceId, PortId, Uuid } from '../../topology/model/ids.ts';
import { ANY_IPV4, parseIpv4Prefix, type Ipv4, type Ipv4Prefix } from '../../topology/model/ipv4.ts';
import type { JsonObject } from '../../topology/model/json.ts';
import { ZERO_MAC } from '../../topology/model/mac.ts';
import { dumpRouter } from '../dump/dump-router.ts';
import { Neighbourhood } from '../neighbourhood.ts';
import { RouterActor } from '../router-actor.ts';
import { linkOf, type BridgeUnit } from './bridge-unit.ts';
import { Dependencies } from './dependencies.ts';
import { flagOf, ipv4Of, numberOf, textOf, uuidOf } from './fields.ts';
import { findPorts, type FoundPort } from './port-record.ts';
import type { ChangedPart } from '../change-log.ts';
import type { AgentParts } from '../agent-parts.ts';
import type { Reading, Unit } from './unit.ts';

const KINDS: Readonly<Record<string, RouteKind>> = {
  PORT: 'port',
  LOCAL: 'local',
  BLACKHOLE: 'blackhole',
  REJECT: 'reject',
};
const EVERYTHING: Ipv4Prefix = { address: ANY_IPV4, length: 0 };

/** A router, its ports, routes and neighbours, fed by the database. */
export class RouterUnit implements Unit<Router> {
  readonly id: Uuid;
  readonly device: DeviceId;
  readonly #agent: AgentParts;
  readonly #parts: Dependencies;
  readonly #neighbourhood: Neighbourhood;
  readonly #bridgeOf: (id: Uuid) => BridgeUnit | 'absent' | undefined;
  #current: Router | undefined;

  /** @param bridgeOf the unit of a linked bridge, once it has been read; asking loads it, and `changed` is called then */
  constructor(
    id: Uuid,
    agent: AgentParts,
    changed: (part?: ChangedPart) => void,
    bridgeOf: (id: Uuid) => BridgeUnit | 'absent' | undefined,
  ) {
    this.id = id;
    this.device = agent.directory.deviceOf(id);
    this.#agent = agent;
    this.#bridgeOf = bridgeOf;
    this.#parts = new Dependencies(agent.nsdb, changed);
    this.#neighbourhood = new Neighbourhood(id, agent, () => changed());
  }

  read(): Reading<Router> | undefined {
    if (!this.#neighbourhood.isReady) return undefined;
    const found = this.#parts.read((parts) => {
      const fields = parts.object('Router', this.id);
      const routes = parts.objects('Route', parts.referrers('Router', this.id, 'routeIds'));
      return { fields, ports: findPorts(parts, parts.referrers('Router', this.id, 'portIds')), routes };
    });
    if (found === undefined) return undefined;
    const bridges = found.ports.flatMap(({ peer }) => peer?.network ?? []);
    // All are asked for, so that they load at once.
    if (bridges.map((bridge) => this.#bridgeOf(bridge)).includes(undefined)) return undefined;
    return this.#make(found.fields, found.ports, found.routes);
  }

  start(router: Router): RouterActor {
    return new RouterActor(router, this.#agent.courier, this.#neighbourhood);
  }

  tagsOfChange(before: Router, after: Router | undefined): readonly Tag[] {
    if (after === undefined || before.adminUp !== after.adminUp) return [tagOf('Device', this.device)];
    const { tables, routes } = before;
    return [
      ...tagsOfRouteChange(this.device, routes, after.routes, tables.destinations, this.#agent.timers.now()),
      ...tagsOfPortsChange(before, after),
    ];
  }

  *dump(): Generator<string, void> {
    if (this.#current !== undefined) yield* dumpRouter(this.#current, this.#agent.directory);
    yield* this.#neighbourhood.dump();
  }

  close(): void {
    this.#neighbourhood.close();
    this.#parts.close();
  }

  #make(
    fields: JsonObject,
    found: readonly FoundPort[],
    stored: readonly (readonly [Uuid, JsonObject])[],
  ): Reading<Router> {
    const { directory } = this.#agent;
    const name = textOf(fields, 'name') ?? this.id;
    directory.call(this.id, name, 'router');
    const routerPorts = found.map((port) => this.#routerPortOf(name, port));
    // As if every linked port had been up before: whether it was when the router happened to be loaded must make no difference.
    const publishing = publishingPorts(routerPorts, new Set(routerPorts.map(({ id }) => id)));
    const routes = stored.flatMap(([id, route]) => this.#routeOf(name, id, route) ?? []);
    const device = routerFrom(
      {
        id: this.device,
        name,
        adminUp: flagOf(fields, 'adminStateUp', false),
        ports: routerPorts,
        routes: publishedRoutes(routes, publishing),
      },
      this.#neighbourhood.tables,
    );
    this.#current = device;
    this.#neighbourhood.reconfigured(device);
    const ports = new Map<PortId, Port>();
    for (const [at, port] of routerPorts.entries()) {
      const one = found[at];
      if (one !== undefined) ports.set(port.id, this.#portOf(one, port));
    }
    return { name, device, ports };
  }

  #routerPortOf(router: string, { record, peer, isActive }: FoundPort): RouterPort {
    const { directory } = this.#agent;
    const name = `${router}:${record.name}`;
    directory.call(record.id, name, 'port');
    let beyond: Beyond = record.isBound ? { kind: 'exterior', active: isActive } : { kind: 'nothing' };
    if (peer?.router !== undefined) beyond = { kind: 'router', mac: peer.mac ?? ZERO_MAC };
    else if (peer?.network !== undefined) beyond = this.#bridgeBeyond(peer.network);
    const { mac = ZERO_MAC, address, prefix, mtu, adminUp } = record;
    return { id: directory.portOf(record.id), name, mac, address, prefix, mtu, adminUp, beyond };
  }

  #bridgeBeyond(id: Uuid): Beyond {
    const bridge = this.#bridgeOf(id);
    if (bridge === undefined || bridge === 'absent') return { kind: 'nothing' };
    const routerIps = { get: (address: Ipv4) => bridge.current?.routerIps.get(address) };
    return { kind: 'bridge', segment: { bridge: bridge.device, routerIps, addresses: bridge.addresses } };
  }

  #portOf(found: FoundPort, { id, name, mac, address, prefix, mtu, adminUp }: RouterPort): Port {
    return portFrom({
      id,
      name,
      device: this.device,
      owner: 'router',
      adminUp,
      link: linkOf(found, (peer) => this.#agent.directory.portOf(peer)),
      mtu,
      router: { mac, ...(address !== undefined && { address }), ...(prefix !== undefined && { prefix }) },
      onDown: (packet) => {
        if (this.#current !== undefined) prohibited(this.#current, packet);
      },
    });
  }

  #routeOf(router: string, id: Uuid, fields: JsonObject): Route | undefined {
    const kind = KINDS[textOf(fields, 'nextHop') ?? ''];
    const destination = parseIpv4Prefix(textOf(fields, 'dstSubnet') ?? '');
    if (kind === undefined || destination === undefined) return undefined; // broken routes are skipped (spec 30 §7.3)
    const { directory } = this.#agent;
    const portId = uuidOf(fields, 'nextHopPortId');
    const port = portId === undefined ? undefined : directory.portOf(portId);
    directory.call(id, `${router} route ${textOf(fields, 'name') ?? id}`);
    return routeFrom({
      number: directory.deviceOf(id),
      kind,
      source: parseIpv4Prefix(textOf(fields, 'srcSubnet') ?? '') ?? EVERYTHING,
      destination,
      weight: numberOf(fields, 'weight') ?? 0,
      port,
      portName: port === undefined ? undefined : directory.nameOf(port),
      gateway: ipv4Of(fields, 'nextHopGateway'),
    });
  }
}

/** What a router makes of its ports differs: flows through those die. */
function tagsOfPortsChange(before: Router, after: Router): Tag[] {
  const tags: Tag[] = [];
  for (const [id, port] of before.ports) {
    const now = after.ports.get(id);
    if (now === undefined || !isAlike(port, now)) tags.push(tagOf('Device', id));
  }
  return tags;
}

function isAlike(a: RouterPort, b: RouterPort): boolean {
  return (
    a.mac === b.mac &&
    a.address === b.address &&
    a.prefix?.address === b.prefix?.address &&
    a.prefix?.length === b.prefix?.length &&
    a.mtu === b.mtu &&
    a.adminUp === b.adminUp &&
    a.beyond.kind === b.beyond.kind &&
    (a.beyond.kind !== 'router' || (b.beyond.kind === 'router' && a.beyond.mac === b.beyond.mac)) &&
    (a.beyond.kind !== 'bridge' || (b.beyond.kind === 'bridge' && a.beyond.segment.bridge === b.beyond.segment.bridge))
  );
}
