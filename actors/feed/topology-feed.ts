import { tagsOfPortChange, type Port } from '../../simulation/device/port.ts';
import { portIdOf, type DeviceId, type PortId, type Uuid } from '../../topology/model/ids.ts';
import { NsdbError } from '../../topology/nsdb/nsdb-error.ts';
import type { ChangeEffect } from '../../datapath/trace/change-trace.ts';
import type { AgentParts } from '../agent-parts.ts';
import type { ChangedPart } from '../change-log.ts';
import type { Ref } from '../mailbox.ts';
import { BridgeUnit } from './bridge-unit.ts';
import { MissingPart } from './dependencies.ts';
import { Entries } from './entries.ts';
import { devicesOf, entryWith, type Entry } from './entry.ts';
import { uuidOf } from './fields.ts';
import { Idleness } from './idleness.ts';
import { RouterUnit } from './router-unit.ts';
import { UnitActors, type FeedListener } from './unit-actors.ts';
import type { Reading, Unit } from './unit.ts';

/**
 * Brings devices to life when packets first meet them, follows their changes in the database, and lets go those that nobody has used
 * for long.
 *
 * Bridges and routers are loaded with all their ports; their actors, and those of single ports, are started when wanted.
 */
export class TopologyFeed {
  readonly #agent: AgentParts;
  readonly #listener: FeedListener;
  readonly #actors: UnitActors;
  readonly #idleness: Idleness;
  readonly #entries = new Entries();
  readonly #dirty: Entry[] = [];
  #self: Ref<{ refresh(message: undefined): void }> | undefined;
  #busy = 0;

  constructor(agent: AgentParts, listener: FeedListener) {
    this.#agent = agent;
    this.#listener = listener;
    const isCurrent = (entry: Entry) => this.#entries.isCurrent(entry);
    this.#actors = new UnitActors(agent, listener, isCurrent);
    this.#idleness = new Idleness(agent, isCurrent, (entries) => void this.#during(this.#stop(entries)));
  }

  /** Takes its own place among the actors: changes are worked off there, between packets. */
  async open(): Promise<void> {
    this.#self = await this.#agent.stage.start('topology-feed', this);
  }

  /** True when no device is being looked for or started. The database may still have something to tell. */
  get idle(): boolean {
    return this.#busy === 0;
  }

  /** Has a device started, with the actor of the port if it is one; says so when it has, or when there is none. */
  want(device: DeviceId): void {
    void this.#during(
      this.#want(device).catch((cause: unknown) => {
        // Without a link to the database nobody knows: who waits for the device does so until their patience ends.
        if (!(cause instanceof NsdbError)) throw cause;
      }),
    );
  }

  /** Works off what has changed. Told by itself. */
  refresh(): void {
    for (let entry = this.#dirty.shift(); entry !== undefined; entry = this.#dirty.shift()) {
      entry.isDirty = false;
      if (this.#entries.isCurrent(entry)) this.#read(entry);
    }
  }

  /** The devices that are up, by name, and what they remember, in lines. */
  dump(): Iterable<string> {
    return this.#entries.dump(this.#agent.directory);
  }

  close(): void {
    this.#entries.close();
  }

  async #want(device: DeviceId): Promise<void> {
    const { directory, nsdb } = this.#agent;
    const asPort = portIdOf(device);
    const owner = this.#entries.ofPort(asPort);
    if (owner !== undefined) {
      this.#wantPort(owner, asPort);
      return;
    }
    const id = directory.uuidOf(device);
    const known = id === undefined ? undefined : this.#entries.get(id);
    if (known !== undefined) {
      known.isWanted = true;
      this.#bringUp(known);
      return;
    }
    if (id === undefined) {
      this.#listener.missing(device);
      return;
    }
    const port = await nsdb.find('Port', id);
    if (port !== undefined) {
      const network = uuidOf(port.fields, 'networkId');
      const router = uuidOf(port.fields, 'routerId');
      const entry = network === undefined ? router && this.#routerOf(router) : this.#bridgeOf(network);
      if (entry === undefined) this.#listener.missing(device);
      else this.#wantPort(entry, asPort);
      return;
    }
    const entry =
      (await nsdb.find('Network', id)) === undefined
        ? (await nsdb.find('Router', id)) && this.#routerOf(id)
        : this.#bridgeOf(id);
    if (entry === undefined) {
      this.#listener.missing(device);
      return;
    }
    entry.isWanted = true;
    this.#bringUp(entry);
  }

  #wantPort(entry: Entry, port: PortId): void {
    entry.isWanted = true;
    entry.wantedPorts.add(port);
    this.#bringUp(entry);
  }

  #bridgeOf(id: Uuid): Entry {
    return this.#entryOf(id, (changed) => new BridgeUnit(id, this.#agent, changed));
  }

  #routerOf(id: Uuid): Entry {
    return this.#entryOf(
      id,
      (changed, entry) => new RouterUnit(id, this.#agent, changed, (bridge) => this.#bridgeFor(bridge, entry())),
    );
  }

  /** The unit of a bridge that another unit is linked to; undefined until it has been read, and then the other is read anew. */
  #bridgeFor(id: Uuid, dependant: Entry): BridgeUnit | 'absent' | undefined {
    if (dependant.absent.has(id)) return 'absent';
    const entry = this.#bridgeOf(id);
    entry.dependants.add(dependant);
    return entry.reading !== undefined && entry.unit instanceof BridgeUnit ? entry.unit : undefined;
  }

  #entryOf(id: Uuid, make: (changed: (part?: ChangedPart) => void, entry: () => Entry) => Unit): Entry {
    const known = this.#entries.get(id);
    if (known !== undefined) return known;
    const entry: Entry = entryWith(
      make(
        (part) => this.#changed(entry, part),
        () => entry,
      ),
    );
    this.#entries.add(entry);
    this.#changed(entry);
    this.#idleness.mind(entry, this.#agent.timers.now());
    return entry;
  }

  /** Something a unit is made of has changed: it is read anew, once for all that changes until then. */
  #changed(entry: Entry, part?: ChangedPart): void {
    const { changes } = this.#agent;
    if (changes !== undefined && part !== undefined) entry.changes.push(changes.heard(part));
    if (entry.isDirty) return;
    entry.isDirty = true;
    this.#dirty.push(entry);
    this.#self?.tell('refresh', undefined);
  }

  /** They are read anew, and ask again for what they still depend on. */
  #tellDependants({ dependants }: Entry): void {
    const told = [...dependants];
    dependants.clear();
    for (const dependant of told) if (this.#entries.isCurrent(dependant)) this.#changed(dependant);
  }

  #read(entry: Entry): void {
    let reading: Reading<unknown> | undefined;
    try {
      reading = entry.unit.read();
    } catch (cause) {
      if (!(cause instanceof MissingPart)) throw cause;
      this.#gone(entry);
      return;
    }
    if (reading === undefined) return;
    const before = entry.reading;
    entry.reading = reading;
    if (before === undefined) entry.changes.length = 0;
    else this.#follow(entry, 'reconfigured', () => this.#reconfigure(entry, before, reading));
    this.#entries.addPorts(entry, reading.ports.keys());
    this.#tellDependants(entry);
    this.#bringUp(entry);
  }

  /** Does what a change asks for, and has it told where changes are followed. */
  #follow(entry: Entry, effect: ChangeEffect, work: () => void): void {
    const { changes } = this.#agent;
    const parts = entry.changes.splice(0);
    if (changes === undefined) work();
    else changes.during(entry.unit.id, effect, parts, work);
  }

  /** Hands the new configuration to the actors first, and removes the flows of the old one then. */
  #reconfigure(entry: Entry, before: Reading<unknown>, after: Reading<unknown>): void {
    const { invalidate } = this.#agent;
    entry.ref?.tell('reconfigured', after.device);
    for (const [id, port] of before.ports) {
      const now = after.ports.get(id);
      if (now === undefined) this.#portGone(entry, port);
      else this.#agent.courier.port(id)?.tell('reconfigured', now);
    }
    this.#agent.changes?.told();
    for (const [id, port] of before.ports) invalidate(tagsOfPortChange(port, after.ports.get(id)));
    invalidate(entry.unit.tagsOfChange(before.device, after.device));
  }

  #portGone(entry: Entry, { id }: Port): void {
    const { courier, stage } = this.#agent;
    this.#entries.removePort(id);
    courier.stopped(id);
    const ref = entry.ports.get(id);
    entry.ports.delete(id);
    if (ref !== undefined) void this.#during(ref.then((started) => stage.stop(started)));
  }

  /** The device was deleted, or never was. */
  #gone(entry: Entry): void {
    const { reading, unit } = entry;
    if (reading !== undefined) {
      this.#follow(entry, 'deleted', () => {
        for (const port of reading.ports.values()) this.#agent.invalidate(tagsOfPortChange(port, undefined));
        this.#agent.invalidate(unit.tagsOfChange(reading.device, undefined));
      });
    }
    if (reading === undefined) for (const dependant of entry.dependants) dependant.absent.add(unit.id);
    void this.#during(this.#stop([entry]));
    for (const port of entry.wantedPorts) this.#listener.missing(port);
    this.#listener.missing(unit.device);
  }

  /** Starts what is wanted of a unit that has been read. */
  #bringUp(entry: Entry): void {
    if (entry.reading === undefined || !entry.isWanted) return;
    void this.#during(this.#actors.start(entry, entry.reading));
  }

  async #stop(entries: readonly Entry[]): Promise<void> {
    await Promise.all(
      entries.map((entry) => {
        this.#letGo(entry);
        return this.#actors.stop(entry);
      }),
    );
  }

  /** Forgets a unit; packets that come for it later have it loaded anew. */
  #letGo(entry: Entry): void {
    const { courier } = this.#agent;
    this.#entries.remove(entry);
    for (const device of devicesOf(entry)) courier.stopped(device);
    entry.unit.close();
    this.#tellDependants(entry);
  }

  async #during(work: Promise<void>): Promise<void> {
    this.#busy++;
    try {
      await work;
    } finally {
      this.#busy--;
    }
  }
}
