import { deepEqual, equal, ok } from 'node:assert/strict';
import { assert, asyncProperty, shuffledSubarray } from 'fast-check';
import type { NewObject } from '../../../topology/nsdb/creation-order.ts';
import { load } from '../../../topology/nsdb/load.ts';
import type { Nsdb } from '../../../topology/nsdb/nsdb.ts';
import { create, edit, fieldsOf, refuses, uuid, type NsdbHarness, type OpenHarness } from './harness.ts';

const [net, p1, p2, mirror, chain, other, r1, r2, r3, r4] = [
  uuid(1),
  uuid(2),
  uuid(3),
  uuid(4),
  uuid(5),
  uuid(6),
  uuid(7),
  uuid(8),
  uuid(9),
  uuid(10),
];

const COUNT = 10_000;

function portOf(n: number): NewObject {
  return { class: 'Port', id: uuid(1000 + n), fields: { networkId: net } };
}

/** Many objects at once, and how large a network may grow. */
export function loadSuite(openHarness: OpenHarness): void {
  let harness: NsdbHarness;
  let nsdb: Nsdb;

  beforeEach(async () => {
    harness = await openHarness();
    nsdb = await harness.open('loader');
  });

  afterEach(() => harness.close());

  describe('loading', () => {
    it('creates objects in whatever order they come, rings and chains of rules too', async () => {
      const objects: readonly NewObject[] = [
        { class: 'Network', id: net, fields: { name: 'n', inboundFilterId: chain } },
        { class: 'Port', id: p1, fields: { networkId: net, peerId: p2, inboundMirrorIds: [mirror] } },
        { class: 'Port', id: p2, fields: {} },
        { class: 'Mirror', id: mirror, fields: { toPortId: p1 } },
        { class: 'Chain', id: chain, fields: { ruleIds: [r3, r1, r2] } },
        { class: 'Chain', id: other, fields: {} },
        { class: 'Rule', id: r1, fields: { chainId: chain, jumpChainId: other } },
        { class: 'Rule', id: r2, fields: {} },
        { class: 'Rule', id: r3, fields: { chainId: chain } },
        { class: 'Rule', id: r4, fields: { chainId: other, jumpChainId: chain } },
      ];
      const expected = [
        { name: 'n', inboundFilterId: chain },
        { networkId: net, peerId: p2, inboundMirrorIds: [mirror] },
        { peerId: p1 },
        { toPortId: p1 },
        { ruleIds: [r3, r1, r2] },
        { ruleIds: [r4] },
        { chainId: chain, jumpChainId: other },
        { chainId: chain },
        { chainId: chain },
        { chainId: other, jumpChainId: chain },
      ];
      await assert(
        asyncProperty(shuffledSubarray([...objects], { minLength: objects.length }), async (shuffled) => {
          equal(await load(nsdb, shuffled), 1);
          deepEqual(await Promise.all(objects.map(({ class: cls, id }) => fieldsOf(nsdb, cls, id))), expected);
          await nsdb.transact((tx) => {
            for (const { class: cls, id } of objects) tx.delete(cls, id, { ignoreMissing: true });
          });
        }),
        { numRuns: 30 },
      );
    });

    it('says what is missing', async () => {
      await refuses(load(nsdb, [{ class: 'Port', id: p1, fields: { networkId: net } }]), 'not-found', 'networkId');
    });
  });

  describe('ten thousand ports of one bridge', () => {
    it('weigh, and tell, no more each than the first', async function () {
      this.timeout(0);
      await create(nsdb, ['Network', net]);
      let [changes, told, calls] = [0, 0, 0];
      nsdb.observe('Network', net, { changed: () => changes++, deleted: () => {}, failed: () => {} });
      nsdb.observeReferrers('Network', net, 'portIds', {
        changed: (added, removed) => {
          calls++;
          told += added.length + removed.length;
        },
        deleted: () => {},
        failed: () => {},
      });
      await harness.settled();
      const weigh = async (n: number): Promise<number> => {
        const { class: cls, id, fields } = portOf(n);
        return nsdb.transact((tx) => {
          tx.create(cls, id, fields);
          return tx.bytes;
        });
      };
      const first = await weigh(0);
      const transactions = await load(
        nsdb,
        Array.from({ length: COUNT - 2 }, (_, n) => portOf(n + 1)),
      );
      equal(await weigh(COUNT - 1), first);
      await harness.settled();
      deepEqual([changes, told], [1, COUNT]);
      ok(calls <= transactions + 3 && transactions < 20, `${calls} calls, ${transactions} transactions`);
      equal((await nsdb.find('Network', net))?.fields['portIds'], undefined);
      await edit(nsdb, 'Network', net, { name: 'x' });
      await harness.settled();
      deepEqual([changes, told], [2, COUNT]);
      await nsdb.transact((tx) => tx.delete('Network', net));
      deepEqual(await nsdb.list('Port'), []);
    });
  });
}
