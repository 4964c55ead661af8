import { deepEqual, equal, rejects } from 'node:assert/strict';
import { assert, asyncProperty, boolean, nat } from 'fast-check';
import { applyTopologyFile, type Applied } from '../../../ops/topology/apply.ts';
import { exportNetwork } from '../../../ops/topology/export-network.ts';
import { planTopology } from '../../../ops/topology/plan-topology.ts';
import { readNetwork, Reports } from '../../../ops/topology/stored-network.ts';
import type { Uuid } from '../../../topology/model/ids.ts';
import type { Topology } from '../../../topology/file/topology.ts';
import { EmbeddedDatabase } from '../../../topology/nsdb/embedded/embedded-database.ts';
import type { Nsdb } from '../../../topology/nsdb/nsdb.ts';
import { isEmpty } from '../../../topology/nsdb/plan/plan.ts';
import { arbitraryRecords } from '../../topology/file/arbitrary-records.ts';
import { create, edit, fieldsOf, remove } from '../../topology/nsdb/harness.ts';
import { ManualTimers } from '../../topology/nsdb/manual-timers.ts';
import { overriding } from './overriding.ts';
import { SILENT } from './silent-listener.ts';
import { fileOf, hasJust, load } from './written.ts';

/** So little that a transaction holds an object or two. */
const BYTES = 2000;

describe('Applying a topology file', () => {
  const topologies = arbitraryRecords.map((records) => load(fileOf(records)));

  it('makes the database have what the file says and nothing else, when it prunes; a second time nothing is to do', async () => {
    await assert(
      asyncProperty(topologies, topologies, async (before, after) => {
        const nsdb = open();
        equal(await apply(nsdb, before), before.objects.length === 0 ? 'unchanged' : 'applied');
        await apply(nsdb, after);
        await hasJust(nsdb, after);
        equal(await apply(nsdb, after), 'unchanged');
      }),
      { numRuns: 80 },
    );
  });

  it('leaves what the file does not have, when it does not prune', async () => {
    await assert(
      asyncProperty(topologies, topologies, async (before, after) => {
        const nsdb = open();
        await apply(nsdb, before);
        await apply(nsdb, after, { prune: false });
        const { objects } = await readNetwork(nsdb, new Reports(() => {}), true);
        const keys = new Set(objects.map(({ class: cls, id }) => `${cls}/${id}`));
        for (const { class: cls, object } of [...before.objects, ...after.objects]) {
          equal(keys.has(`${cls}/${object.id}`), true);
        }
        equal(await apply(nsdb, after, { prune: false }), 'unchanged');
      }),
      { numRuns: 80 },
    );
  });

  it('that was stopped between any two of its steps is completed by applying again', async () => {
    await assert(
      asyncProperty(topologies, topologies, nat(), boolean(), async (before, after, seed, isSmall) => {
        const nsdb = open();
        await apply(nsdb, before);
        const bytes = isSmall ? 1 : BYTES;
        const steps: number[] = [];
        const whole = open();
        await apply(whole, before);
        await apply(whole, after, { bytes, done: (_, of) => steps.push(of) });
        const [count = 0] = steps;
        if (count < 2) return;
        const last = seed % count;
        equal(await apply(nsdb, after, { bytes, stopAfter: last }), 'interrupted');
        equal(await apply(nsdb, after, { bytes }), 'applied');
        await hasJust(nsdb, after);
        equal(await apply(nsdb, after), 'unchanged');
      }),
      { numRuns: 80 },
    );
  });

  it('and exporting give the file back: applied, it changes nothing', async () => {
    await assert(
      asyncProperty(topologies, async (topology) => {
        const nsdb = open();
        await apply(nsdb, topology);
        const network = await readNetwork(nsdb, new Reports(() => {}), true);
        const { text, lacks, beyond } = exportNetwork(network, 'exported');
        deepEqual([lacks, beyond], [[], []]);
        const plan = planTopology(load(text), network, true);
        deepEqual([isEmpty(plan), plan.kept], [true, []], text);
      }),
      { numRuns: 80 },
    );
  });
});

describe('Applying while others change the network', () => {
  const topology = load('bridges: { web: { ports: { a: { mtu: 1400 }, b: } } }\n');
  const next = load('bridges: { web: { ports: { a: { mtu: 9000 }, c: } } }\n');
  const [web, a, b, c] = [idIn(topology, 'web'), idIn(topology, 'web:a'), idIn(topology, 'web:b'), idIn(next, 'web:c')];

  /** Applies, pruning, while somebody does something before each of so many transactions. */
  const applyAmong = async (file: Topology, times: number, meddle: (n: number) => Promise<void>) => {
    let [plans, meddled] = [0, 0];
    const listener = { ...SILENT, planned: () => void (plans += 1) };
    const options = { prune: true, patience: 1000 };
    const among = overriding(nsdb, {
      transact: async (body) => {
        if (meddled < times) await meddle((meddled += 1));
        return nsdb.transact(body);
      },
    });
    const applied = await applyTopologyFile(among, new Reports(() => {}), file, options, listener);
    return { applied, plans };
  };

  let nsdb: Nsdb;

  beforeEach(async () => {
    nsdb = open();
    await apply(nsdb, topology);
  });

  it('keeps what they change where the file says nothing, and does not plan anew for it', async () => {
    const result = await applyAmong(next, 1, () => edit(nsdb, 'Port', a, { tunnelKey: 5 }));
    deepEqual(result, { applied: 'applied', plans: 1 });
    deepEqual((await fieldsOf(nsdb, 'Port', a))?.['tunnelKey'], 5);
  });

  for (const [what, meddle] of [
    ['a field that it changes', (n) => edit(nsdb, 'Port', a, { mtu: 1400 + n })],
    ['something that it deletes', () => edit(nsdb, 'Port', b, { tunnelKey: 5 })],
    ['something that it creates, by creating it', () => create(nsdb, ['Port', c, { networkId: web }])],
    ['something that it changes, by deleting it', () => remove(nsdb, 'Port', a)],
  ] satisfies readonly (readonly [string, (n: number) => Promise<void>])[]) {
    it(`plans anew when they change ${what}`, async () => {
      deepEqual(await applyAmong(next, 1, meddle), { applied: 'applied', plans: 2 });
      await hasJust(nsdb, next);
    });
  }

  it('plans anew when they put something into what it deletes, and deletes that knowingly', async () => {
    const nothing = load('bridges: {}\n');
    const result = await applyAmong(nothing, 1, () => create(nsdb, ['Port', c, { networkId: web }]));
    deepEqual(result, { applied: 'applied', plans: 2 });
    await hasJust(nsdb, nothing);
  });

  it('gives up by name when they change it each time', async () => {
    await rejects(
      applyAmong(next, Infinity, (n) => edit(nsdb, 'Port', a, { mtu: 1400 + n })),
      { fault: 'concurrent-modification' },
    );
    equal((await fieldsOf(nsdb, 'Port', b)) === undefined, false);
  });
});

interface Wish {
  readonly prune?: boolean;
  readonly bytes?: number;
  readonly stopAfter?: number;
  readonly done?: (steps: number, of: number) => void;
}

function open(): Nsdb {
  return new EmbeddedDatabase(new ManualTimers()).open('test');
}

function apply(nsdb: Nsdb, topology: Topology, wish: Wish = {}): Promise<Applied> {
  const { prune = true, bytes = BYTES, stopAfter = Infinity, done = () => {} } = wish;
  const stop = new AbortController();
  const listener = {
    ...SILENT,
    done: (steps: number, of: number) => {
      done(steps, of);
      if (steps === stopAfter) stop.abort();
    },
  };
  const options = { prune, bytes, patience: 1000, signal: stop.signal };
  return applyTopologyFile(nsdb, new Reports(() => {}), topology, options, listener);
}

function idIn({ names }: Topology, name: string): Uuid {
  const id = names.devices.get(name) ?? names.ports.get(name);
  if (id === undefined) throw new TypeError(`no ${name}`);
  return id;
}
