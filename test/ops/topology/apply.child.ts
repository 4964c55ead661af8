import { readFileSync } from 'node:fs';
import { applyTopologyFile } from '../../../ops/topology/apply.ts';
import { Reports } from '../../../ops/topology/stored-network.ts';
import { parseZookeeperUrl } from '../../../topology/nsdb/zookeeper/address.ts';
import { MachineTimers } from '../../../topology/nsdb/zookeeper/machine-timers.ts';
import { ZookeeperDatabase } from '../../../topology/nsdb/zookeeper/zookeeper-database.ts';
import { SILENT } from './silent-listener.ts';
import { load } from './written.ts';

/** Applies a topology file, pruning, in as many transactions as that can take. Arguments: the database's address; the file. */
const [url = '', path = ''] = process.argv.slice(2);
const address = parseZookeeperUrl(url);
if (address === undefined) throw new TypeError('an address');

const nsdb = await new ZookeeperDatabase(address, { timers: new MachineTimers() }).open('to be killed');
const options = { prune: true, patience: 1000, bytes: 1 };
await applyTopologyFile(nsdb, new Reports(() => {}), load(readFileSync(path, 'utf8')), options, SILENT);
await nsdb.close();
