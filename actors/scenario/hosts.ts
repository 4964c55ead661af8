import type { DropReason } from '../../simulation/verdict.ts';
import type { Topology } from '../../topology/file/topology.ts';
import type { Uuid } from '../../topology/model/ids.ts';
import type { RunDatabase, SeverableNsdb } from '../../topology/nsdb/run-database.ts';
import { HostPresence } from '../host-presence.ts';

/** A host: what it says of itself, and the session that it says it by. */
interface Host {
  readonly presence: HostPresence;
  readonly nsdb: SeverableNsdb;
  isDead: boolean;
}

/** The hosts of a run. One agent plays them all, but each lives by a session of its own. */
export class Hosts {
  readonly #hosts = new Map<Uuid, Host>();
  /** The host of each port that is bound to one. */
  readonly #hostOf = new Map<Uuid, Uuid>();

  /** Each says that it is alive, and that its ports are active. The topology is in the database. */
  async open(database: RunDatabase, { objects, names }: Topology): Promise<void> {
    for (const { class: cls, object } of objects) {
      if (cls === 'Port' && object.hostId !== undefined) this.#hostOf.set(object.id, object.hostId);
    }
    for (const [name, id] of names.hosts) {
      // oxlint-disable-next-line eslint/no-await-in-loop -- in the order in which the file has them
      const nsdb = await database.open(name);
      const presence = new HostPresence(id, nsdb);
      presence.open();
      this.#hosts.set(id, { presence, nsdb, isDead: false });
    }
  }

  /** The link of a port's interface goes up or down. */
  link(port: Uuid, isUp: boolean): void {
    this.#at(port)?.presence.link(port, isUp);
  }

  /** The agent of a host dies without a word: its session ends when it times out. */
  kill(id: Uuid): void {
    const host = this.#hosts.get(id);
    if (host === undefined) return;
    host.isDead = true;
    host.nsdb.cutLink();
  }

  /** A host is cut off from the database, or reaches it again; unless its agent is dead, which no healing brings back. */
  partition(id: Uuid, isCut: boolean): void {
    const host = this.#hosts.get(id);
    if (host === undefined || host.isDead) return;
    if (isCut) host.nsdb.cutLink();
    else host.nsdb.restoreLink();
  }

  /** Why a packet that comes in by a port is dropped; undefined when the agent there takes it. */
  refusalIn(port: Uuid): DropReason | undefined {
    return this.#at(port)?.isDead === true ? 'agent-dead' : undefined;
  }

  /**
   * Why a copy that leaves by a port reaches nobody; undefined when it reaches somebody. The network may not know that the agent is
   * dead, nor hear of a host that is cut off that a link there is down.
   */
  refusalOut(port: Uuid): DropReason | undefined {
    const host = this.#at(port);
    if (host?.presence.isLinkDown(port) === true) return 'port-inactive';
    return host?.isDead === true ? 'agent-dead' : undefined;
  }

  #at(port: Uuid): Host | undefined {
    const host = this.#hostOf.get(port);
    return host === undefined ? undefined : this.#hosts.get(host);
  }
}
