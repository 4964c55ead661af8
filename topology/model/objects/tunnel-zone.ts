import type { Static } from 'typebox';
import { IPV4_ADDRESS, NAME, UUID } from '../schema/fields.ts';
import { closed, list, oneOf, open } from '../schema/json-schema.ts';

/**
 * Hosts that reach one another by tunnels, and each one's address for it (spec 10 §1). `hostIds` are the hosts of `hosts` once
 * more, for the store: a reference is a field of its own.
 */
export const TUNNEL_ZONE = open(
  {
    id: UUID,
    type: oneOf(['GRE', 'VXLAN', 'VTEP']),
    hosts: list(closed({ hostId: UUID, ip: IPV4_ADDRESS }, {})),
    hostIds: list(UUID),
  },
  { name: NAME },
  { title: 'a tunnel zone' },
);

export type TunnelZone = Static<typeof TUNNEL_ZONE>;
