import { HOST, type Host } from './host.ts';
import { NETWORK, type Network } from './network.ts';
import { PORT_GROUP, type PortGroup } from './port-group.ts';
import { PORT, type Port } from './port.ts';
import { ROUTE, type Route } from './route.ts';
import { ROUTER, type Router } from './router.ts';
import { TUNNEL_ZONE, type TunnelZone } from './tunnel-zone.ts';

/** The record of each class of object, under the class's name in the NSDB (spec 10 §4). */
export interface ObjectClasses {
  readonly Host: Host;
  readonly Network: Network;
  readonly Port: Port;
  readonly PortGroup: PortGroup;
  readonly Route: Route;
  readonly Router: Router;
  readonly TunnelZone: TunnelZone;
}

/** A class whose record has a schema. */
export type ObjectClass = keyof ObjectClasses;

/** A record, and which class it is of. */
export type ClassifiedObject = {
  readonly [Class in ObjectClass]: { readonly class: Class; readonly object: ObjectClasses[Class] };
}[ObjectClass];

/** The records of one class among others, in their order. */
export function recordsOfClass<Class extends ObjectClass>(
  objects: readonly ClassifiedObject[],
  cls: Class,
): readonly ObjectClasses[Class][] {
  const isOne = (each: { readonly class: ObjectClass }): each is { class: Class; object: ObjectClasses[Class] } =>
    each.class === cls;
  return objects.filter((each) => isOne(each)).map(({ object }) => object);
}

/** The schema of each class: type, validation and published JSON Schema come from it. */
export const OBJECT_SCHEMAS = {
  Host: HOST,
  Network: NETWORK,
  Port: PORT,
  PortGroup: PORT_GROUP,
  Route: ROUTE,
  Router: ROUTER,
  TunnelZone: TUNNEL_ZONE,
} as const;
