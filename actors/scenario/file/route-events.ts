import { idOfPath } from '../../../topology/file/named-ids.ts';
import { someOf } from '../../../topology/file/topology.ts';
import type { Uuid } from '../../../topology/model/ids.ts';
import { type Ipv4, isInside, parseIpv4, parseIpv4Prefix } from '../../../topology/model/ipv4.ts';
import type { Port } from '../../../topology/model/objects/port.ts';
import type { Route } from '../../../topology/model/objects/route.ts';
import type { FilePath, Happening } from '../scenario.ts';
import type { ScenarioDraft } from './scenario-draft.ts';
import type { EventSpec } from './scenario-schema.ts';

type RouteSpec = NonNullable<EventSpec['route']>;

const ANYWHERE = '0.0.0.0/0';

/** Routes that come and go by their content. Remembers which are there, so that one that was added can be removed. */
export class RouteEvents {
  readonly #draft: ScenarioDraft;
  readonly #routes = new Map<Uuid, Route>();
  #added = 0;

  constructor(draft: ScenarioDraft) {
    this.#draft = draft;
    for (const { class: cls, object } of draft.topology.objects)
      if (cls === 'Route') this.#routes.set(object.id, object);
  }

  add(spec: RouteSpec, path: FilePath): Happening | undefined {
    const place = [...path, 'route'];
    const routerId = this.#draft.device('router', spec.router, this.#draft.at([...place, 'router']));
    if (routerId === undefined) return undefined;
    const hop = this.#nextHop(spec, routerId, place);
    if (hop === undefined) return undefined;
    const { to, from = ANYWHERE, weight = 100, via } = spec;
    const name = `${to}${via === undefined ? '' : ` via ${via}`}`;
    const gateway = via === undefined ? {} : { nextHopGateway: via };
    const fields = { name, routerId, srcSubnet: from, dstSubnet: to, weight, ...hop, ...gateway };
    if ([...this.#routes.values()].some((route) => isSame(route, fields))) {
      const what = `router "${spec.router}" has that route already at that time: the event does nothing`;
      this.#draft.warning(this.#draft.at(place), { code: 'event-without-effect', what });
      return undefined;
    }
    this.#added += 1;
    const id = idOfPath(['routers', spec.router, 'events', `${this.#added}`]);
    this.#routes.set(id, { id, ...fields });
    return { kind: 'create', class: 'Route', id, fields };
  }

  remove(spec: RouteSpec, path: FilePath): Happening | undefined {
    const place = [...path, 'route'];
    const routerId = this.#draft.device('router', spec.router, this.#draft.at([...place, 'router']));
    if (routerId === undefined) return undefined;
    const port = spec.port === undefined ? undefined : this.#portOf(spec, routerId, place);
    if (spec.port !== undefined && port === undefined) return undefined;
    const own = [...this.#routes.values()].filter((route) => route.routerId === routerId);
    const found = own.filter((route) => fits(route, spec, port?.id));
    const [route, second] = found;
    if (route === undefined) {
      const what = `router "${spec.router}" has no such route at that time`;
      const expected =
        own.length === 0 ? undefined : `one of ${someOf(own.map(({ name, dstSubnet }) => name ?? dstSubnet))}`;
      this.#draft.error(this.#draft.at(place), { code: 'no-such-route', what, expected });
      return undefined;
    }
    if (second !== undefined) {
      const what = `several routes are so: ${someOf(found.map(({ name, dstSubnet }) => name ?? dstSubnet))}`;
      this.#draft.error(this.#draft.at(place), {
        code: 'which-route',
        what,
        expected: '"via", "port" or "weight" as well',
      });
      return undefined;
    }
    this.#routes.delete(route.id);
    return { kind: 'delete', class: 'Route', id: route.id };
  }

  #nextHop(spec: RouteSpec, routerId: Uuid, place: FilePath): Pick<Route, 'nextHop' | 'nextHopPortId'> | undefined {
    const { action, via, port } = spec;
    if (action !== undefined && (via !== undefined || port !== undefined)) {
      const what = `a route that ends in a ${action} has a next hop as well`;
      this.#draft.error(this.#draft.keyAt([...place, 'action']), { code: 'next-hop-twice', what, expected: 'either' });
      return undefined;
    }
    if (action !== undefined) return { nextHop: action === 'blackhole' ? 'BLACKHOLE' : 'REJECT' };
    const found = port === undefined ? this.#portTowards(spec, routerId, place) : this.#portOf(spec, routerId, place);
    return found && { nextHop: 'PORT', nextHopPortId: found.id };
  }

  #portTowards({ via, router }: RouteSpec, routerId: Uuid, place: FilePath): Port | undefined {
    const gateway = via === undefined ? undefined : parseIpv4(via);
    if (gateway === undefined) {
      const expected = '"via", "port" or "action"';
      this.#draft.error(this.#draft.at(place), { code: 'no-next-hop', what: 'the route says not where to', expected });
      return undefined;
    }
    const own = [...this.#draft.ports.values()].filter((port) => port.routerId === routerId);
    const [port, second] = own.filter((each) => isOn(each, gateway));
    if (port !== undefined && second === undefined) return port;
    const what =
      port === undefined
        ? `${via} is in no subnet of a port of router "${router}"`
        : `${via} is in the subnets of several ports`;
    const expected = `${port === undefined ? 'one of ' : '"port", one of '}${someOf(
      own.map(({ name = '', portSubnet = [] }) => (port === undefined ? portSubnet.join(' ') : name)),
    )}`;
    this.#draft.error(this.#draft.at([...place, 'via']), { code: 'unreachable-gateway', what, expected });
    return undefined;
  }

  #portOf({ port: text = '', router }: RouteSpec, routerId: Uuid, place: FilePath): Port | undefined {
    const at = this.#draft.at([...place, 'port']);
    const id = this.#draft.port(text.includes(':') ? text : `${router}:${text}`, at);
    const port = id === undefined ? undefined : this.#draft.ports.get(id);
    if (port === undefined || port.routerId === routerId) return port;
    const what = `"${text}" is no port of router "${router}"`;
    this.#draft.error(at, { code: 'foreign-port', what, expected: 'a port of the same router' });
    return undefined;
  }
}

function fits(route: Route, { to, from, via, weight, action }: RouteSpec, port: Uuid | undefined): boolean {
  if (route.dstSubnet !== to) return false;
  if (from !== undefined && route.srcSubnet !== from) return false;
  if (via !== undefined && route.nextHopGateway !== via) return false;
  if (weight !== undefined && route.weight !== weight) return false;
  if (action !== undefined && route.nextHop !== action.toUpperCase()) return false;
  return port === undefined || route.nextHopPortId === port;
}

/** Whether two routes lead the same packets of a router to the same place, whatever they are called. */
function isSame(one: Omit<Route, 'id'>, other: Omit<Route, 'id'>): boolean {
  return (
    one.routerId === other.routerId &&
    one.srcSubnet === other.srcSubnet &&
    one.dstSubnet === other.dstSubnet &&
    one.weight === other.weight &&
    one.nextHop === other.nextHop &&
    one.nextHopPortId === other.nextHopPortId &&
    one.nextHopGateway === other.nextHopGateway
  );
}

function isOn({ portSubnet = [] }: Port, address: Ipv4): boolean {
  return portSubnet.some((text) => {
    const subnet = parseIpv4Prefix(text);
    return subnet !== undefined && isInside(address, subnet);
  });
}
