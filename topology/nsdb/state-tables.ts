import { parseUuid, type Uuid } from '../model/ids.ts';
import { formatIp, parseIp, type Ip } from '../model/ip.ts';
import { formatIpv4, parseIpv4, type Ipv4 } from '../model/ipv4.ts';
import { parseIpv6, type Ipv6 } from '../model/ipv6.ts';
import { parseRouteKey, type RouteKey } from '../model/learned-route.ts';
import { formatMac, parseMac, type Mac } from '../model/mac.ts';
import { millisOf, type Millis } from '../model/time.ts';
import type { Codec } from './state-key.ts';
import type { TableKind } from './state-table.ts';

const MAC: Codec<Mac> = { format: formatMac, parse: parseMac };
const IPV4: Codec<Ipv4> = { format: formatIpv4, parse: parseIpv4 };
const IPV6: Codec<Ipv6> = { format: (address) => address, parse: parseIpv6 };
const IP: Codec<Ip> = { format: formatIp, parse: parseIp };
const UUID: Codec<Uuid> = { format: (id) => id, parse: parseUuid };
const NOTHING: Codec<true> = { format: () => '', parse: (text) => (text === '' ? true : undefined) };
const ROUTE: Codec<RouteKey> = { format: (key) => key, parse: parseRouteKey };

/** What a router knows of a neighbour (spec 30 §5). Times are milliseconds of the epoch. */
export interface ArpEntry {
  /** Undefined while it is asked for. */
  readonly mac: Mac | undefined;
  readonly expiry: Millis;
  readonly stale: Millis;
  readonly lastArp: Millis;
}

/** `mac;expiry;stale;lastArp`, the MAC empty while it is asked for. */
const ARP_ENTRY: Codec<ArpEntry> = { format: formatArpEntry, parse: parseArpEntry };

// The tables of spec 10 §5, for both families of addresses. IPv6 neighbours will have tables of their own.

/** The port where a station was heard. The argument is the VLAN id, 0 for untagged frames. */
export const MAC_TABLE: TableKind<Mac, Uuid> = { class: 'Network', table: 'mac_table', key: MAC, value: UUID };
/** Who has an address: what a bridge answers ARP requests from. */
export const IP4_MAC_TABLE: TableKind<Ipv4, Mac> = { class: 'Network', table: 'ip4_mac_table', key: IPV4, value: MAC };
/** The same for IPv6: what it would answer neighbour solicitations from. */
export const IP6_MAC_TABLE: TableKind<Ipv6, Mac> = { class: 'Network', table: 'ip6_mac_table', key: IPV6, value: MAC };
export const ARP_TABLE: TableKind<Ipv4, ArpEntry> = {
  class: 'Router',
  table: 'arp_table',
  key: IPV4,
  value: ARP_ENTRY,
};
/** Routes that agents learned: a set of keys. */
export const ROUTE_TABLE: TableKind<RouteKey, true> = {
  class: 'Router',
  table: 'route_table',
  key: ROUTE,
  value: NOTHING,
};
/** Behind which remote VTEP a station is, for a router port that is one itself (spec 30 §11). */
export const PEERING_TABLE: TableKind<Mac, Ip> = { class: 'Port', table: 'peering_table', key: MAC, value: IP };
/** The hosts that serve as gateways: a set of keys. Global. */
export const GATEWAY_TABLE: TableKind<Uuid, true> = {
  class: 'global',
  table: 'gateway_table',
  key: UUID,
  value: NOTHING,
};

function formatArpEntry({ mac, expiry, stale, lastArp }: ArpEntry): string {
  return `${mac === undefined ? '' : formatMac(mac)};${expiry};${stale};${lastArp}`;
}

function parseArpEntry(text: string): ArpEntry | undefined {
  const [macText = '', ...times] = text.split(';');
  const mac = parseMac(macText);
  if (times.length !== 3 || (mac === undefined && macText !== '')) return undefined;
  if (!times.every((time) => /^\d+(\.\d+)?$/.test(time))) return undefined;
  const [expiry = 0, stale = 0, lastArp = 0] = times.map(Number);
  return { mac, expiry: millisOf(expiry), stale: millisOf(stale), lastArp: millisOf(lastArp) };
}
