import type { Uuid } from '../topology/model/ids.ts';
import type { Nsdb } from '../topology/nsdb/nsdb.ts';
import type { Observation } from '../topology/nsdb/observation.ts';
import { HOST_ALIVE, PORT_ACTIVE } from '../topology/nsdb/state-keys.ts';

/**
 * A host as the cluster sees it: alive, and with its ports active, for as long as its session with the database lives.
 *
 * @see spec 70 §1 and §2
 */
export class HostPresence {
  readonly host: Uuid;
  readonly #nsdb: Nsdb;
  #ports: Observation | undefined;
  /** Ports of interfaces whose link is down. */
  readonly #down = new Set<Uuid>();
  readonly #bound = new Set<Uuid>();

  /** @param nsdb a handle of its own: its session is the host's life */
  constructor(host: Uuid, nsdb: Nsdb) {
    this.host = host;
    this.#nsdb = nsdb;
  }

  /** Says that it is alive, and which of its ports are active, now and as they come and go. */
  open(): void {
    this.#publish(this.#nsdb.addState(HOST_ALIVE, { namespace: this.host, id: this.host }, 'alive'));
    this.#ports = this.#nsdb.observeReferrers('Host', this.host, 'portIds', {
      changed: (added, removed) => {
        for (const port of removed) this.#bound.delete(port);
        for (const port of added) {
          this.#bound.add(port);
          if (!this.#down.has(port)) this.#activate(port);
        }
      },
      deleted: () => this.#bound.clear(),
      failed: () => this.#bound.clear(),
    });
  }

  /** The link of a port's interface went up or down. */
  link(port: Uuid, isUp: boolean): void {
    if (isUp) this.#down.delete(port);
    else this.#down.add(port);
    if (!this.#bound.has(port)) return;
    if (isUp) this.#activate(port);
    else this.#publish(this.#nsdb.removeState(PORT_ACTIVE, this.#placeOf(port), this.#activity()));
  }

  /** Ends, telling nobody: what it published goes when its session does. */
  close(): void {
    this.#ports?.close();
  }

  #activate(port: Uuid): void {
    this.#publish(this.#nsdb.addState(PORT_ACTIVE, this.#placeOf(port), this.#activity()));
  }

  #activity(): { readonly host: Uuid } {
    return { host: this.host };
  }

  #placeOf(port: Uuid): { readonly namespace: Uuid; readonly id: Uuid } {
    return { namespace: this.host, id: port };
  }

  /** A refusal is no news: the port is gone, or the session is, and then all is published anew under the next. */
  #publish(write: Promise<unknown>): void {
    write.catch(() => {});
  }
}
