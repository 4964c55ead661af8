import type { Uuid } from '../model/ids.ts';
import type { ClassifiedObject } from '../model/objects/object-classes.ts';
import { didYouMean } from './did-you-mean.ts';
import { PortNames } from './port-names.ts';

/** A topology as a file has it, with all that was derived. */
export interface Topology {
  readonly name: string | undefined;
  /** Hosts, tunnel zones, port groups, bridges, routers, ports, routes: each kind in the order of the file. */
  readonly objects: readonly ClassifiedObject[];
  readonly macEntries: readonly MacEntry[];
  readonly ipMacEntries: readonly IpMacEntry[];
  readonly names: TopologyNames;
  /** Where each object stands; one that was derived stands where its cause does. */
  readonly places: ReadonlyMap<Uuid, Place>;
  /** What is not in the file but follows from it, by object. */
  readonly derivations: ReadonlyMap<Uuid, readonly Derivation[]>;
}

/** A persistent entry of a bridge's MAC table (spec 10 §5). `vlan` is 0 for the untagged table. */
export interface MacEntry {
  readonly networkId: Uuid;
  readonly vlan: number;
  readonly mac: string;
  readonly portId: Uuid;
}

/** A persistent entry of a bridge's IP->MAC table (spec 10 §5). */
export interface IpMacEntry {
  readonly networkId: Uuid;
  readonly ip: string;
  readonly mac: string;
}

export interface Place {
  readonly path: string;
  readonly line: number;
  readonly column: number;
}

/** Something that was derived: one field of an object, or without `field` the object as a whole. */
export interface Derivation {
  readonly field?: string;
  /** Why, to be read after "derived": "from the address", "from the name". */
  readonly reason: string;
}

/** Names to ids and back. Bridges and routers share one set of names; hosts, tunnel zones and port groups have their own. */
interface TopologyNames {
  readonly devices: ReadonlyMap<string, Uuid>;
  /** By `device:port`. */
  readonly ports: ReadonlyMap<string, Uuid>;
  readonly hosts: ReadonlyMap<string, Uuid>;
  readonly tunnelZones: ReadonlyMap<string, Uuid>;
  readonly portGroups: ReadonlyMap<string, Uuid>;
  /** What people see: `web`, `web:web-1`, `edge 0.0.0.0/0 via 203.0.113.1`. */
  readonly nameOf: ReadonlyMap<Uuid, string>;
}

export type PortResolution =
  | { readonly ok: true; readonly id: Uuid; readonly name: string }
  | { readonly ok: false; readonly message: string; readonly didYouMean: string | undefined };

const INDEXES = new WeakMap<TopologyNames, PortNames<Uuid>>();

/**
 * Finds a port by `device:port`, or by its name alone where one device only has such a port.
 *
 * @returns the port's id and full name; else what is wrong with the text, and what may have been meant
 */
export function resolvePort({ names }: Pick<Topology, 'names'>, text: string): PortResolution {
  const index = indexOf(names);
  const found = index.resolve(text);
  if (found.kind === 'found') return { ok: true, id: found.port, name: names.nameOf.get(found.port) ?? text };
  if (found.kind === 'ambiguous') {
    const message = `several ports are called "${text}": ${someOf(found.known)}`;
    return { ok: false, message, didYouMean: undefined };
  }
  if (found.kind === 'no-device') {
    const message = `no bridge or router is called "${found.device}"`;
    return { ok: false, message, didYouMean: didYouMean(found.device, index.devices()) };
  }
  const candidates = text.includes(':') ? index.fullNamesOf(found.device) : index.bareNames();
  return { ok: false, message: `no port is called "${text}"`, didYouMean: didYouMean(text, candidates) };
}

/** The first few of many, for a sentence. */
export function someOf(names: readonly string[]): string {
  return names.length <= 5 ? names.join(', ') : `${names.slice(0, 4).join(', ')} and ${names.length - 4} more`;
}

function indexOf(names: TopologyNames): PortNames<Uuid> {
  const known = INDEXES.get(names);
  if (known !== undefined) return known;
  const index = new PortNames<Uuid>();
  for (const device of names.devices.keys()) index.addDevice(device);
  for (const [name, id] of names.ports) {
    const colon = name.indexOf(':');
    index.add(name.slice(0, colon), name.slice(colon + 1), id);
  }
  INDEXES.set(names, index);
  return index;
}
