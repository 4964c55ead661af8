import { once } from 'node:events';
import { NsdbError } from '../../../../topology/nsdb/nsdb-error.ts';
import { parseZookeeperUrl } from '../../../../topology/nsdb/zookeeper/address.ts';
import type { ZookeeperClient } from '../../../../topology/nsdb/zookeeper/client/zookeeper-client.ts';
import { MachineTimers } from '../../../../topology/nsdb/zookeeper/machine-timers.ts';
import { JOURNAL } from '../../../../topology/nsdb/zookeeper/tree.ts';
import { ZookeeperDatabase } from '../../../../topology/nsdb/zookeeper/zookeeper-database.ts';
import { ZookeeperError } from '../../../../topology/nsdb/zookeeper/zookeeper-error.ts';
import { uuid } from '../harness.ts';
import { carryOut, transactionsOf, type RandomTransaction } from '../model-operations.ts';

/** So many transactions are under way at once. */
const WORKERS = 4;

// A process that tries random transactions on objects that others write as well. Each that is made leaves a note of what it saw, under its
// number. It begins when it is given a word.
const [, , url = '', first = '', count = '', seed = '', size = ''] = process.argv;
const address = parseZookeeperUrl(url);
if (address === undefined) throw new RangeError(`${url} is no address`);
const nsdb = await new ZookeeperDatabase(address, { timers: new MachineTimers() }).open('child');
if (size === 'large') journalAll(nsdb.link.client);
process.stdout.write('ready\n');
await once(process.stdin, 'data');
process.stdin.pause();
const asked = transactionsOf(Number(seed), Number(count)).entries();
await Promise.all(
  Array.from({ length: WORKERS }, async () => {
    // oxlint-disable-next-line eslint/no-await-in-loop -- one after another
    for (const [n, transaction] of asked) await attempt(n, transaction);
  }),
);
await nsdb.close();

async function attempt(n: number, { sees: [cls, id], operations }: RandomTransaction): Promise<void> {
  try {
    await nsdb.transact(async (tx) => {
      const saw = (await tx.find(cls, id))?.fields;
      carryOut(tx, operations);
      tx.create('HostGroup', uuid(Number(first) + n), saw === undefined ? {} : { saw });
    });
  } catch (cause) {
    if (!(cause instanceof NsdbError) || !isRefusal(cause)) throw cause;
  }
}

/** Whether a transaction was not made because of what there is, or because others kept changing that. */
function isRefusal({ fault, message }: NsdbError): boolean {
  if (fault === 'invalid') return message.includes('itself'); // a reference of an object to itself
  return ['not-found', 'already-exists', 'reference-conflict', 'still-referenced', 'concurrent-modification'].includes(
    fault,
  );
}

/** Lets a client take all that is written for too large for one request, and each operation for a part of its own. */
function journalAll(client: ZookeeperClient): void {
  const multi = client.multi.bind(client);
  const weigh = client.weigh.bind(client);
  client.weigh = (operations) => (operations.length === 1 ? 400_000 : weigh(operations));
  client.multi = async (operations) => {
    const [fence] = operations;
    if (fence?.kind === 'check' && fence.path === JOURNAL) throw new ZookeeperError('too-large', 'so we say');
    return multi(operations);
  };
}
