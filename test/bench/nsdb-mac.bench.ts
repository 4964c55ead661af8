import type { Uuid } from '../../topology/model/ids.ts';
import { macOf } from '../../topology/model/mac.ts';
import { MAC_TABLE } from '../../topology/nsdb/state-tables.ts';
import type { ZookeeperAddress } from '../../topology/nsdb/zookeeper/address.ts';
import type { Operation } from '../../topology/nsdb/zookeeper/client/operation.ts';
import type { ZookeeperClient } from '../../topology/nsdb/zookeeper/client/zookeeper-client.ts';
import { MachineTimers } from '../../topology/nsdb/zookeeper/machine-timers.ts';
import { withClient } from '../../topology/nsdb/zookeeper/one-client.ts';
import { ZookeeperDatabase } from '../../topology/nsdb/zookeeper/zookeeper-database.ts';
import type { BenchResult } from './bench-result.ts';
import { onServer } from './bench-zookeeper.ts';

const MACS = 10_000;
const BATCH = 500;
const NETWORK = '00000000-0000-4000-8000-000000000001' as Uuid;
const PORT = '00000000-0000-4000-8000-000000000002' as Uuid;

/** Seconds until 10,000 learned MACs, half of them from each of two agents, are in both replicas; beside two clients that make as many nodes. */
export function nsdbMac(): Promise<BenchResult> {
  return onServer(async (address) => {
    const value = await learned(address);
    return { name: 'nsdb-mac', value, unit: 's', against: [{ name: 'nodes made alone', value: await made(address) }] };
  });
}

async function learned(address: ZookeeperAddress): Promise<number> {
  const agents = await Promise.all(
    ['one', 'two'].map((name) => new ZookeeperDatabase(address, { timers: new MachineTimers() }).open(name)),
  );
  const [one] = agents;
  await one?.transact((tx) => tx.create('Network', NETWORK, {}));
  const tables = agents.map((agent) => agent.table(MAC_TABLE, { owner: NETWORK, arg: 0 }));
  await Promise.all(tables.map((table) => new Promise<void>((ready) => table.observe({ changed() {}, ready }))));
  const start = performance.now();
  const whole = Promise.all(
    tables.map(
      (table) =>
        new Promise<void>((resolve) =>
          table.observe({
            changed() {
              if (table.size === MACS) resolve();
            },
          }),
        ),
    ),
  );
  for (const [agent, table] of tables.entries()) {
    for (let n = 0; n < MACS / 2; n++) table.add(macOf(0x0200 + agent, n), PORT);
  }
  await whole;
  const seconds = (performance.now() - start) / 1000;
  await Promise.all(agents.map((agent) => agent.close()));
  return seconds;
}

/** The same nodes, made by two clients that watch nothing. */
function made(address: ZookeeperAddress): Promise<number> {
  const options = { ...address, root: '/alone', sessionTimeout: 10_000 };
  return withClient(options, (one) =>
    withClient(options, async (two) => {
      await one.plantRoot();
      const start = performance.now();
      await Promise.all([writeHalf(one, 0), writeHalf(two, 1)]);
      return (performance.now() - start) / 1000;
    }),
  );
}

function writeHalf(client: ZookeeperClient, agent: number): Promise<unknown> {
  const batches = Array.from({ length: MACS / 2 / BATCH }, (_, batch) => batch * BATCH);
  return Promise.all(
    batches.map((from) => client.multi(Array.from({ length: BATCH }, (_, n) => entry(agent, from + n)))),
  );
}

function entry(agent: number, n: number): Operation {
  const path = `/02:0${agent}:00:00:00:00-${n},${PORT},`;
  return { kind: 'create', path, data: Buffer.alloc(0), mode: 'ephemeral-sequential' };
}
