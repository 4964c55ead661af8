import zookeeper, { type Client } from 'node-zookeeper-client';
import type { Uuid } from '../../topology/model/ids.ts';
import type { NewObject } from '../../topology/nsdb/creation-order.ts';
import { load } from '../../topology/nsdb/load.ts';
import type { ZookeeperAddress } from '../../topology/nsdb/zookeeper/address.ts';
import type { Operation } from '../../topology/nsdb/zookeeper/client/operation.ts';
import { ZookeeperClient } from '../../topology/nsdb/zookeeper/client/zookeeper-client.ts';
import { MachineTimers } from '../../topology/nsdb/zookeeper/machine-timers.ts';
import { ZookeeperDatabase } from '../../topology/nsdb/zookeeper/zookeeper-database.ts';
import type { BenchResult } from './bench-result.ts';
import { onServer } from './bench-zookeeper.ts';

const OBJECTS = 10_000;
const ROUNDS = 2;
/** Rounds before, of few objects: until both processes have compiled what they run. */
const WARMING = 4;
const FEW = 1000;
/** Ports of one bridge. */
const PORTS = 99;

/** Objects per second when a topology of 10,000 is loaded, beside the raw client that writes the same nodes with the same batching: the better of two each, in turns. */
export function nsdbLoad(): Promise<BenchResult> {
  return onServer(async (address) => {
    const rates: number[] = [];
    const raw: number[] = [];
    /* oxlint-disable eslint/no-await-in-loop -- in turns, so that both share good moments and bad ones */
    for (let round = 0; round < WARMING + ROUNDS; round++) {
      const objects = round < WARMING ? FEW : OBJECTS;
      const { seconds, multis } = await loaded({ ...address, root: `/own-${round}` }, objects);
      const alone = await written(address, `/raw-${round}`, multis);
      if (round < WARMING) continue;
      rates.push(objects / seconds);
      raw.push(objects / alone);
    }
    /* oxlint-enable eslint/no-await-in-loop */
    const [value, against] = [Math.max(...rates), Math.max(...raw)];
    return {
      name: 'nsdb-load',
      value,
      unit: 'objects/s',
      against: [
        { name: 'raw client', value: against },
        { name: 'ratio', value: value / against },
      ],
    };
  });
}

function topology(count: number): readonly NewObject[] {
  const objects: NewObject[] = [];
  let network = idOf(0);
  for (let n = 0; n < count; n++) {
    if (n % (PORTS + 1) === 0) {
      network = idOf(n);
      objects.push({ class: 'Network', id: network, fields: { name: `bridge-${n}`, adminStateUp: true } });
    } else {
      objects.push({
        class: 'Port',
        id: idOf(n),
        fields: { name: `port-${n}`, networkId: network, adminStateUp: true, interfaceName: `tap-${n}` },
      });
    }
  }
  return objects;
}

function idOf(n: number): Uuid {
  return `00000000-0000-4000-8000-${String(n).padStart(12, '0')}` as Uuid;
}

/** Loads the topology, and takes down what was asked of the server for it. */
async function loaded(
  address: ZookeeperAddress,
  count: number,
): Promise<{ readonly seconds: number; readonly multis: readonly (readonly Operation[])[] }> {
  const nsdb = await new ZookeeperDatabase(address, { timers: new MachineTimers() }).open('loader');
  const multis: (readonly Operation[])[] = [];
  const { client } = nsdb.link;
  const multi = ZookeeperClient.prototype.multi.bind(client);
  client.multi = (operations) => {
    multis.push(operations);
    return multi(operations);
  };
  const objects = topology(count);
  const start = performance.now();
  await load(nsdb, objects);
  const seconds = (performance.now() - start) / 1000;
  const found = await nsdb.list('Port');
  if (found.length !== count - count / (PORTS + 1)) throw new Error(`${found.length} ports were loaded`);
  await nsdb.close();
  return { seconds, multis };
}

/** Writes the same by the client library alone: seconds. What loading made before its first request is made first, uncounted. */
async function written(
  { servers, credentials }: ZookeeperAddress,
  root: string,
  multis: readonly (readonly Operation[])[],
): Promise<number> {
  const tree = new ZookeeperDatabase({ servers, credentials, root }, { timers: new MachineTimers() });
  await (await tree.open('planter')).close();
  const client = zookeeper.createClient(servers);
  client.addAuthInfo('digest', Buffer.from(`${credentials.user}:${credentials.password}`));
  const connected = new Promise((resolve) => client.once('connected', resolve));
  client.connect();
  await connected;
  const start = performance.now();
  // oxlint-disable-next-line eslint/no-await-in-loop -- one transaction after the other, as loading does
  for (const operations of multis) await commit(client, root, operations);
  const seconds = (performance.now() - start) / 1000;
  const closed = new Promise((resolve) => client.once('disconnected', resolve));
  client.close();
  await closed;
  return seconds;
}

function commit(client: Client, root: string, operations: readonly Operation[]): Promise<void> {
  const transaction = client.transaction();
  for (const operation of operations) {
    const path = root + operation.path;
    if (operation.kind === 'create') transaction.create(path, operation.data, zookeeper.ACL.CREATOR_ALL_ACL);
    else if (operation.kind === 'set') transaction.setData(path, operation.data, operation.version ?? -1);
    else if (operation.kind === 'delete') transaction.remove(path, operation.version ?? -1);
    else transaction.check(path, operation.version ?? -1);
  }
  return new Promise((resolve, reject) => transaction.commit((error) => (error ? reject(error) : resolve())));
}
