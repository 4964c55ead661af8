import { addToList } from '../model/add-to-list.ts';
import type { Uuid } from '../model/ids.ts';
import type { Host } from '../model/objects/host.ts';
import type { Network } from '../model/objects/network.ts';
import { recordsOfClass, type ObjectClass, type ObjectClasses } from '../model/objects/object-classes.ts';
import type { Port } from '../model/objects/port.ts';
import type { Route } from '../model/objects/route.ts';
import type { Router } from '../model/objects/router.ts';
import type { Topology } from './topology.ts';

/** A topology as people look at it: names instead of ids, ports under their devices, and what was derived marked so. */
export interface TopologyOutline {
  readonly name: string | undefined;
  readonly hosts: readonly OutlineHost[];
  readonly devices: readonly OutlineDevice[];
  readonly portGroups: readonly string[];
}

/** The reason why something was derived, by field; under `itself` why the object is there at all. Empty where all was written. */
export type Derived = Readonly<Record<string, string>>;

export interface OutlineHost {
  readonly id: Uuid;
  readonly name: string;
  readonly tunnels: readonly { readonly zone: string; readonly type: string; readonly ip: string }[];
  readonly interfaces: readonly { readonly name: string; readonly port: string }[];
  readonly derived: Derived;
}

export interface OutlineDevice {
  readonly kind: 'bridge' | 'router';
  readonly id: Uuid;
  readonly name: string;
  readonly adminUp: boolean;
  readonly ports: readonly OutlinePort[];
  /** Of a router; longest prefix first, as they are looked up. */
  readonly routes: readonly OutlineRoute[];
  /** Of a bridge: persistent entries. */
  readonly macs: readonly { readonly mac: string; readonly vlan: number; readonly port: string }[];
  readonly arp: readonly { readonly ip: string; readonly mac: string }[];
}

export interface OutlinePort {
  readonly id: Uuid;
  readonly name: string;
  readonly fullName: string;
  readonly adminUp: boolean;
  /** With its prefix length. */
  readonly address?: string;
  readonly mac?: string;
  readonly mtu?: number;
  readonly vlan?: number;
  /** Where it leads; a port with neither is unplugged. */
  readonly peer?: string;
  /** As `host/interface`. */
  readonly binding?: string;
  readonly groups: readonly string[];
  readonly derived: Derived;
}

export interface OutlineRoute {
  readonly id: Uuid;
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly nextHop: Route['nextHop'];
  readonly gateway?: string;
  /** Its name within the router. */
  readonly port?: string;
  readonly weight: number;
  readonly derived: Derived;
}

/** Puts a topology in the order of people: hosts, then bridges, then routers, each with what belongs to it. */
export function outlineOf(topology: Topology): TopologyOutline {
  return new Outliner(topology).outline();
}

class Outliner {
  readonly #topology: Topology;
  readonly #ports = new Map<Uuid, Port[]>();
  readonly #routes = new Map<Uuid, Route[]>();
  readonly #bound = new Map<Uuid, Port[]>();

  constructor(topology: Topology) {
    this.#topology = topology;
    for (const port of this.#all('Port')) {
      addToList(this.#ports, port.networkId ?? port.routerId, port);
      addToList(this.#bound, port.hostId, port);
    }
    for (const route of this.#all('Route')) addToList(this.#routes, route.routerId, route);
  }

  outline(): TopologyOutline {
    return {
      name: this.#topology.name,
      hosts: this.#all('Host').map((host) => this.#host(host)),
      devices: [
        ...this.#all('Network').map((network) => this.#device('bridge', network)),
        ...this.#all('Router').map((router) => this.#device('router', router)),
      ],
      portGroups: this.#all('PortGroup').map(({ id }) => this.#nameOf(id)),
    };
  }

  #host({ id }: Host): OutlineHost {
    return {
      id,
      name: this.#nameOf(id),
      tunnels: this.#all('TunnelZone').flatMap((zone) =>
        zone.hosts
          .filter(({ hostId }) => hostId === id)
          .map(({ ip }) => ({ zone: this.#nameOf(zone.id), type: zone.type, ip })),
      ),
      interfaces: (this.#bound.get(id) ?? []).map((port) => ({
        name: port.interfaceName ?? '',
        port: this.#nameOf(port.id),
      })),
      derived: this.#derived(id),
    };
  }

  #device(kind: 'bridge' | 'router', { id, adminStateUp }: Network | Router): OutlineDevice {
    const { macEntries, ipMacEntries } = this.#topology;
    const routes = (this.#routes.get(id) ?? []).toSorted((a, b) => lengthOf(b) - lengthOf(a) || a.weight - b.weight);
    return {
      kind,
      id,
      name: this.#nameOf(id),
      adminUp: adminStateUp,
      ports: (this.#ports.get(id) ?? []).map((port) => this.#port(port)),
      routes: routes.map((route) => this.#route(route)),
      macs: macEntries
        .filter(({ networkId }) => networkId === id)
        .map(({ mac, vlan, portId }) => ({ mac, vlan, port: this.#nameOf(portId) })),
      arp: ipMacEntries.filter(({ networkId }) => networkId === id).map(({ ip, mac }) => ({ ip, mac })),
    };
  }

  #port(port: Port): OutlinePort {
    const { id, adminStateUp, portMac, mtu, vlanId, peerId, hostId, interfaceName = '' } = port;
    const length = port.portSubnet?.[0]?.split('/')[1];
    const fullName = this.#nameOf(id);
    return {
      id,
      name: fullName.replace(/^[^:]*:/, ''),
      fullName,
      adminUp: adminStateUp,
      ...(port.portAddress !== undefined && { address: `${port.portAddress}/${length ?? 32}` }),
      ...(portMac !== undefined && { mac: portMac }),
      ...(mtu !== undefined && { mtu }),
      ...(vlanId !== undefined && { vlan: vlanId }),
      ...(peerId !== undefined && { peer: this.#nameOf(peerId) }),
      ...(hostId !== undefined && { binding: `${this.#nameOf(hostId)}/${interfaceName}` }),
      groups: (port.portGroupIds ?? []).map((group) => this.#nameOf(group)),
      derived: this.#derived(id),
    };
  }

  #route({ id, name = '', srcSubnet, dstSubnet, nextHop, nextHopGateway, nextHopPortId, weight }: Route): OutlineRoute {
    const port = nextHopPortId === undefined ? undefined : this.#nameOf(nextHopPortId).replace(/^.*:/, '');
    return {
      id,
      name,
      from: srcSubnet,
      to: dstSubnet,
      nextHop,
      ...(nextHopGateway !== undefined && { gateway: nextHopGateway }),
      ...(port !== undefined && { port }),
      weight,
      derived: this.#derived(id),
    };
  }

  #derived(id: Uuid): Derived {
    const derivations = this.#topology.derivations.get(id) ?? [];
    return Object.fromEntries(derivations.map(({ field = 'itself', reason }) => [field, reason]));
  }

  #nameOf(id: Uuid): string {
    return this.#topology.names.nameOf.get(id) ?? id;
  }

  #all<Class extends ObjectClass>(cls: Class): readonly ObjectClasses[Class][] {
    return recordsOfClass(this.#topology.objects, cls);
  }
}

function lengthOf({ dstSubnet }: Route): number {
  return Number(dstSubnet.split('/')[1]);
}
