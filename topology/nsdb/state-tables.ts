import { parseUuid, type Uuid } from '../model/ids.ts';
import { formatIpv4, parseIpv4, type Ipv4 } from '../model/ipv4.ts';
import { formatMac, parseMac, type Mac } from '../model/mac.ts';
import { millisOf, type Millis } from '../model/time.ts';
import type { Codec } from './state-key.ts';
import type { TableKind } from './state-table.ts';

const MAC: Codec<Mac> = { format: formatMac, parse: parseMac };
const IPV4: Codec<Ipv4> = { format: formatIpv4, parse: parseIpv4 };
const UUID: Codec<Uuid> = { format: (id) => id, parse: parseUuid };
const NOTHING: Codec<true> = { format: () => '', parse: (text) => (text === '' ? true : undefined) };
const TEXT: Codec<string> = { format: (text) => text, parse: (text) => text };

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

// The tables of spec 10 §5 that are in use.

/** The port where a station was heard. The argument is the VLAN id, 0 for untagged frames. */
export const MAC_TABLE: TableKind<Mac, Uuid> = { class: 'Network', table: 'mac_table', key: MAC, value: UUID };
/** Who has an address: what a bridge answers ARP requests from. */
export const IP4_MAC_TABLE: TableKind<Ipv4, Mac> = { class: 'Network', table: 'ip4_mac_table', key: IPV4, value: MAC };
export const ARP_TABLE: TableKind<Ipv4, ArpEntry> = {
  class: 'Router',
  table: 'arp_table',
  key: IPV4,
  value: ARP_ENTRY,
};
/** Routes that agents learned, by their text: a set of keys. */
export const ROUTE_TABLE: TableKind<string, true> = {
  class: 'Router',
  table: 'route_table',
  key: TEXT,
  value: NOTHING,
};
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
