import type { Topology } from '../../topology/file/topology.ts';
import type { Nsdb } from '../../topology/nsdb/nsdb.ts';
import { namePlan, type NamedPlan } from './named-plan.ts';
import { countOthers, planTopology } from './plan-topology.ts';
import { readNetwork, type Reports } from './stored-network.ts';

/**
 * Reads the network that a database has, and works out what makes it what a topology file says.
 *
 * @returns the plan, and how many objects besides the file does not have, where these stay
 */
export async function planNamed(
  nsdb: Nsdb,
  reports: Reports,
  topology: Topology,
  prune: boolean,
): Promise<{ readonly named: NamedPlan; readonly others: number }> {
  const network = await readNetwork(nsdb, reports, prune);
  const plan = planTopology(topology, network, prune);
  return { named: namePlan(plan, topology, network), others: prune ? 0 : countOthers(topology, network) };
}
