import type { Uuid } from '../topology/model/ids.ts';
import type { Nsdb } from '../topology/nsdb/nsdb.ts';
import type { Observation } from '../topology/nsdb/observation.ts';
import { HOST_ALIVE, PORT_ACTIVE } from '../topology/nsdb/state-keys.ts';

/**
 * A host as the cluster sees it: alive, and with its ports active, for as long as its session with the database lives. After a time
 * cut off all is said anew, as it is by then (C31).
 *
 * @see spec 70 §1 and §2
 */
export class HostPresence {
  readonly host: Uuid;
  readonly #nsdb: Nsdb;
  #connection: Observation | undefined;
  #ports: Observation | undefined;
  /** Ports of interfaces whose link is down. */
  readonly #down = new Set<Uuid>();
  readonly #bound = new Set<Uuid>();
  /** The last write of each port that is not through: a withdrawal waits for the link to the database. */
  readonly #writes = new Map<Uuid, Promise<void>>();

  /** @param nsdb a handle of its own: its session is the host's life */
  constructor(host: Uuid, nsdb: Nsdb) {
    this.host = host;
    this.#nsdb = nsdb;
  }

  /** Says that it is alive, and which of its ports are active, now and as they come and go. */
  open(): void {
    this.#connection = this.#nsdb.observeConnection(({ kind }) => {
      if (kind === 'connected') this.#publishAll();
    });
    this.#ports = this.#nsdb.observeReferrers('Host', this.host, 'portIds', {
      changed: (added, removed) => {
        for (const port of removed) this.#bound.delete(port);
        for (const port of added) this.#bound.add(port);
        for (const port of [...removed, ...added]) this.#publish(port);
      },
      deleted: () => this.#bound.clear(),
      failed: () => this.#bound.clear(),
    });
  }

  /** The link of a port's interface went up or down. */
  link(port: Uuid, isUp: boolean): void {
    if (isUp) this.#down.delete(port);
    else this.#down.add(port);
    if (this.#bound.has(port)) this.#publish(port);
  }

  isLinkDown(port: Uuid): boolean {
    return this.#down.has(port);
  }

  /** Ends, telling nobody: what it published goes when its session does. */
  close(): void {
    this.#connection?.close();
    this.#ports?.close();
  }

  #publishAll(): void {
    const place = { namespace: this.host, id: this.host };
    this.#nsdb.addState(HOST_ALIVE, place, 'alive').catch(() => {}); // as for ports: see #write
    for (const port of this.#bound) this.#publish(port);
  }

  /** Writes whether a port is active, once what was written of it before is through: it counts what is so by then. */
  #publish(port: Uuid): void {
    const before = this.#writes.get(port);
    const write = before === undefined ? this.#write(port) : before.then(() => this.#write(port));
    this.#writes.set(port, write);
    void write.finally(() => {
      if (this.#writes.get(port) === write) this.#writes.delete(port);
    });
  }

  async #write(port: Uuid): Promise<void> {
    const place = { namespace: this.host, id: port };
    const activity = { host: this.host };
    try {
      if (this.#bound.has(port) && !this.#down.has(port)) await this.#nsdb.addState(PORT_ACTIVE, place, activity);
      else await this.#nsdb.removeState(PORT_ACTIVE, place, activity);
    } catch {
      // The port is gone; or the database is out of reach, and then all is published anew when it is back.
    }
  }
}
