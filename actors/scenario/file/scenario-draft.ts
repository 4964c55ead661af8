import { didYouMean } from '../../../topology/file/did-you-mean.ts';
import type { Complaint, Problems } from '../../../topology/file/file-problem.ts';
import { keyPlace, locate, type Located } from '../../../topology/file/located-yaml.ts';
import { resolvePort, type Topology } from '../../../topology/file/topology.ts';
import type { Uuid } from '../../../topology/model/ids.ts';
import type { Port } from '../../../topology/model/objects/port.ts';
import { entryFaultOf } from '../entry-fault.ts';
import type { FilePath, Where } from '../scenario.ts';

interface Dangling {
  readonly at: number | undefined;
  readonly complaint: Complaint;
  count: number;
}

/** A scenario in the making: the topology its names are of, where things stand, and what is wrong so far. */
export class ScenarioDraft {
  readonly topology: Topology;
  readonly ports: ReadonlyMap<Uuid, Port>;
  readonly #linked = new Set<Uuid>();
  readonly #root: Located;
  readonly #path: string;
  readonly #problems: Problems;
  readonly #dangling = new Map<string, Dangling>();

  constructor(topology: Topology, root: Located, path: string, problems: Problems) {
    this.topology = topology;
    this.#root = root;
    this.#path = path;
    this.#problems = problems;
    const ports = new Map<Uuid, Port>();
    for (const { class: cls, object } of topology.objects) {
      if (cls !== 'Port') continue;
      ports.set(object.id, object);
      if (object.peerId !== undefined) this.#linked.add(object.id).add(object.peerId);
    }
    this.ports = ports;
  }

  /** Where the value at a path stands. */
  at(path: FilePath): number | undefined {
    return locate(this.#root, path)?.at;
  }

  /** Where the key at the end of a path stands; of a list's entry, the entry. */
  keyAt(path: FilePath): number | undefined {
    return keyPlace(this.#root, path);
  }

  whereOf(path: FilePath): Where {
    const at = this.at(path);
    return { path: this.#path, ...(at === undefined ? { line: 1, column: 1 } : this.#problems.placeOf(at)) };
  }

  /** Where a place is, for a sentence: `12:7`. */
  placed(path: FilePath): string {
    const { line, column } = this.whereOf(path);
    return `${line}:${column}`;
  }

  error(at: number | undefined, complaint: Complaint): void {
    this.#problems.error(at, complaint);
  }

  warning(at: number | undefined, complaint: Complaint): void {
    this.#problems.warning(at, complaint);
  }

  /** Any port of the topology. */
  port(text: string, at: number | undefined): Uuid | undefined {
    const found = resolvePort(this.topology, text);
    if (found.ok) return found.id;
    this.#note(at, { code: 'dangling-name', what: found.message, didYouMean: found.didYouMean });
    return undefined;
  }

  /** A port where something can be plugged in: not linked to another. @param because what exterior ports are for */
  exteriorPort(text: string, at: number | undefined, because?: string): Uuid | undefined {
    const id = this.port(text, at);
    if (id === undefined) return undefined;
    const fault = this.#linked.has(id) ? entryFaultOf(this.topology, id, because) : undefined;
    if (fault !== undefined) {
      this.error(at, fault);
      return undefined;
    }
    const name = this.nameOf(id);
    if (this.ports.get(id)?.interfaceName === undefined) {
      this.warning(at, { code: 'unplugged-port', what: `${name} is bound to no interface: nothing passes there` });
    }
    return id;
  }

  device(kind: 'bridge' | 'router', name: string, at: number | undefined): Uuid | undefined {
    const cls = kind === 'bridge' ? 'Network' : 'Router';
    const known = new Map<string, Uuid>();
    for (const { class: each, object } of this.topology.objects) {
      if (each === cls) known.set(this.nameOf(object.id), object.id);
    }
    return this.named(kind, name, known, at);
  }

  host(name: string, at: number | undefined): Uuid | undefined {
    return this.named('host', name, this.topology.names.hosts, at);
  }

  /** Something of a set of names. */
  named<T>(kind: string, name: string, known: ReadonlyMap<string, T>, at: number | undefined): T | undefined {
    const found = known.get(name);
    if (found !== undefined) return found;
    const what = `no ${kind} is called "${name}"`;
    this.#note(at, { code: 'dangling-name', what, didYouMean: didYouMean(name, known.keys()) });
    return undefined;
  }

  nameOf(id: Uuid): string {
    return this.topology.names.nameOf.get(id) ?? id;
  }

  /** Tells of names of nothing: each once, however often it is used. */
  tellDangling(): void {
    for (const { at, complaint, count } of this.#dangling.values()) {
      const often = count === 1 ? '' : ` (named ${count} times, here first)`;
      this.error(at, { ...complaint, what: `${complaint.what}${often}` });
    }
  }

  #note(at: number | undefined, complaint: Complaint): void {
    const known = this.#dangling.get(complaint.what);
    if (known === undefined) this.#dangling.set(complaint.what, { at, complaint, count: 1 });
    else known.count += 1;
  }
}
