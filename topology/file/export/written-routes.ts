import { isInside, parseIpv4 } from '../../model/ipv4.ts';
import type { Uuid } from '../../model/ids.ts';
import type { Port } from '../../model/objects/port.ts';
import type { Route } from '../../model/objects/route.ts';
import { identityOf } from '../identity.ts';
import { idOfPath } from '../named-ids.ts';
import { ANYWHERE, contentOf, numbered, WEIGHT } from '../route-content.ts';
import type { RouteSpec } from '../topology-schema.ts';
import { isFileName } from './file-names.ts';
import { followingRoutes } from './following-routes.ts';
import { addressOf, type Survey } from './survey.ts';

/** The routes of a router as a file says them. */
export interface WrittenRoutes {
  readonly routes: readonly RouteSpec[];
  /** Ports with an address that does not bring along its routes, or others. */
  readonly plain: ReadonlySet<Uuid>;
}

/** Writes the routes of a router, without those that follow from its ports' addresses. */
export function writtenRoutes(survey: Survey, id: Uuid): WrittenRoutes {
  const { ports, plain } = followingRoutes(survey, id);
  const writer = new RouteWriter(survey, id);
  const unsaid = survey.routesOf(id).filter((route) => !ports.has(route.id));
  return { routes: unsaid.flatMap((route) => writer.specOf(route) ?? []), plain };
}

/** Writes routes in order, as each one's name may depend on how many before it say the same. */
class RouteWriter {
  readonly #survey: Survey;
  readonly #router: string;
  readonly #ports: readonly Port[];
  readonly #counts = new Map<string, number>();

  constructor(survey: Survey, router: Uuid) {
    this.#survey = survey;
    this.#router = survey.nameOf(router);
    this.#ports = survey.portsOf(router);
  }

  specOf(route: Route): RouteSpec | undefined {
    const [first, ...others] = this.#contentsOf(route);
    if (first === undefined) return undefined;
    for (const spec of [first, ...others]) {
      const name = this.#nameFor(contentOf(spec, route.nextHop));
      if (route.name === name && route.id === this.#idOf(name)) return this.#counted(spec, route);
    }
    const { name = '' } = route;
    const isOwnName = isFileName(name) && !this.#counts.has(name) && route.id === this.#idOf(name);
    if (isOwnName) return this.#counted({ ...first, name }, route);
    const found = this.#nameFor(contentOf(first, route.nextHop));
    return this.#counted({ ...first, ...identityOf(route, found, ['routers', this.#router, 'routes', found]) }, route);
  }

  #counted(spec: RouteSpec, { nextHop }: Route): RouteSpec {
    const name = spec.name ?? contentOf(spec, nextHop);
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
    return spec;
  }

  #nameFor(content: string): string {
    return numbered(content, (this.#counts.get(content) ?? 0) + 1);
  }

  #idOf(name: string): Uuid {
    return idOfPath(['routers', this.#router, 'routes', name]);
  }

  /** What a route says, in the ways in which a file can say it: without the port where that follows, then with it. */
  #contentsOf(route: Route): readonly RouteSpec[] {
    const { dstSubnet: to, srcSubnet, nextHop, nextHopPortId, nextHopGateway: via, weight } = route;
    const rest = weight === WEIGHT ? {} : { weight };
    const head = { to, ...(srcSubnet !== ANYWHERE && { from: srcSubnet }) };
    const port = this.#ports.find(({ id }) => id === nextHopPortId);
    const isForwarded = nextHop === 'PORT' || nextHop === 'LOCAL';
    const fault =
      isForwarded === (nextHopPortId === undefined)
        ? `it ${isForwarded ? 'has no' : 'has a'} port`
        : isForwarded && port === undefined
          ? 'its port is not one of the router'
          : via !== undefined && nextHop !== 'PORT'
            ? 'it has a gateway'
            : undefined;
    if (fault !== undefined) {
      this.#survey.note(`route ${this.#survey.nameOf(route.id)} is left out, as ${fault}`);
      return [];
    }
    if (nextHop === 'BLACKHOLE') return [{ ...head, action: 'blackhole', ...rest }];
    if (nextHop === 'REJECT') return [{ ...head, action: 'reject', ...rest }];
    const name = this.#survey.portName(port?.id ?? route.id);
    if (nextHop === 'LOCAL') return [{ ...head, port: name, action: 'local', ...rest }];
    const whole = { ...head, ...(via !== undefined && { via }), port: name, ...rest };
    if (via === undefined || !this.#isOnlyWay(via, port)) return [whole];
    return [{ ...head, via, ...rest }, whole];
  }

  /** Whether a gateway is in the subnet of this port alone. */
  #isOnlyWay(via: string, port: Port | undefined): boolean {
    const gateway = parseIpv4(via);
    if (gateway === undefined) return false;
    const ways = this.#ports.filter((each) => {
      const address = addressOf(each);
      return address !== undefined && isInside(gateway, address.subnet);
    });
    return ways.length === 1 && ways[0] === port;
  }
}
