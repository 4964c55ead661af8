import { deepEqual, equal, ok } from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { objectPath } from '../../../../topology/nsdb/paths.ts';
import { parseZookeeperUrl } from '../../../../topology/nsdb/zookeeper/address.ts';
import { MachineTimers } from '../../../../topology/nsdb/zookeeper/machine-timers.ts';
import { JOURNAL } from '../../../../topology/nsdb/zookeeper/tree.ts';
import { ZookeeperDatabase } from '../../../../topology/nsdb/zookeeper/zookeeper-database.ts';
import type { ZookeeperNsdb } from '../../../../topology/nsdb/zookeeper/zookeeper-nsdb.ts';
import { CREDENTIALS, describeOnZookeeper, freshRoot } from '../../../on-zookeeper.ts';
import { create, fieldsOf, uuid } from '../harness.ts';
import { MODEL_CLASSES, referrersAgree, transactionsOf, type RandomTransaction } from '../model-operations.ts';
import { ReferenceModel } from '../reference-model.ts';
import { endOf } from './end-of.ts';

/** An object that holds the last number drawn; of no process's own. */
const counter = uuid(1000);
/** The number of the first object that a process makes; the second process counts from twice that. */
const FIRST = 10_000;

/** Whether a process takes all that it writes for too large for one request. */
type Size = 'small' | 'large';

describeOnZookeeper('transactions of two processes that want the same', (server) => {
  let url: string;
  let nsdb: ZookeeperNsdb;
  let children: ChildProcess[];

  beforeEach(async () => {
    children = [];
    const { user, password } = CREDENTIALS;
    url = `zookeeper://${user}:${password}@127.0.0.1:${server().port}${freshRoot()}`;
    const address = parseZookeeperUrl(url);
    ok(address);
    nsdb = await new ZookeeperDatabase(address, { timers: new MachineTimers() }).open('parent');
    await create(nsdb, ['Host', counter, { n: 0 }]);
  });

  afterEach(async () => {
    for (const child of children) child.kill('SIGKILL');
    await nsdb.close();
  });

  const start = (file: string, ...args: readonly (number | string)[]) => {
    const path = fileURLToPath(new URL(file, import.meta.url));
    const child = spawn(process.execPath, [path, url, ...args.map(String)], { stdio: ['pipe', 'pipe', 'inherit'] });
    children.push(child);
    return child;
  };

  /** Starts a process that draws so many numbers; `drew` hears of each. Resolves when it has ended. */
  const draw = (name: 'a' | 'b', most: number, drew: (number: number, kill: () => void) => void) => {
    const child = start('counting.child.js', name, name === 'a' ? FIRST : 2 * FIRST, most);
    createInterface(child.stdout).on('line', (line) => drew(Number(line), () => child.kill('SIGKILL')));
    return endOf(child);
  };

  /** The counter, and who has which number. */
  const standing = async () => {
    const owners = (await nsdb.list('Network')).map(({ fields: { number, name } }) => [Number(number), name] as const);
    return { n: (await fieldsOf(nsdb, 'Host', counter))?.['n'], owners: owners.toSorted(([x], [y]) => x - y) };
  };

  /** Starts two processes, and lets them write when both are ready. Resolves when they have ended. */
  const quarrel = async (count: number, seed: number, sizes: readonly Size[]) => {
    const both = sizes.map((size, n) => start('quarrelling.child.js', (n + 1) * FIRST, count, seedOf(seed, n), size));
    await Promise.all(both.map(({ stdout }) => once(createInterface(stdout), 'line')));
    for (const { stdin } of both) stdin.end('go');
    deepEqual(await Promise.all(both.map(endOf)), [0, 0]);
  };

  /** What was done, in the order in which it was, and what was seen of other objects by those who did it. */
  const done = async (count: number, seed: number): Promise<readonly Done[]> => {
    const asked = [0, 1].map((process) => transactionsOf(seedOf(seed, process), count));
    const notes = await Promise.all(
      (await nsdb.list('HostGroup')).map(async ({ id, fields }) => {
        const { value } = await nsdb.link.client.stat(objectPath('HostGroup', id));
        const number = Number(id.slice(-12));
        const transaction = asked[Math.floor(number / FIRST) - 1]?.[number % FIRST];
        ok(transaction && value);
        return { ...transaction, saw: fields['saw'], at: value.created };
      }),
    );
    return notes.toSorted((a, b) => a.at - b.at);
  };

  /** Asserts that all was seen, and has become, as the model has it. */
  const agree = async (count: number, seed: number, sizes: readonly Size[]) => {
    await quarrel(count, seed, sizes);
    const model = new ReferenceModel();
    for (const { sees, saw, operations } of await done(count, seed)) {
      deepEqual(saw, new Map(model.all()).get(sees.join('/')));
      equal(model.transact(operations), undefined, JSON.stringify(operations));
    }
    const objects = (await Promise.all(MODEL_CLASSES.map((cls) => nsdb.list(cls)))).flat();
    const all = objects.map(({ class: cls, id, fields }) => [`${cls}/${id}`, fields] as const);
    deepEqual(
      all.toSorted(([a], [b]) => (a < b ? -1 : 1)),
      model.all(),
    );
    await referrersAgree(nsdb, new Map(all));
    deepEqual((await nsdb.link.client.children(JOURNAL)).value?.names, []);
  };

  it('are made one after the other, each as a whole: no number is drawn twice', async () => {
    const drawn: [number: number, name: string][] = [];
    const ends = await Promise.all(
      (['a', 'b'] as const).map((name) => draw(name, 60, (number) => drawn.push([number, name]))),
    );
    deepEqual(ends, [0, 0]);
    const { n, owners } = await standing();
    equal(n, 120);
    deepEqual(
      owners,
      drawn.toSorted(([x], [y]) => x - y),
    );
    deepEqual(
      owners.map(([number]) => number),
      Array.from({ length: 120 }, (_, k) => k + 1),
    );
  });

  it('leave nothing half made when one of the processes is killed; the other goes on', async () => {
    let drawn = 0;
    const [killed, lived] = await Promise.all([
      draw('a', 1_000_000, (_, kill) => {
        if (++drawn === 20) kill();
      }),
      draw('b', 100, () => {}),
    ]);
    deepEqual([killed, lived], ['SIGKILL', 0]);
    const { n, owners } = await standing();
    ok(drawn >= 20 && Number(n) >= 100 + drawn);
    deepEqual(
      owners.map(([number]) => number),
      Array.from({ length: Number(n) }, (_, k) => k + 1),
    );
    equal(owners.filter(([, name]) => name === 'b').length, 100);
  });

  for (const seed of [1, 2, 3]) {
    it(`come to what a model makes of them, one after the other (seed ${seed})`, () =>
      agree(200, seed, ['small', 'small']));
  }

  it('do so where those of one process are too large for one request each', () => agree(80, 4, ['large', 'small']));

  it('do so where all are', () => agree(50, 5, ['large', 'large']));
});

/** A transaction that was made. */
interface Done extends RandomTransaction {
  readonly saw: unknown;
}

function seedOf(seed: number, process: number): number {
  return seed * 2 + process;
}
