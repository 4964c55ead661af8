import type { Topology } from '../../topology/file/topology.ts';
import type { Uuid } from '../../topology/model/ids.ts';
import { isInside, parseIpv4, parseIpv4Prefix } from '../../topology/model/ipv4.ts';
import { parseMac } from '../../topology/model/mac.ts';
import type { Port } from '../../topology/model/objects/port.ts';
import type { NetworkState } from './network-state.ts';
import type { Station } from './scenario.ts';
import { ANSWER_DELAY } from './station-place.ts';

/**
 * The stations that a network has learned of: those with an address on a bridge, and a router's neighbours. One whose port is not
 * known is at any port of its segment.
 */
export function learnedStations(topology: Topology, state: NetworkState): readonly Station[] {
  const { names } = topology;
  const ports = topology.objects.flatMap(({ class: cls, object }) => (cls === 'Port' ? [object] : []));
  const stations: Station[] = [];
  const learn = (ip: string, text: string, port: Uuid | undefined): void => {
    const [address, mac] = [parseIpv4(ip), parseMac(text)];
    if (address === undefined || mac === undefined || port === undefined) return;
    const name = `learned ${ip}`;
    stations.push({ name, port, mac, addresses: [address], addresses6: [], delay: ANSWER_DELAY });
  };
  for (const [bridge, entries] of Object.entries(state.addresses)) {
    const some = ports.find(({ networkId }) => networkId === names.devices.get(bridge))?.id;
    for (const [ip, mac] of Object.entries(entries)) {
      learn(ip, mac, names.ports.get(state.stations[bridge]?.[mac] ?? '') ?? some);
    }
  }
  for (const [router, entries] of Object.entries(state.neighbours)) {
    const own = ports.filter(({ routerId }) => routerId === names.devices.get(router));
    for (const [ip, mac] of Object.entries(entries)) learn(ip, mac, farSideOf(own, ip, ports));
  }
  return stations;
}

/** The port at the far side of a router's port whose subnet holds the address: that of the bridge it is linked to, or itself. */
function farSideOf(own: readonly Port[], ip: string, ports: readonly Port[]): Uuid | undefined {
  const address = parseIpv4(ip);
  const near = own.find(({ portSubnet }) => {
    const prefix = parseIpv4Prefix(portSubnet?.[0] ?? '');
    return address !== undefined && prefix !== undefined && isInside(address, prefix);
  });
  return near?.peerId ?? ports.find(({ peerId }) => near !== undefined && peerId === near.id)?.id ?? near?.id;
}
