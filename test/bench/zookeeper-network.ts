import { Agent } from '../../actors/agent.ts';
import type { AgentListener } from '../../actors/agent-options.ts';
import { applyTopology } from '../../actors/apply-topology.ts';
import { HostPresence } from '../../actors/host-presence.ts';
import { VirtualTime } from '../../actors/virtual-time.ts';
import { loadTopology } from '../../topology/file/load-topology.ts';
import type { PortId, Uuid } from '../../topology/model/ids.ts';
import { macOf } from '../../topology/model/mac.ts';
import type { Nsdb } from '../../topology/nsdb/nsdb.ts';
import type { ZookeeperDatabase } from '../../topology/nsdb/zookeeper/zookeeper-database.ts';
import { ip, udpFrame } from '../simulation/packets.ts';
import { NOBODY } from './bench-network.ts';

/** An agent fed by ZooKeeper, in a network of many bridges of two ports each. */
export class ZookeeperNetwork {
  readonly agent: Agent;
  readonly #database: ZookeeperDatabase;
  readonly #ports: ReadonlyMap<string, Uuid>;
  #packets = 0;
  readonly #ended = new Map<number, () => void>();

  private constructor(database: ZookeeperDatabase, nsdb: Nsdb, ports: ReadonlyMap<string, Uuid>) {
    this.#database = database;
    this.#ports = ports;
    const listener: AgentListener = { ...NOBODY, decided: (packet) => this.#ended.get(packet)?.() };
    this.agent = new Agent({ nsdb, time: new VirtualTime(), listener });
  }

  static async open(database: ZookeeperDatabase, bridges: number): Promise<ZookeeperNetwork> {
    const lines = Array.from({ length: bridges }, (_, n) => `  b${n}: { ports: { a: , b: } }`);
    const loaded = loadTopology(`bridges:\n${lines.join('\n')}\n`, { path: 'bench.yaml' });
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.errors));
    const { names } = loaded.topology;
    const nsdb = await database.open('agent');
    await applyTopology(nsdb, loaded.topology);
    for (const [name, id] of names.hosts) {
      // oxlint-disable-next-line eslint/no-await-in-loop -- one at the most
      new HostPresence(id, await database.open(name)).open();
    }
    const network = new ZookeeperNetwork(database, nsdb, names.ports);
    await network.agent.open();
    await network.settled();
    return network;
  }

  /** The first port of a bridge. */
  portId(bridge: number): Uuid {
    const id = this.#ports.get(`b${bridge}:a`);
    if (id === undefined) throw new Error(`no bridge b${bridge}`);
    return id;
  }

  port(bridge: number): PortId {
    return this.agent.portOf(this.portId(bridge));
  }

  /** Has a bridge forward a packet that comes in by its first port: a flow is there when it resolves. */
  async installFlow(bridge: number): Promise<void> {
    const packet = ++this.#packets;
    const bytes = udpFrame({
      ethSrc: macOf(0x0200, bridge),
      ethDst: macOf(0x0200, 1 << 20),
      src: ip`10.0.0.1`,
      dst: ip`10.0.0.2`,
    });
    const ended = new Promise<void>((resolve) => this.#ended.set(packet, resolve));
    this.agent.receive({ packet, bytes, wireLength: bytes.length, port: this.port(bridge) });
    await ended;
    this.#ended.delete(packet);
  }

  settled(): Promise<void> {
    return this.#database.settled();
  }

  async close(): Promise<void> {
    await this.agent.close();
    await this.#database.close();
  }
}
