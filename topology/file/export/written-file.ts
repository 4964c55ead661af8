import type { Host } from '../../model/objects/host.ts';
import type { Network } from '../../model/objects/network.ts';
import type { PortGroup } from '../../model/objects/port-group.ts';
import type { Router } from '../../model/objects/router.ts';
import type { TunnelZone } from '../../model/objects/tunnel-zone.ts';
import { identityOf } from '../identity.ts';
import type { Topology } from '../topology.ts';
import type {
  BridgePortSpec,
  BridgeSpec,
  HostSpec,
  RouterPortSpec,
  RouterSpec,
  RouteSpec,
  TopologyFile,
} from '../topology-schema.ts';
import { Survey } from './survey.ts';
import { PortWriter } from './written-ports.ts';
import { writtenRoutes } from './written-routes.ts';

type ZoneSpec = NonNullable<NonNullable<TopologyFile['tunnelZones']>[string]>;
type GroupSpec = NonNullable<NonNullable<TopologyFile['portGroups']>[string]>;

/** A section of a file, or a map in it: in order, and with names like any other for keys. */
type Section<Spec> = ReadonlyMap<string, Spec>;

/** What a topology file says. */
export interface WrittenFile {
  readonly hosts: Section<WrittenHost>;
  readonly tunnelZones: Section<ZoneSpec>;
  readonly portGroups: Section<GroupSpec>;
  readonly bridges: Section<WrittenBridge>;
  readonly routers: Section<WrittenRouter>;
}

interface WrittenHost {
  readonly tunnel: Section<string>;
  readonly rest: Omit<HostSpec, 'tunnel'>;
}

interface WrittenBridge {
  readonly ports: Section<BridgePortSpec>;
  readonly arp: Section<string>;
  readonly macs: Section<string>;
  readonly rest: Omit<BridgeSpec, 'ports' | 'arp' | 'macs'>;
}

interface WrittenRouter {
  readonly ports: Section<RouterPortSpec>;
  readonly routes: readonly RouteSpec[];
  readonly rest: Omit<RouterSpec, 'ports' | 'routes'>;
}

/**
 * What a file says of a topology: all that does not follow by itself.
 *
 * @returns the file, and a sentence for each thing that no file can say
 */
export function writtenFile(topology: Topology): { readonly file: WrittenFile; readonly notes: readonly string[] } {
  const survey = new Survey(topology);
  const file = new FileWriter(survey).file();
  return { file, notes: survey.notes };
}

class FileWriter {
  readonly #survey: Survey;
  readonly #ports: PortWriter;

  constructor(survey: Survey) {
    this.#survey = survey;
    this.#ports = new PortWriter(survey);
  }

  file(): WrittenFile {
    const survey = this.#survey;
    return {
      hosts: new Map(this.#ports.bindings.isLocal ? [] : survey.all('Host').map((host) => this.#host(host))),
      tunnelZones: new Map(survey.all('TunnelZone').map((zone) => this.#zone(zone))),
      portGroups: new Map(survey.all('PortGroup').map((group) => this.#group(group))),
      bridges: new Map(survey.all('Network').map((network) => this.#bridge(network))),
      routers: new Map(survey.all('Router').map((router) => this.#router(router))),
    };
  }

  #host(host: Host): readonly [string, WrittenHost] {
    const name = this.#survey.nameOf(host.id);
    const tunnel = new Map<string, string>();
    for (const zone of this.#survey.all('TunnelZone')) {
      for (const { hostId, ip } of zone.hosts) if (hostId === host.id) tunnel.set(this.#survey.nameOf(zone.id), ip);
    }
    return [name, { tunnel, rest: identityOf(host, name, ['hosts', name]) }];
  }

  #zone(zone: TunnelZone): readonly [string, ZoneSpec] {
    const name = this.#survey.nameOf(zone.id);
    if (!zone.hosts.every(({ hostId }) => this.#survey.isNamed(hostId))) {
      this.#survey.note(`tunnel zone ${name}: a host is left out, as it is not there`);
    }
    const type = { VXLAN: undefined, GRE: 'gre', VTEP: 'vtep' } as const;
    const word = type[zone.type];
    return [name, { ...(word !== undefined && { type: word }), ...identityOf(zone, name, ['tunnelZones', name]) }];
  }

  #group(group: PortGroup): readonly [string, GroupSpec] {
    const name = this.#survey.nameOf(group.id);
    return [name, { ...(group.stateful && { stateful: true }), ...identityOf(group, name, ['portGroups', name]) }];
  }

  #bridge(network: Network): readonly [string, WrittenBridge] {
    const survey = this.#survey;
    const name = survey.nameOf(network.id);
    const ports = survey.portsOf(network.id).filter(({ id }) => !this.#ports.links.derived.has(id));
    const arp = survey.topology.ipMacEntries.filter(({ networkId }) => networkId === network.id);
    return [
      name,
      {
        ports: new Map(ports.map((port) => [survey.portName(port.id), this.#ports.bridgePort(port)])),
        arp: new Map(arp.map(({ ip, mac }) => [ip, mac])),
        macs: this.#stations(network, name),
        rest: {
          ...(!network.adminStateUp && { up: false }),
          ...identityOf(network, name, ['bridges', name]),
        },
      },
    ];
  }

  #stations({ id }: Network, name: string): ReadonlyMap<string, string> {
    const survey = this.#survey;
    const macs = new Map<string, string>();
    for (const { networkId, vlan, mac, portId } of survey.topology.macEntries) {
      if (networkId !== id) continue;
      const port = survey.ports.get(portId);
      if (port?.networkId === id && (port.vlanId ?? 0) === vlan && !macs.has(mac))
        macs.set(mac, survey.portName(portId));
      else survey.note(`bridge ${name}: station ${mac} of VLAN ${vlan} is left out, as no port is there of that VLAN`);
    }
    return macs;
  }

  #router(router: Router): readonly [string, WrittenRouter] {
    const survey = this.#survey;
    const name = survey.nameOf(router.id);
    const { routes, plain } = writtenRoutes(survey, router.id);
    const ports = survey.portsOf(router.id);
    return [
      name,
      {
        ports: new Map(
          ports.map((port) => [survey.portName(port.id), this.#ports.routerPort(port, plain.has(port.id))]),
        ),
        routes,
        rest: { ...(!router.adminStateUp && { up: false }), ...identityOf(router, name, ['routers', name]) },
      },
    ];
  }
}
