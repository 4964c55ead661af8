import type { Topology } from '../../topology/file/topology.ts';
import type { Uuid } from '../../topology/model/ids.ts';
import { formatIpv4, parseIpv4, type Ipv4 } from '../../topology/model/ipv4.ts';
import { formatMac, parseMac, type Mac } from '../../topology/model/mac.ts';
import { later, millisOf } from '../../topology/model/time.ts';
import type { Nsdb } from '../../topology/nsdb/nsdb.ts';
import type { StateTable } from '../../topology/nsdb/state-table.ts';
import { ARP_TABLE, IP4_MAC_TABLE, MAC_TABLE } from '../../topology/nsdb/state-tables.ts';

/** What a network has learned of its stations, by names: can be kept in a file, and given to another run. */
export interface NetworkState {
  readonly version: 1;
  /** MAC to `device:port`. */
  readonly stations: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** IPv4 to MAC, of the segment of a bridge. */
  readonly addresses: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** IPv4 to MAC, as a router resolved it. */
  readonly neighbours: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** A state that does not fit the topology: what is wrong with it, for people. */
export class StateProblem extends Error {
  override readonly name = 'StateProblem';
}

const ANOTHER = 'the state is of another network: ';

/** How long a neighbour that came with a state is good for, in milliseconds: as if it had just answered (spec 30 §5). */
const FRESH = { stale: 60_000, expiry: 90_000 };

/** Reads what the tables of a network hold now, in the order of names. */
export async function readState(nsdb: Nsdb, { names }: Topology): Promise<NetworkState> {
  const stations: Record<string, Record<string, string>> = {};
  const addresses: Record<string, Record<string, string>> = {};
  const neighbours: Record<string, Record<string, string>> = {};
  for (const [name, owner] of [...names.devices].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    /* oxlint-disable eslint/no-await-in-loop -- a handful of tables, in the order of names */
    const macs = await entriesOf<Mac, Uuid>(nsdb, () => nsdb.table(MAC_TABLE, { owner, arg: 0 }));
    const ips = await entriesOf<Ipv4, Mac>(nsdb, () => nsdb.table(IP4_MAC_TABLE, { owner }));
    const arp = await entriesOf(nsdb, () => nsdb.table(ARP_TABLE, { owner }));
    /* oxlint-enable eslint/no-await-in-loop */
    keep(stations, name, macs, ([mac, port]) => [formatMac(mac), names.nameOf.get(port) ?? port]);
    keep(addresses, name, ips, ([ip, mac]) => [formatIpv4(ip), formatMac(mac)]);
    keep(neighbours, name, arp, ([ip, { mac }]) => [formatIpv4(ip), mac === undefined ? '' : formatMac(mac)]);
  }
  return { version: 1, stations, addresses, neighbours };
}

/**
 * Writes a state into the tables of a network, as entries that do not lapse by themselves.
 *
 * @throws StateProblem when it speaks of what the topology has not
 */
export async function writeState(nsdb: Nsdb, topology: Topology, state: NetworkState): Promise<void> {
  const { names } = topology;
  const deviceOf = (name: string): Uuid => found(names.devices.get(name), `${ANOTHER}no device is called "${name}"`);
  for (const [name, entries] of Object.entries(state.stations)) {
    const table = nsdb.table(MAC_TABLE, { owner: deviceOf(name), arg: 0 });
    for (const [mac, port] of Object.entries(entries)) {
      const station = found(parseMac(mac), `"${mac}" is no MAC address`);
      // oxlint-disable-next-line eslint/no-await-in-loop -- few, and in order
      await table.persist(station, found(names.ports.get(port), `${ANOTHER}no port is called "${port}"`));
    }
    table.close();
  }
  for (const [name, entries] of Object.entries(state.addresses)) {
    const table = nsdb.table(IP4_MAC_TABLE, { owner: deviceOf(name) });
    // oxlint-disable-next-line eslint/no-await-in-loop -- few, and in order
    for (const [ip, mac] of pairsOf(entries)) await table.persist(ip, mac);
    table.close();
  }
  for (const [name, entries] of Object.entries(state.neighbours)) {
    const table = nsdb.table(ARP_TABLE, { owner: deviceOf(name) });
    for (const [ip, mac] of pairsOf(entries)) {
      const [expiry, stale] = [later(millisOf(0), FRESH.expiry), later(millisOf(0), FRESH.stale)];
      // oxlint-disable-next-line eslint/no-await-in-loop -- few, and in order
      await table.persist(ip, { mac, expiry, stale, lastArp: millisOf(0) });
    }
    table.close();
  }
}

/** Reads a state out of the text of its file. @throws StateProblem */
export function parseState(text: string): NetworkState {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new StateProblem(`the state is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
  if (!isRecord(value) || value['version'] !== 1) throw new StateProblem('the state has no "version": 1');
  const { stations, addresses, neighbours } = value;
  return {
    version: 1,
    stations: tableIn(stations, 'stations'),
    addresses: tableIn(addresses, 'addresses'),
    neighbours: tableIn(neighbours, 'neighbours'),
  };
}

async function entriesOf<K extends number, V>(
  nsdb: Nsdb,
  open: () => StateTable<K, V>,
): Promise<readonly (readonly [K, V])[]> {
  const table = open();
  await nsdb.settled();
  const entries = [...table.entries()].toSorted(([a], [b]) => a - b);
  table.close();
  return entries;
}

function keep<E>(
  into: Record<string, Record<string, string>>,
  name: string,
  entries: readonly E[],
  format: (entry: E) => [string, string],
): void {
  if (entries.length > 0) into[name] = Object.fromEntries(entries.map(format));
}

function pairsOf(entries: Readonly<Record<string, string>>): readonly (readonly [Ipv4, Mac])[] {
  return Object.entries(entries).map(([ip, mac]) => [
    found(parseIpv4(ip), `"${ip}" is no IPv4 address`),
    found(parseMac(mac), `"${mac}" is no MAC address`),
  ]);
}

function found<T>(value: T | undefined, otherwise: string): T {
  if (value === undefined) throw new StateProblem(otherwise);
  return value;
}

function tableIn(value: unknown, name: string): Record<string, Record<string, string>> {
  if (value === undefined) return {};
  if (!isRecord(value)) throw new StateProblem(`"${name}" is no object`);
  const tables: Record<string, Record<string, string>> = {};
  for (const [device, entries] of Object.entries(value)) {
    if (!isRecord(entries)) throw new StateProblem(`"${name}.${device}" is no object`);
    tables[device] = Object.fromEntries(Object.entries(entries).map(([key, text]) => [key, String(text)]));
  }
  return tables;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
