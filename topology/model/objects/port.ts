import type { Static } from 'typebox';
import { IPV4_ADDRESS, IPV4_PREFIX, MAC, MTU, NAME, TUNNEL_KEY, UP, UUID, VLAN_ID } from '../schema/fields.ts';
import { list, open } from '../schema/json-schema.ts';

/**
 * A virtual port, of a bridge when `networkId` is there, of a router when `routerId` is.
 *
 * Exterior with both `hostId` and `interfaceName`, interior with `peerId`, otherwise unplugged. `peerId` is symmetric, and the
 * NSDB keeps the other half. Routes name their port; the port does not name its routes.
 */
export const PORT = open(
  { id: UUID, adminStateUp: UP },
  {
    name: NAME,
    networkId: UUID,
    routerId: UUID,
    peerId: UUID,
    hostId: UUID,
    previousHostId: UUID,
    interfaceName: NAME,
    tunnelKey: TUNNEL_KEY,
    portGroupIds: list(UUID),
    vlanId: VLAN_ID,
    portMac: MAC,
    portAddress: IPV4_ADDRESS,
    portSubnet: list(IPV4_PREFIX),
    mtu: MTU,
  },
  {
    title: 'a port',
    description:
      'Spec 10 §1. `portMac`, `portAddress` and `portSubnet` are of router ports; `vlanId` of interior bridge ports.',
  },
);

export type Port = Static<typeof PORT>;
