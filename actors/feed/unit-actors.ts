import type { DeviceId, PortId } from '../../topology/model/ids.ts';
import type { AgentParts } from '../agent-parts.ts';
import type { StartOptions } from '../comedy.ts';
import { PortActor } from '../port-actor.ts';
import type { Entry } from './entry.ts';
import type { Reading } from './unit.ts';

/** A port is a child of its device, unless that has more than comedy can well end. */
const MOST_CHILDREN = 1000;

/** Hears what became of the devices it wanted. */
export interface FeedListener {
  started(device: DeviceId): void;
  missing(device: DeviceId): void;
}

/** Starts the actors of units and of their ports, each once, and ends them. A unit may change, or go, while its actors start. */
export class UnitActors {
  readonly #agent: AgentParts;
  readonly #listener: FeedListener;
  readonly #isCurrent: (entry: Entry) => boolean;

  /** @param isCurrent whether a unit is still there */
  constructor(agent: AgentParts, listener: FeedListener, isCurrent: (entry: Entry) => boolean) {
    this.#agent = agent;
    this.#listener = listener;
    this.#isCurrent = isCurrent;
  }

  /** Starts the device of a unit, as it was read, and the ports that are wanted of it. */
  async start(entry: Entry, reading: Reading<unknown>): Promise<void> {
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

  /** Ends the actors of a unit that was let go. */
  async stop({ ref, orphans }: Entry): Promise<void> {
    const { stage } = this.#agent;
    if (ref === undefined) return;
    await Promise.all(orphans.map((orphan) => stage.stop(orphan)));
    await stage.stop(ref);
  }
}

function parentOf({ ref, ports }: Entry): StartOptions {
  return ref === undefined || ports.size >= MOST_CHILDREN ? {} : { parent: ref };
}
