import { readFileSync } from 'node:fs';
import { applyTopologyFile } from '../../../ops/topology/apply.ts';
import { Reports } from '../../../ops/topology/stored-network.ts';
import type { Nsdb } from '../../../topology/nsdb/nsdb.ts';
import type { ZookeeperAddress } from '../../../topology/nsdb/zookeeper/address.ts';
import { MachineTimers } from '../../../topology/nsdb/zookeeper/machine-timers.ts';
import { ZookeeperDatabase } from '../../../topology/nsdb/zookeeper/zookeeper-database.ts';
import { overriding } from './overriding.ts';
import { load } from './written.ts';

/**
 * Applies a topology file, pruning, write by write, and dies by SIGKILL when so many transactions are made. Prints the key of its session
 * first, by which somebody else can end it.
 *
 * Arguments: the database's address as JSON; the file; how many transactions it lives for.
 */
const [addressText = '', path = '', life = ''] = process.argv.slice(2);
const address = JSON.parse(addressText) as ZookeeperAddress;
let left = Number(life);

const nsdb = await new ZookeeperDatabase(address, { timers: new MachineTimers() }).open('to be killed');
process.stdout.write(`${JSON.stringify(nsdb.session)}\n`);
const options = { prune: true, patience: 1000, bytes: 1 };
const listener = { waiting: () => {}, planned: () => {}, done: () => {} };
await applyTopologyFile(mortal(nsdb), new Reports(() => {}), load(readFileSync(path, 'utf8')), options, listener);
await nsdb.close();

/** A handle whose process dies when the time has come: before a transaction begins, as soon as the one before was acknowledged. */
function mortal(handle: Nsdb): Nsdb {
  return overriding(handle, {
    transact: (body) => spend(() => handle.transact(body)),
    table: (kind, place) => {
      const table = handle.table(kind, place);
      return overriding(table, {
        persist: (key, value) => spend(() => table.persist(key, value)),
        unpersist: (key, value) => spend(() => table.unpersist(key, value)),
      });
    },
  });
}

async function spend<T>(transaction: () => Promise<T>): Promise<T> {
  if (left <= 0) process.kill(process.pid, 'SIGKILL');
  const result = await transaction();
  left -= 1;
  if (left <= 0) process.kill(process.pid, 'SIGKILL');
  return result;
}
