import { deepEqual, equal } from 'node:assert/strict';
import type { ClassName } from '../../../topology/model/bindings.ts';
import type { Uuid } from '../../../topology/model/ids.ts';
import type { NsdbObject } from '../../../topology/nsdb/nsdb.ts';
import type { Snapshot } from '../../../topology/nsdb/snapshot.ts';
import { TransactionDraft } from '../../../topology/nsdb/transaction.ts';
import { uuid } from './harness.ts';

const [net, p1, p2, group] = [uuid(1), uuid(2), uuid(3), uuid(4)];

/** A snapshot of two linked ports of one network, the first in a group; it writes down what it is asked. */
function snapshot(asked: string[] = []): Snapshot {
  const stored: Readonly<Record<string, NsdbObject['fields']>> = {
    [`Network/${net}`]: {},
    [`PortGroup/${group}`]: {},
    [`Port/${p1}`]: { networkId: net, peerId: p2, portGroupIds: [group] },
    [`Port/${p2}`]: { networkId: net, peerId: p1 },
  };
  const note = (question: string, cls: ClassName, id: Uuid) => {
    asked.push(`${question} ${cls}`);
    return stored[`${cls}/${id}`];
  };
  return {
    find: (cls, id) => {
      const fields = note('find', cls, id);
      return fields && { class: cls, id, fields, version: 'v' };
    },
    exists: (cls, id) => note('exists', cls, id) !== undefined,
    list: () => [],
    referrers: (cls, id, backField) => {
      note(backField, cls, id);
      return backField === 'portIds' && cls === 'Network' ? [p1, p2] : [];
    },
  };
}

describe('what a transaction comes to', () => {
  it('reads nothing of a network but that it is there, to add a port', async () => {
    const asked: string[] = [];
    const draft = new TransactionDraft(snapshot(asked));
    draft.create('Port', uuid(9), { networkId: net });
    const changes = await draft.end();
    deepEqual(asked, ['find Port', 'exists Network']);
    deepEqual(changes, {
      objects: [{ kind: 'create', class: 'Port', id: uuid(9), fields: { networkId: net }, change: 'data' }],
      referrers: [{ class: 'Network', id: net, backField: 'portIds', referrer: uuid(9), isPresent: true }],
      read: [['Port', uuid(9), undefined]],
      needed: [['Network', net]],
      emptied: [],
    });
  });

  it('names of a cascade what goes with its owner only as that', async () => {
    const draft = new TransactionDraft(snapshot());
    draft.delete('Network', net);
    const { objects, referrers, emptied } = await draft.end();
    deepEqual(
      objects.map(({ kind, id }) => [kind, id]),
      [
        ['delete', net],
        ['delete', p1],
        ['delete', p2],
      ],
    );
    deepEqual(referrers, [{ class: 'PortGroup', id: group, backField: 'portIds', referrer: p1, isPresent: false }]);
    deepEqual(
      emptied.filter(([, , , ids]) => ids.length > 0),
      [['Network', net, 'portIds', [p1, p2]]],
    );
  });

  it('is nothing where all was taken back', async () => {
    const draft = new TransactionDraft(snapshot());
    draft.update('Port', p1, (fields) => ({ ...fields, portGroupIds: [] }));
    draft.update('Port', p1, (fields) => ({ ...fields, portGroupIds: [group] }));
    draft.create('Port', uuid(9), { networkId: net });
    draft.delete('Port', uuid(9));
    const { objects, referrers } = await draft.end();
    deepEqual([objects, referrers], [[], []]);
  });

  it('hands out fields that later operations leave alone', async () => {
    const draft = new TransactionDraft(snapshot());
    const [chain, r1, r2] = [uuid(20), uuid(21), uuid(22)];
    draft.create('Chain', chain, {});
    draft.create('Rule', r1, { chainId: chain });
    const before = await draft.get('Chain', chain);
    draft.create('Rule', r2, { chainId: chain });
    const after = await draft.get('Chain', chain);
    deepEqual([before.fields, after.fields], [{ ruleIds: [r1] }, { ruleIds: [r1, r2] }]);
    equal(before.fields === after.fields, false);
  });
});
