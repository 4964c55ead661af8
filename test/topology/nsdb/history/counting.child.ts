import { uuid } from '../harness.ts';
import { NsdbError } from '../../../../topology/nsdb/nsdb-error.ts';
import { parseZookeeperUrl } from '../../../../topology/nsdb/zookeeper/address.ts';
import { MachineTimers } from '../../../../topology/nsdb/zookeeper/machine-timers.ts';
import { ZookeeperDatabase } from '../../../../topology/nsdb/zookeeper/zookeeper-database.ts';

// A process that draws numbers from a counter that others draw from as well, and makes an object for each. It prints the numbers.
const [, , url = '', name = '', first = '', count = ''] = process.argv;
const address = parseZookeeperUrl(url);
if (address === undefined) throw new RangeError(`${url} is no address`);
const database = new ZookeeperDatabase(address, { timers: new MachineTimers() });
const nsdb = await database.open(name, { sessionTimeout: 2000 });
for (let drawn = 0; drawn < Number(count);) {
  /* oxlint-disable eslint/no-await-in-loop -- one after another */
  try {
    const number = await nsdb.transact(async (tx) => {
      const { fields } = await tx.get('Host', uuid(1000));
      const next = Number(fields['n']) + 1;
      tx.update('Host', uuid(1000), { n: next });
      tx.create('Network', uuid(Number(first) + drawn), { name, number: next });
      return next;
    });
    drawn++;
    process.stdout.write(`${number}\n`);
  } catch (cause) {
    if (!(cause instanceof NsdbError) || cause.fault !== 'concurrent-modification') throw cause;
  }
  /* oxlint-enable eslint/no-await-in-loop */
}
await nsdb.close();
