import { addToList } from '../../model/add-to-list.ts';
import type { Uuid } from '../../model/ids.ts';
import { parseIpv4 } from '../../model/ipv4.ts';
import {
  recordsOfClass,
  type ClassifiedObject,
  type ObjectClass,
  type ObjectClasses,
} from '../../model/objects/object-classes.ts';
import type { Port } from '../../model/objects/port.ts';
import type { Route } from '../../model/objects/route.ts';
import type { IpMacEntry, MacEntry, Topology } from '../topology.ts';
import { derivationsOf } from './derivations.ts';
import { fileNames } from './file-names.ts';

/** What a database has of a network. */
export interface Records {
  readonly objects: readonly ClassifiedObject[];
  readonly macEntries: readonly MacEntry[];
  readonly ipMacEntries: readonly IpMacEntry[];
}

/** A topology of records that come from no file: with names as a file could have them, in their order. */
export function topologyOf(records: Records): Topology {
  const topology = new Naming(records).topology();
  return { ...topology, derivations: derivationsOf(topology) };
}

class Naming {
  readonly #records: Records;
  readonly #objects: ClassifiedObject[] = [];
  readonly #names = {
    devices: new Map<string, Uuid>(),
    ports: new Map<string, Uuid>(),
    hosts: new Map<string, Uuid>(),
    tunnelZones: new Map<string, Uuid>(),
    portGroups: new Map<string, Uuid>(),
    nameOf: new Map<Uuid, string>(),
  };

  constructor(records: Records) {
    this.#records = records;
  }

  topology(): Topology {
    const devices = new Set<string>();
    this.#enter('Host', this.#names.hosts, 'host', 'hosts');
    this.#enter('TunnelZone', this.#names.tunnelZones, 'zone', 'tunnelZones');
    this.#enter('PortGroup', this.#names.portGroups, 'group', 'portGroups');
    this.#enter('Network', this.#names.devices, 'bridge', 'bridges', devices);
    this.#enter('Router', this.#names.devices, 'router', 'routers', devices);
    this.#enterPorts();
    this.#enterRoutes();
    const { nameOf } = this.#names;
    const ofBridge = (a: { readonly networkId: Uuid }, b: { readonly networkId: Uuid }) =>
      byName(nameOf.get(a.networkId) ?? '', nameOf.get(b.networkId) ?? '');
    return {
      name: undefined,
      objects: this.#objects,
      macEntries: this.#records.macEntries.toSorted(
        (a, b) => ofBridge(a, b) || byName(a.mac, b.mac) || a.vlan - b.vlan,
      ),
      ipMacEntries: this.#records.ipMacEntries.toSorted((a, b) => ofBridge(a, b) || numberOf(a.ip) - numberOf(b.ip)),
      names: this.#names,
      places: new Map(),
      derivations: new Map(),
    };
  }

  #enter(
    cls: Exclude<ObjectClass, 'Port' | 'Route'>,
    ids: Map<string, Uuid>,
    kind: string,
    section: string,
    taken?: Set<string>,
  ): void {
    const objects = this.#all(cls);
    this.#add(
      objects.map((object) => ({ class: cls, object }) as ClassifiedObject), // oxlint-disable-line typescript/no-unsafe-type-assertion -- a class with one of its records
      fileNames(objects, kind, (name) => [section, name], taken),
      ids,
    );
  }

  #enterPorts(): void {
    const { nameOf, devices, ports } = this.#names;
    const byDevice = new Map<Uuid | undefined, Port[]>();
    for (const port of this.#all('Port')) addToList(byDevice, port.networkId ?? port.routerId, port);
    for (const [device, deviceId] of devices) {
      const own = byDevice.get(deviceId) ?? [];
      const section = own[0]?.networkId === undefined ? 'routers' : 'bridges';
      const bare = fileNames(own, 'port', (name) => [section, device, 'ports', name]);
      const full = new Map([...bare].map(([id, name]) => [id, `${device}:${name}`]));
      this.#add(
        own.map((object) => ({ class: 'Port', object })),
        full,
        ports,
      );
      byDevice.delete(deviceId);
    }
    // Of no device that is there.
    for (const { id, name } of [...byDevice.values()].flat()) nameOf.set(id, `?:${name ?? id}`);
  }

  #enterRoutes(): void {
    const { nameOf } = this.#names;
    const told = (route: Route): string => `${nameOf.get(route.routerId) ?? '?'} ${route.name ?? route.dstSubnet}`;
    const routes = this.#all('Route');
    for (const route of routes) nameOf.set(route.id, told(route));
    const known = new Set(this.#names.devices.values());
    const order = routes.filter(({ routerId }) => known.has(routerId)).toSorted(byDestination);
    for (const object of order) this.#objects.push({ class: 'Route', object });
  }

  #add(objects: readonly ClassifiedObject[], names: ReadonlyMap<Uuid, string>, ids: Map<string, Uuid>): void {
    const nameOf = ({ object: { id } }: ClassifiedObject) => names.get(id) ?? id;
    for (const classified of objects.toSorted((a, b) => byName(nameOf(a), nameOf(b)))) {
      const { id } = classified.object;
      this.#objects.push(classified);
      ids.set(nameOf(classified), id);
      this.#names.nameOf.set(id, nameOf(classified));
    }
  }

  #all<Class extends ObjectClass>(cls: Class): readonly ObjectClasses[Class][] {
    const found = recordsOfClass(this.#records.objects, cls);
    return found.toSorted((a, b) => (a.id < b.id ? -1 : 1)); // who keeps a name that several have is no matter of chance
  }
}

const COLLATOR = new Intl.Collator('en', { numeric: true });

/** As people order names: `vm-2` before `vm-10`. */
function byName(a: string, b: string): number {
  return COLLATOR.compare(a, b) || (a < b ? -1 : a > b ? 1 : 0);
}

function byDestination(a: Route, b: Route): number {
  const [x, y] = [a, b].map(({ dstSubnet }) => dstSubnet.split('/'));
  return (
    numberOf(x?.[0]) - numberOf(y?.[0]) ||
    Number(x?.[1]) - Number(y?.[1]) ||
    byName(a.name ?? '', b.name ?? '') ||
    byName(a.id, b.id)
  );
}

function numberOf(address: string = ''): number {
  return parseIpv4(address) ?? 0;
}
