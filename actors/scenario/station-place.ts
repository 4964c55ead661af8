import type { Uuid } from '../../topology/model/ids.ts';
import type { Ipv4 } from '../../topology/model/ipv4.ts';
import type { Mac } from '../../topology/model/mac.ts';
import { frameOf } from '../frame-of.ts';
import type { Station } from './scenario.ts';
import type { Speaker } from './segments.ts';
import { announcementsOf, answerOf, type Answer } from './station-answers.ts';

/** Answers of stations that nobody declared take as long as those of declared ones do by default. */
export const ANSWER_DELAY = 0.1;

/** An answer of a station, to enter at its port after the delay. */
export interface StationFrame extends Answer {
  readonly station: Station;
}

/** How much a station says of itself while a capture plays it. */
type Voice = 'full' | 'resolves' | 'silent';

/** Who is plugged in where, and what they say when a frame reaches them. */
export class StationPlace {
  readonly #byPort = new Map<Uuid, Station[]>();
  readonly #byName = new Map<string, Station>();
  readonly #voices = new Map<Mac, Voice>();

  constructor(stations: readonly Station[]) {
    for (const station of stations) this.#plug(station);
  }

  get size(): number {
    return this.#byName.size;
  }

  all(): readonly Station[] {
    return [...this.#byName.values()];
  }

  /** A capture plays this MAC as recorded: a station that has it is silent. */
  played(mac: Mac): void {
    this.#voices.set(mac, 'silent');
  }

  /** An adapted capture speaks for this address at a port: there is a station then, which resolves addresses and no more. */
  spoken(port: Uuid, { mac, address }: Speaker): void {
    const here = this.#byPort.get(port) ?? [];
    const known = here.find((station) => station.mac === mac && station.addresses.includes(address));
    if (known === undefined) this.#plug(impliedStation(port, mac, address));
    if (!this.#voices.has(mac)) this.#voices.set(mac, 'resolves');
  }

  /** Plugs a station in elsewhere; what it announces there. */
  move(name: string, to: Uuid): readonly StationFrame[] {
    const station = this.#byName.get(name);
    if (station === undefined) return [];
    const here = this.#byPort.get(station.port) ?? [];
    this.#byPort.set(
      station.port,
      here.filter((one) => one !== station),
    );
    const moved = { ...station, port: to };
    this.#plug(moved);
    return announcementsOf(moved).map((bytes) => ({ station: moved, bytes, because: 'arp' as const }));
  }

  /** Where a station is plugged in now; undefined for one that is not. */
  portOf({ name }: Station): Uuid | undefined {
    return this.#byName.get(name)?.port;
  }

  /** What the stations at a port answer to a frame that left there. */
  reached(port: Uuid, bytes: Uint8Array, length: number): readonly StationFrame[] {
    const here = this.#byPort.get(port);
    if (here === undefined || here.length === 0) return [];
    const frame = frameOf(bytes.subarray(0, length));
    return here.flatMap((station) => {
      const voice = this.#voices.get(station.mac) ?? 'full';
      const answer = voice === 'silent' ? undefined : answerOf(station, frame, voice === 'full');
      return answer === undefined ? [] : [{ station, ...answer }];
    });
  }

  #plug(station: Station): void {
    this.#byName.set(station.name, station);
    const here = this.#byPort.get(station.port);
    if (here === undefined) this.#byPort.set(station.port, [station]);
    else here.push(station);
  }
}

function impliedStation(port: Uuid, mac: Mac, address: Ipv4): Station {
  return {
    name: `${port} ${address}`,
    port,
    mac,
    addresses: [address],
    addresses6: [],
    delay: ANSWER_DELAY,
  };
}
