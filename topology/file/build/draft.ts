import { addToList } from '../../model/add-to-list.ts';
import type { Uuid } from '../../model/ids.ts';
import type { Ipv4, Ipv4Prefix } from '../../model/ipv4.ts';
import type { Mac } from '../../model/mac.ts';
import type { Route } from '../../model/objects/route.ts';
import type { Problems } from '../file-problem.ts';
import { keyPlace, locate, type Located } from '../located-yaml.ts';
import { PortNames } from '../port-names.ts';
import type { Derivation } from '../topology.ts';
import type {
  BridgePortSpec,
  BridgeSpec,
  HostSpec,
  RouterPortSpec,
  RouterSpec,
  TopologyFile,
} from '../topology-schema.ts';
import { DanglingNames } from './dangling-names.ts';

/** Keys and indices from the root of a file. */
export type FilePath = readonly (string | number)[];

/** A topology in the making: each stage adds what it knows, and tells what is wrong. */
export interface Draft {
  readonly file: TopologyFile;
  readonly source: Source;
  readonly problems: Problems;
  readonly dangling: DanglingNames;
  readonly hosts: Map<string, DraftHost>;
  readonly bridges: Map<string, DraftBridge>;
  readonly routers: Map<string, DraftRouter>;
  readonly ports: PortNames<DraftPort>;
  /** Every port, in the order of the file; a derived one after the one it was derived for. */
  readonly allPorts: DraftPort[];
  readonly derivations: Map<Uuid, Derivation[]>;
}

export interface DraftHost {
  readonly name: string;
  readonly id: Uuid;
  readonly path: FilePath;
  readonly spec: HostSpec;
  /** Which port has which interface. */
  readonly interfaces: Map<string, DraftPort>;
}

export interface DraftBridge {
  readonly kind: 'bridge';
  readonly name: string;
  readonly id: Uuid;
  readonly path: FilePath;
  readonly spec: BridgeSpec;
}

export interface DraftRouter {
  readonly kind: 'router';
  readonly name: string;
  readonly id: Uuid;
  readonly path: FilePath;
  readonly spec: RouterSpec;
  readonly ports: DraftPort[];
  readonly routes: DraftRoute[];
}

export type DraftDevice = DraftBridge | DraftRouter;

/** What a file can say of a port, whatever its device. */
export type PortSpec = BridgePortSpec & RouterPortSpec;

export interface DraftPort {
  readonly device: DraftDevice;
  readonly name: string;
  readonly fullName: string;
  readonly id: Uuid;
  /** Where it stands; a derived port has the path of what it was derived from. */
  readonly path: FilePath;
  readonly spec: PortSpec;
  readonly mac: Mac | undefined;
  readonly address: InterfaceAddress | undefined;
  link: DraftLink | undefined;
  /** A link that leads nowhere was told already: nothing more is said of what follows from it. */
  linkIsBroken: boolean;
  binding: { readonly host: DraftHost; readonly interfaceName: string } | undefined;
}

interface DraftLink {
  readonly peer: DraftPort;
  /** Where the link was written. */
  readonly at: number | undefined;
}

export interface InterfaceAddress {
  readonly ip: Ipv4;
  readonly subnet: Ipv4Prefix;
}

interface DraftRoute {
  readonly record: Route;
  readonly path: FilePath;
}

/** Where things stand in a file. */
class Source {
  readonly #root: Located;

  constructor(root: Located) {
    this.#root = root;
  }

  /** Where the value at a path stands. */
  valueAt(path: FilePath): number | undefined {
    return locate(this.#root, path)?.at;
  }

  /** Where the key at the end of a path stands; of a list's entry, the entry. */
  keyAt(path: FilePath): number | undefined {
    return keyPlace(this.#root, path);
  }
}

export function draftOf(file: TopologyFile, root: Located, problems: Problems): Draft {
  return {
    file,
    source: new Source(root),
    problems,
    dangling: new DanglingNames(problems),
    hosts: new Map(),
    bridges: new Map(),
    routers: new Map(),
    ports: new PortNames(),
    allPorts: [],
    derivations: new Map(),
  };
}

/** Notes that an object, or a field of it, was not in the file. */
export function derive(draft: Draft, id: Uuid, derivation: Derivation): void {
  addToList(draft.derivations, id, derivation);
}

export function deviceNamed(draft: Draft, name: string): DraftDevice | undefined {
  return draft.bridges.get(name) ?? draft.routers.get(name);
}

/** `, at 12:7`, where that is known. */
export function atPlace(draft: Draft, offset: number | undefined): string {
  return offset === undefined ? '' : `, at ${draft.problems.placed(offset)}`;
}
