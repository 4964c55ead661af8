import type { Uuid } from '../../model/ids.ts';
import { formatIpv4, formatIpv4Prefix } from '../../model/ipv4.ts';
import { formatMac } from '../../model/mac.ts';
import type { ClassifiedObject } from '../../model/objects/object-classes.ts';
import type { Port } from '../../model/objects/port.ts';
import { idOf, recordName } from '../identity.ts';
import type { Place, Topology } from '../topology.ts';
import type { Draft, DraftPort, FilePath } from './draft.ts';
import type { TableEntries } from './fill-tables.ts';
import type { TunnelEnds } from './tunnel-ends.ts';

const ZONE_TYPES = { vxlan: 'VXLAN', gre: 'GRE', vtep: 'VTEP' } as const;

/** Makes the records, now that everything is known. */
export function finishTopology(
  draft: Draft,
  tunnelEnds: TunnelEnds,
  tables: TableEntries,
  placeOf: (offset: number) => Place,
): Topology {
  const finish = new Finish(draft, tunnelEnds, placeOf);
  finish.addHosts();
  finish.addTunnelZones();
  finish.addPortGroups();
  finish.addDevices();
  finish.addPorts();
  finish.addRoutes();
  return {
    name: draft.file.name,
    objects: finish.objects,
    ...tables,
    names: finish.names,
    places: finish.places,
    derivations: draft.derivations,
  };
}

class Finish {
  readonly objects: ClassifiedObject[] = [];
  readonly places = new Map<Uuid, Place>();
  readonly names = {
    devices: new Map<string, Uuid>(),
    ports: new Map<string, Uuid>(),
    hosts: new Map<string, Uuid>(),
    tunnelZones: new Map<string, Uuid>(),
    portGroups: new Map<string, Uuid>(),
    nameOf: new Map<Uuid, string>(),
  };
  readonly #draft: Draft;
  readonly #tunnelEnds: TunnelEnds;
  readonly #placeOf: (offset: number) => Place;

  constructor(draft: Draft, tunnelEnds: TunnelEnds, placeOf: (offset: number) => Place) {
    this.#draft = draft;
    this.#tunnelEnds = tunnelEnds;
    this.#placeOf = placeOf;
  }

  addHosts(): void {
    for (const { id, name, path, spec } of this.#draft.hosts.values()) {
      this.#add({ class: 'Host', object: { id, ...recordName(spec, name) } }, this.names.hosts, name, path);
    }
  }

  addTunnelZones(): void {
    for (const [name, spec] of Object.entries(this.#draft.file.tunnelZones ?? {})) {
      const path = ['tunnelZones', name];
      const hosts = this.#tunnelEnds.get(name) ?? [];
      const object = {
        id: idOf(spec, path),
        ...recordName(spec, name),
        type: ZONE_TYPES[spec?.type ?? 'vxlan'],
        hosts,
        hostIds: hosts.map(({ hostId }) => hostId),
      };
      this.#add({ class: 'TunnelZone', object }, this.names.tunnelZones, name, path);
    }
  }

  addPortGroups(): void {
    for (const [name, spec] of Object.entries(this.#draft.file.portGroups ?? {})) {
      const path = ['portGroups', name];
      const object = { id: idOf(spec, path), ...recordName(spec, name), stateful: spec?.stateful ?? false };
      this.#add({ class: 'PortGroup', object }, this.names.portGroups, name, path);
    }
  }

  addDevices(): void {
    for (const { id, name, path, spec } of this.#draft.bridges.values()) {
      const object = { id, ...recordName(spec, name), adminStateUp: spec.up ?? true };
      this.#add({ class: 'Network', object }, this.names.devices, name, path);
    }
    for (const { id, name, path, spec } of this.#draft.routers.values()) {
      const object = { id, ...recordName(spec, name), adminStateUp: spec.up ?? true };
      this.#add({ class: 'Router', object }, this.names.devices, name, path);
    }
  }

  addPorts(): void {
    for (const port of this.#draft.allPorts) {
      const object = this.#recordOf(port);
      this.#add({ class: 'Port', object }, this.names.ports, port.fullName, port.path);
    }
  }

  addRoutes(): void {
    for (const router of this.#draft.routers.values()) {
      for (const { record, path } of router.routes) {
        this.#add(
          { class: 'Route', object: record },
          undefined,
          `${router.name} ${record.name ?? record.dstSubnet}`,
          path,
        );
      }
    }
  }

  #add(classified: ClassifiedObject, names: Map<string, Uuid> | undefined, name: string, path: FilePath): void {
    const { id } = classified.object;
    this.#checkId(id, path);
    this.objects.push(classified);
    names?.set(name, id);
    this.names.nameOf.set(id, name);
    const at = this.#draft.source.keyAt(path);
    if (at !== undefined) this.places.set(id, this.#placeOf(at));
  }

  #checkId(id: Uuid, path: FilePath): void {
    const other = this.names.nameOf.get(id);
    if (other === undefined) return;
    const at = this.#draft.source.valueAt([...path, 'id']) ?? this.#draft.source.keyAt(path);
    const what = `${id} is the id of "${other}" already`;
    this.#draft.problems.error(at, { code: 'duplicate-id', what, expected: 'an id of its own' });
  }

  #recordOf({ id, name, device, spec, mac, address, link, binding }: DraftPort): Port {
    const { portGroups } = this.#draft.file;
    const groups = (spec.groups ?? []).map((group) => idOf(portGroups?.[group], ['portGroups', group]));
    return {
      id,
      ...recordName(spec, name),
      adminStateUp: spec.up ?? true,
      ...(device.kind === 'bridge' ? { networkId: device.id } : { routerId: device.id }),
      ...(link !== undefined && { peerId: link.peer.id }),
      ...(binding !== undefined && { hostId: binding.host.id, interfaceName: binding.interfaceName }),
      ...(groups.length > 0 && { portGroupIds: groups }),
      ...(spec.vlan !== undefined && { vlanId: spec.vlan }),
      ...(mac !== undefined && { portMac: formatMac(mac) }),
      ...(address !== undefined && {
        portAddress: formatIpv4(address.ip),
        portSubnet: [formatIpv4Prefix(address.subnet)],
      }),
      ...(spec.mtu !== undefined && { mtu: spec.mtu }),
    };
  }
}
