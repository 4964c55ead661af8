import { isDescribed, describedFields } from '../../topology/file/described-fields.ts';
import { formatFile } from '../../topology/file/export/format-file.ts';
import { topologyOf, type Records } from '../../topology/file/export/name-topology.ts';
import { writtenFile } from '../../topology/file/export/written-file.ts';
import type { Topology } from '../../topology/file/topology.ts';
import type { NsdbObject } from '../../topology/nsdb/nsdb.ts';
import { recordsOf } from './records-of.ts';
import type { StoredNetwork } from './stored-network.ts';

/** A network as a topology file. */
export interface Exported {
  readonly text: string;
  /** What the file does not have of what it should: a sentence each. */
  readonly lacks: readonly string[];
  /** What no file can describe: `12 × Rule`, `tunnelKey of 3 × Port`. Applying the file leaves it alone. */
  readonly beyond: readonly string[];
}

/**
 * Writes a topology file of a network.
 *
 * @param comment what its first lines say
 */
export function exportNetwork(network: StoredNetwork, comment: string): Exported {
  const { topology, lacks } = topologyOfNetwork(network);
  const { file, notes } = writtenFile(topology);
  return { text: formatFile(file, comment), lacks: [...lacks, ...notes], beyond: beyondFiles(network) };
}

/** The topology that a network has, and a sentence for each object of its kind that is not in it. */
export function topologyOfNetwork(network: StoredNetwork): {
  readonly topology: Topology;
  readonly lacks: readonly string[];
} {
  const { records, unsound } = recordsOf(network);
  const topology = topologyOf(records);
  const lacks = [
    ...network.unreadable.map(({ class: cls, id }) => `${cls} ${id} is left out: it cannot be read`),
    ...unsound.map(({ object, why }) => `${calledOf(object)} is left out: ${why}`),
    ...homeless(records, topology),
  ];
  return { topology, lacks };
}

function homeless({ objects }: Records, topology: Topology): readonly string[] {
  const known = new Set(topology.objects.map(({ object }) => object));
  return objects.flatMap(({ class: cls, object }) =>
    known.has(object)
      ? []
      : [
          `${calledOf({ class: cls, id: object.id, fields: { ...object } })} is left out: its bridge or router is not there`,
        ],
  );
}

function calledOf({ class: cls, id, fields }: Pick<NsdbObject, 'class' | 'id' | 'fields'>): string {
  const name = fields['name'];
  return typeof name === 'string' ? `${cls} ${id}, "${name}",` : `${cls} ${id}`;
}

function beyondFiles({ objects }: StoredNetwork): readonly string[] {
  const counts = new Map<string, number>();
  for (const { class: cls, fields } of objects) {
    if (!isDescribed(cls)) {
      counts.set(cls, (counts.get(cls) ?? 0) + 1);
      continue;
    }
    const known = new Set(describedFields(cls, fields));
    for (const [field, value] of Object.entries(fields)) {
      if (known.has(field) || value === null) continue;
      const what = `${cls}.${field}`;
      counts.set(what, (counts.get(what) ?? 0) + 1);
    }
  }
  return [...counts].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([what, number]) => `${what} (${number})`);
}
