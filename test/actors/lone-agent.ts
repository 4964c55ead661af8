import { ok } from 'node:assert/strict';
import { Agent } from '../../actors/agent.ts';
import { applyTopology } from '../../actors/apply-topology.ts';
import { HostPresence } from '../../actors/host-presence.ts';
import { VirtualTime } from '../../actors/virtual-time.ts';
import { loadTopology } from '../../topology/file/load-topology.ts';
import type { Topology } from '../../topology/file/topology.ts';
import type { Uuid } from '../../topology/model/ids.ts';
import type { Mac } from '../../topology/model/mac.ts';
import type { Nsdb } from '../../topology/nsdb/nsdb.ts';
import { ethernetFrame } from '../simulation/packets.ts';
import { wordsOf } from './network.ts';

/** An agent on any database: for what it makes of frames while that database is in trouble. */
export class LoneAgent {
  readonly agent: Agent;
  readonly #topology: Topology;
  readonly #ends = new Map<number, string>();
  readonly #out = new Map<number, string[]>();

  private constructor(nsdb: Nsdb, topology: Topology) {
    this.#topology = topology;
    const end = (packet: number, words: string) => void this.#ends.set(packet, words);
    this.agent = new Agent({
      nsdb,
      time: new VirtualTime(),
      listener: {
        frameOut: (port, _bytes, _length, _wire, packet) => {
          const names = this.#out.get(packet) ?? [];
          this.#out.set(packet, [...names, this.agent.directory.nameOf(port)].toSorted());
        },
        decided: (packet, outcome) => end(packet, wordsOf(outcome)),
        generated: () => {},
        generatedEnded: () => {},
        limited: () => {},
        traced: () => {},
        faulted: (actor, topic, cause) => end(0, `${actor} at ${topic}: ${String(cause)}`),
      },
    });
  }

  /** Writes a topology into the database, and starts an agent on it. */
  static async of(text: string, nsdb: Nsdb): Promise<LoneAgent> {
    const loaded = loadTopology(text, { path: 'story.yaml' });
    ok(loaded.ok);
    await applyTopology(nsdb, loaded.topology);
    const lone = new LoneAgent(nsdb, loaded.topology);
    for (const host of loaded.topology.names.hosts.values()) new HostPresence(host, nsdb).open();
    await lone.agent.open();
    return lone;
  }

  /** The id of a host, a bridge or a router, or of a port (`bridge:port`), by its name in the topology. */
  idOf(name: string): Uuid {
    const { hosts, devices, ports } = this.#topology.names;
    const id = ports.get(name) ?? devices.get(name) ?? hosts.get(name);
    ok(id !== undefined, name);
    return id;
  }

  /** Lets a frame in at a port `bridge:port`. @returns how it ended, and by which ports it left */
  async send(name: string, bytes: Uint8Array): Promise<readonly string[]> {
    const packet = this.agent.nextPacket();
    this.agent.receive({ packet, bytes, wireLength: bytes.length, port: this.agent.portOf(this.idOf(name)) });
    await this.agent.settled();
    ok(!this.#ends.has(0), this.#ends.get(0));
    return [this.#ends.get(packet) ?? 'waits', ...(this.#out.get(packet) ?? [])];
  }

  close(): Promise<void> {
    return this.agent.close();
  }
}

/** A frame of a protocol that nobody speaks, from one station to another. */
export function frameTo(ethDst: Mac, ethSrc: Mac): Uint8Array {
  return ethernetFrame(0x88b5, new Uint8Array(20), { ethSrc, ethDst });
}
