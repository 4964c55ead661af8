import { parseUuid } from '../../../../topology/model/ids.ts';
import { parseZookeeperUrl } from '../../../../topology/nsdb/zookeeper/address.ts';
import { MachineTimers } from '../../../../topology/nsdb/zookeeper/machine-timers.ts';
import { ZookeeperDatabase } from '../../../../topology/nsdb/zookeeper/zookeeper-database.ts';

// A process that deletes a network, or, where none is named, lists the ports. It prints the key of its session first.
const [, , url = '', lens = '', text = ''] = process.argv;
const address = parseZookeeperUrl(url);
if (address === undefined) throw new RangeError(`${url} is no address`);
const nsdb = await new ZookeeperDatabase(address, { timers: new MachineTimers() }).open('child');
const { id, password } = nsdb.session;
process.stdout.write(`${id.toString('hex')} ${password.toString('hex')}\n`);
const { client } = nsdb.link;
const weigh = client.weigh.bind(client);
client.weigh = (operations) => weigh(operations) * Number(lens); // its requests seem so much larger than they are
const network = parseUuid(text);
if (network === undefined) await nsdb.list('Port');
else await nsdb.transact((tx) => tx.delete('Network', network));
await nsdb.close();
