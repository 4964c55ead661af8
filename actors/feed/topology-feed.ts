import type { Port } from '../../simulation/device/port.ts';
import { tagsOfPortChange } from '../../simulation/device/port.ts';
import { tagOf } from '../../simulation/tag.ts';
import { portIdOf, type DeviceId, type PortId, type Uuid } from '../../topology/model/ids.ts';
import { NsdbError } from '../../topology/nsdb/nsdb-error.ts';
import { later, type Millis } from '../../topology/model/time.ts';
import type { ChangeEffect } from '../../datapath/trace/change-trace.ts';
import type { ChangedPart, HeardPart } from '../change-log.ts';
import type { Ref, StartOptions } from '../comedy.ts';
import { PortActor } from '../port-actor.ts';
import type { DeviceProtocol, PortProtocol, Usable } from '../protocol.ts';
import { BridgeUnit } from './bridge-unit.ts';
import { MissingPart } from './dependencies.ts';
import { RouterUnit } from './router-unit.ts';
import { uuidOf } from './fields.ts';
import type { AgentParts } from '../agent-parts.ts';
import type { Reading, Unit } from './unit.ts';

/** How long a device stays after its last flow has gone. */
const IDLE_TIME = 300_000;

/** A port is a child of its device, unless that has more than comedy can well end. */
const MOST_CHILDREN = 1000;

/** Hears what became of the devices it wanted. */
export interface FeedListener {
  started(device: DeviceId): void;
  missing(device: DeviceId): void;
}

/** A unit with what runs of it. */
interface Entry {
  readonly unit: Unit;
  reading: Reading<unknown> | undefined;
  ref: Ref<DeviceProtocol> | undefined;
  /** What answers at `ref`. */
  actor: Usable | undefined;
  /** Actors of ports that are no children of `ref`, and do not end with it. */
  readonly orphans: Ref<PortProtocol>[];
  /** Set once its actor is being started. */
  starting: Promise<void> | undefined;
  readonly ports: Map<PortId, Promise<Ref<PortProtocol>>>;
  /** Ports that packets wait for. */
  readonly wantedPorts: Set<PortId>;
  isWanted: boolean;
  /** Bridges that it refers to and that there are not: a record somebody wrote by hand. */
  readonly absent: Set<Uuid>;
  /** Units that cannot be read before this one. */
  readonly dependants: Set<Entry>;
  isDirty: boolean;
  /** What changed of it since it was last read, where changes are followed. */
  readonly changes: HeardPart[];
}

/**
 * Brings devices to life when packets first meet them, follows their changes in the database, and lets go those that nobody has used
 * for long.
 *
 * Bridges and routers are loaded with all their ports; their actors, and those of single ports, are started when wanted.
 */
export class TopologyFeed {
  readonly #agent: AgentParts;
  readonly #listener: FeedListener;
  readonly #entries = new Map<Uuid, Entry>();
  /** The unit of each port that has been read. */
  readonly #owners = new Map<PortId, Entry>();
  readonly #dirty: Entry[] = [];
  #self: Ref<{ refresh(message: undefined): void }> | undefined;
  #busy = 0;

  constructor(agent: AgentParts, listener: FeedListener) {
    this.#agent = agent;
    this.#listener = listener;
  }

  /** Takes its own place among the actors: changes are worked off there, between packets. */
  async open(): Promise<void> {
    this.#self = await this.#agent.stage.start('topology-feed', this);
  }

  /** True when no device is being looked for or started. The database may still have something to tell. */
  get idle(): boolean {
    return this.#busy === 0;
  }

  /** Devices that are up. */
  get size(): number {
    return this.#entries.size;
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
      if (this.#isCurrent(entry)) this.#read(entry);
    }
  }

  /** The devices that are up, by name, and what they remember, in lines. */
  *dump(): Generator<string, void> {
    const { directory } = this.#agent;
    const names = [...this.#entries.values()].map((entry) => [directory.nameOf(entry.unit.device), entry] as const);
    for (const [name, { unit, ports, actor, reading }] of names.toSorted(([a], [b]) => (a < b ? -1 : Number(a > b)))) {
      yield `${name} used ${actor?.lastUsed}`;
      for (const port of reading?.ports.values() ?? []) yield `${port.name} leads ${JSON.stringify(port.link)}`;
      for (const port of ports.keys()) yield `${directory.nameOf(port)} has its actor`;
      for (const line of unit.dump()) yield `${name}: ${line}`;
    }
  }

  close(): void {
    for (const { unit } of this.#entries.values()) unit.close();
    this.#entries.clear();
  }

  async #want(device: DeviceId): Promise<void> {
    const { directory, nsdb } = this.#agent;
    const asPort = portIdOf(device);
    const owner = this.#owners.get(asPort);
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
    const entry: Entry = {
      unit: make(
        (part) => this.#changed(entry, part),
        () => entry,
      ),
      reading: undefined,
      ref: undefined,
      actor: undefined,
      orphans: [],
      starting: undefined,
      ports: new Map(),
      wantedPorts: new Set(),
      isWanted: false,
      absent: new Set(),
      dependants: new Set(),
      isDirty: false,
      changes: [],
    };
    this.#entries.set(id, entry);
    this.#changed(entry);
    this.#mindIdleness(entry, this.#agent.timers.now());
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
    for (const dependant of told) if (this.#isCurrent(dependant)) this.#changed(dependant);
  }

  #isCurrent(entry: Entry): boolean {
    return this.#entries.get(entry.unit.id) === entry;
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
    for (const port of reading.ports.keys()) this.#owners.set(port, entry);
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
    this.#owners.delete(id);
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
    void this.#during(this.#stop(entry));
    for (const port of entry.wantedPorts) this.#listener.missing(port);
    this.#listener.missing(unit.device);
  }

  /** Starts what is wanted of a unit that has been read. */
  #bringUp(entry: Entry): void {
    if (entry.reading === undefined || !entry.isWanted) return;
    void this.#during(this.#start(entry, entry.reading));
  }

  async #start(entry: Entry, reading: Reading<unknown>): Promise<void> {
    entry.starting ??= this.#startDevice(entry, reading);
    await entry.starting;
    const wanted = [...entry.wantedPorts];
    entry.wantedPorts.clear();
    await Promise.all(wanted.map((port) => this.#startPort(entry, port)));
  }

  async #startDevice(entry: Entry, reading: Reading<unknown>): Promise<void> {
    const { stage, courier } = this.#agent;
    const { unit } = entry;
    const actor = unit.start(reading.device);
    const ref = await stage.start(reading.name, actor);
    if (!this.#isCurrent(entry)) {
      await stage.stop(ref); // deleted while its actor started
      return;
    }
    entry.ref = ref;
    entry.actor = actor;
    courier.deviceStarted(unit.device, ref);
    // It may have changed while its actor started.
    if (entry.reading !== undefined && entry.reading !== reading) ref.tell('reconfigured', entry.reading.device);
    this.#listener.started(unit.device);
  }

  async #startPort(entry: Entry, id: PortId): Promise<void> {
    const { stage, courier } = this.#agent;
    const port = entry.reading?.ports.get(id);
    if (port === undefined || entry.ref === undefined) {
      this.#listener.missing(id);
      return;
    }
    const known = entry.ports.get(id);
    if (known !== undefined) {
      await known;
      this.#listener.started(id);
      return;
    }
    const options = parentOf(entry);
    const starting = stage.start(port.name, new PortActor(port, courier), options);
    entry.ports.set(id, starting);
    const ref = await starting;
    if (!this.#isCurrent(entry) || entry.ports.get(id) !== starting) {
      await stage.stop(ref); // deleted while its actor started
      this.#listener.missing(id);
      return;
    }
    if (options.parent === undefined) entry.orphans.push(ref);
    courier.portStarted(id, ref);
    const now = entry.reading?.ports.get(id);
    if (now !== undefined && now !== port) ref.tell('reconfigured', now);
    this.#listener.started(id);
  }

  /**
   * Lets a unit go when nobody has used it for long: no packet, no flow, and no other unit that is in use. Units that depend on it and are
   * not in use go with it: they may be there because of a what-if only, and must not keep what it has learned.
   */
  #mindIdleness(entry: Entry, since: Millis): void {
    const { timers } = this.#agent;
    timers.at(later(since, IDLE_TIME), () => {
      if (!this.#isCurrent(entry)) return;
      const now = timers.now();
      const used = entry.actor?.lastUsed;
      if (used !== undefined && later(used, IDLE_TIME) > now) this.#mindIdleness(entry, used);
      else if (this.#isNeeded(entry, now)) this.#mindIdleness(entry, now);
      else if (!this.#awaitFlows(entry)) void this.#during(this.#stopWithDependants(entry));
    });
  }

  #isNeeded(entry: Entry, now: Millis): boolean {
    if (entry.reading === undefined) return true;
    return [...entry.dependants].some((dependant) => this.#isCurrent(dependant) && this.#isInUse(dependant, now));
  }

  #isInUse(entry: Entry, now: Millis): boolean {
    const used = entry.actor?.lastUsed;
    if (used !== undefined && later(used, IDLE_TIME) > now) return true;
    return devicesOf(entry).some((device) => this.#agent.flows.carries(tagOf('Device', device)));
  }

  async #stopWithDependants(entry: Entry): Promise<void> {
    const idle = [...entry.dependants].filter((dependant) => this.#isCurrent(dependant));
    await Promise.all([...idle, entry].map((each) => this.#stop(each)));
  }

  /** Whether a flow rests on a unit or on a port of it; it is looked at anew some time after that has gone. */
  #awaitFlows(entry: Entry): boolean {
    const { flows } = this.#agent;
    return devicesOf(entry).some((device) =>
      flows.watch(tagOf('Device', device), (now) => this.#mindIdleness(entry, now)),
    );
  }

  async #stop(entry: Entry): Promise<void> {
    const { stage } = this.#agent;
    const { ref, orphans } = entry;
    this.#letGo(entry);
    if (ref === undefined) return;
    await Promise.all(orphans.map((orphan) => stage.stop(orphan)));
    await stage.stop(ref);
  }

  /** Forgets a unit; packets that come for it later have it loaded anew. */
  #letGo(entry: Entry): void {
    const { courier } = this.#agent;
    const { unit, reading } = entry;
    this.#entries.delete(unit.id);
    courier.stopped(unit.device);
    for (const id of reading?.ports.keys() ?? []) {
      courier.stopped(id);
      this.#owners.delete(id);
    }
    unit.close();
    for (const other of this.#entries.values()) other.dependants.delete(entry);
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

/** The device of a unit, and its ports. */
function devicesOf({ unit, reading }: Entry): readonly DeviceId[] {
  return [unit.device, ...(reading?.ports.keys() ?? [])];
}

function parentOf({ ref, ports }: Entry): StartOptions {
  return ref === undefined || ports.size >= MOST_CHILDREN ? {} : { parent: ref };
}
