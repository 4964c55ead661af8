import { routerFrom, type Router, type RouterParts, type RouterPort } from '../../../simulation/device/router.ts';
import { route } from '../../../simulation/device/routing.ts';
import { routeFrom, type Route, type RouteParts } from '../../../simulation/device/route.ts';
import { extract } from '../../../simulation/packet/extract.ts';
import { KEY_WORDS } from '../../../simulation/packet/key-layout.ts';
import { Layers } from '../../../simulation/packet/frame.ts';
import { Packet, Simulation, type Generated } from '../../../simulation/packet/packet.ts';
import { RouterTables } from '../../../simulation/state/router-tables.ts';
import type { Verdict } from '../../../simulation/verdict.ts';
import { deviceIdOf, portIdOf, type PortId } from '../../../topology/model/ids.ts';
import { parseIpv4, parseIpv4Prefix, prefixOf, type Ipv4, type Ipv4Prefix } from '../../../topology/model/ipv4.ts';
import { millisOf } from '../../../topology/model/time.ts';
import { ip, mac } from '../packets.ts';

export const gateway0 = deviceIdOf(7);
export const segment0 = deviceIdOf(8);
/** Exterior; exterior with the small MTU of 1400; linked to a router; linked to a bridge. */
export const [inside, outside, beside, shared] = [portIdOf(1), portIdOf(2), portIdOf(3), portIdOf(4)];
/** Unplugged. */
const loose = portIdOf(5);
/** Linked, but down; exterior without an address. */
export const [closed, bare] = [portIdOf(6), portIdOf(9)];

export const ann = { mac: mac`02:00:00:00:01:0a`, ip: ip`10.0.1.10` };
export const uplink = { mac: mac`02:00:00:00:02:01`, ip: ip`203.0.113.1` };
export const peer = { mac: mac`02:00:00:00:03:02`, ip: ip`10.0.3.2` };
/** On the bridge: a linked router, and a station in the bridge's table of addresses. */
export const linked = { mac: mac`02:00:00:00:04:02`, ip: ip`10.0.4.2` };
export const station = { mac: mac`02:00:00:00:04:0a`, ip: ip`10.0.4.10` };

export function prefix(text: string): Ipv4Prefix {
  const parsed = parseIpv4Prefix(text);
  if (parsed === undefined) throw new TypeError(`not a prefix: "${text}"`);
  return parsed;
}

function port(id: PortId, name: string, address: string, rest: Partial<RouterPort>): RouterPort {
  const own = parseIpv4(address);
  return {
    id,
    name,
    mac: PORT_MACS[id] ?? mac`02:00:00:00:ff:ff`,
    address: own,
    prefix: own === undefined ? undefined : prefixOf(own, 24),
    mtu: 1500,
    adminUp: true,
    beyond: { kind: 'exterior', active: true },
    ...rest,
  };
}

export const PORT_MACS: Readonly<Record<number, ReturnType<typeof mac>>> = {
  [inside]: mac`02:00:00:00:01:01`,
  [outside]: mac`02:00:00:00:02:02`,
  [beside]: mac`02:00:00:00:03:01`,
  [shared]: mac`02:00:00:00:04:01`,
  [loose]: mac`02:00:00:00:05:01`,
  [closed]: mac`02:00:00:00:06:01`,
  [bare]: mac`02:00:00:00:09:01`,
};

export const PORTS: readonly RouterPort[] = [
  port(inside, 'inside', '10.0.1.1', {}),
  port(outside, 'outside', '203.0.113.2', { mtu: 1400 }),
  port(beside, 'beside', '10.0.3.1', { beyond: { kind: 'router', mac: peer.mac } }),
  port(shared, 'shared', '10.0.4.1', {
    beyond: {
      kind: 'bridge',
      segment: {
        bridge: segment0,
        routerIps: new Map([[linked.ip, { mac: linked.mac }]]),
        addresses: { macOf: (address) => (address === station.ip ? station.mac : undefined) },
      },
    },
  }),
  port(loose, 'loose', '10.0.5.1', { beyond: { kind: 'nothing' } }),
  port(closed, 'closed', '10.0.6.1', { adminUp: false, beyond: { kind: 'router', mac: peer.mac } }),
  port(bare, 'bare', '', {}),
];

let number = 100;

/** A route by its text: its destination, and what is not as usual. */
export function routeTo(destination: string, rest: Partial<RouteParts> = {}): Route {
  const anywhere = prefix('0.0.0.0/0');
  return routeFrom({
    number: number++,
    kind: 'port',
    source: anywhere,
    destination: prefix(destination),
    weight: 100,
    portName: PORTS.find(({ id }) => id === rest.port)?.name,
    ...rest,
  });
}

/** A route of given prefixes and weight; it leads nowhere. */
export function routeBetween(source: Ipv4Prefix, destination: Ipv4Prefix, weight: number): Route {
  return routeFrom({ number: number++, kind: 'port', source, destination, weight });
}

/** To each port its segment and its own address; the world by the uplink; and one of each kind. */
const ROUTES: readonly Route[] = [
  ...PORTS.flatMap(({ id, address, prefix: own }) =>
    address === undefined || own === undefined
      ? []
      : [
          routeFrom({ ...ofPort(id), kind: 'port', destination: own }),
          routeFrom({ ...ofPort(id), kind: 'local', destination: { address, length: 32 } }),
        ],
  ),
  routeTo('0.0.0.0/1', { port: outside, gateway: uplink.ip }),
  routeTo('128.0.0.0/1', { port: outside, gateway: uplink.ip }),
  routeTo('198.51.100.0/24', { kind: 'blackhole' }),
  routeTo('192.0.2.0/24', { kind: 'reject' }),
  routeTo('10.9.0.0/16', { port: beside, gateway: peer.ip }),
  routeTo('10.8.0.0/16', { port: beside, gateway: peer.ip }),
  routeTo('10.8.0.0/16', { port: outside, gateway: uplink.ip }),
  routeTo('10.7.0.0/16', { port: bare }),
  routeTo('10.6.9.0/24', {}),
  routeTo('10.5.9.0/24', { port: loose, gateway: ip`10.0.5.9` }),
];

function ofPort(id: PortId): Pick<RouteParts, 'number' | 'port' | 'portName' | 'source' | 'weight'> {
  const portName = PORTS.find((own) => own.id === id)?.name;
  return { number: number++, port: id, portName, source: prefix('0.0.0.0/0'), weight: 0 };
}

/** What the router told who minds its neighbours. */
export type Heard = readonly [what: 'learned' | 'used', address: Ipv4, about: number];

/** A simulation that has ended. */
export interface Judged {
  readonly verdict: Verdict;
  readonly packet: Packet;
  readonly generated: readonly Generated[];
}

/** A router among ports of all kinds. */
export class RouterWorld {
  readonly heard: Heard[] = [];
  readonly tables = new RouterTables({
    learned: (address, at) => this.heard.push(['learned', address, at]),
    used: (address, by) => this.heard.push(['used', address, by]),
  });
  readonly router: Router;

  constructor(parts: Partial<RouterParts> = {}) {
    this.router = routerFrom(
      { id: gateway0, name: 'gw', adminUp: true, ports: PORTS, routes: ROUTES, ...parts },
      this.tables,
    );
  }

  knows(address: Ipv4, at: typeof ann.mac, since = 0): this {
    const entry = { mac: at, expiry: millisOf(since + 90_000), stale: millisOf(since + 60_000), lastArp: millisOf(0) };
    this.tables.neighbours.change(address, entry);
    return this;
  }

  /** What the router makes of a frame; nothing of it counts yet. */
  whatIf(bytes: Uint8Array, { ingress = inside, now = 0, wireLength = bytes.length } = {}): Judged {
    const packet = arrival(bytes, ingress, now, wireLength);
    return { verdict: route(this.router, packet), packet, generated: packet.simulation.generated };
  }

  /** The same, and it counts. */
  send(bytes: Uint8Array, options: { ingress?: PortId; now?: number; wireLength?: number } = {}): Judged {
    const judged = this.whatIf(bytes, options);
    for (const proposal of judged.packet.simulation.proposals) proposal.carryOut(judged.packet.now);
    for (const { limiter, finish } of judged.generated) {
      if (limiter === undefined || limiter.take(judged.packet.now)) finish?.();
    }
    return judged;
  }
}

export function arrival(bytes: Uint8Array, ingress: PortId, now = 0, wireLength = bytes.length): Packet {
  const frame = { bytes, wireLength, layers: new Layers() };
  const words = new Uint32Array(KEY_WORDS);
  extract(bytes, bytes.length, wireLength, ingress, words, frame.layers);
  return new Packet(new Simulation(frame, words, millisOf(now), { notes: [] }), ingress);
}

/** The facts that a packet gathered, for people: `Route 7 100`. */
export function factsOf({ facts }: Packet): string[] {
  return (facts.notes ?? []).map(({ kind, device, a }) => `${kind} ${device} ${a}`);
}
