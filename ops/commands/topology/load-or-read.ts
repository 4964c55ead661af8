import type { Topology } from '../../../topology/file/topology.ts';
import { formatNsdbAddress } from '../../settings/nsdb-address.ts';
import type { Shell } from '../../shell.ts';
import { Trouble } from '../../trouble.ts';
import { loadOrTell } from './load-or-tell.ts';

/** A topology, and where it is from. */
interface Found {
  readonly topology: Topology;
  readonly name: string;
}

/**
 * Reads a topology file, or, where none is named, what the database has.
 *
 * @throws TroubleTold when the file is not sound; Trouble when there is neither, or the database cannot be read
 */
export async function loadOrRead(path: string | undefined, shell: Shell): Promise<Found> {
  if (path !== undefined) return { topology: await loadOrTell(path, shell), name: path };
  const { nsdb } = shell.settings.values;
  if (nsdb.kind === 'embedded') throw new Trouble('a topology file is missing, or --nsdb, which names a database');
  const [{ onNetwork }, { readNetwork }, { topologyOfNetwork }] = await Promise.all([
    import('../../topology/on-network.ts'),
    import('../../topology/stored-network.ts'),
    import('../../topology/export-network.ts'),
  ]);
  const network = await onNetwork(shell, (database, reports) => readNetwork(database, reports, false), {
    absent: 'refuse',
  });
  const { topology, lacks } = topologyOfNetwork(network);
  for (const lack of lacks) shell.err(`troupe: ${lack}\n`);
  return { topology, name: formatNsdbAddress(nsdb) };
}
