import { formatIpv4Prefix, type Ipv4, type Ipv4Prefix, prefixOf } from '../model/ipv4.ts';
import type { Uuid } from '../model/ids.ts';
import type { Route } from '../model/objects/route.ts';
import { idOfPath } from './named-ids.ts';
import { ANYWHERE } from './route-content.ts';

/** What the routes weigh that an address brings along: nothing goes before them. */
const ADDRESS_WEIGHT = 0;

/** A router's port and the address it has. */
export interface AddressedPort {
  readonly router: { readonly id: Uuid; readonly name: string };
  readonly port: { readonly id: Uuid; readonly name: string };
  readonly ip: Ipv4;
  readonly subnet: Ipv4Prefix;
}

/** The routes that a router port's address brings along (C35): to its subnet, unless that is the address alone, and to itself. */
export function addressRoutesOf({ router, port, ip, subnet }: AddressedPort): readonly Route[] {
  const common = { routerId: router.id, srcSubnet: ANYWHERE, weight: ADDRESS_WEIGHT, nextHopPortId: port.id } as const;
  const path = ['routers', router.name, 'ports', port.name];
  const own = formatIpv4Prefix(prefixOf(ip, 32));
  const local = {
    ...common,
    id: idOfPath([...path, 'local']),
    name: `${own} local ${port.name}`,
    dstSubnet: own,
    nextHop: 'LOCAL',
  } as const;
  if (subnet.length === 32) return [local];
  const dstSubnet = formatIpv4Prefix(subnet);
  const id = idOfPath([...path, 'connected']);
  return [{ ...common, id, name: `${dstSubnet} port ${port.name}`, dstSubnet, nextHop: 'PORT' }, local];
}
