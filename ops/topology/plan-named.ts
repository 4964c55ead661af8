import type { Topology } from '../../topology/file/topology.ts';
import type { Nsdb } from '../../topology/nsdb/nsdb.ts';
import type { Shell } from '../shell.ts';
import { namePlan, type NamedPlan } from './named-plan.ts';
import { onNetwork } from './on-network.ts';
import { countOthers, planTopology } from './plan-topology.ts';
import { readNetwork, type Reports, type StoredNetwork } from './stored-network.ts';

/** A plan, and how many objects besides the file does not have, where these stay. */
interface Planned {
  readonly named: NamedPlan;
  readonly others: number;
}

const NOTHING: StoredNetwork = { objects: [], unreadable: [], entries: [], alive: new Set() };

/** Reads the network that a database has, and works out what makes it what a topology file says. */
export async function planNamed(nsdb: Nsdb, reports: Reports, topology: Topology, prune: boolean): Promise<Planned> {
  return planAgainst(await readNetwork(nsdb, reports, prune), topology, prune);
}

/**
 * Works out what applying a topology file would do, and changes nothing. Where no database is under the root, that is
 * to make everything; it is said, for the root may be misspelt.
 *
 * @throws Trouble when the database cannot be reached, or refuses
 */
export async function planOnly(shell: Shell, topology: Topology, prune: boolean): Promise<Planned> {
  const absent = () => {
    if (!shell.quiet) shell.err('there is no database under this root: "troupe topology apply" would make one\n');
    return NOTHING;
  };
  const network = await onNetwork(shell, (nsdb, reports) => readNetwork(nsdb, reports, prune), { absent });
  return planAgainst(network, topology, prune);
}

function planAgainst(network: StoredNetwork, topology: Topology, prune: boolean): Planned {
  const plan = planTopology(topology, network, prune);
  return { named: namePlan(plan, topology, network), others: prune ? 0 : countOthers(topology, network) };
}
