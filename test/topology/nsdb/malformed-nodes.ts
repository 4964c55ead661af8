import type { Uuid } from '../../../topology/model/ids.ts';
import {
  electionPath,
  lockPath,
  objectPath,
  provenancePath,
  sequencePath,
  statePath,
  tablePath,
} from '../../../topology/nsdb/paths.ts';
import type { ZookeeperClient } from '../../../topology/nsdb/zookeeper/client/zookeeper-client.ts';
import { incarnationOf, parentOf, plant } from '../../../topology/nsdb/zookeeper/places.ts';
import { incarnated, JOURNAL, provenanceNode } from '../../../topology/nsdb/zookeeper/tree.ts';
import { uuid } from './harness.ts';

/** What somebody may write by hand where a record stands. */
export const NOISE: Readonly<Record<string, Buffer>> = {
  'bad JSON': Buffer.from('{"v":1,'),
  'a wrong type': Buffer.from('["v",1]'),
  'a newer schema': Buffer.from('{"v":2,"made":"x","fields":{},"state":"newer","writer":7}'),
  '1 MB of noise': Buffer.from(Array.from({ length: 1_000_000 }, (_, n) => (n * 131 + (n >> 8)) % 256)),
};

/** Objects that a test needs: a Network with a Port of it, and another of each to be spoilt. */
export interface Spoilt {
  readonly network: Uuid;
  readonly port: Uuid;
}

/** Every kind of place of the tree where a node can be written by hand, spoilt by that noise. */
export async function spoil(
  client: ZookeeperClient,
  { network, port }: Spoilt,
  noise: Buffer,
): Promise<readonly string[]> {
  const [ofNetwork = '', ofPort = ''] = [
    await incarnationOf(client, 'Network', network),
    await incarnationOf(client, 'Port', port),
  ];
  const stateNode = incarnated(statePath(uuid(1), 'Port', port, 'bgp'), port, ofPort);
  const directory = incarnated(tablePath('Network', 'mac_table', { owner: network, arg: 0 }), network, ofNetwork);
  const planted: readonly (readonly [path: string, data: Buffer])[] = [
    [objectPath('Network', uuid(50)), noise],
    [`/zoom/0/models/Network/${uuid(0xab).replaceAll('0', 'A')}`, noise],
    ['/zoom/0/models/Network/nonsense', noise],
    ['/zoom/0/models/Nonsense', noise],
    [`${objectPath('Network', network)}/portIds,nonsense`, noise],
    [`${objectPath('Network', network)}/nonsense`, noise],
    [`${provenancePath('Network', uuid(51))},nonsense`, noise],
    ['/zoom/0/objects/Network/nonsense', noise],
    ['/zoom/0/state/nonsense', noise],
    [stateNode, noise],
    [`${directory}/nonsense`, noise],
    [`${directory}/00:00:00:00:00:09,nonsense,0000000001`, noise],
    ['/zoom/0/tables/Network/nonsense', noise],
    [sequencePath('vxgw_tunnel_key'), noise],
    [sequencePath('nonsense'), noise],
    [`${lockPath('lock')}/nonsense`, noise],
    [`${lockPath('lock')}/nonsense,0000000000`, noise],
    [`${electionPath('role')}/nonsense`, noise],
    [`${electionPath('role')}/nonsense,0000000000`, noise],
    [`${JOURNAL}/nonsense`, noise],
    [`${JOURNAL}/owner`, noise],
    ['/nonsense', noise],
  ];
  const overwritten: readonly (readonly [path: string, data: Buffer])[] = [
    [provenanceNode('Network', network, ofNetwork), noise],
    [JOURNAL, noise],
  ];
  for (const [path, data] of planted) {
    // oxlint-disable-next-line eslint/no-await-in-loop -- some are under others
    await plant(client, parentOf(path));
    // oxlint-disable-next-line eslint/no-await-in-loop -- as above
    await client.multi([{ kind: 'create', path, data }]);
  }
  // oxlint-disable-next-line eslint/no-await-in-loop -- one after another
  for (const [path, data] of overwritten) await client.multi([{ kind: 'set', path, data }]);
  return [...planted, ...overwritten].map(([path]) => path);
}
