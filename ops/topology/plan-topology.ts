import { entriesOf, storedObject } from '../../actors/apply-topology.ts';
import { describedFields, isDescribed } from '../../topology/file/described-fields.ts';
import type { Topology } from '../../topology/file/topology.ts';
import type { Plan } from '../../topology/nsdb/plan/plan.ts';
import { planEntries } from '../../topology/nsdb/plan/plan-entries.ts';
import { planObjects } from '../../topology/nsdb/plan/plan-objects.ts';
import { keyOf } from '../../topology/nsdb/writes.ts';
import type { StoredNetwork } from './stored-network.ts';

/**
 * Works out what makes a database have what a topology file says.
 *
 * @param prune whether what the file does not have goes; the network must have been read whole then
 */
export function planTopology(topology: Topology, network: StoredNetwork, prune: boolean): Plan {
  const { objects, unreadable, alive } = network;
  const plan = planObjects({
    wanted: topology.objects.map(storedObject),
    described: (cls, fields) => (isDescribed(cls) ? describedFields(cls, fields) : undefined),
    present: objects,
    unreadable,
    prune,
    isAlive: ({ class: cls, id }) => cls === 'Host' && alive.has(id),
  });
  const broken = new Set(plan.kept.flatMap(({ id, reason }) => (reason.kind === 'unreadable' ? [id] : [])));
  const bridges = new Set(topology.objects.flatMap(({ class: cls, object }) => (cls === 'Network' ? [object.id] : [])));
  const wanted = entriesOf(topology).filter(({ owner }) => !broken.has(owner));
  const present = network.entries.filter(({ owner }) => bridges.has(owner) && !broken.has(owner));
  return { ...plan, entries: planEntries(wanted, present, prune) };
}

/** How many objects of the described classes the file does not have. */
export function countOthers(topology: Topology, { objects }: StoredNetwork): number {
  const own = new Set(topology.objects.map(({ class: cls, object: { id } }) => keyOf({ class: cls, id })));
  return objects.filter(({ class: cls, id }) => isDescribed(cls) && !own.has(keyOf({ class: cls, id }))).length;
}
