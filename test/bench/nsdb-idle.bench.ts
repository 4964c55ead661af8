import { setTimeout } from 'node:timers/promises';
import { MachineTimers } from '../../topology/nsdb/zookeeper/machine-timers.ts';
import { ZookeeperDatabase } from '../../topology/nsdb/zookeeper/zookeeper-database.ts';
import type { BenchResult } from './bench-result.ts';
import { onServer } from './bench-zookeeper.ts';
import { ZookeeperNetwork } from './zookeeper-network.ts';

const BRIDGES = 1000;
const SECONDS = 8;
/** Bridges that are brought up at once. */
const BURST = 100;

/** The share of a core, in percent, that an agent takes that watches 1,000 bridges while nothing changes; beside the process before. */
export function nsdbIdle(): Promise<BenchResult> {
  return onServer(async (address) => {
    const database = new ZookeeperDatabase(address, { timers: new MachineTimers() });
    const before = await share(SECONDS / 2);
    const network = await ZookeeperNetwork.open(database, BRIDGES);
    for (let bridge = 0; bridge < BRIDGES; bridge += BURST) {
      const burst = Array.from({ length: BURST }, (_, n) => network.installFlow(bridge + n));
      // oxlint-disable-next-line eslint/no-await-in-loop -- more at once would be refused
      await Promise.all(burst);
    }
    await network.agent.settled();
    if (network.agent.actors < BRIDGES) throw new Error(`${network.agent.actors} actors are up`);
    await setTimeout(1000);
    const value = await share(SECONDS);
    await network.close();
    return { name: 'nsdb-idle', value, unit: '% of a core', against: [{ name: 'without an agent', value: before }] };
  });
}

async function share(seconds: number): Promise<number> {
  const start = process.cpuUsage();
  await setTimeout(seconds * 1000);
  const { user, system } = process.cpuUsage(start);
  return (user + system) / seconds / 10_000;
}
