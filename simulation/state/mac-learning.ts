import type { DeviceId, PortId } from '../../topology/model/ids.ts';
import type { Mac } from '../../topology/model/mac.ts';
import { later, millisOf, type Millis } from '../../topology/model/time.ts';
import type { Proposal } from '../packet/packet.ts';
import { tagOf, type Tag } from '../tag.ts';

/** How long a mapping stays in the table when no flow carries it (spec 20 §4.4). */
export const IDLE_TIME = millisOf(15_000);
/** How often idle mappings are looked through. */
const SWEEP_INTERVAL = millisOf(2_000);

/**
 * Writes to the replicated MAC table. Both are asynchronous: the table's own changes tell what came of them.
 *
 * A mapping lives from its first `add` to its `remove`: that long its `Learned` tag is to be watched in the flow table.
 */
export interface MacWriter {
  /** Says so in the table. Asked again, of a mapping that lives, when the table says otherwise. */
  add(mac: Mac, vlan: number, port: PortId): void;
  /** Removes this agent's own entry, if it still says so. */
  remove(mac: Mac, vlan: number, port: PortId): void;
}

/** What the flows of one agent keep learned of one station; usually one mapping. */
interface Heard {
  /** The port that the table has, or will have once the last write known of is through. */
  holder: PortId | undefined;
  readonly mappings: Mapping[];
}

/** What is remembered of a station heard on a port. */
interface LearnedMapping {
  readonly mac: Mac;
  readonly vlan: number;
  readonly port: PortId;
  /** When it is to go; undefined while flows carry it. */
  readonly deadline: Millis | undefined;
  /** The port that the table has for the station. */
  readonly holder: PortId | undefined;
}

/** The fact that a station was heard on a port. */
class Mapping implements Proposal {
  readonly mac: Mac;
  readonly vlan: number;
  readonly port: PortId;
  /** When it is to go; undefined while flows carry it. */
  deadline: Millis | undefined;
  readonly #learning: MacLearning;

  constructor(learning: MacLearning, mac: Mac, vlan: number, port: PortId) {
    this.#learning = learning;
    this.mac = mac;
    this.vlan = vlan;
    this.port = port;
  }

  carryOut(now: Millis): void {
    this.#learning.heard(this.mac, this.vlan, this.port, now);
  }
}

/**
 * Which stations one agent has heard on a bridge, and for how long it says so in the replicated MAC table.
 *
 * A mapping is absent, then referenced while flows carry its `Learned` tag, then idle until its deadline, then absent again;
 * a frame heard meanwhile makes it referenced anew. Flows are counted by the flow table, which tells when the last one has gone.
 *
 * @see spec 20 §4.3 to §4.6
 */
export class MacLearning {
  readonly #bridge: DeviceId;
  readonly #writer: MacWriter;
  readonly #firstSweep: Millis;
  readonly #vlans = new Map<number, Map<Mac, Heard>>();
  /** Oldest deadline first: time never goes back. */
  readonly #idle = new Set<Mapping>();

  /** @param began when the bridge began to learn: sweeps are reckoned from there */
  constructor(bridge: DeviceId, writer: MacWriter, began: Millis) {
    this.#bridge = bridge;
    this.#writer = writer;
    this.#firstSweep = later(began, IDLE_TIME);
  }

  /** The wish to learn a station: {@link heard}, once carried out. Costs a look-up when the mapping is known. */
  proposalOf(mac: Mac, vlan: number, port: PortId): Proposal {
    return this.#mappingOf(mac, vlan, port) ?? new Mapping(this, mac, vlan, port);
  }

  /** A frame of the station came in by the port. Writes it to the table unless it says so already. */
  heard(mac: Mac, vlan: number, port: PortId, _now: Millis): void {
    const station = this.#stationOf(mac, vlan);
    let mapping = station.mappings.find((known) => known.port === port);
    if (mapping !== undefined && station.holder === port) {
      if (mapping.deadline !== undefined) this.#wake(mapping);
      return;
    }
    if (mapping === undefined) station.mappings.push((mapping = new Mapping(this, mac, vlan, port)));
    else this.#wake(mapping);
    station.holder = port;
    this.#writer.add(mac, vlan, port);
  }

  /** No flow carries the mapping: the last one has gone, or none came of the simulation. It will go after the idle time. */
  released(mac: Mac, vlan: number, port: PortId, now: Millis): void {
    const mapping = this.#mappingOf(mac, vlan, port);
    if (mapping === undefined || mapping.deadline !== undefined) return;
    mapping.deadline = later(now, IDLE_TIME);
    this.#idle.add(mapping);
  }

  /**
   * The table says where the station is, whoever wrote it: to be told of every change of the bridge's MAC table.
   *
   * @param port undefined when the station is not in it any more
   * @returns the `Learned` tags of flows that keep saying otherwise: the next frame of the station must be heard again
   */
  changed(mac: Mac, vlan: number, port: PortId | undefined): Tag[] {
    const station = this.#vlans.get(vlan)?.get(mac);
    if (station === undefined) return [];
    station.holder = port;
    return this.#tagsOf(station, mac, vlan).filter(
      (tag) => port === undefined || tag !== tagOf('Learned', this.#bridge, mac, vlan, port),
    );
  }

  /** The `Learned` tags that flows may carry of a station. */
  tagsOf(mac: Mac, vlan: number): Tag[] {
    const station = this.#vlans.get(vlan)?.get(mac);
    return station === undefined ? [] : this.#tagsOf(station, mac, vlan);
  }

  /** What it has heard and not forgotten. */
  *mappings(): Generator<LearnedMapping, void> {
    for (const stations of this.#vlans.values()) {
      for (const { holder, mappings } of stations.values()) {
        for (const { mac, vlan, port, deadline } of mappings) yield { mac, vlan, port, deadline, holder };
      }
    }
  }

  /** Removes the mappings that have been idle for long enough. */
  sweep(now: Millis): void {
    for (const mapping of this.#idle) {
      if (mapping.deadline === undefined || mapping.deadline > now) return;
      this.#idle.delete(mapping);
      this.#forget(mapping);
    }
  }

  /** When to sweep next; undefined while nothing is idle. */
  nextSweep(): Millis | undefined {
    const [oldest] = this.#idle;
    if (oldest?.deadline === undefined) return undefined;
    const rounds = Math.ceil((oldest.deadline - this.#firstSweep) / SWEEP_INTERVAL);
    return later(this.#firstSweep, rounds * SWEEP_INTERVAL);
  }

  #wake(mapping: Mapping): void {
    mapping.deadline = undefined;
    this.#idle.delete(mapping);
  }

  #forget({ mac, vlan, port }: Mapping): void {
    const stations = this.#vlans.get(vlan);
    const station = stations?.get(mac);
    if (stations === undefined || station === undefined) return;
    station.mappings.splice(
      station.mappings.findIndex((known) => known.port === port),
      1,
    );
    if (station.mappings.length === 0) stations.delete(mac);
    this.#writer.remove(mac, vlan, port);
  }

  #mappingOf(mac: Mac, vlan: number, port: PortId): Mapping | undefined {
    return this.#vlans
      .get(vlan)
      ?.get(mac)
      ?.mappings.find((mapping) => mapping.port === port);
  }

  #stationOf(mac: Mac, vlan: number): Heard {
    let stations = this.#vlans.get(vlan);
    if (stations === undefined) this.#vlans.set(vlan, (stations = new Map<Mac, Heard>()));
    let station = stations.get(mac);
    if (station === undefined) stations.set(mac, (station = { holder: undefined, mappings: [] }));
    return station;
  }

  #tagsOf(station: Heard, mac: Mac, vlan: number): Tag[] {
    return station.mappings.map(({ port }) => tagOf('Learned', this.#bridge, mac, vlan, port));
  }
}
