import { VirtualTime } from '../../actors/virtual-time.ts';
import { tagOf } from '../../simulation/tag.ts';
import { objectPath } from '../../topology/nsdb/paths.ts';
import { ZookeeperDatabase } from '../../topology/nsdb/zookeeper/zookeeper-database.ts';
import { withClient } from '../../topology/nsdb/zookeeper/one-client.ts';
import type { BenchResult } from './bench-result.ts';
import { onServer } from './bench-zookeeper.ts';
import { ZookeeperNetwork } from './zookeeper-network.ts';

const CHANGES = 200;

/** Milliseconds from another process's `setData` to the flows gone that rested on it: the median; beside a bare read of the same node after a watch. */
export function nsdbChange(): Promise<BenchResult> {
  return onServer(async (address) => {
    const network = await ZookeeperNetwork.open(new ZookeeperDatabase(address, { timers: new VirtualTime() }), 1);
    const millis: number[] = [];
    const bare: number[] = [];
    await withClient({ ...address, sessionTimeout: 10_000 }, async (writer) => {
      await withClient({ ...address, sessionTimeout: 10_000 }, async (reader) => {
        const path = objectPath('Port', network.portId(0));
        /* oxlint-disable eslint/no-await-in-loop -- one change after the other */
        for (let n = 0; n < CHANGES; n++) {
          await network.installFlow(0);
          await network.agent.settled();
          const { value } = await reader.data(path);
          const record = JSON.parse(value?.data.toString() ?? '') as { fields: Record<string, unknown> };
          record.fields['adminStateUp'] = false;
          const gone = new Promise<number>((resolve) => {
            const isWatched = network.agent.flows.watch(tagOf('Device', network.port(0)), () =>
              resolve(performance.now()),
            );
            if (!isWatched) throw new Error('no flow rests on the port');
          });
          const start = performance.now();
          await writer.multi([{ kind: 'set', path, data: Buffer.from(JSON.stringify(record)) }]);
          millis.push((await gone) - start);
          record.fields['adminStateUp'] = true;
          await writer.multi([{ kind: 'set', path, data: Buffer.from(JSON.stringify(record)) }]);
          await network.agent.settled();
          await network.settled();
          const from = performance.now();
          await writer.multi([{ kind: 'set', path, data: Buffer.from(JSON.stringify(record)) }]);
          await reader.data(path);
          bare.push(performance.now() - from);
          await network.settled();
        }
        /* oxlint-enable eslint/no-await-in-loop */
      });
    });
    await network.close();
    return {
      name: 'nsdb-change',
      value: median(millis),
      unit: 'ms',
      against: [
        { name: 'written and read, by hand', value: median(bare) },
        { name: '99th of 100', value: millis.toSorted((a, b) => a - b)[Math.floor(CHANGES * 0.99)] ?? NaN },
      ],
    };
  });
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;
}
