import { tagOf } from '../../simulation/tag.ts';
import { later, type Millis } from '../../topology/model/time.ts';
import type { AgentParts } from '../agent-parts.ts';
import { devicesOf, type Entry } from './entry.ts';

/** How long a device stays after its last flow has gone. */
const IDLE_TIME = 300_000;

/** Finds the units that nobody has used for long. */
export class Idleness {
  readonly #agent: AgentParts;
  readonly #isCurrent: (entry: Entry) => boolean;
  readonly #letGo: (entries: readonly Entry[]) => void;

  /**
   * @param isCurrent whether a unit is still there
   * @param letGo told of units that may go, together
   */
  constructor(agent: AgentParts, isCurrent: (entry: Entry) => boolean, letGo: (entries: readonly Entry[]) => void) {
    this.#agent = agent;
    this.#isCurrent = isCurrent;
    this.#letGo = letGo;
  }

  /**
   * Lets a unit go when nobody has used it for long: no packet, no flow, and no other unit that is in use. Units that depend on it and are
   * not in use go with it: they may be there because of a what-if only, and must not keep what it has learned.
   */
  mind(entry: Entry, since: Millis): void {
    const { timers } = this.#agent;
    timers.at(later(since, IDLE_TIME), () => {
      if (!this.#isCurrent(entry)) return;
      const now = timers.now();
      const used = entry.actor?.lastUsed;
      if (used !== undefined && later(used, IDLE_TIME) > now) this.mind(entry, used);
      else if (this.#isNeeded(entry, now)) this.mind(entry, now);
      else if (!this.#awaitFlows(entry)) {
        const dependants = [...entry.dependants].filter((dependant) => this.#isCurrent(dependant));
        this.#letGo([...dependants, entry]);
      }
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

  /** Whether a flow rests on a unit or on a port of it; it is looked at anew some time after that has gone. */
  #awaitFlows(entry: Entry): boolean {
    const { flows } = this.#agent;
    return devicesOf(entry).some((device) => flows.watch(tagOf('Device', device), (now) => this.mind(entry, now)));
  }
}
