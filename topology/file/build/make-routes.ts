import { formatIpv4, formatIpv4Prefix, type Ipv4, isInside, parseIpv4 } from '../../model/ipv4.ts';
import type { Route } from '../../model/objects/route.ts';
import { addressRoutesOf } from '../address-routes.ts';
import { idOf, recordName } from '../identity.ts';
import { ANYWHERE, contentOf, numbered, WEIGHT } from '../route-content.ts';
import type { RouteSpec } from '../topology-schema.ts';
import { type Draft, type DraftPort, type DraftRouter, derive, type FilePath } from './draft.ts';

/** Makes the routes of every router: those that its ports' addresses bring along (C35), then those written out. */
export function makeRoutes(draft: Draft): void {
  for (const router of draft.routers.values()) {
    for (const port of router.ports) addAddressRoutes(draft, router, port);
    const contents = new Map<string, number>();
    for (const [index, spec] of (router.spec.routes ?? []).entries()) {
      addRoute(draft, router, spec, [...router.path, 'routes', index], contents);
    }
    if (router.routes.length > 0 || router.ports.some(bringsRoutes)) continue;
    const what = `router "${router.name}" has no routes: it forwards nothing`;
    draft.problems.warning(draft.source.keyAt(router.path), { code: 'no-routes', what });
  }
}

function addAddressRoutes(draft: Draft, router: DraftRouter, port: DraftPort): void {
  const { address } = port;
  if (address === undefined) {
    const what = `${port.fullName} has no address: nothing is routed through it`;
    draft.problems.warning(draft.source.keyAt(port.path), { code: 'no-address', what });
    return;
  }
  if (!bringsRoutes(port)) return;
  for (const record of addressRoutesOf({ router, port, ...address })) {
    router.routes.push({ record, path: [...port.path, 'address'] });
    derive(draft, record.id, { reason: `from the address of ${port.fullName}` });
  }
}

function bringsRoutes({ spec }: DraftPort): boolean {
  return spec.address !== undefined && spec.addressRoutes !== false;
}

function addRoute(
  draft: Draft,
  router: DraftRouter,
  spec: RouteSpec,
  path: FilePath,
  contents: Map<string, number>,
): void {
  const hop = nextHopOf(draft, router, spec, path);
  if (hop === undefined) return;
  const { from = ANYWHERE, weight = WEIGHT } = spec;
  const name = nameOf(draft, spec, hop, path, contents);
  const id = idOf(spec, ['routers', router.name, 'routes', name]);
  const { derived, ...nextHop } = hop;
  router.routes.push({
    record: {
      id,
      ...recordName(spec, name),
      routerId: router.id,
      srcSubnet: from,
      dstSubnet: spec.to,
      weight,
      ...nextHop,
      ...(spec.via !== undefined && { nextHopGateway: spec.via }),
    },
    path,
  });
  if (derived) derive(draft, id, { field: 'nextHopPortId', reason: 'from the gateway' });
}

interface NextHop extends Pick<Route, 'nextHop' | 'nextHopPortId'> {
  readonly derived: boolean;
}

function nextHopOf(draft: Draft, router: DraftRouter, spec: RouteSpec, path: FilePath): NextHop | undefined {
  const { action, via, port: named } = spec;
  if (action === 'local') return localHopOf(draft, router, spec, path);
  if (action !== undefined) {
    const extra = via !== undefined ? 'via' : named !== undefined ? 'port' : undefined;
    if (extra === undefined) return { nextHop: action === 'blackhole' ? 'BLACKHOLE' : 'REJECT', derived: false };
    const what = `a route that ends in a ${action} has "${extra}" as well`;
    draft.problems.error(draft.source.keyAt([...path, extra]), { code: 'next-hop-twice', what, expected: 'either' });
    return undefined;
  }
  if (named === undefined && via === undefined) {
    const what = 'the route says not where to';
    draft.problems.error(draft.source.valueAt(path), {
      code: 'no-next-hop',
      what,
      expected: '"via", "port" or "action"',
    });
    return undefined;
  }
  const gateway = via === undefined ? undefined : parseIpv4(via);
  const port = named === undefined ? portTowards(draft, router, gateway, path) : ownPort(draft, router, named, path);
  if (port === undefined || !checkNextHop(draft, port, gateway, path)) return undefined;
  return { nextHop: 'PORT', nextHopPortId: port.id, derived: named === undefined };
}

/** The router itself, by one of its ports. */
function localHopOf(draft: Draft, router: DraftRouter, spec: RouteSpec, path: FilePath): NextHop | undefined {
  if (spec.via !== undefined) {
    const what = 'a local route has "via" as well';
    draft.problems.error(draft.source.keyAt([...path, 'via']), { code: 'next-hop-twice', what, expected: 'either' });
    return undefined;
  }
  if (spec.port === undefined) {
    const what = 'a local route has no port';
    draft.problems.error(draft.source.valueAt(path), { code: 'no-next-hop', what, expected: '"port"' });
    return undefined;
  }
  const port = ownPort(draft, router, spec.port, path);
  return port && { nextHop: 'LOCAL', nextHopPortId: port.id, derived: false };
}

/** The port that a route of the router names. */
function ownPort(draft: Draft, router: DraftRouter, text: string, path: FilePath): DraftPort | undefined {
  const at = draft.source.valueAt([...path, 'port']);
  const [device, name] = text.includes(':') ? text.split(':') : [router.name, text];
  if (device !== router.name) {
    const what = `"${text}" is no port of router "${router.name}"`;
    draft.problems.error(at, { code: 'foreign-port', what, expected: 'a port of the same router' });
    return undefined;
  }
  const port = draft.ports.portOf(router.name, name ?? '');
  if (port === undefined) {
    draft.dangling.note(`port of router "${router.name}"`, name ?? '', at, () => draft.ports.portsOf(router.name));
  }
  return port;
}

/** The only port whose subnet has the gateway. */
function portTowards(
  draft: Draft,
  router: DraftRouter,
  gateway: Ipv4 | undefined,
  path: FilePath,
): DraftPort | undefined {
  if (gateway === undefined) return undefined;
  const at = draft.source.valueAt([...path, 'via']);
  const [port, ...others] = router.ports.filter(
    ({ address }) => address !== undefined && isInside(gateway, address.subnet),
  );
  if (port === undefined) {
    const subnets = fewSubnetsOf(router);
    const known = subnets === '' ? 'an address at a port' : `an address in ${subnets}`;
    const what = `${formatIpv4(gateway)} is in no subnet of a port of router "${router.name}"`;
    draft.problems.error(at, { code: 'unreachable-gateway', what, expected: known });
  } else if (others.length > 0) {
    const names = [port, ...others].map(({ name }) => name);
    const what = `${formatIpv4(gateway)} is in the subnets of several ports`;
    draft.problems.error(at, { code: 'which-port', what, expected: `"port", one of ${names.join(', ')}` });
    return undefined;
  }
  return port;
}

function fewSubnetsOf(router: DraftRouter): string {
  const known = new Set<string>();
  for (const { address } of router.ports) {
    if (known.size === 5) return `${[...known].join(', ')}, ...`;
    if (address !== undefined) known.add(formatIpv4Prefix(address.subnet));
  }
  return [...known].join(', ');
}

/**
 * An exterior port finds its next hop by ARP within its subnet; an interior one may ask for any address, and a port without
 * address sends nothing (spec 30 §2 and §9).
 */
function checkNextHop(draft: Draft, port: DraftPort, gateway: Ipv4 | undefined, path: FilePath): boolean {
  if (port.address === undefined) {
    const what = `${port.fullName} has no address, so nothing can be sent through it`;
    const expected = `"address" at ${port.fullName}`;
    draft.problems.error(draft.source.valueAt([...path, 'port']), { code: 'next-hop-without-address', what, expected });
    return false;
  }
  if (gateway === undefined) return true;
  const at = draft.source.valueAt([...path, 'via']);
  if (gateway === port.address.ip) {
    const what = `${formatIpv4(gateway)} is the address of ${port.fullName} itself`;
    draft.problems.error(at, { code: 'own-gateway', what, expected: "a neighbour's address" });
    return false;
  }
  if (isInside(gateway, port.address.subnet)) return true;
  const what = `${formatIpv4(gateway)} is outside ${formatIpv4Prefix(port.address.subnet)}, the subnet of ${port.fullName}`;
  if (port.link === undefined) draft.problems.error(at, { code: 'unreachable-gateway', what, expected: 'a neighbour' });
  else draft.problems.warning(at, { code: 'foreign-gateway', what });
  return port.link !== undefined;
}

/** A route's name: its own, or what it says; numbered when another says the same. */
function nameOf(draft: Draft, spec: RouteSpec, hop: NextHop, path: FilePath, contents: Map<string, number>): string {
  const name = spec.name ?? contentOf(spec, hop.nextHop);
  const count = (contents.get(name) ?? 0) + 1;
  contents.set(name, count);
  if (count === 1) return name;
  const at = draft.source.valueAt(path);
  if (spec.name === undefined) {
    draft.problems.warning(at, { code: 'route-twice', what: `the route "${name}" is here for the second time` });
  } else {
    const what = `another route of this router is called "${name}"`;
    draft.problems.error(at, { code: 'name-taken', what, expected: 'one name for one route' });
  }
  return numbered(name, count);
}
