import type { Static } from 'typebox';
import { IPV4_ADDRESS, IPV4_PREFIX, NAME, UUID } from '../schema/fields.ts';
import { oneOf, open, whole } from '../schema/json-schema.ts';

/**
 * A route of a router (spec 10 §1, spec 30 §7 and §8).
 *
 * `PORT` and `LOCAL` have a `nextHopPortId`, whose port belongs to the router. Without `nextHopGateway`, the destination itself
 * is the next hop. Among routes of equal length, the lowest weight wins.
 */
export const ROUTE = open(
  {
    id: UUID,
    routerId: UUID,
    srcSubnet: IPV4_PREFIX,
    dstSubnet: IPV4_PREFIX,
    nextHop: oneOf(['PORT', 'BLACKHOLE', 'REJECT', 'LOCAL']),
    weight: whole(0, 0x7fff_ffff),
  },
  { name: NAME, nextHopPortId: UUID, nextHopGateway: IPV4_ADDRESS },
  { title: 'a route' },
);

export type Route = Static<typeof ROUTE>;
