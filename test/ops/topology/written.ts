import { deepEqual, ok } from 'node:assert/strict';
import { entriesOf, storedObject } from '../../../actors/apply-topology.ts';
import { readNetwork, Reports } from '../../../ops/topology/stored-network.ts';
import { formatFile } from '../../../topology/file/export/format-file.ts';
import { topologyOf, type Records } from '../../../topology/file/export/name-topology.ts';
import { writtenFile } from '../../../topology/file/export/written-file.ts';
import { formatProblem } from '../../../topology/file/file-problem.ts';
import { loadTopology } from '../../../topology/file/load-topology.ts';
import type { Topology } from '../../../topology/file/topology.ts';
import { settledFields } from '../../../topology/model/objects/settled-fields.ts';
import type { NewObject } from '../../../topology/nsdb/creation-order.ts';
import type { Nsdb } from '../../../topology/nsdb/nsdb.ts';

/** A topology file of some records. */
export function fileOf(records: Records): string {
  return formatFile(writtenFile(topologyOf(records)).file, 'written');
}

export function load(text: string): Topology {
  const result = loadTopology(text, { path: 'test.yaml' });
  ok(result.ok, result.ok ? '' : `${result.errors.map(formatProblem).join('\n')}\n${text}`);
  return result.topology;
}

/** Asserts that a database has the objects and entries of a topology, field by field, and no others. */
export async function hasJust(nsdb: Nsdb, topology: Topology): Promise<void> {
  const { objects, entries } = await readNetwork(nsdb, new Reports(() => {}), true);
  deepEqual(contentsOf(objects), contentsOf(topology.objects.map(storedObject)));
  deepEqual(new Set(entries), new Set(entriesOf(topology)));
}

/** Fields by class and id; lists as sets, as the order of members means nothing. */
function contentsOf(objects: readonly NewObject[]): ReadonlyMap<string, unknown> {
  return new Map(
    objects.map(({ class: cls, id, fields }) => {
      const settled = Object.entries(settledFields(cls, fields));
      const unordered = settled.map(([field, value]) => [field, Array.isArray(value) ? new Set(value) : value]);
      return [`${cls}/${id}`, Object.fromEntries(unordered)];
    }),
  );
}
