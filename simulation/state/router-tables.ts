import type { PortId } from '../../topology/model/ids.ts';
import type { Ipv4 } from '../../topology/model/ipv4.ts';
import type { Mac } from '../../topology/model/mac.ts';
import type { Millis } from '../../topology/model/time.ts';
import { Datagrams } from './datagrams.ts';
import { Destinations } from './destinations.ts';
import { NeighbourTable } from './neighbour-table.ts';
import { TokenBucket } from './token-bucket.ts';

/** Who minds a router's neighbours: the broker, and whoever does what it asks for. Told when a simulation has ended well. */
export interface NeighbourListener {
  /** An ARP message that came in by `port` says that `address` is at `mac`. */
  learned(address: Ipv4, mac: Mac, port: PortId, now: Millis): void;
  /** A packet went by an entry that is stale. */
  used(address: Ipv4, port: PortId, now: Millis): void;
}

/** What a router's port counts. */
export class RouterPortState {
  /** For ICMP errors and TCP resets: spec C12. */
  readonly errors = new TokenBucket();
  #identification = 0;

  /** The identification of the last packet that the router made and sent by this port; 0 before the first. */
  get identification(): number {
    return this.#identification;
  }

  /** The identification of the next packet that the router makes and sends by this port (spec C14). */
  nextIdentification(): number {
    this.#identification = (this.#identification + 1) & 0xffff;
    return this.#identification;
  }
}

/** What a router remembers, apart from its configuration: written when simulations have ended, never by one under way. */
export class RouterTables {
  readonly neighbours = new NeighbourTable();
  readonly destinations = new Destinations();
  /** Fragments of echo requests. */
  readonly datagrams = new Datagrams();
  readonly listener: NeighbourListener;
  readonly #ports = new Map<PortId, RouterPortState>();

  constructor(listener: NeighbourListener) {
    this.listener = listener;
  }

  /** The counters of all ports that have some. */
  ports(): IterableIterator<[PortId, RouterPortState]> {
    return this.#ports.entries();
  }

  /** The counters of a port, made when first asked for. */
  portState(port: PortId): RouterPortState {
    let state = this.#ports.get(port);
    if (state === undefined) this.#ports.set(port, (state = new RouterPortState()));
    return state;
  }
}
