import { macOfName } from '../../../topology/file/named-ids.ts';
import type { Uuid } from '../../../topology/model/ids.ts';
import { formatIpv4, formatIpv4Prefix, type Ipv4, isInside, parseIpv4 } from '../../../topology/model/ipv4.ts';
import { formatMac, parseMac } from '../../../topology/model/mac.ts';
import { millisAt } from '../../../topology/model/time.ts';
import type { Station } from '../scenario.ts';
import { Segments } from '../segments.ts';
import { durationOf } from '../duration.ts';
import { parseIpv6Octets } from './ipv6-octets.ts';
import type { FilePath, ScenarioDraft } from './scenario-draft.ts';
import type { ScenarioFile, StationSpec } from './scenario-schema.ts';

/** What a station takes to answer that does not say: 100 µs. */
const STATION_DELAY = 0.1;

/** The MAC address of a station that was given none. */
function stationMac(name: string): Station['mac'] {
  return macOfName(`station ${name}`);
}

/** The stations of a scenario; what is odd about them is told. */
export function makeStations(draft: ScenarioDraft, file: ScenarioFile): readonly Station[] {
  const stations: Station[] = [];
  for (const [name, spec] of Object.entries(file.stations ?? {})) {
    const station = stationOf(draft, name, spec);
    if (station !== undefined) stations.push(station);
  }
  checkStations(draft, stations);
  return stations;
}

function stationOf(draft: ScenarioDraft, name: string, spec: StationSpec): Station | undefined {
  const path = ['stations', name];
  const port = draft.exteriorPort(spec.port, draft.at([...path, 'port']));
  const addresses: Ipv4[] = [];
  const addresses6: Uint8Array[] = [];
  for (const [text, place] of addressesOf(spec, path)) {
    const address = parseIpv4(text);
    const address6 = address === undefined ? parseIpv6Octets(text) : undefined;
    if (address !== undefined) addresses.push(address);
    else if (address6 !== undefined) addresses6.push(address6);
    else {
      const expected = 'an address, such as 10.0.1.10 or fd00::10';
      draft.error(draft.at(place), { code: 'wrong-text', what: `"${text}" is no address`, expected });
    }
  }
  if (spec.address === undefined && (spec.addresses ?? []).length === 0) {
    const what = `station "${name}" has no address: it answers nothing`;
    draft.warning(draft.keyAt(path), { code: 'no-address', what });
  }
  if (port === undefined) return undefined;
  const mac = parseMac(spec.mac ?? '') ?? stationMac(name);
  const delay = spec.delay === undefined ? STATION_DELAY : millisAt(durationOf(spec.delay));
  return { name, port, mac, addresses, addresses6, delay };
}

function addressesOf(
  { address, addresses = [] }: StationSpec,
  path: FilePath,
): readonly (readonly [string, FilePath])[] {
  const several = addresses.map((text, index) => [text, [...path, 'addresses', index]] as const);
  return address === undefined ? several : [[address, [...path, 'address']], ...several];
}

function checkStations(draft: ScenarioDraft, stations: readonly Station[]): void {
  const network = new Segments(draft.topology, []);
  const byAddress = new Map<Ipv4, Station[]>();
  const byMac = new Map<number, Station>();
  for (const station of stations) {
    const path = ['stations', station.name];
    for (const address of station.addresses) {
      checkAddress(draft, network, station, address, placeOf(draft, station, address));
      const others = byAddress.get(address) ?? [];
      for (const other of others) tellTwice(draft, other, station, address);
      byAddress.set(address, [...others, station]);
    }
    const first = byMac.get(station.mac);
    if (first === undefined) byMac.set(station.mac, station);
    else {
      const what = `${formatMac(station.mac)} is the MAC address of station "${first.name}" too`;
      draft.warning(draft.at([...path, 'mac']) ?? draft.keyAt(path), { code: 'duplicate-mac', what });
    }
  }
}

function checkAddress(
  draft: ScenarioDraft,
  network: Segments,
  { port }: { readonly port: Uuid },
  address: Ipv4,
  at: number | undefined,
): void {
  if (network.routerMacOf(port, address) !== undefined) {
    const what = `${formatIpv4(address)} is on this segment already, at a router's port`;
    draft.error(at, { code: 'duplicate-address', what, expected: 'one station with one address' });
    return;
  }
  const subnets = network.subnetsAt(port);
  if (subnets.length === 0 || subnets.some((subnet) => isInside(address, subnet))) return;
  const known = subnets.map((subnet) => formatIpv4Prefix(subnet)).join(', ');
  const what = `${formatIpv4(address)} is outside the subnet of ${draft.nameOf(port)}, ${known}: nothing finds it there`;
  draft.warning(at, { code: 'foreign-address', what });
}

function tellTwice(draft: ScenarioDraft, first: Station, second: Station, address: Ipv4): void {
  const at = placeOf(draft, second, address);
  const what = `${formatIpv4(address)} is the address of station "${first.name}" too`;
  const isOneSegment = new Segments(draft.topology, []).areJoined(first.port, second.port);
  if (isOneSegment) {
    draft.error(at, {
      code: 'duplicate-address',
      what: `${what}, on the same segment`,
      expected: 'one station with one address',
    });
  } else {
    draft.warning(at, { code: 'address-on-two-segments', what: `${what}, on another segment` });
  }
}

function placeOf(draft: ScenarioDraft, { name, addresses }: Station, address: Ipv4): number | undefined {
  const path = ['stations', name];
  const one = draft.at([...path, 'address']);
  const index = addresses.indexOf(address) - (one === undefined ? 0 : 1);
  return (index < 0 ? one : draft.at([...path, 'addresses', index])) ?? draft.keyAt(path);
}
