import type { Router } from '../../simulation/device/router.ts';
import type { ArpBroker } from '../../simulation/state/arp-broker.ts';
import type { RouterTables } from '../../simulation/state/router-tables.ts';
import { formatIpv4 } from '../../topology/model/ipv4.ts';
import { formatMac } from '../../topology/model/mac.ts';
import type { Directory } from '../directory.ts';
import { hexOf } from '../trace-outputs.ts';

/** What a router knows of its neighbours, in lines, and how far it has come in asking for them. */
export function* dumpNeighbours(
  { neighbours }: RouterTables,
  broker: ArpBroker,
  directory: Directory,
): Generator<string, void> {
  for (const [address, { mac, expiry, stale, lastArp }] of neighbours.entries()) {
    yield `neighbour ${formatIpv4(address)} at ${formatMac(mac)}, stale ${stale}, expires ${expiry}, asked for ${lastArp}`;
  }
  for (const [address, until] of neighbours.unreachable()) yield `unreachable ${formatIpv4(address)} until ${until}`;
  for (const { address, port, ...attempt } of broker.targets()) {
    yield `resolution of ${formatIpv4(address)} behind ${directory.nameOf(port)}: ${textOf(attempt)}`;
  }
}

/** What a router remembers besides, in lines: the routes in its table, destinations, fragments, and what its ports count. */
export function* dumpRouter({ tables, routes }: Router, directory: Directory): Generator<string, void> {
  for (const { text } of routes.routes) yield text;
  for (const [address, length] of tables.destinations.entries()) yield `destination ${formatIpv4(address)}/${length}`;
  for (const { name, since, isSpoiled, pieces } of tables.datagrams.kept()) {
    yield `datagram ${name} since ${since}${isSpoiled ? ', spoiled' : ''}: ${pieces.map(hexOf).join(' ')}`;
  }
  for (const [port, { errors, identification }] of tables.ports()) {
    yield `counters of ${directory.nameOf(port)}: identification ${identification}, ${textOf(errors.level)}`;
  }
}

function textOf(fields: object): string {
  return Object.entries(fields)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
}
