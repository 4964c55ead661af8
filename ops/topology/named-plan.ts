import { topologyOf } from '../../topology/file/export/name-topology.ts';
import type { Topology } from '../../topology/file/topology.ts';
import type { ClassName } from '../../topology/model/bindings.ts';
import type { Uuid } from '../../topology/model/ids.ts';
import type { ObjectName, Plan } from '../../topology/nsdb/plan/plan.ts';
import { recordsOf } from './records-of.ts';
import type { StoredNetwork } from './stored-network.ts';

/** A plan, and what to call what it is about. */
export interface NamedPlan {
  readonly plan: Plan;
  readonly kindOf: (cls: ClassName) => string;
  /** `web:web-1`; the file's word where it has one, else the database's. */
  readonly nameOf: (id: Uuid) => string;
}

const KINDS: { readonly [Class in ClassName]?: string } = {
  Host: 'host',
  TunnelZone: 'tunnel zone',
  PortGroup: 'port group',
  Network: 'bridge',
  Router: 'router',
  Port: 'port',
  Route: 'route',
};

/** Gives a plan the names of the file that it came of, and of the network that it is for. */
export function namePlan(plan: Plan, topology: Topology, network: StoredNetwork): NamedPlan {
  const ofFile = topology.names.nameOf;
  const ofNetwork = topologyOf(recordsOf(network).records).names.nameOf;
  const stored = new Map(network.objects.map(({ id, fields }) => [id, fields['name']]));
  const nameOf = (id: Uuid): string => {
    const known = ofFile.get(id) ?? ofNetwork.get(id);
    if (known !== undefined) return known;
    const name = stored.get(id);
    return typeof name === 'string' ? `${name} ${id}` : id;
  };
  return { plan, kindOf: (cls) => KINDS[cls] ?? cls, nameOf: distinct(plan, nameOf) };
}

/** Adds their ids to the names of those objects of a plan that are called alike. */
function distinct(plan: Plan, nameOf: (id: Uuid) => string): (id: Uuid) => string {
  const first = new Map<string, Uuid>();
  const alike = new Set<Uuid>();
  const objects: readonly ObjectName[] = [...plan.creations, ...plan.changes, ...plan.deletions, ...plan.kept];
  for (const { class: cls, id } of objects) {
    const name = `${cls} ${nameOf(id)}`;
    const other = first.get(name);
    if (other === undefined) first.set(name, id);
    else if (other !== id) alike.add(id).add(other);
  }
  return (id) => (alike.has(id) ? `${nameOf(id)} (${id})` : nameOf(id));
}
