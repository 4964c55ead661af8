import { deepEqual, equal } from 'node:assert/strict';
import type { Uuid } from '../../../topology/model/ids.ts';
import type { JsonObject } from '../../../topology/model/json.ts';
import type { Nsdb } from '../../../topology/nsdb/nsdb.ts';
import type { Plan, PlannedChange, PlannedDeletion } from '../../../topology/nsdb/plan/plan.ts';
import { carryOut, stepsOf } from '../../../topology/nsdb/plan/steps.ts';
import { create, edit, fieldsOf, refuses, remove, uuid, type NsdbHarness, type OpenHarness } from './harness.ts';

const [net, other, a, b, c, d, e] = [uuid(1), uuid(2), uuid(3), uuid(4), uuid(5), uuid(6), uuid(7)];
const NOTHING: Plan = { creations: [], changes: [], deletions: [], entries: [], kept: [] };

/** Plans carried out step by step. */
export function writesSuite(openHarness: OpenHarness): void {
  let harness: NsdbHarness;
  let nsdb: Nsdb;

  beforeEach(async () => {
    harness = await openHarness();
    nsdb = await harness.open('planner');
    await create(nsdb, ['Network', net, { name: 'n' }], ['Network', other]);
  });

  afterEach(() => harness.close());

  describe('carrying out a plan', () => {
    for (const [bytes, title] of [
      [undefined, 'in one transaction'],
      [1, 'one write after another'],
    ] as const) {
      it(`joins ports anew that are joined to others: ${title}`, async () => {
        await create(
          nsdb,
          ['Port', a, { networkId: net }],
          ['Port', b, port(other, a)],
          ['Port', c, { networkId: net }],
        );
        await create(nsdb, ['Port', d, port(other, c)]);
        await carryOutAll(nsdb, bytes, {
          creations: [{ class: 'Port', id: e, fields: port(net, d) }],
          changes: [
            join(a, port(net, b), undefined),
            join(b, port(other, a), c),
            join(c, port(net, d), b),
            join(d, port(other, c), e),
          ],
        });
        const peers = await Promise.all([a, b, c, d, e].map((id) => fieldsOf(nsdb, 'Port', id)));
        deepEqual(
          peers.map((fields) => fields?.['peerId']),
          [undefined, c, b, e, d],
        );
      });
    }

    it('keeps what others changed in fields that it does not change', async () => {
      await create(nsdb, ['Port', a, { networkId: net, mtu: 1500 }]);
      const changes = [change(a, { networkId: net, mtu: 1500 }, 'mtu', 1500, 9000)];
      await edit(nsdb, 'Port', a, { tunnelKey: 7 });
      await carryOutAll(nsdb, undefined, { changes });
      deepEqual(await fieldsOf(nsdb, 'Port', a), { networkId: net, mtu: 9000, tunnelKey: 7 });
      await carryOutAll(nsdb, undefined, { changes }); // it is so already
    });

    it('refuses a change of what somebody else has changed, with all that goes with it', async () => {
      await create(nsdb, ['Port', a, { networkId: net, mtu: 1500 }], ['Port', b, { networkId: net }]);
      await edit(nsdb, 'Port', a, { mtu: 1400 });
      await refuses(
        carryOutAll(nsdb, undefined, {
          changes: [change(b, { networkId: net }, 'mtu', undefined, 9000), change(a, {}, 'mtu', 1500, 9000)],
        }),
        'concurrent-modification',
      );
      deepEqual(await fieldsOf(nsdb, 'Port', b), { networkId: net });
    });

    it('deletes what is as it was, and is content where it is gone', async () => {
      const fields = { networkId: net, peerId: b };
      await create(nsdb, ['Port', a, { networkId: net }], ['Port', b, { networkId: other, peerId: a }]);
      const deletions = [deletion('Port', a, fields), deletion('Port', c, {}), deletion('Network', net, { name: 'n' })];
      await carryOutAll(nsdb, undefined, { deletions });
      deepEqual(await Promise.all([nsdb.find('Port', a), nsdb.find('Network', net)]), [undefined, undefined]);
      deepEqual(await fieldsOf(nsdb, 'Port', b), { networkId: other });
    });

    it('refuses to delete what has changed', async () => {
      await edit(nsdb, 'Network', net, { name: 'm' });
      const deletions = [deletion('Network', net, { name: 'n' })];
      await refuses(carryOutAll(nsdb, undefined, { deletions }), 'concurrent-modification');
      equal((await fieldsOf(nsdb, 'Network', net))?.['name'], 'm');
    });

    it('refuses to delete along with something what nobody spoke of', async () => {
      await create(nsdb, ['Port', a, { networkId: net }], ['Port', b, { networkId: net }]);
      const first = deletion('Port', a, { networkId: net });
      const bridge = deletion('Network', net, { name: 'n' });
      await refuses(carryOutAll(nsdb, undefined, { deletions: [first, bridge] }), 'concurrent-modification');
      await carryOutAll(nsdb, undefined, { deletions: [{ ...deletion('Port', b, {}), with: bridge }, first, bridge] });
      deepEqual(await nsdb.list('Port'), []);
    });

    it('writes entries of tables after the objects that they name, and takes them away before these', async () => {
      const entry = { table: 'mac_table', owner: d, arg: 0, key: '02:00:00:00:00:01' } as const;
      await carryOutAll(nsdb, 1, {
        creations: [
          { class: 'Network', id: d, fields: {} },
          { class: 'Port', id: a, fields: { networkId: d } },
        ],
        entries: [{ ...entry, before: undefined, after: a }],
      });
      await remove(nsdb, 'Port', a);
      await carryOutAll(nsdb, 1, {
        entries: [{ ...entry, before: a, after: undefined }],
        deletions: [deletion('Network', d, {})],
      });
      equal(await nsdb.find('Network', d), undefined);
    });
  });
}

async function carryOutAll(nsdb: Nsdb, bytes: number | undefined, plan: Partial<Plan>): Promise<void> {
  // oxlint-disable-next-line eslint/no-await-in-loop -- each step rests on the ones before it
  for (const step of stepsOf({ ...NOTHING, ...plan }, bytes)) await carryOut(nsdb, step);
}

function port(networkId: Uuid, peerId: Uuid): JsonObject {
  return { networkId, peerId };
}

function join(id: Uuid, present: JsonObject, peer: Uuid | undefined): PlannedChange {
  return change(id, present, 'peerId', present['peerId'], peer);
}

function change(
  id: Uuid,
  present: JsonObject,
  field: string,
  before: JsonObject[string] | undefined,
  after: JsonObject[string] | undefined,
): PlannedChange {
  return { class: 'Port', id, present, changes: [{ field, before, after }], isConsequence: false };
}

function deletion(cls: 'Port' | 'Network', id: Uuid, present: JsonObject): PlannedDeletion {
  return { class: cls, id, present, with: undefined };
}
