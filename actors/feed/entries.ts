import type { PortId, Uuid } from '../../topology/model/ids.ts';
import type { Directory } from '../directory.ts';
import type { Entry } from './entry.ts';

/** The units that are up, by their ids and by the ports that were read of them. */
export class Entries {
  readonly #byId = new Map<Uuid, Entry>();
  readonly #byPort = new Map<PortId, Entry>();

  get(id: Uuid): Entry | undefined {
    return this.#byId.get(id);
  }

  ofPort(port: PortId): Entry | undefined {
    return this.#byPort.get(port);
  }

  /** Whether a unit is still there: neither let go, nor followed by another one of its id. */
  isCurrent(entry: Entry): boolean {
    return this.#byId.get(entry.unit.id) === entry;
  }

  add(entry: Entry): void {
    this.#byId.set(entry.unit.id, entry);
  }

  addPorts(entry: Entry, ports: Iterable<PortId>): void {
    for (const port of ports) this.#byPort.set(port, entry);
  }

  removePort(port: PortId): void {
    this.#byPort.delete(port);
  }

  /** Forgets a unit with its ports, and that it depends on others. */
  remove(entry: Entry): void {
    this.#byId.delete(entry.unit.id);
    for (const port of entry.reading?.ports.keys() ?? []) this.#byPort.delete(port);
    for (const other of this.#byId.values()) other.dependants.delete(entry);
  }

  close(): void {
    for (const { unit } of this.#byId.values()) unit.close();
    this.#byId.clear();
  }

  /** The devices that are up, by name, and what they remember, in lines. */
  *dump(directory: Directory): Generator<string, void> {
    const names = [...this.#byId.values()].map((entry) => [directory.nameOf(entry.unit.device), entry] as const);
    for (const [name, { unit, ports, actor, reading }] of names.toSorted(([a], [b]) => (a < b ? -1 : Number(a > b)))) {
      yield `${name} used ${actor?.lastUsed}`;
      for (const port of reading?.ports.values() ?? []) yield `${port.name} leads ${JSON.stringify(port.link)}`;
      for (const port of ports.keys()) yield `${directory.nameOf(port)} has its actor`;
      for (const line of unit.dump()) yield `${name}: ${line}`;
    }
  }
}
