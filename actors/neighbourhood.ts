import { portTowards, type Router } from '../simulation/device/router.ts';
import { arpRequest } from '../simulation/packet/arp.ts';
import { ArpBroker, type ArpAct } from '../simulation/state/arp-broker.ts';
import { tagsOfNeighbourChange, type Neighbour } from '../simulation/state/neighbour-table.ts';
import { RouterTables } from '../simulation/state/router-tables.ts';
import { tagOf } from '../simulation/tag.ts';
import type { DeviceId, PortId, Uuid } from '../topology/model/ids.ts';
import { formatIpv4, type Ipv4 } from '../topology/model/ipv4.ts';
import { BROADCAST_MAC, type Mac } from '../topology/model/mac.ts';
import type { Millis } from '../topology/model/time.ts';
import type { Cancel } from '../topology/model/timers.ts';
import type { StateTable } from '../topology/nsdb/state-table.ts';
import { ARP_TABLE, type ArpEntry } from '../topology/nsdb/state-tables.ts';
import type { AgentParts } from './agent-parts.ts';
import { entryChangesOf } from './change-log.ts';
import { dumpNeighbours } from './dump/dump-router.ts';

/**
 * A router's neighbours among actors: does what the {@link ArpBroker} asks for, at the times it names, and feeds it the changes of
 * the replicated table.
 */
export class Neighbourhood {
  readonly #router: DeviceId;
  readonly #agent: AgentParts;
  readonly #table: StateTable<Ipv4, ArpEntry>;
  readonly #broker: ArpBroker;
  readonly tables: RouterTables;
  #current: Router | undefined;
  /** How often chance was asked. */
  #draws = 0;
  #waking: { readonly at: Millis; readonly cancel: Cancel } | undefined;

  /** @param ready called when the replica of the table is complete */
  constructor(id: Uuid, agent: AgentParts, ready: () => void) {
    const { nsdb, directory, flows, timers, invalidate } = agent;
    const entryChanged = entryChangesOf(agent, 'Router', id);
    const draw = agent.chance(`arp ${id}`);
    this.#router = directory.deviceOf(id);
    this.#agent = agent;
    this.#table = nsdb.table(ARP_TABLE, { owner: id });
    this.tables = new RouterTables({
      learned: (address, mac, port, now) => this.#learned(address, mac, port, now),
      used: (address, port, now) => this.#perform(this.#broker.want(address, port, now)),
    });
    this.#broker = new ArpBroker({
      neighbours: this.tables.neighbours,
      isUsed: (address) => flows.carries(tagOf('ArpEntry', this.#router, address)),
      portTowards: (address) => this.#current && portTowards(this.#current, address),
      chance: () => {
        this.#draws++;
        return draw();
      },
    });
    this.#table.observe({
      changed: (address, entry, former) => {
        const before = this.tables.neighbours.get(address);
        const now = entry && neighbourOf(entry);
        const acts = this.#broker.changed(address, now, timers.now());
        entryChanged(
          'arp_table',
          () => ({
            key: formatIpv4(address),
            isOwn: this.#table.isOwn(address),
            was: former && ARP_TABLE.value.format(former),
            is: entry && ARP_TABLE.value.format(entry),
          }),
          () => invalidate(tagsOfNeighbourChange(this.#router, address, before, now)),
        );
        this.#perform(acts);
      },
      ready,
    });
  }

  /** Whether the replica of the table is complete. */
  get isReady(): boolean {
    return this.#table.ready;
  }

  /** The router as it is now: requests go by its ports. */
  reconfigured(router: Router): void {
    this.#current = router;
  }

  /** Packets wait for the address. */
  want(address: Ipv4, port: PortId): void {
    this.#perform(this.#broker.want(address, port, this.#agent.timers.now()));
  }

  /** What is known of neighbours, in lines. */
  *dump(): Generator<string, void> {
    yield* dumpNeighbours(this.tables, this.#broker, this.#agent.directory);
    yield `chance was asked ${this.#draws} times`;
  }

  close(): void {
    this.#waking?.cancel();
    this.#table.close();
  }

  #learned(address: Ipv4, mac: Mac, port: PortId, now: Millis): void {
    this.#perform(this.#broker.learned(address, mac, port, now));
  }

  #perform(acts: readonly ArpAct[]): void {
    for (const act of acts) {
      switch (act.kind) {
        case 'request':
          this.#request(act.address, act.port, act.to);
          break;
        case 'write':
          this.#table.add(act.address, act.neighbour);
          break;
        case 'remove':
          this.#table.remove(act.address);
          break;
        case 'wake':
          this.#agent.found({ kind: 'next-hop', router: this.#router, address: act.address });
      }
    }
    this.#schedule();
  }

  #request(address: Ipv4, port: PortId, to: Mac | undefined): void {
    const from = this.#current?.ports.get(port);
    if (from?.address === undefined) return;
    const bytes = arpRequest({
      ethSrc: from.mac,
      ethDst: to ?? BROADCAST_MAC,
      senderMac: from.mac,
      senderIp: from.address,
      targetIp: address,
    });
    this.#agent.originate({ cause: 'arp-request', bytes, egress: port });
  }

  #schedule(): void {
    const at = this.#broker.nextDeadline();
    if (at === this.#waking?.at) return;
    this.#waking?.cancel();
    this.#waking = undefined;
    if (at === undefined) return;
    const cancel = this.#agent.timers.at(at, () => {
      this.#waking = undefined;
      this.#perform(this.#broker.tick(this.#agent.timers.now()));
    });
    this.#waking = { at, cancel };
  }
}

/** What the table says of a neighbour; undefined while it is only asked for, by an agent that writes so. */
function neighbourOf({ mac, expiry, stale, lastArp }: ArpEntry): Neighbour | undefined {
  return mac === undefined ? undefined : { mac, expiry, stale, lastArp };
}
