import { macOfName } from '../../../topology/file/named-ids.ts';
import type { Uuid } from '../../../topology/model/ids.ts';
import { formatIpv4, formatIpv4Prefix, type Ipv4, isInside, parseIpv4 } from '../../../topology/model/ipv4.ts';
import { ipv6Octets, parseIpv6 } from '../../../topology/model/ipv6.ts';
import { formatMac, parseMac } from '../../../topology/model/mac.ts';
import { millisAt } from '../../../topology/model/time.ts';
import type { FilePath, Station } from '../scenario.ts';
import { Segments } from '../segments.ts';
import { durationOf } from '../duration.ts';
import type { ScenarioDraft } from './scenario-draft.ts';
import type { ScenarioFile, StationSpec } from './scenario-schema.ts';

/** What a station takes to answer that does not say: 100 µs. */
const STATION_DELAY = 0.1;

/** The MAC address of a station that was given none. */
function stationMac(name: string): Station['mac'] {
  return macOfName(`station ${name}`);
}

/** A station, and where each of its addresses stands in the file: by its text, as it is always written. */
interface Placed {
  readonly station: Station;
  readonly places: ReadonlyMap<string, FilePath>;
}

/** The stations of a scenario; what is odd about them is told. */
export function makeStations(draft: ScenarioDraft, file: ScenarioFile): readonly Station[] {
  const placed: Placed[] = [];
  for (const [name, spec] of Object.entries(file.stations ?? {})) {
    const station = stationOf(draft, name, spec);
    if (station !== undefined) placed.push(station);
  }
  checkStations(draft, placed);
  return placed.map(({ station }) => station);
}

function stationOf(draft: ScenarioDraft, name: string, spec: StationSpec): Placed | undefined {
  const path = ['stations', name];
  const port = draft.exteriorPort(spec.port, draft.at([...path, 'port']));
  const addresses: Ipv4[] = [];
  const addresses6: Uint8Array[] = [];
  const places = new Map<string, FilePath>();
  for (const [text, place] of addressesOf(spec, path)) {
    const address = parseIpv4(text);
    const address6 = address === undefined ? parseIpv6(text) : undefined;
    if (address !== undefined) {
      addresses.push(address);
      places.set(formatIpv4(address), place);
    } else if (address6 !== undefined) {
      addresses6.push(ipv6Octets(address6));
      places.set(address6, place);
    } else {
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
  return { station: { name, port, mac, addresses, addresses6, delay }, places };
}

function addressesOf(
  { address, addresses = [] }: StationSpec,
  path: FilePath,
): readonly (readonly [string, FilePath])[] {
  const several = addresses.map((text, index) => [text, [...path, 'addresses', index]] as const);
  return address === undefined ? several : [[address, [...path, 'address']], ...several];
}

function checkStations(draft: ScenarioDraft, placed: readonly Placed[]): void {
  const network = new Segments(draft.topology, []);
  const byAddress = new Map<string, Station[]>();
  const byMac = new Map<number, Station>();
  for (const { station, places } of placed) {
    const path = ['stations', station.name];
    for (const [text, place] of places) {
      const at = draft.at(place);
      const address = parseIpv4(text);
      if (address !== undefined) checkAddress(draft, network, station, address, at);
      const others = byAddress.get(text) ?? [];
      const neighbour = others.find(({ port }) => network.areJoined(port, station.port));
      const other = neighbour ?? others[0];
      if (other !== undefined) tellTwice(draft, other, neighbour !== undefined, text, at);
      byAddress.set(text, [...others, station]);
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

function tellTwice(
  draft: ScenarioDraft,
  first: Station,
  isOneSegment: boolean,
  address: string,
  at: number | undefined,
): void {
  const what = `${address} is the address of station "${first.name}" too`;
  if (isOneSegment) {
    const expected = 'one station with one address';
    draft.error(at, { code: 'duplicate-address', what: `${what}, on the same segment`, expected });
  } else {
    draft.warning(at, { code: 'address-on-two-segments', what: `${what}, on another segment` });
  }
}
