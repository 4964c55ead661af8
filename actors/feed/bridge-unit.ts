import { bridgeFrom, tagsOfBridgeChange, type Bridge, type BridgeLink } from '../../simulation/device/bridge.ts';
import { portFrom, type Link, type Port } from '../../simulation/device/port.ts';
import { AddressTable } from '../../simulation/state/address-table.ts';
import { MacLearning } from '../../simulation/state/mac-learning.ts';
import { MacTable } from '../../simulation/state/mac-table.ts';
import { tagOf, type Tag } from '../../simulation/tag.ts';
import type { DeviceId, PortId, Uuid } from '../../topology/model/ids.ts';
import { formatIpv4, type Ipv4 } from '../../topology/model/ipv4.ts';
import { formatMac, type Mac } from '../../topology/model/mac.ts';
import { millisOf, type Millis } from '../../topology/model/time.ts';
import type { Cancel } from '../../topology/model/timers.ts';
import { IP4_MAC_TABLE, MAC_TABLE } from '../../topology/nsdb/state-tables.ts';
import type { StateTable } from '../../topology/nsdb/state-table.ts';
import { BridgeActor } from '../bridge-actor.ts';
import { entryChangesOf, type ChangedPart } from '../change-log.ts';
import { dumpBridge } from '../dump/dump-bridge.ts';
import { Dependencies } from './dependencies.ts';
import { flagOf, textOf } from './fields.ts';
import { findPorts, type FoundPort } from './port-record.ts';
import type { AgentParts } from '../agent-parts.ts';
import type { Reading, Unit } from './unit.ts';

/** The table of an untagged bridge (spec 20 §1). */
const UNTAGGED = 0;

/** A bridge, its ports, its MAC table and its IP to MAC table, fed by the database. */
export class BridgeUnit implements Unit<Bridge> {
  readonly id: Uuid;
  readonly device: DeviceId;
  readonly #agent: AgentParts;
  readonly #parts: Dependencies;
  readonly #macs: StateTable<Mac, Uuid>;
  readonly #arp: StateTable<Ipv4, Mac>;
  readonly #learning: WatchedLearning;
  readonly stations: MacTable;
  readonly addresses: AddressTable;
  /** As it was last read: what linked routers ask. */
  current: Bridge | undefined;

  constructor(id: Uuid, agent: AgentParts, changed: (part?: ChangedPart) => void) {
    const { nsdb, directory, invalidate } = agent;
    const entryChanged = entryChangesOf(agent, 'Network', id);
    this.id = id;
    this.device = directory.deviceOf(id);
    this.#agent = agent;
    this.#parts = new Dependencies(nsdb, changed);
    this.#macs = nsdb.table(MAC_TABLE, { owner: id, arg: UNTAGGED });
    this.#arp = nsdb.table(IP4_MAC_TABLE, { owner: id });
    this.stations = new MacTable(this.device, (port) => directory.nameOf(port));
    this.addresses = new AddressTable(this.device, { replace: (address, mac) => void this.#arp.add(address, mac) });
    this.#learning = new WatchedLearning(this.device, agent, this.#macs);
    this.#macs.observe({
      changed: (mac, port, former) => {
        const at = port === undefined ? undefined : directory.portOf(port);
        entryChanged(
          'mac_table',
          () => ({
            key: formatMac(mac),
            isOwn: this.#macs.isOwn(mac),
            was: former && directory.nameOfId(former),
            is: port && directory.nameOfId(port),
          }),
          () => {
            invalidate(at === undefined ? this.stations.delete(mac, UNTAGGED) : this.stations.set(mac, UNTAGGED, at));
            invalidate(this.#learning.changed(mac, UNTAGGED, at));
          },
        );
      },
      ready: () => changed(),
    });
    this.#arp.observe({
      changed: (address, mac, former) =>
        entryChanged(
          'ip4_mac_table',
          () => ({
            key: formatIpv4(address),
            isOwn: this.#arp.isOwn(address),
            was: former === undefined ? undefined : formatMac(former),
            is: mac === undefined ? undefined : formatMac(mac),
          }),
          () => invalidate(mac === undefined ? this.addresses.delete(address) : this.addresses.set(address, mac)),
        ),
      ready: () => changed(),
    });
  }

  read(): Reading<Bridge> | undefined {
    if (!this.#macs.ready || !this.#arp.ready) return undefined;
    return this.#parts.read((parts) => {
      const fields = parts.object('Network', this.id);
      const found = findPorts(parts, parts.referrers('Network', this.id, 'portIds'));
      const { directory } = this.#agent;
      const name = textOf(fields, 'name') ?? this.id;
      directory.call(this.id, name, 'bridge');
      const ports = new Map<PortId, Port>();
      for (const port of found) {
        const made = this.#portOf(name, port);
        ports.set(made.id, made);
      }
      const device = bridgeFrom({
        id: this.device,
        name,
        adminUp: flagOf(fields, 'adminStateUp', true),
        ports: found.map((port) => ({ id: directory.portOf(port.record.id), link: bridgeLinkOf(port) })),
        stations: this.stations,
        learning: this.#learning,
        addresses: this.addresses,
      });
      this.current = device;
      return { name, device, ports };
    });
  }

  start(bridge: Bridge): BridgeActor {
    return new BridgeActor(bridge, this.#agent.courier);
  }

  tagsOfChange(before: Bridge, after: Bridge | undefined): readonly Tag[] {
    return tagsOfBridgeChange(before, after);
  }

  dump(): Iterable<string> {
    const { stations, addresses } = this;
    const { flows, directory } = this.#agent;
    return dumpBridge({ stations, addresses, learning: this.#learning }, flows, directory);
  }

  close(): void {
    this.#learning.close();
    this.#parts.close();
    this.#macs.close();
    this.#arp.close();
  }

  #portOf(bridge: string, port: FoundPort): Port {
    const { directory } = this.#agent;
    const { record } = port;
    const name = `${bridge}:${record.name}`;
    directory.call(record.id, name, 'port');
    return portFrom({
      id: directory.portOf(record.id),
      name,
      device: this.device,
      owner: 'bridge',
      adminUp: record.adminUp,
      link: linkOf(port, (peer) => directory.portOf(peer)),
      mtu: record.mtu,
    });
  }
}

/** Where a port leads, as the port itself sees it. */
export function linkOf({ record, peer, isActive }: FoundPort, portOf: (id: Uuid) => PortId): Link {
  if (peer !== undefined) return { kind: 'interior', peer: portOf(peer.id) };
  return record.isBound ? { kind: 'exterior', active: isActive } : { kind: 'unplugged' };
}

/** Where a port leads, as its bridge sees it. */
function bridgeLinkOf({ record, peer }: FoundPort): BridgeLink {
  if (peer === undefined) return { kind: record.isBound ? 'exterior' : 'unplugged' };
  if (peer.router === undefined || peer.mac === undefined) return { kind: 'bridge' };
  return { kind: 'router', mac: peer.mac, ...(peer.address !== undefined && { address: peer.address }) };
}

/** Learning whose references are counted by the flow table, swept by the clock, and written to the replicated table. */
class WatchedLearning extends MacLearning {
  readonly #bridge: DeviceId;
  readonly #agent: AgentParts;
  readonly #watched = new Set<Tag>();
  #sweeping: { readonly at: Millis; readonly cancel: Cancel } | undefined;

  constructor(bridge: DeviceId, agent: AgentParts, table: StateTable<Mac, Uuid>) {
    const portUuid = (port: PortId): Uuid | undefined => agent.directory.uuidOf(port);
    super(
      bridge,
      {
        add: (mac, _vlan, port) => {
          const id = portUuid(port);
          if (id !== undefined) table.add(mac, id);
        },
        remove: (mac, _vlan, port) => void table.remove(mac, portUuid(port)),
      },
      millisOf(0), // not since it was loaded: a what-if may load it sooner, and must change nothing
    );
    this.#bridge = bridge;
    this.#agent = agent;
  }

  /** The flow that came of the frame, if any, is in the table by now: it or another keeps the station learned. */
  override heard(mac: Mac, vlan: number, port: PortId, now: Millis): void {
    super.heard(mac, vlan, port, now);
    const tag = tagOf('Learned', this.#bridge, mac, vlan, port);
    if (this.#watched.has(tag)) return;
    const isKept = this.#agent.flows.watch(tag, () => {
      this.#watched.delete(tag);
      this.#release(mac, vlan, port, this.#agent.timers.now());
    });
    if (isKept) this.#watched.add(tag);
    else this.#release(mac, vlan, port, now);
  }

  close(): void {
    this.#sweeping?.cancel();
  }

  #release(mac: Mac, vlan: number, port: PortId, now: Millis): void {
    super.released(mac, vlan, port, now);
    this.#schedule();
  }

  #schedule(): void {
    const at = this.nextSweep();
    if (at === undefined || at === this.#sweeping?.at) return;
    this.#sweeping?.cancel();
    const cancel = this.#agent.timers.at(at, () => {
      this.#sweeping = undefined;
      this.sweep(this.#agent.timers.now());
      this.#schedule();
    });
    this.#sweeping = { at, cancel };
  }
}
