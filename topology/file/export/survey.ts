import { addToList } from '../../model/add-to-list.ts';
import type { Uuid } from '../../model/ids.ts';
import { type Ipv4, type Ipv4Prefix, formatIpv4Prefix, parseIpv4, prefixOf } from '../../model/ipv4.ts';
import { recordsOfClass, type ObjectClass, type ObjectClasses } from '../../model/objects/object-classes.ts';
import type { Port } from '../../model/objects/port.ts';
import type { Route } from '../../model/objects/route.ts';
import type { Topology } from '../topology.ts';

/** A topology, looked at from where a file is written, and what the file cannot say. */
export class Survey {
  readonly topology: Topology;
  /** Sentences: of what, and what of it the file does not have. */
  readonly notes: string[] = [];
  readonly ports: ReadonlyMap<Uuid, Port>;
  readonly #portsOf = new Map<Uuid, Port[]>();
  readonly #routesOf = new Map<Uuid, Route[]>();

  constructor(topology: Topology) {
    this.topology = topology;
    const ports = this.all('Port');
    this.ports = new Map(ports.map((port) => [port.id, port]));
    for (const port of ports) addToList(this.#portsOf, port.networkId ?? port.routerId, port);
    for (const route of this.all('Route')) addToList(this.#routesOf, route.routerId, route);
  }

  all<Class extends ObjectClass>(cls: Class): readonly ObjectClasses[Class][] {
    return recordsOfClass(this.topology.objects, cls);
  }

  portsOf(device: Uuid): readonly Port[] {
    return this.#portsOf.get(device) ?? [];
  }

  routesOf(router: Uuid): readonly Route[] {
    return this.#routesOf.get(router) ?? [];
  }

  /** What the file calls an object; of a port, with its device. */
  nameOf(id: Uuid): string {
    return this.topology.names.nameOf.get(id) ?? id;
  }

  /** Whether an object is there for the file to name. */
  isNamed(id: Uuid): boolean {
    return this.topology.names.nameOf.has(id);
  }

  /** What the file calls a port within its device. */
  portName(id: Uuid): string {
    return this.nameOf(id).replace(/^[^:]*:/, '');
  }

  deviceName(port: Port): string {
    return this.nameOf(port.networkId ?? port.routerId ?? port.id);
  }

  note(what: string): void {
    this.notes.push(what);
  }
}

/** A router port's address as a file has it; undefined where it has none, or one that a file cannot say. */
export function addressOf({ portAddress, portSubnet = [] }: Port): AddressText | undefined {
  const ip = parseIpv4(portAddress ?? '');
  const [subnetText = '', ...others] = portSubnet;
  if (ip === undefined || others.length > 0) return undefined;
  const subnet = prefixOf(ip, Number(subnetText.split('/')[1]));
  return formatIpv4Prefix(subnet) === subnetText ? { ip, subnet, text: `${portAddress}/${subnet.length}` } : undefined;
}

interface AddressText {
  readonly ip: Ipv4;
  readonly subnet: Ipv4Prefix;
  readonly text: string;
}
