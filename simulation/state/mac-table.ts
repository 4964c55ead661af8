import type { DeviceId, PortId } from '../../topology/model/ids.ts';
import { formatMac, type Mac } from '../../topology/model/mac.ts';
import type { Decider } from '../packet/packet.ts';
import { tagOf, type Tag } from '../tag.ts';

/** Where a station is: an entry of a MAC table. */
export interface Station extends Decider {
  readonly mac: Mac;
  readonly vlan: number;
  readonly port: PortId;
}

/**
 * Which port of a bridge each station is behind: one agent's copy of the replicated table.
 *
 * It changes by the table's own changes only; what a simulation heard goes to `MacLearning`. An untagged bridge has table 0 alone.
 */
export class MacTable {
  readonly bridge: DeviceId;
  readonly #nameOf: (port: PortId) => string;
  readonly #tables = new Map<number, Map<Mac, Station>>();

  /** @param nameOf what people call a port: asked when an entry is described, never before */
  constructor(bridge: DeviceId, nameOf: (port: PortId) => string = String) {
    this.bridge = bridge;
    this.#nameOf = nameOf;
  }

  portOf(mac: Mac, vlan = 0): PortId | undefined {
    return this.stationOf(mac, vlan)?.port;
  }

  stationOf(mac: Mac, vlan = 0): Station | undefined {
    return this.#tables.get(vlan)?.get(mac);
  }

  /** All stations, of all VLANs. */
  *stations(): Generator<Station, void> {
    for (const table of this.#tables.values()) yield* table.values();
  }

  /** The stations behind a port, of all VLANs. */
  *behind(port: PortId): Generator<Station, void> {
    for (const station of this.stations()) if (station.port === port) yield station;
  }

  /** The table says that `mac` is behind `port` now. Returns the tags to invalidate. */
  set(mac: Mac, vlan: number, port: PortId): Tag[] {
    const before = this.portOf(mac, vlan);
    let table = this.#tables.get(vlan);
    if (table === undefined) this.#tables.set(vlan, (table = new Map<Mac, Station>()));
    const nameOf = this.#nameOf;
    const describe = (): string => `station ${formatMac(mac)} behind ${nameOf(port)}`;
    table.set(mac, { mac, vlan, port, number: 0, describe });
    return tagsOfMacChange(this.bridge, mac, vlan, before, port);
  }

  /** The table has no entry of `mac` any more. Returns the tags to invalidate. */
  delete(mac: Mac, vlan: number): Tag[] {
    const before = this.portOf(mac, vlan);
    this.#tables.get(vlan)?.delete(mac);
    return tagsOfMacChange(this.bridge, mac, vlan, before, undefined);
  }
}

/**
 * The tags that a change of a MAC table invalidates, on every agent that has the bridge.
 *
 * @param before the port of the station until now; undefined when nobody knew
 * @param after the port from now on; undefined when nobody knows
 * @see spec 20 §4.7
 */
function tagsOfMacChange(
  bridge: DeviceId,
  mac: Mac,
  vlan: number,
  before: PortId | undefined,
  after: PortId | undefined,
): Tag[] {
  if (before === after) return [];
  return [before === undefined ? tagOf('FloodByDst', bridge, mac, vlan) : tagOf('VlanPort', bridge, mac, vlan, before)];
}
